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

// why is what steps that failed have told of the reason, by the beginning of what the
// rollout tells of their target next.
type why map[string]string

// cut leaves out of a text the reason that was told already.
func (w why) cut(text string) string {
	for target, reason := range w {
		if strings.HasPrefix(text, target) && strings.HasSuffix(text, reason) {
			delete(w, target)
			return strings.TrimSuffix(text, reason)
		}
	}
	return text
}
