package poll

import "time"

// settling remembers for how long a resource has been seen done without a break.
type settling struct {
	polls  int
	since  time.Time // end of the first poll of the run
	latest time.Time // start of the last one
}

// saw takes note of a poll that brought an observation.
func (s *settling) saw(done bool, began, ended time.Time) {
	if !done {
		*s = settling{}
		return
	}
	if s.polls == 0 {
		s.since = ended
	}
	s.polls++
	s.latest = began
}

// held reports whether the run is as long as was asked for.
func (s *settling) held(want Settle) bool {
	return s.polls > 0 && s.polls >= want.Polls && (want.For <= 0 || s.latest.Sub(s.since) >= want.For)
}

// due returns when a poll can complete Settle.For, and false when none can.
func (s *settling) due(want Settle) (time.Time, bool) {
	end := s.since.Add(want.For)
	return end, s.polls > 0 && want.For > 0 && s.latest.Before(end)
}
