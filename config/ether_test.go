package config

import (
	"testing"

	"pgregory.net/rapid"
)

func TestEtherReadsWholeAndBrokenAmounts(t *testing.T) {
	for text, want := range map[string]Ether{
		"1 ETH": 1e9, "0.5 ETH": 5e8, "0.5ETH": 5e8, "0.000000001 ETH": 1, "999999999.999999999 ETH": 999999999_999999999, "0 ETH": 0,
	} {
		var e Ether
		if err := e.UnmarshalText([]byte(text)); err != nil || e != want {
			t.Errorf("%q gives %d, %v; want %d", text, e, err, want)
		}
	}
}

func TestEtherRefusesWhatIsNoAmount(t *testing.T) {
	for _, text := range []string{"", "1", "-1 ETH", "1.ETH", ".5 ETH", "1 eth", "1 ETHER", "0.0000000001 ETH", "1000000000 ETH", "1e3 ETH"} {
		e := Ether(7)
		if err := e.UnmarshalText([]byte(text)); err == nil || e != 7 {
			t.Errorf("%q was read as %d", text, e)
		}
	}
}

func TestEtherReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Ether(rapid.Uint64Range(0, 999999999_999999999).Draw(t, "e"))
		var got Ether
		text, _ := want.MarshalText()
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%d is written as %s and read as %d, %v", want, text, got, err)
		}
	})
}
