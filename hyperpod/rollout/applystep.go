package rollout

import (
	"fmt"
	"time"
)

// busyPause is how long a target waits before it looks again whether its cluster is free.
const busyPause = time.Minute

// longPatience is how long a target that is to be taken back waits for its cluster at
// least, and how long requests are sent again that are refused for a reason that may pass.
const longPatience = 4 * time.Hour

// finish ends the step that is under way.
func (s *State) finish(t *TargetState, r Result, at time.Time) {
	o, _ := s.next(t)
	t.Running = false
	if r.ARN != "" {
		t.ARN = r.ARN
	}
	switch r.Kind {
	case ResultLost:
		if o.kind.Changes() {
			t.Detour = StepFind
		}
	case ResultBusy:
		s.busy(t, o, r, at)
	case ResultDone:
		if t.NotBefore = (time.Time{}); t.Detour != StepCheck && o.kind != StepCheckBack {
			t.Busy = time.Time{} // else the change itself has not got through yet
		}
		s.learn(t, r.Groups)
		s.done(t, o, at)
	case ResultNotSent:
		t.Out, t.Detour = 0, ""
		if o.kind == StepUpdate || o.awaited == StepUpdate {
			s.lookAgain(t)
		}
		if o.kind.Changes() {
			s.hold(t, r, at, max(s.Settings.WaitBusy, longPatience))
		}
	case ResultUnknown:
		t.Phase, t.Question, t.Ended = PhaseUnknown, r.Reason, at
		s.note(at, "%s: it is not known whether the service accepted the request: %s", t.where(), r.Reason)
	case ResultFailed:
		s.learn(t, r.Groups)
		if !r.Unfinished && (o.kind.Changes() || o.awaited != "") {
			t.Out = 0 // what was sent has come to its end
		}
		s.fail(t, r.Reason, at)
	default:
		s.fail(t, fmt.Sprintf("a result %q that this version of the library does not know", r.Kind), at)
	}
}

// busy waits for another operation to end.
func (s *State) busy(t *TargetState, o op, r Result, at time.Time) {
	if o.kind.Changes() {
		t.Out = 0
	}
	if o.kind == StepUpdate {
		s.lookAgain(t) // the other operation may be about the same groups
	}
	patience := s.Settings.WaitBusy
	if t.Program == Back {
		patience = max(patience, longPatience)
	}
	s.hold(t, r, at, patience)
}

// lookAgain has the cluster looked at before an update is sent that was not accepted.
func (s *State) lookAgain(t *TargetState) {
	if t.Program == Back {
		t.Op = 0
	} else {
		t.Detour = StepCheck
	}
}

// hold has the target try again in a while, until its patience is over.
func (s *State) hold(t *TargetState, r Result, at time.Time, patience time.Duration) {
	if t.Busy.IsZero() {
		t.Busy = at
	}
	if at.Sub(t.Busy) >= patience {
		s.fail(t, r.Reason, at)
		return
	}
	t.NotBefore = at.Add(busyPause)
}

// learn takes over what a step has seen of groups.
func (s *State) learn(t *TargetState, seen []GroupState) {
	for _, g := range seen {
		for i := range t.Groups {
			known := &t.Groups[i]
			switch {
			case known.Name != g.Name:
			case t.Detour == StepCheck && !g.Skip: // it was not sent after all, and may have changed since
				known.RollGroup, known.Outcome, known.Detail = g.RollGroup, g.Outcome, g.Detail
			case known.Sent || t.Detour == StepCheck:
				// What it was before it was sent stays, and with it the rounds.
				known.Outcome, known.Detail, known.Undo = g.Outcome, g.Detail, g.Undo
			case t.Detour == StepCheck:
				g.Skip = known.Skip // the rounds stay
				*known = g
			default:
				*known = g
			}
		}
	}
}

// done goes on after a step that did what it is for.
func (s *State) done(t *TargetState, o op, at time.Time) {
	switch o.kind {
	case StepFind:
		t.Detour = ""
	case StepCheck:
		if t.Detour == StepCheck {
			t.Detour = ""
			s.roomFor(t, at)
			return // to the change itself
		}
		if t.Op == 0 && t.nothingToDo() {
			t.Phase, t.Ended = PhaseCurrent, at
			return
		}
		if !s.roomFor(t, at) {
			return
		}
	case StepAwait:
		t.Out = 0
	case StepAfter:
		t.Hooked = false
		if t.Program == Back { // the last step, that the program now lacks
			s.complete(t, at)
			return
		}
	case StepCheckBack:
		t.Out = 0 // what was sent has come to its end, or this would be in its way
		if !s.roomFor(t, at) {
			return
		}
	case StepBefore, StepUpdate, StepGate, StepAdd, StepScale, StepDrain, StepDelete:
	}
	t.Op++
	if t.Op >= len(s.ops(t)) {
		s.complete(t, at)
	}
}

// roomFor fails a target that could never be changed within the limits.
func (s *State) roomFor(t *TargetState, at time.Time) bool {
	crowd := s.crowd(t)
	if crowd != "" {
		s.fail(t, crowd, at)
	}
	return crowd == ""
}

// crowd says how a target could never be changed within the limits, empty when it can.
func (s *State) crowd(t *TargetState) string {
	if s.strategy(t).Replace != nil || s.Settings.Limits.Nodes <= 0 {
		return ""
	}
	for _, round := range s.rounds(t) {
		out := 0
		for _, i := range round {
			g := &t.Groups[i]
			if t.Program == Back {
				out += int(g.Undo.Out)
			} else {
				out += int(g.Out)
			}
		}
		if out > s.Settings.Limits.Nodes {
			return fmt.Sprintf("%d nodes would be out at the same time, and Limits.Nodes is %d: use smaller batches, or OneByOne", out, s.Settings.Limits.Nodes)
		}
	}
	return ""
}

func (t *TargetState) nothingToDo() bool {
	for i := range t.Groups {
		if !t.Groups[i].Skip {
			return false
		}
	}
	return true
}
