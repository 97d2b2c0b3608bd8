package config

import (
	"strings"
	"testing"
)

func TestAnAlertOfTwoPeopleIsWarnedOf(t *testing.T) {
	const people = "[[person]]\nname = \"alice\"\ntell = [\"ops\"]\n[[person]]\nname = \"bob\"\ntell = [\"ops\"]"
	c, err := Parse("t", altered(map[string]string{"#end": people}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Warnings(), "\n"); !strings.Contains(got, `person "bob": alert "ops" also reaches alice, who is woken whenever bob is on call`) {
		t.Errorf("%s", got)
	}
}
