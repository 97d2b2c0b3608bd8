package watcher

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// tries tells the View that a hook was tried.
func (s *scene) tries(hook string, ready bool) {
	o := headwatch.Observation{Hook: hook, At: s.now}
	if !ready {
		o.Err = errors.New("its account on l1 is empty")
	}
	s.view.Observe(o)
}

// notReady gives since when a hook is found not ready; zero when it is not found.
func notReady(a headwatch.Assessment, hook string) time.Time {
	for _, f := range a.Findings {
		if f.Condition == headwatch.HookNotReady && f.Hook == hook {
			return f.Since
		}
	}
	return time.Time{}
}

func TestAHookThatIsNotReadyIsFoundFromItsFirstTrialUntilTheOneThatGoesWell(t *testing.T) {
	s := newScene(t, "a")
	s.view.watchHooks([]string{"pause", "other"})
	s.tries("pause", true)
	if a := s.assess(); !notReady(a, "pause").IsZero() {
		t.Fatalf("a ready hook: %+v", a.Findings)
	}
	s.wait(time.Minute)
	began := s.now
	for range 3 {
		s.tries("pause", false)
		s.wait(time.Minute)
	}
	s.tries("unknown", false)
	a := s.assess()
	f := a.Find(headwatch.HookNotReady)
	if f == nil || f.Hook != "pause" || f.Endpoint != "" || !f.Since.Equal(began) || f.Value != 3*time.Minute || f.Detail != "its account on l1 is empty" {
		t.Fatalf("finding %+v", f)
	}
	if !notReady(a, "other").IsZero() || !notReady(a, "unknown").IsZero() {
		t.Errorf("hooks that nobody tried, or that are not of this chain: %+v", a.Findings)
	}
	s.tries("pause", true)
	if a := s.assess(); a.Find(headwatch.HookNotReady) != nil {
		t.Errorf("it is ready again: %+v", a.Findings)
	}
}

func TestWhyAHookIsNotReadyIsCleanAndBounded(t *testing.T) {
	for in, want := range map[string]string{
		"its account\x1b[31m is\n\nempty\u202e":                    "its account [31m is empty",
		`Post "https://node.example/v2/planted-key": no such host`: "Post [URL] no such host",
		strings.Repeat("x", 5000):                                  strings.Repeat("x", maxWhy-3) + "...",
	} {
		if got := whyOf(errors.New(in)); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
	if got := whyOf(&headwatch.Fault{Kind: headwatch.FaultOther, Detail: "the role is gone"}); got != "the role is gone" {
		t.Errorf("of a fault: %q", got)
	}
}

func TestAHookThatWasNotReadyBeforeARestartIsNotUntilItIsTriedAgain(t *testing.T) {
	s := newScene(t, "a")
	began := s.now.Add(-time.Hour)
	before := headwatch.Assessment{Findings: []headwatch.Finding{
		{Condition: headwatch.HookNotReady, Hook: "pause", Since: began, Detail: "the role is gone"},
		{Condition: headwatch.HookNotReady, Hook: "removed", Since: began},
	}}
	s.view.watchHooks([]string{"pause"})
	s.view.Restore(before)
	a := s.assess()
	if f := a.Find(headwatch.HookNotReady); f == nil || !f.Since.Equal(began) || f.Detail != "the role is gone" || !notReady(a, "removed").IsZero() {
		t.Errorf("after the restart: %+v", a.Findings)
	}
	s.tries("pause", false)
	if at := notReady(s.assess(), "pause"); !at.Equal(began) {
		t.Errorf("tried again: since %v, want %v", at, began)
	}
	s.tries("pause", true)
	s.tries("pause", false)
	if at := notReady(s.assess(), "pause"); !at.Equal(s.now) {
		t.Errorf("ready meanwhile: since %v, want %v", at, s.now)
	}
}

// Whatever is told of hooks, the verdict on the chain and all else that is found stay the same.
func TestNoVerdictRestsOnAHook(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		plain, told := newScene(t, "a", "b", "c"), newScene(t, "a", "b", "c")
		told.view.watchHooks([]string{"pause"})
		for range rapid.IntRange(1, 80).Draw(r, "steps") {
			wait := time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(r, "wait"))
			who := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "endpoint")
			what := rapid.IntRange(0, 2).Draw(r, "event")
			for _, s := range []*scene{plain, told} {
				s.wait(wait)
				if what == 0 {
					s.fails(headwatch.FaultTimeout, who)
				} else {
					s.says(max(s.due(), 1), who)
				}
			}
			if rapid.Bool().Draw(r, "tried") {
				told.tries("pause", rapid.Bool().Draw(r, "ready"))
			}
			want, a := plain.assess(), told.assess().For(nil)
			if got, want := verdict(a, plain.view.limits), verdict(want, plain.view.limits); !slices.Equal(got, want) {
				r.Fatalf("with a hook\n%q, without\n%q", got, want)
			}
		}
	})
}

