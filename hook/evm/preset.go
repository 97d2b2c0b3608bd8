package evm

import "slices"

// preset knows a family of contracts: what is called, what is read back, what takes it back, and who may.
type preset struct {
	Name     string
	patterns []pattern    // calls that it knows, the default first; none for any call
	special  func(*maker) // what the patterns do not say: nil for nothing
}

// pattern is one call of a preset, with what follows from it. $1 stands for the call's first argument.
type pattern struct {
	Call       string
	Args       []string // default; nil when only the user can know them
	Read       string   // "" when the preset reads back in its own way
	ReadArgs   []string
	ReadOn     string // the contract that is read: $1, or "" for the one that is called
	Resume     string
	ResumeArgs []string
}

// presets is every preset there is.
var presets = []preset{
	pausable,
}

// pausable is the convention around OpenZeppelin's Pausable, whose own pause is internal (contracts/utils/Pausable.sol).
var pausable = preset{
	Name: "openzeppelin-pausable",
	patterns: []pattern{{
		Call: "pause()", Args: []string{},
		Read: "paused()", Resume: "unpause()",
	}},
}

func presetNames() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.Name
	}
	slices.Sort(names)
	return names
}

// needsArgs reports whether the arguments have no default.
func (p pattern) needsArgs() bool { return p.Args == nil }
