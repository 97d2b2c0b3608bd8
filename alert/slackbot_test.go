package alert

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// keeper is the journal as a channel that keeps things sees it.
type keeper struct {
	mu    sync.Mutex
	slots map[string][]byte
	full  bool // it takes nothing
	blind bool // it gives nothing
}

func (k *keeper) keep(_ context.Context, incident, channel, slot string, data []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := incident + "/" + channel + "/" + slot
	if k.slots[name] == nil && k.full {
		return nil, errors.New("disk full")
	}
	if k.slots == nil {
		k.slots = map[string][]byte{}
	}
	if k.slots[name] == nil {
		k.slots[name] = slices.Clone(data)
	}
	return k.slots[name], nil
}

func (k *keeper) recall(_ context.Context, incident, channel, slot string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.blind {
		return nil, errors.New("no quorum")
	}
	return k.slots[incident+"/"+channel+"/"+slot], nil
}

// with gives the channels' dependencies with a journal.
func (k *keeper) with(d Deps) Deps {
	d.Keep, d.Recall = k.keep, k.recall
	d.Page = func(incident string) string { return "https://watch.example.org/incidents/" + incident }
	return d
}

func slackBotConf(url string) config.Alert {
	c := conf(config.AlertSlack, config.NewSecret(url))
	c.Token, c.To, c.Inbound = config.NewSecret(slackToken), []string{slackRoom}, config.NewSecret(slackSecret)
	return c
}

func bot(t testing.TB, f *fakeSlack, k *keeper) delivery.Sender {
	s, err := New(slackBotConf(f.server.URL+"/api"), k.with(deps))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// trySend sends once; the test goes on with its error.
func trySend(t testing.TB, s delivery.Sender, n headwatch.Notice) error {
	detail, err := s.Send(t.Context(), s.Route(), n)
	if err == nil && detail == "" {
		t.Error("no detail")
	}
	return err
}

func story() []headwatch.Notice {
	var all []headwatch.Notice
	for i, kind := range []headwatch.StepKind{
		headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip, headwatch.StepEscalate, headwatch.StepAck, headwatch.StepRecover,
		headwatch.StepRelapse, headwatch.StepRecover, headwatch.StepResolve,
	} {
		n := deliverytest.Notice(kind, "ops")
		n.Step = uint64(i + 1)
		if kind == headwatch.StepAck {
			n.AckedBy, n.AckedUntil = "alice", n.Transition.At.Add(time.Hour)
		}
		all = append(all, n)
	}
	return all
}

func TestAnIncidentIsOneMessageInSlackAndItsThread(t *testing.T) {
	f, k := newFakeSlack(t), &keeper{}
	s := bot(t, f, k)
	var broadcast []string
	for i, n := range story() {
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
		roots, replies := f.shown(false), f.shown(true)
		if len(roots) != 1 || len(replies) != i {
			t.Fatalf("after %s: %d messages, %d replies", n.Kind, len(roots), len(replies))
		}
		if word := strings.ToUpper(string(n.Kind)); n.Kind == headwatch.StepTrip && !strings.HasPrefix(roots[0].Text, ":red_circle: "+word+" base-lending") {
			t.Errorf("after %s the message says %q", n.Kind, roots[0].Text)
		}
		if i > 0 && replies[i-1].broadcast {
			broadcast = append(broadcast, string(n.Kind))
		}
		want := []string{ackAction, pageAction}
		if n.Kind == headwatch.StepResolve {
			want = nil
		}
		if got := buttons(roots[0]); !slices.Equal(got, want) {
			t.Errorf("after %s the buttons are %q", n.Kind, got)
		}
	}
	if want := "page trip escalate relapse resolve"; strings.Join(broadcast, " ") != want {
		t.Errorf("shown in the channel: %q, want %q", broadcast, want)
	}
	if got := strings.Join(f.calls[:5], " "); got != "chat.postMessage chat.postMessage chat.update chat.postMessage chat.update" {
		t.Errorf("the calls began with %s", got)
	}
	if len(k.slots) != 1 || k.slots["base-lending-7/ops/message"] == nil {
		t.Errorf("kept: %q", k.slots)
	}
}

func TestTheMessageInSlackIsTheGoldenOne(t *testing.T) {
	f := newFakeSlack(t)
	s := bot(t, f, &keeper{})
	for _, n := range story()[:5] {
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	root := f.shown(false)[0]
	b, err := json.MarshalIndent(struct {
		Text   string
		Blocks slackgo.Blocks
	}{root.Text, root.Blocks}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "slackbot-acked.json", append(b, '\n'))
}

// A night with everything that goes wrong between here and Slack, and with crashes between any two steps: every step is told, in
// order, once or twice, and in the end the message says that it is over.
func TestANightInSlack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, k := newFakeSlack(t), &keeper{}
		defer f.server.Close()
		f.heeds = rapid.Bool().Draw(r, "client_msg_id is heeded")
		crashed := false
		troubles, calls := rapid.SliceOfN(rapid.IntRange(0, 11), 64, 64).Draw(r, "troubles"), 0
		f.trouble = func(string, slackgo.Msg) (int, string, bool) {
			calls++
			switch troubles[calls%len(troubles)] {
			case 0:
				return 200, "internal_error", false
			case 1:
				return 429, "ratelimited", false
			case 2:
				return 200, "lost", true
			case 3:
				return 200, "fatal_error", true
			case 4:
				return 503, "service_unavailable", false
			}
			return 0, "", false
		}
		s := bot(t, f, k)
		for _, n := range story() {
			for told, attempts := false, 0; !told; attempts++ {
				if attempts > 300 {
					r.Skip("nothing but trouble")
				}
				k.full = rapid.IntRange(0, 5).Draw(r, "full") == 0
				if rapid.IntRange(0, 7).Draw(r, "crash") == 0 {
					s, crashed = bot(t, f, k), true
				}
				err := trySend(t, s, n)
				told = err == nil
				if e, ok := errors.AsType[*delivery.Error](err); err != nil && (!ok || e.Permanent) {
					r.Fatalf("%s: %v", n.Kind, err)
				}
			}
		}
		roots, replies := f.shown(false), f.shown(true)
		if f.heeds && !crashed && len(roots) != 1 {
			r.Fatalf("%d messages", len(roots))
		}
		last := roots[len(roots)-1]
		if !strings.Contains(last.Text, "RESOLVED") || buttons(last) != nil {
			r.Fatalf("in the end it says %q", last.Text)
		}
		// What people read from top to bottom is in the order of the story.
		var told []string
		f.mu.Lock()
		for _, m := range f.messages {
			word, _, _ := strings.Cut(m.Text, " base-lending")
			told = append(told, word)
		}
		f.mu.Unlock()
		if f.heeds && !crashed && len(replies) != len(story())-1 {
			r.Fatalf("%d replies: %q", len(replies), told)
		}
		newest := 0
		order := []string{"PAGE", "TRIP", "STILL OPEN, NOBODY HAS ACKNOWLEDGED", "ACKNOWLEDGED", "RECOVERING", "RELAPSE", "RECOVERING", "RESOLVED"}
		for _, m := range replies {
			word, _, _ := strings.Cut(m.Text, " base-lending")
			if newest < len(order) && word == order[newest] {
				newest++
			} else if newest == 0 || word != order[newest-1] {
				if len(roots) == 1 {
					r.Fatalf("%q comes after %q", word, order[:newest])
				}
			}
		}
		if len(roots) == 1 && newest != len(order) {
			r.Fatalf("%q was never told: %q", order[newest], told)
		}
	})
}

