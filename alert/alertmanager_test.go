package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// replicas are Alertmanagers in memory, which keep what they were sent last of each alert, by its labels.
type replicas struct {
	mu    sync.Mutex
	down  map[string]bool
	posts map[string]int
	have  map[string]map[string]amAlert
}

// RoundTrip implements http.RoundTripper.
func (r *replicas) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	host := req.URL.Host
	if r.down[host] {
		return nil, errors.New("down")
	}
	var alerts []amAlert
	if err := json.NewDecoder(req.Body).Decode(&alerts); err != nil {
		return nil, err
	}
	r.posts[host]++
	for _, a := range alerts {
		if r.have[host] == nil {
			r.have[host] = make(map[string]amAlert)
		}
		r.have[host][fmt.Sprint(a.Labels)] = a
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// firing gives the alerts that fire at a replica, as "level extra".
func (r *replicas) firing(host string) (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.have[host] {
		if a.EndsAt.After(time.Now()) {
			all = append(all, strings.Join(strings.Fields(a.Labels["level"]+" "+a.Labels["hook"]+" "+a.Labels["report"]+" "+a.Labels["dependant"]), " "))
		}
	}
	slices.Sort(all)
	return all
}

// away says which replicas are down from now on.
func (r *replicas) away(hosts ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.down)
	for _, host := range hosts {
		r.down[host] = true
	}
}

// count gives how often a replica was posted to.
func (r *replicas) count(host string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.posts[host]
}

// managed makes a sender to two replicas in memory. They are down from the start where the test says so.
func managed(t interface {
	Helper()
	Fatal(...any)
}, incidents func() []headwatch.Incident, down ...string,
) (*alertmanager, *replicas) {
	t.Helper()
	c := conf(config.AlertAlertmanager, config.Secret{})
	c.URLs = []config.Secret{config.NewSecret("http://one"), config.NewSecret("http://two/prefix")}
	s, err := New(c, Deps{Incidents: incidents})
	if err != nil {
		t.Fatal(err)
	}
	r := &replicas{down: make(map[string]bool), posts: make(map[string]int), have: make(map[string]map[string]amAlert)}
	r.away(down...)
	a := s.(*alertmanager)
	a.client.Transport = r
	return a, r
}

// at is a notice of now.
func at(n headwatch.Notice) headwatch.Notice {
	n.Transition.At = time.Now()
	return n
}

func send(t *testing.T, a *alertmanager, n headwatch.Notice) string {
	t.Helper()
	detail, err := a.Send(t.Context(), a.Route(), n)
	if err != nil {
		t.Fatal(err)
	}
	return detail
}

func TestAlertmanagerIsToldAgainWhileItFiresAndForFiveMinutesAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, r := managed(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go a.Run(ctx)
		synctest.Wait()
		send(t, a, at(lately(headwatch.StepPage)))
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		if got := r.count("one"); got != 61 || len(r.firing("one")) != 1 {
			t.Errorf("%d posts in an hour, firing %q", got, r.firing("one"))
		}
		send(t, a, at(lately(headwatch.StepResolve)))
		if firing := append(r.firing("one"), r.firing("two")...); len(firing) != 0 {
			t.Errorf("after the end: %q", firing)
		}
		before := r.count("one")
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := r.count("one") - before; got != 5 {
			t.Errorf("%d posts after the end, want 5", got)
		}
	})
}

func TestAnAlertFiresForAWhileWithoutUsButNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, r := managed(t, nil)
		send(t, a, at(lately(headwatch.StepPage)))
		time.Sleep(firesUnheard - time.Second)
		if len(r.firing("one")) != 1 {
			t.Error("over before a restart can be")
		}
		time.Sleep(2 * time.Second)
		if len(r.firing("one")) != 0 {
			t.Error("fires for ever")
		}
	})
}

// One replica tells people. The other one is told as soon as it is back, of the end, too.
func TestAReplicaThatWasAwayIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, r := managed(t, nil, "two")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go a.Run(ctx)
		synctest.Wait()
		if detail := send(t, a, at(lately(headwatch.StepPage))); !strings.Contains(detail, "200 from one") || !strings.Contains(detail, "two: down") {
			t.Errorf("got %s", detail)
		}
		r.away("one")
		time.Sleep(resendEvery)
		synctest.Wait()
		if len(r.firing("two")) != 1 {
			t.Error("not told when it was back")
		}
		send(t, a, at(lately(headwatch.StepResolve)))
		r.away()
		time.Sleep(resendEvery)
		synctest.Wait()
		if len(r.firing("one")) != 0 {
			t.Error("not told of the end when it was back")
		}
	})
}

