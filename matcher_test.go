package headwatch

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMatchersAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]Matcher{
		`chain=base`:                       {"chain", "base", false, true},
		`  chain = base `:                  {"chain", "base", false, true},
		`chain="base"`:                     {"chain", "base", false, true},
		`severity!=trip`:                   {"severity", "trip", false, false},
		`condition=~".*_stalled"`:          {"condition", ".*_stalled", true, true},
		`condition=~safe|unsafe`:           {"condition", "safe|unsafe", true, true},
		`circuit!~test-.*`:                 {"circuit", "test-.*", true, false},
		`circuit=a=b`:                      {"circuit", "a=b", false, true},
		`circuit="say \"x\" \u2192 y"`:     {"circuit", `say "x" → y`, false, true},
		`condition=unsafe_head_stalled`:    {"condition", "unsafe_head_stalled", false, true},
		`circuit=~"base-(lend|borrow)ing"`: {"circuit", "base-(lend|borrow)ing", true, true},
	} {
		got, err := ParseMatcher(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestAMatcherThatMeansNothingIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "not a matcher",
		`base`:                               "not a matcher",
		`=base`:                              `"" is nothing that a matcher looks at`,
		`Chain=base`:                         "not a matcher",
		`chian=base`:                         `"chian" is nothing that a matcher looks at: use circuit, chain, condition, severity`,
		`chain=`:                             "has no value",
		`chain=""`:                           "has no value",
		`chain="base`:                        "no end of its quotes",
		`chain="base" or not`:                "no end of its quotes",
		`severity=critical`:                  "use warn, page, trip",
		`severity=none`:                      "use warn, page, trip",
		`condition=stalled`:                  `"stalled" is not a condition`,
		`condition=~(`:                       "not a regular expression",
		`chain=~` + strings.Repeat("x", 300): "longer than 256 bytes",
		"chain=~base\nor":                    "not a matcher",
	} {
		if got, err := ParseMatcher(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v; want an error with %q", text, got, err, want)
		}
	}
}

func TestAMatcherHoldsForAllOfAValueOrNot(t *testing.T) {
	for _, c := range []struct {
		matcher, value string
		want           bool
	}{
		{"chain=base", "base", true},
		{"chain=base", "base-sepolia", false},
		{"chain!=base", "base", false},
		{"chain!=base", "base-sepolia", true},
		{"chain=~base", "base", true},
		{"chain=~base", "base-sepolia", false},
		{"chain=~base|op", "op", true},
		{"chain=~base|op", "opal", false},
		{"chain!~base.*", "base-sepolia", false},
		{"chain!~base.*", "op", true},
	} {
		m, err := ParseMatcher(c.matcher)
		if err != nil || m.Matches(c.value) != c.want {
			t.Errorf("%s on %s: %t, %v; want %t", c.matcher, c.value, m.Matches(c.value), err, c.want)
		}
	}
	for _, broken := range []Matcher{{}, {Name: "chain", Value: "(", IsRegex: true, IsEqual: true}, {Name: "chain", Value: "(", IsRegex: true}} {
		if broken.Matches("") || broken.Matches("base") {
			t.Errorf("%+v holds for something", broken)
		}
	}
}

// Alertmanager's shape: what goes to its API and what comes from there needs no translation.
func TestMatcherOnTheWire(t *testing.T) {
	m, err := ParseMatcher("severity!=trip")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(m)
	if want := `{"name":"severity","value":"trip","isRegex":false,"isEqual":false}`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func FuzzMatcher(f *testing.F) {
	for _, seed := range []string{`chain=base`, `severity!=trip`, `condition=~".*_stalled"`, `circuit!~"a b"`, `circuit="\""`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMatcher(text)
		if err != nil {
			return
		}
		if again, err := ParseMatcher(m.String()); err != nil || again != m {
			t.Errorf("%q: %+v is written %s and read as %+v, %v", text, m, m, again, err)
		}
	})
}
