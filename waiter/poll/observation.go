package poll

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Verdict is what an observer makes of what it saw.
type Verdict uint8

const (
	// Pending means that the resource is still on its way.
	Pending Verdict = iota
	// Done means that the resource is in the state waited for.
	Done
	// Failed means that the resource can no longer reach that state.
	Failed
)

// String returns "pending", "done" or "failed".
func (v Verdict) String() string {
	switch v {
	case Pending:
		return "pending"
	case Done:
		return "done"
	case Failed:
		return "failed"
	default:
		return "invalid"
	}
}

// MarshalText encodes the verdict as its word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Observation is what one look at the resource found. Its zero value is a
// pending resource of which nothing is known.
type Observation[T any] struct {
	// Value is what was seen. [Wait] returns that of the last observation.
	Value T
	// Verdict is what the observer makes of it.
	Verdict Verdict
	// Status is the resource's own word for its state, such as "Updating".
	Status string
	// Reason says what is still outstanding or what went wrong, as a clause
	// without a final stop.
	Reason string
	// Counts is how far the resource has come, where it tells. It serves
	// [Options].Cadence and takes no part in the verdict.
	Counts Counts
	// Unknown marks a status that the observer does not know. Its Verdict is
	// Pending.
	Unknown bool
	// Resource is the full name of the resource, such as its ARN, once the
	// observer has learned it. Empty keeps the name that [Wait] was given.
	Resource string
	// Err is the detail of a Failed verdict: the [*FailedError] unwraps to it.
	Err error
}

// Observer looks at the resource once. An error means that nothing was seen.
type Observer[T any] func(ctx context.Context) (Observation[T], error)

// Progress tells how far a wait has got.
type Progress struct {
	// Resource names what is waited for.
	Resource string
	// Status is the last status seen. Empty when nothing was seen yet.
	Status string
	// Reason is what the observer said of it.
	Reason string
	// Counts is how far the resource had come, zero when it does not tell.
	Counts Counts
	// Unknown says that the observer did not know the last status.
	Unknown bool
	// Attempts counts the polls made, those that brought an error included.
	Attempts int
	// Waited is the time since the wait began.
	Waited time.Duration
	// Tolerated is the last error that was ridden out, nil when there was none.
	Tolerated error
}

// Event is one poll, as [Options].OnPoll gets it.
type Event struct {
	Progress
	// Verdict is what the observer made of this poll; Pending when Err is set.
	Verdict Verdict
	// Err is the error that this poll brought instead of an observation.
	Err error
}

// LogValue implements [slog.LogValuer].
func (e Event) LogValue() slog.Value {
	return e.logValue(slog.String("verdict", e.Verdict.String()), e.Err)
}

// seen describes the last status for a message, with a leading space.
func (p Progress) seen() string {
	var s string
	switch {
	case p.Status == "":
		s = " with nothing seen yet"
	case p.Unknown:
		s = fmt.Sprintf(" in status %q, which this version does not know", p.Status)
	default:
		s = fmt.Sprintf(" in status %q", p.Status)
	}
	if p.Reason != "" {
		s += ": " + p.Reason
	}
	return s
}

// effort describes attempts and time for a message, with the error that was
// ridden out last, in parentheses.
func (p Progress) effort() string {
	polls := "polls"
	if p.Attempts == 1 {
		polls = "poll"
	}
	s := fmt.Sprintf("%d %s in %v", p.Attempts, polls, p.Waited.Round(time.Millisecond))
	if p.Tolerated != nil {
		s += fmt.Sprintf("; last error ridden out: %v", p.Tolerated)
	}
	return " (" + s + ")"
}

func (p Progress) logValue(outcome slog.Attr, err error) slog.Value {
	attrs := []slog.Attr{
		slog.String("resource", p.Resource), outcome,
		slog.String("status", p.Status), slog.String("reason", p.Reason),
		slog.Int("attempts", p.Attempts), slog.Duration("waited", p.Waited),
	}
	if p.Counts.Wanted > 0 {
		attrs = append(attrs, slog.Int("done", p.Counts.Done), slog.Int("wanted", p.Counts.Wanted))
	}
	if p.Unknown {
		attrs = append(attrs, slog.Bool("unknown", true))
	}
	if p.Tolerated != nil {
		attrs = append(attrs, slog.String("tolerated", p.Tolerated.Error()))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	return slog.GroupValue(attrs...)
}
