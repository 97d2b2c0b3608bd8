package config

import (
	"embed"
	"reflect"
	"slices"
	"strings"
)

//go:embed presets/*.toml
var presetFiles embed.FS

// preset is what is known of a chain in public: one file each under presets/.
type preset struct {
	Sources    []string   `toml:"sources"` // where which fact was read, for docs/chains.md
	Chain      Chain      `toml:"chain"`
	Thresholds thresholds `toml:"thresholds"`
}

// thresholds are for circuits on the chain that leave theirs out.
type thresholds struct {
	WarnAfter    Duration `toml:"warn_after"`
	PageAfter    Duration `toml:"page_after"`
	TripAfter    Duration `toml:"trip_after"`
	RecoverAfter Duration `toml:"recover_after"`
}

// Presets lists the names that a chain's preset may have, in ascending order.
func Presets() []string {
	files, err := presetFiles.ReadDir("presets")
	if err != nil {
		return nil // they are part of the binary
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".toml")
	}
	slices.Sort(names) // base before base-sepolia
	return names
}

// presetNamed gives a fresh copy of a preset, or an error when the file in the binary has a fault.
func presetNamed(name string) (preset, error) {
	var p preset
	file := "presets/" + name + ".toml"
	data, err := presetFiles.ReadFile(file)
	if err != nil {
		return p, err
	}
	d := newDocument(file, data, func(string) (string, bool) { return "", false })
	d.decode("", d.tree, reflect.ValueOf(&p).Elem())
	return p, d.err()
}

// L1Of gives the name of the chain that a preset's chain settles on, itself a preset; "" for a layer 1 and for no preset.
func L1Of(name string) string {
	p, err := presetNamed(name)
	if err != nil {
		return ""
	}
	return p.Chain.L1
}
