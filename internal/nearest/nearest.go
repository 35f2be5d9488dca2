// Package nearest finds which of some known names a misspelt one was perhaps meant to be.
package nearest

import "strings"

// Name is the name that takes the fewest edits to reach, whatever its case; empty when
// none is near enough to have been meant: a third of the text's length, and 4 at most.
func Name(text string, names []string) string {
	return Within(text, names, min(len(text)/3, 4))
}

// Within is as Name, with a bound of its own on the edits.
func Within(text string, names []string, most int) string {
	best, least := "", most+1
	if len(text) > 100 {
		return "" // no name is as long, and the search is quadratic
	}
	text = strings.ToLower(text)
	for _, name := range names {
		if d := edits(text, strings.ToLower(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two texts in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
