package poll

import (
	"math"
	"time"
)

// Counts is how far a resource has come: Done of its Wanted parts, such as
// instances, are as they are to be. Zero Wanted means that it does not tell.
type Counts struct{ Done, Wanted int }

// Trend is what the counts seen so far tell of the end. The zero value has seen
// none. It is small, and of the same size however long the wait.
//
// It knows the rate at which parts were done since progress began, and how evenly
// they came. Counts that go down, or a wanted number that changes, begin it anew.
type Trend struct {
	counts Counts
	first  int     // parts done when progress began
	start  float64 // seconds: the last time before any progress
	at     float64 // seconds: when counts was seen first
	steps  int     // how often the count was seen to have grown
	square float64 // sum over steps of parts²/seconds
}

// Saw returns the trend after counts were seen when the operation was elapsed old.
// Unknown counts change nothing.
func (t Trend) Saw(elapsed time.Duration, c Counts) Trend {
	at := elapsed.Seconds()
	grown := float64(c.Done - t.counts.Done)
	switch {
	case c.Wanted <= 0 || c == t.counts && t.steps > 0:
		return t
	case c.Wanted != t.counts.Wanted, grown <= 0, at <= t.at:
		return Trend{counts: c, first: c.Done, start: at, at: at}
	}
	t.square += grown * grown / (at - t.at)
	t.steps++
	t.counts, t.at = c, at
	return t
}

// left guesses how long after t.at the operation ends, as seen when it is elapsed
// seconds old. It returns false when there was no progress yet.
//
// What is outstanding takes its time at the rate seen, less half a part for the
// time that the last one seen was there already. How sure that is follows from how
// evenly the parts came, measured by the variance of their number over its mean:
// 0 for a clock, 1 for independent arrivals, more for bursts. The first belief,
// before several steps were seen, grows with their size. A stall counts as
// unevenness, by the cube of the parts that did not come.
func (t Trend) left(elapsed float64) (guess, bool) {
	if t.steps == 0 {
		return guess{}, false
	}
	done := float64(t.counts.Done - t.first)
	rate := done / (t.at - t.start)
	missing := max((elapsed-t.at)*rate-0.5, 0)
	const steps = 0.6 // how many steps the first belief is worth
	believed := 0.4 * math.Sqrt(done/float64(t.steps))
	uneven := (steps*believed + t.square/rate - done + missing*missing*missing) / (steps + float64(t.steps-1))

	outstanding := max(float64(t.counts.Wanted-t.counts.Done), 1)
	halfway := outstanding - 0.5
	const quantum = 1.0 / 12 // variance of the fraction of a part that is under way
	variance := uneven*outstanding*(1+outstanding/done) + quantum
	shape := math.Pi / math.Sqrt(3*variance) * halfway
	return guess{median: halfway / rate, shape: min(shape, sharpest)}, true
}
