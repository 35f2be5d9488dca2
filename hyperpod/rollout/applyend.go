package rollout

import (
	"fmt"
	"time"
)

// complete ends a program that has come to its end.
func (s *State) complete(t *TargetState, at time.Time) {
	t.Ended = at
	switch t.Program {
	case Forward:
		t.Phase, t.Rolled = PhaseRolled, at
	case Confirm:
		t.Phase, t.Confirmed = PhaseRolled, true
	case Leave:
		switch {
		case t.Stuck:
			t.Phase = PhaseStuck
		case t.Failed:
			t.Phase = PhaseFailed
		default: // ended before it was changed
			t.Phase = PhaseWaiting
		}
	case Back:
		if stays := t.stays(); stays != "" {
			s.fail(t, stays, at)
			return
		}
		t.Phase = PhaseTakenBack
		s.note(at, "%s is taken back", t.where())
	}
}

// stays says which groups were left as they are or are gone, and why, when the others were
// taken back.
func (t *TargetState) stays() string {
	stays := ""
	for i := range t.Groups {
		if g := &t.Groups[i]; g.Outcome == outcomeStays || g.Outcome == outcomeGone {
			stays = join(stays, fmt.Sprintf("group %s: %s", g.Name, g.Detail))
		}
	}
	return stays
}

// fail ends a program that cannot go on.
func (s *State) fail(t *TargetState, reason string, at time.Time) {
	o, _ := s.next(t)
	t.Ended, t.Detour = at, ""
	switch t.Program {
	case Forward, Confirm:
		t.Failed, t.Reason, t.Phase = true, reason, PhaseFailed
		s.note(at, "%s failed: %s", t.where(), reason)
		if t.Hooked && t.Program == Forward && o.kind != StepAfter {
			t.leave()
		}
	case Leave:
		if t.Phase = PhaseFailed; t.Stuck {
			t.Phase = PhaseStuck
		}
		t.Reason = join(t.Reason, "the hook after: "+reason)
		s.note(at, "%s: the hook after failed: %s", t.where(), reason)
	case Back:
		t.Stuck, t.Phase, t.Reason = true, PhaseStuck, join(t.Reason, "taking back: "+reason)
		s.note(at, "%s could not be taken back: %s", t.where(), reason)
		if t.Hooked && o.kind != StepAfter {
			t.leave()
		}
	}
}

// leave goes on to the hook after.
func (t *TargetState) leave() {
	t.Phase, t.Program, t.Op, t.Busy, t.NotBefore = PhaseActive, Leave, 0, time.Time{}, time.Time{}
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// end closes the rollout. Targets that had begun and were not changed are as if they had
// not.
func (s *State) end(at time.Time) {
	response := s.response()
	for i := range s.Targets {
		t := &s.Targets[i]
		const noRoom = "the rollout ended before it could go on: there was no room within the limits"
		switch t.Phase {
		case PhaseActive, PhaseRolled, PhaseFailed:
			switch {
			case t.Phase == PhaseActive && t.Program == Back, s.goesBack(t, response):
				t.Phase, t.Reason, t.Ended = PhaseStuck, join(t.Reason, noRoom), at
			case t.Phase != PhaseActive:
			case t.Touched:
				t.Phase, t.Reason, t.Ended = PhaseFailed, join(t.Reason, noRoom), at
			default:
				t.Phase, t.Ended = PhaseWaiting, at
			}
		case PhaseWaiting, PhaseCurrent, PhaseUnknown, PhaseTakenBack, PhaseStuck:
		}
	}
	s.Ended = at
	s.noteWaves(at)
	s.note(at, "the rollout ended: %s", s.Outcome())
}

// noteWaves keeps when waves came to an end.
func (s *State) noteWaves(at time.Time) {
	for i := range s.Waves {
		w := &s.Waves[i]
		if w.Began.IsZero() || !w.Ended.IsZero() {
			continue
		}
		c := s.countWave(i)
		if w.Rolled.IsZero() && c.open == 0 {
			w.Rolled = at
			s.note(at, "wave %s is rolled%s", w.Name, c.text())
		}
		if end, over := s.waveEnd(i, c, at); over {
			w.Ended = end
			s.note(at, "wave %s is over", w.Name)
		}
	}
}
