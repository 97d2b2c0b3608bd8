package evm

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

type readerFunc func(data []byte) ([]byte, error)

func (f readerFunc) Call(_ context.Context, _, _ common.Address, data []byte) ([]byte, error) {
	return f(data)
}

// The flags of a Comet are kept as they were read last when nobody can be asked, and a contract that refuses is believed.
func TestACallIsMadeOfWhatWasReadLast(t *testing.T) {
	e, err := NewEffect(config.Hook{
		Preset: "compound-v3", To: "0x5731a04B1E775f0fdd454Bf70f3335886e9A96be", Args: []string{"false", "false", "true", "false", "false"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var answer error
	r := newRecall(readerFunc(func([]byte) ([]byte, error) {
		return append(bytes.Repeat([]byte{0}, 31), 1), answer // every flag is up
	}))
	answer = errors.New("no answer in time")
	if _, _, err := r.make(t.Context(), e); err == nil {
		t.Error("a call of nothing")
	}
	answer = nil
	fresh, at, err := r.make(t.Context(), e)
	if err != nil || !at.IsZero() {
		t.Fatalf("%v, %v", at, err)
	}
	answer = errors.New("no answer in time")
	old, at, err := r.make(t.Context(), e)
	if err != nil || at.IsZero() || !bytes.Equal(old.Data, fresh.Data) || !strings.Contains(old.Text, "true, true, true, true, true") {
		t.Errorf("%s, %v, %v", old.Text, at, err)
	}
	answer = &Reverted{"no"}
	if _, _, err := r.make(t.Context(), e); !reverted(err) {
		t.Errorf("%v", err)
	}
}