func TestAMessageInSlackThatSomebodyDeletedIsPostedAnew(t *testing.T) {
	f, k := newFakeSlack(t), &keeper{}
	all := story()
	s := bot(t, f, k)
	for i, n := range all[:3] {
		if i == 1 {
			f.messages[0].deleted = true
		}
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	s = bot(t, f, k) // a restart finds the newer one
	for _, n := range all[3:] {
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	if roots := f.shown(false); len(roots) != 1 || !strings.Contains(roots[0].Text, "RESOLVED") || len(f.shown(true)) != len(all)-2 {
		t.Errorf("%d messages, %d replies", len(roots), len(f.shown(true)))
	}
	if k.slots["base-lending-7/ops/message-2"] == nil {
		t.Errorf("kept: %q", k.slots)
	}
}

func TestALostAnswerOfSlackLeavesNoSecondReply(t *testing.T) {
	f := newFakeSlack(t)
	s := bot(t, f, &keeper{})
	lost := 0
	f.trouble = func(call string, r slackgo.Msg) (int, string, bool) {
		if lost++; lost%2 == 1 {
			return 200, "lost", true
		}
		return 0, "", false
	}
	for _, n := range story()[:3] {
		for trySend(t, s, n) != nil {
		}
	}
	if len(f.shown(false)) != 1 || len(f.shown(true)) != 2 {
		t.Errorf("%d messages, %d replies", len(f.shown(false)), len(f.shown(true)))
	}
}

func TestWhatSlackSays(t *testing.T) {
	first := story()[0]
	for said, want := range map[string]deliverytest.Want{
		"invalid_auth":        {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
		"channel_not_found":   {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
		"not_in_channel":      {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
		"missing_scope":       {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
		"something_new":       {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
		"ratelimited":         {End: deliverytest.Again, Reason: delivery.ReasonRateLimited},
		"rate_limited":        {End: deliverytest.Again, Reason: delivery.ReasonRateLimited},
		"msg_too_long":        {End: deliverytest.Permanent, Reason: delivery.ReasonBadAnswer},
		"no_text":             {End: deliverytest.Permanent, Reason: delivery.ReasonBadAnswer},
		"invalid_blocks":      {End: deliverytest.Permanent, Reason: delivery.ReasonBadAnswer},
		"msg_blocks_too_long": {End: deliverytest.Permanent, Reason: delivery.ReasonBadAnswer},
	} {
		f := newFakeSlack(t)
		f.trouble = func(string, slackgo.Msg) (int, string, bool) { return 200, said, false }
		e, ok := errors.AsType[*delivery.Error](trySend(t, bot(t, f, &keeper{}), first))
		if !ok || e.Reason != want.Reason || e.Permanent != (want.End == deliverytest.Permanent) || !strings.Contains(e.Error(), said) {
			t.Errorf("%s: %v", said, e)
		}
	}
	f := newFakeSlack(t)
	f.retry, f.trouble = "7", func(string, slackgo.Msg) (int, string, bool) { return 429, "ratelimited", false }
	if e, ok := errors.AsType[*delivery.Error](trySend(t, bot(t, f, &keeper{}), first)); !ok || e.RetryAfter != 7*time.Second || e.Reason != delivery.ReasonRateLimited {
		t.Errorf("429: %v", e)
	}
}

// Blocks that Slack has a new rule for must not cost a page.
func TestBlocksThatSlackRefusesAreLeftOut(t *testing.T) {
	f := newFakeSlack(t)
	f.trouble = func(_ string, r slackgo.Msg) (int, string, bool) {
		if len(r.Blocks.BlockSet) > 0 {
			return 200, "msg_blocks_too_long", false
		}
		return 0, "", false
	}
	s := bot(t, f, &keeper{})
	for _, n := range story()[:3] {
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	root := f.shown(false)[0]
	if !strings.Contains(root.Text, "TRIP base-lending") || !strings.Contains(root.Text, "*Evidence*") || len(root.Blocks.BlockSet) != 0 {
		t.Errorf("got %q", root.Text)
	}
}

func TestAMessageInSlackThatMayNotBeChangedIsAnsweredAllTheSame(t *testing.T) {
	f := newFakeSlack(t)
	f.trouble = func(call string, _ slackgo.Msg) (int, string, bool) {
		if call == "chat.update" {
			return 200, "edit_window_closed", false
		}
		return 0, "", false
	}
	s := bot(t, f, &keeper{})
	for _, n := range story() {
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.shown(false)) != 1 || len(f.shown(true)) != len(story())-1 {
		t.Errorf("%d messages, %d replies", len(f.shown(false)), len(f.shown(true)))
	}
}

// The configuration names another channel because the old one is archived: the incident goes on there.
func TestAnIncidentInSlackMovesWithTheConfiguration(t *testing.T) {
	f, k := newFakeSlack(t), &keeper{}
	old, err := json.Marshal(place{To: "C0000000001", Chat: "C0000000001", ID: "1.2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.keep(t.Context(), "base-lending-7", "ops", "message", old); err != nil {
		t.Fatal(err)
	}
	if err := trySend(t, bot(t, f, k), story()[2]); err != nil {
		t.Fatal(err)
	}
	if roots := f.shown(false); len(roots) != 1 || !strings.Contains(roots[0].Text, "TRIP") {
		t.Errorf("got %d messages", len(roots))
	}
}

func TestWithoutAJournalAPageGoesOutAndAResolveWaits(t *testing.T) {
	f, k := newFakeSlack(t), &keeper{}
	all := story()
	if err := trySend(t, bot(t, f, k), all[1]); err != nil {
		t.Fatal(err)
	}
	k.blind = true
	if err := trySend(t, bot(t, f, k), all[2]); err != nil {
		t.Errorf("a trip: %v", err)
	}
	if e, ok := errors.AsType[*delivery.Error](trySend(t, bot(t, f, k), all[8])); !ok || e.Reason != delivery.ReasonJournal || e.Permanent {
		t.Errorf("a resolve: %v", e)
	}
}

func TestTheBotOfSlackHoldsAgainstEveryAnswer(t *testing.T) {
	deliverytest.Test(t, deliverytest.Channel{
		New: func(url config.Secret) (delivery.Sender, error) {
			c := slackBotConf("")
			c.URL = url
			return New(c, deps)
		},
		Notice: deliverytest.Notice(headwatch.StepTrip, "ops"), Accepts: func(status int) bool { return status == http.StatusOK },
		Answer: `{"ok":true,"channel":"C0123456789","ts":"1503435956.000247"}`, Secrets: []string{slackToken, slackSecret}, Current: true,
		Answers: map[string]deliverytest.Want{
			`{"ok":true}`: {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
			`ok`:          {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
		},
	})
}

func TestMessagesOfTheBotKeepToSlacksLimitsWhateverTheyTell(t *testing.T) {
	f := newFakeSlack(t)
	s := bot(t, f, &keeper{})
	rapid.Check(t, func(r *rapid.T) {
		n := hostile(r)
		n.Step = rapid.Uint64().Draw(r, "step")
		if err := trySend(t, s, n); err != nil {
			r.Fatal(err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, m := range f.messages {
			if len(m.Blocks.BlockSet) == 0 {
				r.Fatalf("the blocks were refused: %q", m.Text)
			}
		}
		f.messages = nil
	})
}
