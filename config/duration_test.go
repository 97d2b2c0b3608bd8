package config

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDurationReadsUnitsFromDaysDown(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s":      90 * time.Second,
		"5m":       5 * time.Minute,
		"36h":      36 * time.Hour,
		"90d":      90 * day,
		"1h30m":    90 * time.Minute,
		"1d12h":    36 * time.Hour,
		"1.5h":     90 * time.Minute,
		"250ms":    250 * time.Millisecond,
		"0s":       0,
		"99999d1h": 99999*day + time.Hour,
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.D() != want {
			t.Errorf("%q gives %v, %v; want %v", text, d.D(), err, want)
		}
	}
}

func TestDurationRefusesWhatIsNoDuration(t *testing.T) {
	for _, text := range []string{"", "0", "30", "30 s", "-5s", "+5s", "1d-5h", "5s1d", "d", "1.5d", "1y", "s", "1h30", "292471208677536d", "99999999999h", "2540400h99999d", "99999d2500000h"} {
		d := Duration(7)
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, d)
		}
		if d != 7 {
			t.Errorf("%q was refused and still changed the value to %v", text, d)
		}
	}
}

func TestDurationIsShownAsPeopleWriteIt(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "60s": time.Minute, "90s": 90 * time.Second, "5m": 5 * time.Minute, "5m1s": 301 * time.Second, "1h": time.Hour,
		"1h30m": 90 * time.Minute, "36h": 36 * time.Hour, "90d": 90 * day, "1.6s": 1600 * time.Millisecond, "10m": 10 * time.Minute,
		"1h0m20s": time.Hour + 20*time.Second,
	} {
		if got := Duration(d).String(); got != want {
			t.Errorf("%v is shown as %s, want %s", d, got, want)
		}
	}
}

func TestDurationReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Duration(rapid.Int64Range(0, int64(99999*day)).Draw(t, "d"))
		var got Duration
		text, _ := want.MarshalText()
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%d is written as %s and read as %d, %v", want, text, got, err)
		}
	})
}
