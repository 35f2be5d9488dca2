package progress

import (
	"fmt"
	"strings"
)

// told is what was said of a rollout's targets. A target that something is in the way of
// is checked again each minute: what is found is news only once.
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

// reasons are some of a wait and the number of the others.
func reasons(text string) string {
	all := strings.Split(text, "; ")
	if left := len(all) - mostReasons; left > 1 { // one fits in place of its number
		all = append(all[:mostReasons], fmt.Sprintf("and for %d more reasons", left))
	}
	return strings.Join(all, "; ")
}
