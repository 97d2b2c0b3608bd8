package config

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// DidYouMean is the hint to whoever typed a word that is none of the known ones: the nearest of them when one is near, else all of them.
func DidYouMean(word string, known []string) string {
	if all := near(word, known); len(all) > 0 {
		return "did you mean " + strings.Join(all, " or ") + "?"
	}
	if len(known) == 0 {
		return "there is none"
	}
	return "use one of " + strings.Join(known, ", ")
}

// nearest gives the known word that was most likely meant, the first of those that are equally likely; "" when none is near.
func nearest(word string, known []string) string {
	if all := near(word, known); len(all) > 0 {
		return all[0]
	}
	return ""
}

// near gives the known words that were most likely meant.
func near(word string, known []string) []string {
	const longest = 64
	if len(word) < 2 || len(word) > longest { // any letter is one change away from any other
		return nil
	}
	var best []string
	limit := (len(word) + 2) / 3
	for _, k := range known {
		distance := levenshtein.Distance(word, k, nil)
		if strings.HasPrefix(k, word) {
			distance = min(distance, 1)
		}
		if distance < limit {
			best, limit = nil, distance
		}
		if distance == limit && !slices.Contains(best, k) {
			best = append(best, k)
		}
	}
	return best
}