func TestWithoutAnyReplicaTheNoticeIsNotTold(t *testing.T) {
	a, _ := managed(t, nil, "one", "two")
	if _, err := a.Send(t.Context(), a.Route(), lately(headwatch.StepPage)); err == nil {
		t.Error("told")
	} else if e, ok := errors.AsType[*delivery.Error](err); !ok || e.Permanent {
		t.Errorf("got %v", err)
	}
}

// A process that was restarted says again what the one before it said, and only of incidents of which this channel was told.
func TestWhatWasSaidBeforeARestartIsSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		steps := []headwatch.Step{
			{At: now, Kind: headwatch.StepWarn, Level: headwatch.LevelWarn},
			{At: now, Kind: headwatch.StepTrip, Level: headwatch.LevelTrip},
			{At: now, Kind: headwatch.StepAck, Level: headwatch.LevelTrip},
			{At: now, Kind: headwatch.StepHook, Level: headwatch.LevelTrip, Report: &headwatch.Report{Kind: headwatch.ReportFailed, Hook: "pause"}},
			{At: now, Kind: headwatch.StepHook, Level: headwatch.LevelTrip, Report: &headwatch.Report{Kind: headwatch.ReportSent, Hook: "pause"}},
			{At: now, Kind: headwatch.StepJoin, Level: headwatch.LevelTrip, Dependant: &headwatch.Dependant{Incident: "other-1", Circuit: "other", Level: headwatch.LevelPage}},
		}
		incidents := []headwatch.Incident{
			{ID: "base-lending-7", Circuit: "base-lending", Chain: "base", Since: now, Steps: steps, Told: []string{"chat", "ops"}},
			{ID: "elsewhere-1", Circuit: "elsewhere", Steps: steps, Told: []string{"chat"}},
			{ID: "over-1", Circuit: "over", Steps: steps, Told: []string{"ops"}, Resolved: now.Add(-resendAfter)},
		}
		a, r := managed(t, func() []headwatch.Incident { return incidents })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go a.Run(ctx)
		synctest.Wait()
		want := []string{"page other", "trip", "trip pause failed", "warn"}
		if got := r.firing("one"); !slices.Equal(got, want) {
			t.Errorf("firing %q, want %q", got, want)
		}
		for _, fired := range r.have["one"] {
			if fired.Labels["incident"] != "base-lending-7" || !strings.Contains(fired.Annotations["summary"], "base-lending") {
				t.Errorf("fired %v %v", fired.Labels, fired.Annotations)
			}
		}
		send(t, a, at(lately(headwatch.StepResolve)))
		if got := r.firing("one"); len(got) != 0 {
			t.Errorf("after the end: %q", got)
		}
	})
}

// What a process says of an incident after a restart has the labels of what was said before it: else nothing would end there.
func TestTheLabelsAreTheSameAfterARestart(t *testing.T) {
	var steps []headwatch.Step
	said := func(a *alertmanager) (all []string) {
		for _, i := range a.open {
			for _, fired := range i.alerts {
				all = append(all, fmt.Sprint(fired.Labels))
			}
		}
		slices.Sort(all)
		return all
	}
	first, _ := managed(t, nil)
	for _, n := range []headwatch.Notice{
		lately(headwatch.StepWarn), lately(headwatch.StepPage), lately(headwatch.StepTrip), deliverytest.Report(headwatch.ReportFailed, "ops"),
		lately(headwatch.StepJoin), lately(headwatch.StepEscalate),
	} {
		send(t, first, n)
		steps = append(steps, headwatch.Step{
			At: n.Transition.At, Kind: n.Kind, Level: n.Transition.Level, Report: n.Report, Dependant: n.Dependant, Escalation: n.Escalation,
		})
	}
	second, _ := managed(t, withIncidents(deps, steps...).Incidents)
	second.all(time.Now())
	if got, want := said(second), said(first); len(want) != 5 || !slices.Equal(got, want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestADrillEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, mark := range []headwatch.Mark{headwatch.MarkTest, headwatch.MarkDrill} {
			a, r := managed(t, nil)
			n := at(lately(headwatch.StepPage))
			n.Mark = mark
			send(t, a, n)
			if len(a.all(time.Now())) != 0 || len(r.firing("one")) != 1 {
				t.Errorf("%s: said again, or not at all", mark)
			}
			n = at(lately(headwatch.StepResolve))
			n.Mark = mark
			send(t, a, n)
			if len(a.all(time.Now())) != 0 || len(r.firing("one")) != 0 {
				t.Errorf("%s: outlives its end", mark)
			}
		}
	})
}

func TestAReportAfterTheEndIsToldAndEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, r := managed(t, nil)
		send(t, a, at(lately(headwatch.StepTrip)))
		send(t, a, at(lately(headwatch.StepResolve)))
		late := at(deliverytest.Report(headwatch.ReportFailed, "ops"))
		late.Transition.Level = headwatch.LevelNone
		send(t, a, late)
		if got := r.firing("one"); !slices.Equal(got, []string{"page pause-pool failed"}) {
			t.Errorf("firing %q", got)
		}
		time.Sleep(firesUnheard + time.Second)
		if got := r.firing("one"); len(got) != 0 {
			t.Errorf("fires for ever: %q", got)
		}
	})
}

func TestWhatIsBeneathEndsWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, r := managed(t, nil)
		send(t, a, at(lately(headwatch.StepTrip)))
		send(t, a, at(lately(headwatch.StepJoin)))
		if got := r.firing("one"); !slices.Equal(got, []string{"page base-quotes", "trip"}) {
			t.Errorf("firing %q", got)
		}
		send(t, a, at(lately(headwatch.StepLeave)))
		if got := r.firing("one"); !slices.Equal(got, []string{"trip"}) {
			t.Errorf("firing %q", got)
		}
	})
}

// Whatever becomes of an incident, each alert keeps its labels, none begins after it ends, and nothing fires after the resolve.
func TestNothingFiresAfterTheEndWhateverHappens(t *testing.T) {
	kinds := []headwatch.StepKind{
		headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip, headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease,
		headwatch.StepJoin, headwatch.StepLeave, headwatch.StepAck, headwatch.StepRecover, headwatch.StepRelapse,
	}
	rapid.Check(t, func(t *rapid.T) {
		a, r := managed(t, nil)
		ctx := context.Background()
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			n := lately(rapid.SampledFrom(kinds).Draw(t, "kind"))
			if rapid.Bool().Draw(t, "report") {
				n = deliverytest.Report(rapid.SampledFrom(headwatch.ReportKinds()).Draw(t, "of a hook"), "ops")
			}
			r.away(rapid.SampledFrom([][]string{nil, {"one"}, {"two"}, {"one", "two"}}).Draw(t, "down")...)
			_, _ = a.Send(ctx, a.Route(), n)
		}
		r.away()
		if _, err := a.Send(ctx, a.Route(), lately(headwatch.StepResolve)); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Send(ctx, a.Route(), lately(headwatch.StepResolve)); err != nil { // an answer may be lost
			t.Fatal(err)
		}
		for _, host := range []string{"one", "two"} {
			if got := r.firing(host); len(got) != 0 {
				t.Fatalf("%s: firing %q", host, got)
			}
			for _, fired := range r.have[host] {
				if fired.StartsAt.IsZero() || fired.EndsAt.Before(fired.StartsAt) || slices.Contains(slices.Collect(maps.Values(fired.Labels)), "") {
					t.Fatalf("%s: %+v", host, fired)
				}
			}
		}
	})
}

func TestWhatAlertmanagerIsSent(t *testing.T) {
	s, all := told(t, config.AlertAlertmanager, withIncidents(deps), nil)
	if _, err := s.Send(t.Context(), s.Route(), lately(headwatch.StepTrip)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), s.Route(), lately(headwatch.StepResolve)); err != nil {
		t.Fatal(err)
	}
	if got := (*all)[1]; got.path != "/api/v2/alerts" || got.authorization != "Bearer planted-bearer" {
		t.Errorf("to %s with %s", got.path, got.authorization)
	}
	golden(t, "alertmanager-resolve.json", indented(t, (*all)[1].body))
}

// Templates of Alertmanager hand a text on as it is.
func TestWhatAStrangerWritesIsInertInAlertmanager(t *testing.T) {
	n := deliverytest.Notice(headwatch.StepTrip, "ops")
	n.Transition.Cause.Findings[0].Detail = "<!channel> <https://evil.test|press>"
	_, body := posted(t, config.AlertAlertmanager, 200, "", func(s delivery.Sender) (string, error) {
		return s.Send(t.Context(), s.Route(), n)
	})
	if strings.Contains(body, "<!channel>") || strings.Contains(body, `\u003c!channel`) {
		t.Errorf("%s", body)
	}
}
