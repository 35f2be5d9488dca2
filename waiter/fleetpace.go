package waiter

import (
	"math/rand/v2"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// mostWide doublings make poll.LongestPause of poll.DefaultInterval.
const mostWide = 4

// postpone says when the next list is due. Clusters that lists decide are due
// together.
func (s *source) postpone() {
	o := s.run.fleet.opts.Poll
	interval, jitter := o.Interval, o.Jitter
	if interval <= 0 {
		interval = min(poll.DefaultInterval<<s.widen, poll.LongestPause)
	}
	if jitter == 0 {
		jitter = poll.DefaultJitter
	}
	jitter = min(max(jitter, 0), 1)
	s.next = time.Now().Add(time.Duration(float64(interval) * (1 - jitter*rand.Float64())))
}

// heed takes note of how a list ended, as [poll.Options].Throttled says.
func (s *source) heed(err error) {
	was := s.widen
	if err != nil && s.run.fleet.opts.Poll.Throttled(err) {
		s.widen = min(s.widen+1, mostWide)
	} else {
		s.widen = max(s.widen-1, 0)
	}
	if s.widen > 0 || was > 0 {
		s.postpone()
	}
}
