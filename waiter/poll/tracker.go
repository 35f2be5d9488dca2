package poll

import (
	"context"
	"time"
)

// Tracker applies the rules of [Wait] to one resource of many, for a scheduler that
// makes the polls itself. It keeps the progress, says when the next poll is due and
// how the wait ends, and starts nothing. It must not be used by two goroutines at
// once.
type Tracker[T any] struct{ wait wait[T] }

// Track begins a wait. resource names what is waited for in errors and events.
// Options.Wake is not listened to: whoever schedules the polls is woken.
func Track[T any](resource string, optFns ...func(*Options)) *Tracker[T] {
	t := &Tracker[T]{wait: wait[T]{
		opts:     resolve(optFns),
		started:  time.Now(),
		progress: Progress{Resource: resource},
	}}
	t.wait.rhythm = rhythm{opts: &t.wait.opts, began: t.wait.opts.Cadence.begin(t.wait.started)}
	return t
}

// Saw takes note of a poll that began at the given time, tells Options.OnPoll, and
// reports whether the wait is over and with which error: nil when the resource is
// done, or what [Wait] would return.
func (t *Tracker[T]) Saw(ctx context.Context, began time.Time, obs Observation[T], err error) (over bool, ending error) {
	t.wait.tell(ctx, obs, err, began)
	if over, ending := t.wait.over(ctx, obs, err); over {
		return true, ending
	}
	if _, more := t.wait.next(ctx, began); !more && t.wait.overdue(began) {
		return true, t.wait.timedOut()
	}
	return false, nil
}

// Next returns when the poll after the one that began at the given time is due. That
// is at planned, or sooner when the deadline, the context's or Options.Settle ask for
// it; a zero planned leaves it to the Options. False means that there is none to
// make before the context ends.
func (t *Tracker[T]) Next(ctx context.Context, began, planned time.Time) (time.Time, bool) {
	if planned.IsZero() {
		return t.wait.next(ctx, began)
	}
	return t.wait.cut(ctx, began, planned)
}

// Ended returns the error of the wait when ctx has ended.
func (t *Tracker[T]) Ended(ctx context.Context) error { return t.wait.ended(ctx) }

// Progress tells how far the wait has got.
func (t *Tracker[T]) Progress() Progress { return t.wait.progress }
