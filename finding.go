package headwatch

import "slices"

// OfChain reports whether it is about the chain as a whole, not about one endpoint or one hook.
func (f *Finding) OfChain() bool { return f.Endpoint == "" && f.Hook == "" }

// For gives the Assessment as it concerns a circuit with these hooks: without what is wrong with the hooks of others. It
// shares the memory of a, which it does not change.
func (a Assessment) For(hooks []string) Assessment {
	foreign := func(f Finding) bool { return f.Hook != "" && !slices.Contains(hooks, f.Hook) }
	if slices.ContainsFunc(a.Findings, foreign) {
		a.Findings = slices.DeleteFunc(slices.Clone(a.Findings), foreign)
	}
	return a
}
