package main

import (
	"slices"
	"time"

	"headwatch/config"
)

// roster knows alerts and people, and of rotas everybody in them.
type roster struct{ *config.Config }

// Reach gives the alert channels behind names.
func (r roster) Reach(tell []string, _ time.Time) (channels, people []string) {
	for _, name := range tell {
		switch {
		case r.Alert(name) != nil:
			channels = append(channels, name)
		case r.Person(name) != nil:
			people = append(people, name)
		case r.Rota(name) != nil:
			people = append(people, r.Rota(name).People...)
		}
	}
	for _, name := range people {
		if p := r.Person(name); p != nil {
			channels = append(channels, p.Tell...)
		}
	}
	slices.Sort(channels)
	slices.Sort(people)
	return slices.Compact(channels), slices.Compact(people)
}

// Within knows no hours: every step may be told.
func (roster) Within(string, time.Time) bool { return true }

// Next knows no hours.
func (roster) Next(string, time.Time) time.Time { return time.Time{} }
