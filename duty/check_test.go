package duty

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwatch/config"
)

func TestFaultsOfTimesRulesAndCalendars(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	page := file("page.ics", "<html>")
	strangers := file("strangers.ics", vevent("DTSTART:20261123T090000Z", "DURATION:PT1H", "SUMMARY:dave"))
	rotaOf := func(lines ...string) string { return "[[rota]]\nname = \"r\"\n" + strings.Join(lines, "\n") + "\n" }
	turns := "people = [\"bob\"]\nstarts = \"2026-11-23T09:00\"\n"
	hoursOf := func(lines ...string) string { return "[[hours]]\nname = \"h\"\n" + strings.Join(lines, "\n") + "\n" }
	window := func(lines ...string) string {
		return "[[maintenance]]\nname = \"m\"\nmatch = [\"chain=base\"]\nreason = \"x\"\n" + strings.Join(lines, "\n") + "\n"
	}
	for _, c := range []struct{ more, key, want string }{
		{rotaOf(turns, `timezone = "Europe/Belrin"`), "rota[0].timezone", `"Europe/Belrin" is not a time zone`},
		{rotaOf(turns, `timezone = "Local"`), "rota[0].timezone", "on every machine"},
		{rotaOf(`people = ["bob"]`, `starts = "23 November"`), "rota[0].starts", "is not a time like"},
		{rotaOf(turns, "[[rota.cover]]\nperson = \"bob\"\nfrom = \"2026-12-24\"\nuntil = \"2026-12-27T09:00\""), "rota[0].cover[0].from", "is not a time"},
		{rotaOf(turns, "[[rota.cover]]\nperson = \"bob\"\nfrom = \"2026-12-27T09:00\"\nuntil = \"2026-12-27T09:00\""), "rota[0].cover[0].until", "ends before it begins"},
		{rotaOf(`calendar = "absent.ics"`), "rota[0].calendar", "cannot be read: no such file"},
		{rotaOf(`calendar = "` + page + `"`), "rota[0].calendar", "not an iCalendar file"},
		{rotaOf(`calendar = "` + strangers + `"`), "rota[0].calendar", "names a person"},
		{rotaOf(`calendar = "http://calendar.example.com/secret"`), "rota[0].calendar", "wrong scheme"},
		{rotaOf(`calendar = "https://"`), "rota[0].calendar", "not a URL with a host"},
		{hoursOf(`from = "9"`, `until = "18:00"`), "hours[0].from", "not a time of day"},
		{hoursOf(`from = "09:00"`, `until = "25:00"`), "hours[0].until", "not a time of day"},
		{hoursOf(`from = "09:00"`, `until = "09:00"`), "hours[0].until", "end when they begin"},
		{hoursOf(`from = "09:00"`, `until = "18:00"`, `days = ["mon", "tues"]`), "hours[0].days[1]", "did you mean tue"},
		{hoursOf(`from = "09:00"`, `until = "18:00"`, `timezone = "CEST"`), "hours[0].timezone", "is not a time zone"},
		{window(`starts = "2026-12-01"`, `lasts = "1h"`), "maintenance[0].starts", "is not a time"},
		{window(`starts = "2026-12-01T10:00"`, `lasts = "1h"`, `repeat = "weekly"`), "maintenance[0].repeat", "RRULE of RFC 5545"},
		{window(`starts = "2026-12-01T10:00"`, `lasts = "1h"`, `repeat = "FREQ=WEEKLY;BYDAY=WE"`), "maintenance[0].starts", "the first time is 2026-12-02T10:00"},
		{window(`calendar = "` + page + `"`), "maintenance[0].calendar", "not an iCalendar file"},
		{window(`calendar = "ftp://calendar.example.com"`), "maintenance[0].calendar", "wrong scheme"},
	} {
		_, err := parse(t, c.more)
		bad, ok := errors.AsType[*config.Error](err)
		if !ok || len(bad.Faults) != 1 || bad.Faults[0].Key != c.key || !strings.Contains(bad.Faults[0].String(), c.want) {
			t.Errorf("%s\n%v\nwant one fault at %s with %q", c.more, err, c.key, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("an address is shown: %v", err)
		}
	}
}
