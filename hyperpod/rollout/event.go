package rollout

import (
	"log/slog"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// EventKind says what an [Event] is about.
type EventKind string

const (
	// EventStarted means that a step began. Step is set.
	EventStarted EventKind = "started"
	// EventFinished means that a step ended. Step and Result are set.
	EventFinished EventKind = "finished"
	// EventProgress means that something happened in a step. Step and HyperPod are set.
	EventProgress EventKind = "progress"
	// EventMoment means that something happened to the rollout as a whole: Text tells it,
	// as the report's timeline does.
	EventMoment EventKind = "moment"
	// EventWaiting means that the rollout waits for something new: Text tells for what.
	// What is waited for again within five minutes, such as a busy cluster that was looked
	// at in between, is nothing new.
	EventWaiting EventKind = "waiting"
	// EventEnded means that the runner ends, whatever for: it is the last event. Text is
	// the [Outcome].
	EventEnded EventKind = "ended"
)

// Event is one thing that happens while a [Runner] runs. Events are delivered one at a
// time, in order, with no lock of the runner's held.
type Event struct {
	// Kind says what has happened, and which of the members below are set.
	Kind EventKind
	// Time is when, by the clock of the runner's machine.
	Time time.Time
	// Step is the step that the event is about.
	Step Step
	// Result is how the step ended.
	Result Result
	// HyperPod is what happened in the step's workflow.
	HyperPod *hyperpod.Event
	// Text tells of moments and of what is waited for.
	Text string
	// Totals tell how far the rollout is.
	Totals Totals
}

// Totals count the targets of a rollout.
type Totals struct {
	// Wave is the index of the wave under way, or that was last; -1 before the first.
	// Waves is how many there are.
	Wave  int `json:"wave"`
	Waves int `json:"waves"`
	// Targets is how many there are; Active are worked on, Done have come to their end:
	// rolled, current, failed or taken back. Failed is how many count as failures.
	Targets int `json:"targets"`
	Active  int `json:"active,omitempty"`
	Done    int `json:"done,omitempty"`
	Failed  int `json:"failed,omitempty"`
	// End is when the rollout may end, as [State.End] has it, and zero when nobody can
	// tell. In events it may be a minute old.
	End time.Time `json:"end,omitzero"`
}

// LogValue implements [slog.LogValuer].
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	if e.Step.Cluster != "" {
		attrs = append(attrs, slog.String("account", e.Step.Account), slog.String("region", e.Step.Region),
			slog.String("cluster", e.Step.Cluster), slog.String("step", string(e.Step.Kind)))
	}
	if e.Result.Kind != "" {
		attrs = append(attrs, slog.String("result", string(e.Result.Kind)), slog.String("reason", e.Result.Reason))
	}
	if e.HyperPod != nil {
		attrs = append(attrs, slog.Any("hyperpod", *e.HyperPod))
	}
	if e.Text != "" {
		attrs = append(attrs, slog.String("text", e.Text))
	}
	return slog.GroupValue(attrs...)
}

// Totals counts the targets and estimates the end.
func (s *State) Totals() Totals {
	t := s.count()
	t.End, _ = s.End()
	return t
}

// count is Totals without the end, which takes longer.
func (s *State) count() Totals {
	t := Totals{Wave: s.lastBegun(), Waves: len(s.Waves), Targets: len(s.Targets)}
	for i := range s.Targets {
		target := &s.Targets[i]
		if target.Failed {
			t.Failed++
		}
		switch target.Phase {
		case PhaseActive:
			t.Active++
		case PhaseRolled, PhaseCurrent, PhaseFailed, PhaseTakenBack, PhaseStuck:
			t.Done++
		case PhaseWaiting, PhaseUnknown:
		}
	}
	return t
}
