package evm

import (
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"

	"headwatch"
)

func ethereumQuery(of common.Address, topic common.Hash) ethereum.FilterQuery {
	return ethereum.FilterQuery{Addresses: []common.Address{of}, Topics: [][]common.Hash{{topic}}}
}

func TestAPauseLandsOnceAndIsReadBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.open(t, s.hook("pause"), nil)
	n := trip("i-1")
	if why := h.Needless(t.Context(), n); why != "" {
		t.Errorf("needless: %s", why)
	}
	detail, err := deliver(t, h, n)
	if err != nil || !strings.Contains(detail, "in effect: l2 in block") {
		t.Errorf("%q, %v", detail, err)
	}
	if got := s.book.kinds("pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportSent, headwatch.ReportEffective}) {
		t.Errorf("reported %v", got)
	}
	if got := len(s.book.drafts(t, legL2)); got != 1 || s.pauses(t) != 1 {
		t.Errorf("%d drafts, %d pauses", got, s.pauses(t))
	}

	// A second incident finds it done.
	if why := h.Needless(t.Context(), trip("i-2")); !strings.Contains(why, "there already: 3 of 3") {
		t.Errorf("needless: %q", why)
	}
	if detail, err := deliver(t, h, trip("i-2")); err != nil || !strings.Contains(detail, "nothing was sent") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 1 || len(s.book.drafts(t, legL2)) != 1 {
		t.Error("it was sent again")
	}
}
