package rollout

import (
	"errors"
	"fmt"
	"time"
)

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

func (s *State) note(at time.Time, format string, args ...any) {
	s.Timeline = append(s.Timeline, Moment{Time: at, Text: fmt.Sprintf(format, args...)})
}

func by(c Change) string {
	if c.By == "" {
		return ""
	}
	return " by " + c.By
}

// where names the target for people.
func (t *TargetState) where() string {
	return fmt.Sprintf("%s (%s, %s)", t.Cluster, t.Account, t.Region)
}
