package poll

import (
	"math"
	"time"
)

const (
	// LongestPause bounds the pauses that a [Cadence] chooses, and so how late a
	// change is seen by choice.
	LongestPause = 3 * time.Minute
	// ShortestPause is the least that a [Cadence] chooses.
	ShortestPause = 5 * time.Second
)

// Cadence says what is known of an operation, so that polls can be rare while its
// end is unlikely and frequent while it is near. The zero value means that nothing
// is known.
//
// Of all ways to spend a number of calls, the mean lag is least when polls are as
// dense as the square root of the hazard: the chance that an operation which still
// runs ends in the next moment. The hazard comes from a guess of the duration, which
// is Typical with a wide spread, so that half or twice as long is no surprise. Where
// the resource tells counts, a second guess comes from their [Trend]; it has the
// more weight the more evenly they come, and loses it while the end that they
// announced does not. The scale is such that an operation of the typical duration
// takes about as many calls as one poll a minute would.
type Cadence struct {
	// Typical is how long half of such operations take at most. Zero means that
	// nothing is known.
	Typical time.Duration
	// Began is when the operation began. Zero means when the wait does.
	Began time.Time
}

// Pause returns how long to pause when the operation is elapsed old and its counts
// have told the trend: between [ShortestPause] and [LongestPause], or
// [DefaultInterval] when Typical is not positive. It depends on nothing else.
func (c Cadence) Pause(elapsed time.Duration, trend Trend) time.Duration {
	if c.Typical <= 0 {
		return DefaultInterval
	}
	const step = 5.0 // seconds
	scale := math.Sqrt(c.Typical.Seconds()) / unit
	outlook := newOutlook(c, max(elapsed.Seconds(), 0), trend)
	polls := 0.0 // that fall due within the pause
	for pause := step; pause <= LongestPause.Seconds(); pause += step {
		due := step * scale * math.Sqrt(outlook.hazard(pause-step/2))
		if polls += due; polls >= 1 {
			pause -= step * (polls - 1) / due
			return max(time.Duration(pause*float64(time.Second)), ShortestPause)
		}
	}
	return LongestPause
}

// begin returns when the operation began, for a wait that starts now.
func (c Cadence) begin(now time.Time) time.Time {
	if c.Began.IsZero() {
		return now
	}
	return c.Began
}

// What the simulations of internal/bench were best with.
const (
	unit       = 61.5 // seconds: the pause while one end is due in each Typical
	priorShape = 4.25 // of the guess by Typical; 4.5 fits a log-normal with sigma 0.4
	sharpest   = 5    // shape of the best guess by counts
	halfTrust  = 3    // shape at which counts have half their weight
	trust      = 0.77 // the most weight that counts have
	keenness   = 2.4  // how much more polls an end is worth that counts announce
)

// outlook is when the operation may end, as seen at one moment.
type outlook struct {
	now     float64 // seconds
	prior   guess   // of the age at the end
	trend   guess   // of the time from the last count to the end
	counted float64 // seconds: when the last count came
	weight  float64 // of trend, when the last count came
}

func newOutlook(c Cadence, now float64, t Trend) outlook {
	o := outlook{now: now, prior: guess{c.Typical.Seconds(), priorShape}, counted: t.at}
	if g, ok := t.left(now); ok {
		x := g.shape * g.shape / (halfTrust * halfTrust)
		o.trend, o.weight = g, trust*x/(1+x)
	}
	return o
}

// hazard returns the chance per second that the operation ends, if it still runs
// that many seconds from now.
func (o outlook) hazard(ahead float64) float64 {
	prior := o.prior.hazard(o.now+ahead, o.prior.survival(o.now+ahead))
	if o.weight == 0 {
		return prior
	}
	since := o.now + ahead - o.counted
	survival := o.trend.survival(since)
	weight := o.weight * survival / (1 - o.weight + o.weight*survival)
	return (1-weight)*prior + weight*keenness*o.trend.hazard(since, survival)
}

// guess is a log-logistic distribution of a duration in seconds. Half of the
// operations end within the median; the greater the shape, the closer to it.
type guess struct{ median, shape float64 }

// survival returns the chance to last longer than t.
func (g guess) survival(t float64) float64 { return 1 / (1 + math.Pow(t/g.median, g.shape)) }

// hazard returns the chance per second to end at t, given the chance to last so long.
func (g guess) hazard(t, survival float64) float64 { return g.shape / t * (1 - survival) }