func hookChain(t *testing.T, o Options) *Chain {
	t.Helper()
	o.Log = zap.NewNop()
	c, err := New(config.Chain{
		Name: "l2", Kind: config.KindOPStack, StaleAfter: config.Duration(sceneLimit), Quorum: 1, ProofOfLife: 1, BlockTime: config.Duration(sceneBlock),
		Endpoints: []config.Endpoint{{
			Name: "a", URL: config.NewSecret("http://127.0.0.1:1"), Interval: config.Duration(time.Hour), Timeout: config.Duration(time.Second),
		}},
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHearNeverBlocksAndTheNewestWordCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := hookChain(t, Options{Hooks: []string{"pause"}, Observed: func(o headwatch.Observation) {
			if o.Hook != "" {
				t.Error("a hook was counted as an endpoint")
			}
		}})
		c.endpoints = nil // nothing is asked
		for i := range 1000 {
			c.Hear(headwatch.Observation{Hook: "pause", At: time.Now(), Err: fmt.Errorf("trial %d", i)})
			c.Hear(headwatch.Observation{Hook: "foreign", At: time.Now(), Err: errors.New("not listed")})
		}
		done := errors.New("seen")
		err := c.Run(t.Context(), func(a headwatch.Assessment) error {
			if f := a.Find(headwatch.HookNotReady); f != nil && f.Detail == "trial 999" && len(c.told.news) == 0 {
				return done
			}
			return nil
		})
		if !errors.Is(err, done) {
			t.Errorf("run: %v", err)
		}
	})
}

func TestWhatIsToldOfAHookIsRecordedAndReplayed(t *testing.T) {
	var trace bytes.Buffer
	lines := json.NewEncoder(&trace)
	live := hookChain(t, Options{Hooks: []string{"pause"}})
	live.Tap(func(records []Record) {
		for _, r := range records {
			if err := lines.Encode(r); err != nil {
				t.Error(err)
			}
		}
	})
	start := time.UnixMilli(1754374000000)
	live.Hear(headwatch.Observation{Hook: "pause", At: start, Err: errors.New("the role is gone")})
	live.Hear(headwatch.Observation{Hook: "pause", At: start.Add(time.Minute), Err: errors.New("no funds on l1")})
	live.Hear(headwatch.Observation{Hook: "pause", At: start.Add(2 * time.Minute)})

	again := hookChain(t, Options{Hooks: []string{"pause"}})
	observations, foreign, err := LoadTrace("trace", bytes.NewReader(trace.Bytes()), []*Chain{again})
	if err != nil || foreign != 0 || len(observations) != 3 {
		t.Fatalf("%d observations, %d foreign, %v", len(observations), foreign, err)
	}
	var said []string
	err = Replay([]*Chain{again}, slices.Values(observations), func(a headwatch.Assessment) error {
		text := "ready"
		if f := a.Find(headwatch.HookNotReady); f != nil {
			text = f.Since.Sub(start).String() + " " + f.Detail
		}
		if len(said) == 0 || said[len(said)-1] != text {
			said = append(said, text)
		}
		return nil
	})
	want := []string{"0s the role is gone", "0s no funds on l1", "ready"}
	if err != nil || !slices.Equal(said, want) {
		t.Errorf("replayed %q, want %q; %v", said, want, err)
	}
}
