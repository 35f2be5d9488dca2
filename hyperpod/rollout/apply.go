package rollout

import (
	"errors"
	"fmt"
	"time"
)

// busyPause is how long a target waits before it looks again whether its cluster is free.
const busyPause = time.Minute

// longPatience is how long a target that is to be taken back waits for its cluster at
// least, and how long requests are sent again that are refused for a reason that may pass.
const longPatience = 4 * time.Hour

// Apply makes the changes of an entry. It is the only thing that changes a state, and
// depends on nothing else, so that a journal gives the same state whenever it is read. An
// entry that does not fit the state is an error; the state is not to be used after it. One
// without changes keeps what the time alone has brought: a wave that has baked is over.
func (s *State) Apply(e Entry) error {
	for _, c := range e.Changes {
		if err := s.change(c, e.Time); err != nil {
			return fmt.Errorf("rollout: journal entry %d: %s: %w", e.Number, c.Kind, err)
		}
		s.noteWaves(e.Time)
	}
	s.noteWaves(e.Time)
	return nil
}

var errNoTarget = errors.New("the rollout has no such target or wave")

func (s *State) change(c Change, at time.Time) error {
	if c.Target < 0 || c.Target >= len(s.Targets) || c.Wave < 0 || c.Wave >= len(s.Waves) {
		return errNoTarget
	}
	t := &s.Targets[c.Target]
	switch c.Kind {
	case ChangeBegun:
		s.Began = at
		s.note(at, "the rollout began: %d targets in %d waves", len(s.Targets), len(s.Waves))
	case ChangeTaken:
		s.note(at, "another runner took the rollout over")
		for i := range s.Targets {
			if s.Targets[i].Running {
				s.finish(&s.Targets[i], Result{Kind: ResultLost}, at)
			}
		}
	case ChangeStarted:
		return s.started(t, c.Step, at)
	case ChangeFinished:
		if !t.Running || c.Result == nil {
			return errors.New("no step is under way")
		}
		s.finish(t, *c.Result, at)
	case ChangePaused:
		s.Paused = true
		s.note(at, "paused%s", by(c))
	case ChangeResumed:
		s.Paused = false
		s.note(at, "resumed%s", by(c))
	case ChangeAborted:
		s.Aborted = stronger(s.Aborted, c.Response)
		s.note(at, "aborted%s: %s", by(c), c.Response)
	case ChangeApproved:
		s.Waves[c.Wave].Approved = at
		s.note(at, "wave %s approved%s", s.Waves[c.Wave].Name, by(c))
	case ChangeAnswered:
		return s.answered(t, c, at)
	case ChangeEnded:
		s.end(at)
	default:
		return errors.New("unknown to this version of the library")
	}
	return nil
}

func by(c Change) string {
	if c.By == "" {
		return ""
	}
	return " by " + c.By
}

func (s *State) note(at time.Time, format string, args ...any) {
	s.Timeline = append(s.Timeline, Moment{Time: at, Text: fmt.Sprintf(format, args...)})
}

// started begins a step, and with the first step of another program that program.
func (s *State) started(t *TargetState, start *Start, at time.Time) error {
	if start == nil || t.Running {
		return errors.New("the target is not free")
	}
	if t.Program != start.Program {
		if start.Program == Back {
			s.note(at, "taking back %s", t.where())
		}
		t.Program, t.Op, t.Detour, t.Busy, t.NotBefore = start.Program, 0, "", time.Time{}, time.Time{}
	}
	o, more := s.next(t)
	if !more || t.Op != start.Op || o.kind != start.Kind {
		return fmt.Errorf("%s %d of %s is not the next step of %s", start.Kind, start.Op, start.Program, t.where())
	}
	t.Phase, t.Running, t.Ended = PhaseActive, true, time.Time{}
	if t.Began.IsZero() {
		t.Began = at
		if w := &s.Waves[t.Wave]; w.Began.IsZero() {
			w.Began = at
			s.note(at, "wave %s began", w.Name)
		}
	}
	if s.Settings.After && (o.kind == StepBefore || o.kind.Changes()) {
		t.Hooked = true
	}
	if o.kind.Changes() {
		t.Requested, t.Out = at, start.Out
		for _, i := range s.concerned(t, o) {
			t.Touched, t.Groups[i].Sent = true, true
		}
	}
	return nil
}

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

// answered goes on with a target that was unknown.
func (s *State) answered(t *TargetState, c Change, at time.Time) error {
	if t.Phase != PhaseUnknown {
		return fmt.Errorf("%s asks nothing, it is %s", t.where(), t.Phase)
	}
	s.note(at, "%s: answered%s: %s", t.where(), by(c), c.Answer)
	question := t.Question
	t.Phase, t.Question, t.Running, t.Ended = PhaseActive, "", true, time.Time{}
	switch c.Answer {
	case AnswerSent:
		s.finish(t, Result{Kind: ResultDone}, at)
	case AnswerNotSent:
		s.finish(t, Result{Kind: ResultNotSent}, at)
	case AnswerGiveUp:
		s.finish(t, Result{Kind: ResultFailed, Reason: "given up: " + question, Unfinished: true}, at)
	default:
		return fmt.Errorf("answer %q: use %s, %s or %s", c.Answer, AnswerSent, AnswerNotSent, AnswerGiveUp)
	}
	return nil
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

// where names the target for people.
func (t *TargetState) where() string {
	return fmt.Sprintf("%s (%s, %s)", t.Cluster, t.Account, t.Region)
}
