package progress

import (
	"fmt"
	"strings"
)

// told is what was said of a rollout's targets, and of the rollout under the zero place. A
// target that something is in the way of is checked again each minute, and waited for in
// between: what is found and waited for is news only once.
type told map[place]map[string]bool

// news tells whether a text is said of a place for the first time.
func (t told) news(p place, text string) bool {
	if t[p] == nil {
		t[p] = map[string]bool{}
	}
	first := !t[p][text]
	t[p][text] = true
	return first
}

// mostReasons is how many reasons to wait stand in a line. There may be one for each
// target.
const mostReasons = 3

// reasons are those of a wait that were not told before, some of them and the number of
// the others; empty when there is none.
func (t told) reasons(text string) string {
	var fresh []string
	for reason := range strings.SplitSeq(text, "; ") {
		if t.news(place{}, reason) {
			fresh = append(fresh, reason)
		}
	}
	if left := len(fresh) - mostReasons; left > 1 { // one fits in place of its number
		fresh = append(fresh[:mostReasons], fmt.Sprintf("and for %d more reasons", left))
	}
	return strings.Join(fresh, "; ")
}
