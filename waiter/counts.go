package waiter

import "github.com/hyperpodkit/hyperpodkit/waiter/poll"

// counts is how far the groups have come towards their target counts. While
// instances are removed it tells the cadence nothing, as their number falls.
func (s Snapshot) counts() poll.Counts {
	var c poll.Counts
	for _, g := range s.Groups {
		c.Done += int(g.Current)
		c.Wanted += int(g.Target)
	}
	return c
}

// updated is how far the software update of the named groups has come, zero where
// the service does not report it for all of them.
func (s Snapshot) updated(groups []string) poll.Counts {
	var c poll.Counts
	for _, name := range groups {
		g, ok := s.Group(name)
		if !ok || g.OnDesired == nil {
			return poll.Counts{}
		}
		c.Done += int(*g.OnDesired)
		c.Wanted += int(g.Current)
	}
	return c
}
