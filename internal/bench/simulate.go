package bench

import (
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// latency is how long a call takes.
	latency = 200 * time.Millisecond
	// plenty is a timeout that no operation reaches.
	plenty = 1000 * time.Hour
)

// Outcome is how one wait went.
type Outcome struct {
	// Calls counts the polls.
	Calls int
	// Lag is how long after the end the wait has seen it.
	Lag time.Duration
	// Missed says that the wait gave up without having seen it.
	Missed bool
}

// wait goes through one timeline. A poll sees the resource as it is when it begins.
func wait(line Timeline, told bool, pauser Pauser) Outcome {
	var now time.Duration
	for polls := 1; ; polls++ {
		look := Look{Polls: polls, Began: now, Ended: now + latency}
		if now >= line.End() {
			return Outcome{Calls: polls, Lag: look.Ended - line.End()}
		}
		if told {
			look.Counts = line.Counts(now)
		}
		pause, more := pauser(look)
		if !more {
			return Outcome{Calls: polls, Missed: true}
		}
		now = look.Ended + pause
	}
}

// Sample is how many waits went.
type Sample struct {
	// Calls and Lag are means, Late is the 95th percentile of the lag, and Latest
	// the longest one.
	Calls             float64
	Lag, Late, Latest time.Duration
	// Missed counts the ends that were not seen.
	Missed int
}

// Lines are timelines, and whether their counts can be seen.
type Lines struct {
	All  []Timeline
	Told bool
}

// draw makes timelines. The same arguments make the same ones.
func draw(course Course, runs int, end func(*rand.Rand) time.Duration) Lines {
	rng := rand.New(rand.NewPCG(1, uint64(runs)))
	lines := Lines{Told: course.Name != Opaque.Name}
	for range runs {
		lines.All = append(lines.All, course.New(rng, end(rng)))
	}
	return lines
}

// measure waits for each of the timelines.
func measure(lines Lines, w Waiting, timeout time.Duration) Sample {
	rng := rand.New(rand.NewPCG(2, 3))
	var s Sample
	var total time.Duration
	lags := make([]time.Duration, 0, len(lines.All))
	calls := 0
	for _, line := range lines.All {
		o := wait(line, lines.Told, w.New(rng, timeout))
		calls += o.Calls
		if o.Missed {
			s.Missed++
			continue
		}
		total += o.Lag
		lags = append(lags, o.Lag)
	}
	s.Calls = float64(calls) / float64(len(lines.All))
	if n := len(lags); n > 0 {
		slices.Sort(lags)
		s.Lag, s.Late, s.Latest = total/time.Duration(n), lags[n*95/100], lags[n-1]
	}
	return s
}

// around draws the ends of operations around a median.
func around(median time.Duration) func(*rand.Rand) time.Duration {
	return func(rng *rand.Rand) time.Duration { return lognormal(rng, median) }
}

// within draws ends between two ages.
func within(from, to time.Duration) func(*rand.Rand) time.Duration {
	return func(rng *rand.Rand) time.Duration { return from + scale(to-from, rng.Float64()) }
}
