package bench

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Timeline is one operation as it goes: when each part of the resource is done, in
// order. With the last of them the operation has ended.
type Timeline []time.Duration

// End returns when the operation ends.
func (l Timeline) End() time.Duration { return l[len(l)-1] }

// Counts returns what the resource tells at that age.
func (l Timeline) Counts(at time.Duration) poll.Counts {
	done := sort.Search(len(l), func(i int) bool { return l[i] > at })
	return poll.Counts{Done: done, Wanted: len(l)}
}

// sigma is the spread of the durations: that of their logarithm.
const sigma = 0.4

// lognormal draws a duration around a median.
func lognormal(rng *rand.Rand, median time.Duration) time.Duration {
	return scale(median, math.Exp(sigma*rng.NormFloat64()))
}

// Course makes a timeline of an operation that ends at the given age.
type Course struct {
	Name string
	New  func(rng *rand.Rand, end time.Duration) Timeline
}

// Opaque tells no counts.
var Opaque = Course{"no counts", func(_ *rand.Rand, end time.Duration) Timeline { return Timeline{end} }}

// Steady has parts that come one after the other, each in its time give or take a
// third, after a start of up to four tenths in which nothing is seen.
var Steady = Course{"steady", func(rng *rand.Rand, end time.Duration) Timeline {
	return ramp(rng, scale(end, 0.4*rng.Float64()), end, parts(rng))
}}

// Uneven are courses whose counts mislead: three to six bursts; nothing until the
// end; a stall of a fifth to three fifths of the time; a last part that comes a tenth
// to half of the time after the others; and a rush, in which a quarter to three
// quarters come steadily and the others together at the end.
var Uneven = []Course{
	{"bursts", func(rng *rand.Rand, end time.Duration) Timeline {
		n := parts(rng)
		bursts := make([]time.Duration, 3+rng.IntN(4))
		for i := range bursts {
			bursts[i] = scale(end, rng.Float64())
		}
		bursts[0] = end
		slices.Sort(bursts)
		line := make(Timeline, n)
		for i := range line {
			line[i] = bursts[i*len(bursts)/n]
		}
		return line
	}},
	{"all at once", func(rng *rand.Rand, end time.Duration) Timeline {
		return slices.Repeat(Timeline{end}, parts(rng))
	}},
	{"stall", func(rng *rand.Rand, end time.Duration) Timeline {
		stall := scale(end, 0.2+0.4*rng.Float64())
		line := ramp(rng, scale(end, 0.2*rng.Float64()), end-stall, parts(rng))
		for i := 1 + rng.IntN(len(line)-1); i < len(line); i++ {
			line[i] += stall
		}
		return line
	}},
	{"straggler", func(rng *rand.Rand, end time.Duration) Timeline {
		line := ramp(rng, scale(end, 0.2*rng.Float64()), scale(end, 0.5+0.4*rng.Float64()), parts(rng))
		line[len(line)-1] = end
		return line
	}},
	{"rush", func(rng *rand.Rand, end time.Duration) Timeline {
		n := parts(rng)
		line := ramp(rng, scale(end, 0.4*rng.Float64()), scale(end, 0.95), n)
		for i := n/4 + rng.IntN(n/2); i < n; i++ {
			line[i] = end
		}
		return line
	}},
}

// parts draws how many instances there are.
func parts(rng *rand.Rand) int { return 8 << rng.IntN(4) }

// ramp spreads n parts over a time, the last at its end.
func ramp(rng *rand.Rand, from, to time.Duration, n int) Timeline {
	sums, sum := make([]float64, n), 0.0
	for i := range sums {
		sum += 2.0/3 + 2.0/3*rng.Float64()
		sums[i] = sum
	}
	line := make(Timeline, n)
	for i := range line {
		line[i] = from + scale(to-from, sums[i]/sum)
	}
	line[n-1] = to
	return line
}

func scale(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }
