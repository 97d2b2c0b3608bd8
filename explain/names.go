package explain

import "headwatch"

// Cause says where the cause of a verdict lies; "" for a hint that says nothing.
func Cause(h headwatch.Hint) string { return hints[h] }

// Vote writes a vote as people say it.
func Vote(v headwatch.Verdict) string { return verdicts[v] }
