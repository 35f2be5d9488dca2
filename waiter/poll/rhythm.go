package poll

import (
	"math/rand/v2"
	"time"
)

// maxWiden doublings make LongestPause of any pause.
const maxWiden = 6

// rhythm is what a wait remembers in order to pause.
type rhythm struct {
	opts  *Options
	began time.Time // of the operation
	trend Trend
	widen int // doublings of the pause, for calls that came too fast
}

// saw takes note of a poll.
func (r *rhythm) saw(now time.Time, counts Counts, err error) {
	switch {
	case err == nil:
		r.trend = r.trend.Saw(now.Sub(r.began), counts)
		r.widen = max(r.widen-1, 0)
	case r.opts.Throttled != nil && r.opts.Throttled(err):
		r.widen = min(r.widen+1, maxWiden)
	default:
		r.widen = max(r.widen-1, 0)
	}
}

// pause returns how long to wait before the next poll when nothing is special.
// While the resource settles, its end is not what is waited for.
func (r *rhythm) pause(now time.Time, settling bool) time.Duration {
	pause := r.opts.Interval
	if pause <= 0 {
		pause = r.opts.Cadence.Pause(now.Sub(r.began), r.trend)
		if settling {
			pause = min(pause, DefaultInterval)
		}
		for range r.widen {
			pause = min(2*pause, LongestPause)
		}
	}
	return time.Duration(float64(pause) * (1 - r.opts.Jitter*rand.Float64()))
}
