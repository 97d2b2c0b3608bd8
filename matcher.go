package headwatch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a matcher may look at, and the severities that there are.
var (
	matcherNames = []string{"circuit", "chain", "condition", "severity"}
	severities   = []string{LevelWarn.String(), LevelPage.String(), LevelTrip.String()}
)

// maxMatcher bounds the value of a matcher, in bytes.
const maxMatcher = 256

var matcherForm = regexp.MustCompile(`^\s*([a-z_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$`)

// ParseMatcher reads what people write, as for Alertmanager's amtool: chain=base, severity!=trip, condition=~".*_stalled",
// circuit!~"test-.*". A value may stand in double quotes, with the escapes of Go. The matcher that it gives passes Check.
func ParseMatcher(text string) (Matcher, error) {
	parts := matcherForm.FindStringSubmatch(text)
	if parts == nil {
		return Matcher{}, fmt.Errorf(`%q is not a matcher: write chain=base, severity!=trip or condition=~".*_stalled"`, text)
	}
	m := Matcher{Name: parts[1], Value: parts[3], IsRegex: strings.HasSuffix(parts[2], "~"), IsEqual: parts[2][0] == '='}
	if strings.HasPrefix(m.Value, `"`) {
		value, err := strconv.Unquote(m.Value)
		if err != nil {
			return Matcher{}, fmt.Errorf("the value of the matcher %q has no end of its quotes, or a wrong escape", text)
		}
		m.Value = value
	}
	return m, m.Check()
}

// Check says why a matcher can match nothing that there is, or could be read in two ways. Whoever silences a word that does not
// exist believes that it is silent, and is woken; whoever excludes one believes that he is woken.
func (m Matcher) Check() error {
	switch {
	case !slices.Contains(matcherNames, m.Name):
		return fmt.Errorf("%q is nothing that a matcher looks at: use %s", m.Name, strings.Join(matcherNames, ", "))
	case m.Value == "":
		return fmt.Errorf("the matcher of %s has no value", m.Name)
	case len(m.Value) > maxMatcher:
		return fmt.Errorf("the value of the matcher of %s is longer than %d bytes", m.Name, maxMatcher)
	case m.IsRegex:
		if _, err := regexp.Compile(m.anchored()); err != nil {
			return fmt.Errorf("the value of the matcher of %s is not a regular expression: %w", m.Name, err)
		}
	case m.Name == "severity" && !slices.Contains(severities, m.Value):
		return fmt.Errorf("%q is not a severity: use %s", m.Value, strings.Join(severities, ", "))
	case m.Name == "condition" && !slices.Contains(Conditions(), Condition(m.Value)):
		return fmt.Errorf("%q is not a condition (docs/conditions.md lists them)", m.Value)
	}
	return nil
}

// Matches reports whether the matcher holds for a value of its name. One that does not pass Check holds for nothing: a page fails
// open.
func (m Matcher) Matches(value string) bool {
	if !m.IsRegex {
		return m.Name != "" && (m.Value == value) == m.IsEqual
	}
	re, err := regexp.Compile(m.anchored())
	return err == nil && re.MatchString(value) == m.IsEqual
}

func (m Matcher) anchored() string { return "^(?:" + m.Value + ")$" }

var plainValue = regexp.MustCompile(`^[A-Za-z0-9_.*-]+$`)

// String gives what ParseMatcher reads as the same matcher.
func (m Matcher) String() string {
	operator := map[[2]bool]string{{true, false}: "=", {false, false}: "!=", {true, true}: "=~", {false, true}: "!~"}[[2]bool{m.IsEqual, m.IsRegex}]
	if plainValue.MatchString(m.Value) {
		return m.Name + operator + m.Value
	}
	return m.Name + operator + strconv.Quote(m.Value)
}
