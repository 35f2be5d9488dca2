package rollout

import (
	"fmt"
	"time"
)

// waveCount counts the targets of a wave.
type waveCount struct {
	targets, waiting, open, rolled, failed, unconfirmed int
	last                                                time.Time // when the last target ended
}

func (s *State) countWave(w int) waveCount {
	var c waveCount
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.Wave != w {
			continue
		}
		c.targets++
		if t.Failed {
			c.failed++
		}
		if t.Ended.After(c.last) {
			c.last = t.Ended
		}
		switch t.Phase {
		case PhaseWaiting:
			c.waiting++
			c.open++
		case PhaseActive:
			switch t.Program {
			case Forward, Leave:
				c.open++
			case Confirm:
				c.rolled++
				c.unconfirmed++
			case Back:
			}
		case PhaseUnknown:
			c.open++
		case PhaseRolled:
			c.rolled++
			if !t.Confirmed {
				c.unconfirmed++
			}
		case PhaseCurrent, PhaseFailed, PhaseTakenBack, PhaseStuck:
		}
	}
	return c
}

func (c waveCount) text() string {
	text := fmt.Sprintf(": %d rolled", c.rolled)
	if c.failed > 0 {
		text += fmt.Sprintf(", %d failed", c.failed)
	}
	return text
}

// confirms tells whether the gates of a wave are asked once more after its bake.
func (s *State) confirms(w int) bool { return s.Settings.Gate && s.Waves[w].Bake > 0 }

// waveEnd says when a wave that is rolled is over, as far as that is known, and whether
// it is. A wave in which nothing was changed does not bake.
func (s *State) waveEnd(w int, c waveCount, now time.Time) (time.Time, bool) {
	wave := &s.Waves[w]
	if wave.Rolled.IsZero() {
		return time.Time{}, false
	}
	if c.rolled == 0 {
		return wave.Rolled, true
	}
	baked := wave.Rolled.Add(wave.Bake)
	switch {
	case now.Before(baked):
		return baked, false
	case s.confirms(w) && c.unconfirmed > 0:
		return time.Time{}, false
	case s.confirms(w) && c.last.After(baked):
		return c.last, true
	default:
		return baked, true
	}
}

// lastBegun is the wave that is under way, or was last; -1 before the first.
func (s *State) lastBegun() int {
	last := -1
	for w := range s.Waves {
		if !s.Waves[w].Began.IsZero() {
			last = w
		}
	}
	return last
}

// response is what is to be done instead of going forward, empty while nothing is.
func (s *State) response() Response {
	response := s.Aborted
	if s.spent() {
		response = stronger(response, s.Settings.OnFailure)
	}
	return response
}

// goesBack tells whether a target is to be taken back by a response.
func (s *State) goesBack(t *TargetState, response Response) bool {
	if t.Stuck {
		return false
	}
	switch response {
	case UndoAll:
		return t.Touched
	case UndoWave:
		return t.Touched && t.Wave == s.lastBegun()
	case Stop, "":
		return false
	default:
		return false
	}
}

// spent tells whether more targets have failed than the budget allows.
func (s *State) spent() bool {
	total := 0
	perWave := make([]int, len(s.Waves))
	for i := range s.Targets {
		if t := &s.Targets[i]; t.Failed {
			total++
			perWave[t.Wave]++
		}
	}
	b := s.Settings.Budget
	if b.Total >= 0 && total > b.Total {
		return true
	}
	for _, failed := range perWave {
		if b.Wave >= 0 && failed > b.Wave {
			return true
		}
	}
	return false
}

// stronger is the response that takes more back.
func stronger(a, b Response) Response {
	rank := func(r Response) int {
		switch r {
		case Stop:
			return 1
		case UndoWave:
			return 2
		case UndoAll:
			return 3
		default:
			return 0
		}
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// usage is what is under way, against the limits.
type usage struct {
	limits           Limits
	waves            []int
	regions, account map[string]int
	nodes            int
}

func newUsage(s *State, response Response) usage {
	l := usage{limits: s.Settings.Limits, waves: make([]int, len(s.Waves)), regions: map[string]int{}, account: map[string]int{}}
	for i := range s.Targets {
		t := &s.Targets[i]
		l.nodes += int(t.Out)
		idle := response != "" && !t.Running && !t.Touched && !t.Hooked // and will stay so
		if t.Phase == PhaseActive && !idle || t.Phase == PhaseUnknown {
			l.add(t)
		}
	}
	return l
}

func (l *usage) add(t *TargetState) {
	l.waves[t.Wave]++
	l.regions[t.Region]++
	l.account[t.Account]++
}

// takesTarget tells whether there is room for another target, and takes it.
func (l *usage) takesTarget(t *TargetState) bool {
	full := func(limit, now int) bool { return limit > 0 && now >= limit }
	if full(l.limits.Wave, l.waves[t.Wave]) || full(l.limits.Region, l.regions[t.Region]) || full(l.limits.Account, l.account[t.Account]) {
		return false
	}
	l.add(t)
	return true
}

// takesNodes tells whether so many more nodes may be out, and takes them.
func (l *usage) takesNodes(n int) bool {
	if n > 0 && l.limits.Nodes > 0 && l.nodes+n > l.limits.Nodes {
		return false
	}
	l.nodes += n
	return true
}
