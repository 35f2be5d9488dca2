package poll

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Wait observes the resource until it is done, and returns the last value
// observed: also together with an error, when anything was seen at all. resource
// names what is waited for in errors and events.
//
// The package documentation says when it polls. It returns nil, a
// [*FailedError], a [*TimeoutError] or a [*StoppedError]. It starts no goroutine.
func Wait[T any](ctx context.Context, resource string, observe Observer[T], optFns ...func(*Options)) (T, error) {
	w := wait[T]{
		opts:     resolve(optFns),
		observe:  observe,
		started:  time.Now(),
		progress: Progress{Resource: resource},
	}
	w.rhythm = rhythm{opts: &w.opts, began: w.opts.Cadence.begin(w.started)}
	err := w.run(ctx)
	return w.value, err
}

type wait[T any] struct {
	opts     Options
	observe  Observer[T]
	started  time.Time
	progress Progress
	value    T
	settle   settling
	rhythm   rhythm
	blind    int // polls from the deadline on that saw nothing
}

// moreLooks is how often a wait looks again when the poll at the deadline of
// Options.Timeout brings nothing but an error that is ridden out: a state that was
// reached in time is not to be missed for it.
const moreLooks = 3

func (w *wait[T]) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return w.ended(ctx)
		}
		began := time.Now()
		obs, err := w.poll(ctx)
		if over, err := w.over(ctx, obs, err); over {
			return err
		}
		next, ok := w.next(ctx, began)
		switch {
		case ok:
			w.sleep(ctx, next)
		case w.overdue(began):
			return w.timedOut()
		default:
			<-ctx.Done()
		}
	}
}

// over reports whether a poll has ended the wait, and with which error.
func (w *wait[T]) over(ctx context.Context, obs Observation[T], err error) (bool, error) {
	switch {
	case err != nil && ctx.Err() != nil:
		return true, w.ended(ctx)
	case err != nil && !w.tolerates(err):
		return true, &StoppedError{Progress: w.progress, Err: err}
	case err == nil && obs.Verdict == Failed:
		return true, &FailedError{Progress: w.progress, Err: obs.Err}
	case err == nil && w.settle.held(w.opts.Settle):
		return true, nil
	}
	return false, nil
}

// errNoAnswer marks the error of a poll that exceeded Options.PollTimeout.
var errNoAnswer = errors.New("no answer within the poll timeout")

// poll looks once, keeps what was seen and tells OnPoll.
func (w *wait[T]) poll(ctx context.Context) (Observation[T], error) {
	began := time.Now()
	obs, err := Look(ctx, w.opts.PollTimeout, w.observe)
	w.tell(ctx, obs, err, began)
	return obs, err
}

// Look makes one call within the time that a poll may take: [DefaultPollTimeout] when
// timeout is zero, any time when it is negative. [Wait] and [Tracker] ride out the
// error of a call that exceeds it.
func Look[T any](ctx context.Context, timeout time.Duration, call func(context.Context) (T, error)) (T, error) {
	switch {
	case timeout < 0:
		return call(ctx)
	case timeout == 0:
		timeout = DefaultPollTimeout
	}
	pollCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	seen, err := call(pollCtx)
	if err != nil && ctx.Err() == nil && pollCtx.Err() != nil {
		err = fmt.Errorf("%w of %v: %w", errNoAnswer, timeout, err)
	}
	return seen, err
}

// tell keeps what a poll has seen and tells OnPoll.
func (w *wait[T]) tell(ctx context.Context, obs Observation[T], err error, began time.Time) {
	w.keep(obs, err, began)
	if w.opts.OnPoll != nil {
		event := Event{Progress: w.progress, Err: err}
		if err == nil {
			event.Verdict = obs.Verdict
		}
		w.opts.OnPoll(ctx, event)
	}
}

func (w *wait[T]) keep(obs Observation[T], err error, began time.Time) {
	p := &w.progress
	p.Attempts++
	p.Waited = time.Since(w.started)
	w.rhythm.saw(time.Now(), obs.Counts, err)
	if err != nil {
		if w.tolerates(err) {
			p.Tolerated = err
		}
		if w.overdue(began) {
			w.blind++
		}
		return
	}
	w.blind = 0
	w.value = obs.Value
	p.Status, p.Reason, p.Unknown, p.Counts = obs.Status, obs.Reason, obs.Unknown, obs.Counts
	if obs.Resource != "" {
		p.Resource = obs.Resource
	}
	w.settle.saw(obs.Verdict == Done, began, time.Now())
	if obs.Verdict == Done && !w.settle.held(w.opts.Settle) {
		p.Reason = "reached, but not held for long enough yet"
	}
}

func (w *wait[T]) tolerates(err error) bool {
	return errors.Is(err, errNoAnswer) || w.opts.Tolerate != nil && w.opts.Tolerate(err)
}

// next returns when the poll after the one that began at the given time is due,
// and false when there is none to make.
func (w *wait[T]) next(ctx context.Context, began time.Time) (time.Time, bool) {
	return w.cut(ctx, began, time.Now().Add(w.rhythm.pause(time.Now(), w.settle.polls > 0)))
}

// cut returns when the poll that is planned for next is due, sooner where something
// needs to be seen before, and false when there is none to make.
func (w *wait[T]) cut(ctx context.Context, began, next time.Time) (time.Time, bool) {
	if w.overdue(began) {
		return time.Now().Add(minPause), w.blind > 0 && w.blind <= moreLooks
	}
	limit, limited := w.limit()
	end, ends := ctx.Deadline()
	if ends && !began.Before(end.Add(-minPause)) {
		return limit, limited && limit.Before(end)
	}
	if due, ok := w.settle.due(w.opts.Settle); ok && due.Before(next) {
		next = due
	}
	if limited && limit.Before(next) {
		next = limit
	}
	if last := end.Add(-minPause); ends && last.Before(next) {
		next = last
	}
	return next, true
}

// limit returns the deadline of Options.Timeout.
func (w *wait[T]) limit() (time.Time, bool) {
	return w.started.Add(w.opts.Timeout), w.opts.Timeout > 0
}

// overdue reports whether a poll that began at the given time was the one at the
// deadline of Options.Timeout.
func (w *wait[T]) overdue(began time.Time) bool {
	limit, limited := w.limit()
	return limited && !began.Before(limit)
}

// sleep pauses until the given time, or less when woken or when ctx ends.
func (w *wait[T]) sleep(ctx context.Context, until time.Time) {
	timer := time.NewTimer(min(time.Until(until), minPause))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return
	}
	timer.Reset(time.Until(until))
	for {
		select {
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		case _, open := <-w.opts.Wake:
			if open {
				return
			}
			w.opts.Wake = nil
		}
	}
}

// timedOut is the error of a wait whose own time is up.
func (w *wait[T]) timedOut() error {
	w.progress.Waited = time.Since(w.started)
	return &TimeoutError{Progress: w.progress, Cause: context.DeadlineExceeded}
}

// ended is the error of a wait whose context has ended.
func (w *wait[T]) ended(ctx context.Context) error {
	w.progress.Waited = time.Since(w.started)
	cause := context.Cause(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &TimeoutError{Progress: w.progress, Cause: cause}
	}
	return &StoppedError{Progress: w.progress, Err: ctx.Err(), Cause: cause}
}
