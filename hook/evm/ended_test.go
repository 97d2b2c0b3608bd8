package evm

import (
	"strings"
	"testing"

	"headwatch"
)

// The process died between the end of a pause and the record of its delivery, and people have taken the pause back meanwhile: the
// notice, when it comes again, sends nothing, says nothing, and takes no nonce that a later pause would have to wait for.
func TestWhatHasEndedIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.hook("pause")
	if _, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil {
		t.Fatal(err)
	}
	said := len(s.book.kinds("pause"))
	s.transact(t, &s.market, packCall("unpause()"))
	a := NewAccounts(s.config, s.book)
	h := s.open(t, c, a)
	detail, err := s.deliver(t, h, trip("i"))
	if err != nil || !strings.Contains(detail, "came to its end") {
		t.Errorf("%q, %v", detail, err)
	}
	if got := s.book.kinds("pause"); len(got) != said || s.pauses(t) != 1 {
		t.Errorf("reported %v, %d pauses", got, s.pauses(t))
	}
	if _, err := s.deliver(t, h, trip("next")); err != nil {
		t.Fatal(err)
	}
	all := s.book.drafts(t, legL2)
	if len(all) != 2 || all[1].Incident != "next" || all[1].Nonce != all[0].Nonce+2 || s.pauses(t) != 2 {
		t.Errorf("%d transactions, %d pauses: %+v", len(all), s.pauses(t), all)
	}
	if got := s.book.kinds("pause"); got[len(got)-1] != headwatch.ReportEffective {
		t.Errorf("reported %v", got)
	}
}
