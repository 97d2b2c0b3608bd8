package hook

import (
	"slices"

	"headwatch"
)

// maxResumes is how many orders to take a pause back are kept in memory: far more than can be under way.
const maxResumes = 64

// resume keeps an order to take a pause back. The caller has the lock.
func (l *Ledger) resume(a headwatch.Action) {
	known := slices.ContainsFunc(l.resumes, func(o headwatch.Action) bool { return o.Hook == a.Hook && o.At.Equal(a.At) })
	if known {
		return
	}
	l.resumes = append(l.resumes, a)
	if n := len(l.resumes) - maxResumes; n > 0 {
		l.resumes = slices.Delete(l.resumes, 0, n)
	}
}

// Resumes gives the orders on record to take a hook's pause back, oldest first, also those that have been carried out.
func (l *Ledger) Resumes(hook string) []headwatch.Action {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.resumes), func(a headwatch.Action) bool { return a.Hook != hook })
}
