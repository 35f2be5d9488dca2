package rollout

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// run is a rollout under way.
type run struct {
	*Runner
	id       string
	executor *Executor
	state    State
	number   uint64 // of the last entry
	kept     int    // entries since the last snapshot

	active   int
	replaced bool // another runner has taken the rollout over
	finished chan finished
	events   chan told
	waiting  []string             // what was waited for by the last decision
	waited   map[string]time.Time // what was, and until when
	moments  int                  // how many were told

	reckoned, mayEnd time.Time // when the end was estimated last, and what it was
}

// finished is a step that has ended.
type finished struct {
	step   Step
	result Result
}

// told is an event of a step on its way to the goroutine that runs the rollout.
type told struct {
	step Step
	e    hyperpod.Event
}

func (r *Runner) begin() *run {
	run := &run{Runner: r, id: rand.Text(), events: make(chan told), waited: map[string]time.Time{}}
	x := *r.executor
	users := x.options.OnEvent
	x.options.OnEvent = func(ctx context.Context, step Step, e hyperpod.Event) {
		if users != nil {
			users(ctx, step, e)
		}
		if r.options.OnEvent != nil {
			run.events <- told{step, e}
		}
	}
	run.executor = &x
	return run
}

// adopt takes a state over, if this runner can run it.
func (r *run) adopt(s State) error {
	if s.Version != Version {
		return fmt.Errorf("rollout: the state has version %d, this library reads %d: resume it with the version that began it", s.Version, Version)
	}
	o := &r.executor.options
	for _, part := range []struct {
		what  string
		lacks bool
	}{
		{"gate", s.Settings.Gate && o.Gate == nil},
		{"hook Before", s.Settings.Before && o.Before == nil},
		{"hook After", s.Settings.After && o.After == nil},
		{"hook Drain", s.Settings.Drain && o.Drain == nil},
	} {
		if part.lacks {
			return fmt.Errorf("rollout: it was planned with a %s, which the executor lacks", part.what)
		}
	}
	if err := s.checkWindows(); err != nil {
		return err
	}
	r.state = s.clone()
	r.finished = make(chan finished, len(s.Targets))
	return nil
}

// loop runs the rollout.
func (r *run) loop(ctx context.Context) error {
	working, stop := context.WithCancel(ctx)
	defer r.drain(ctx)
	defer stop()
	for {
		r.tellMoments(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("rollout: %w", context.Cause(ctx))
		}
		r.state.Now = now()
		d := Next(r.state)
		r.tell(ctx, d)
		switch {
		case d.Done:
			err := r.keep(ctx, Change{Kind: ChangeEnded})
			if err == nil || !errors.Is(err, errAgain) {
				return err
			}
		case len(d.Steps) > 0:
			if err := r.start(ctx, working, d.Steps); err != nil && !errors.Is(err, errAgain) {
				return err
			}
		case r.active == 0 && len(d.Asks) > 0 && d.Wake.IsZero():
			return fmt.Errorf("%w: %d targets", ErrAsks, len(d.Asks))
		default:
			if err := r.await(ctx, d.Wake); err != nil {
				return err
			}
		}
	}
}

// start keeps that steps begin and begins them.
func (r *run) start(ctx, working context.Context, steps []Step) error {
	changes := make([]Change, len(steps))
	for i, step := range steps {
		changes[i] = Started(step)
	}
	if err := r.keep(ctx, changes...); err != nil {
		return err
	}
	r.tellMoments(ctx)
	for _, step := range steps {
		r.emit(ctx, Event{Kind: EventStarted, Step: step})
		r.active++
		go func() { r.finished <- finished{step, r.executor.Do(working, step)} }()
	}
	return nil
}

// await waits until a step has ended, somebody has said something, or it is time to ask
// again.
func (r *run) await(ctx context.Context, until time.Time) error {
	if watch := r.options.Watch; watch > 0 {
		if next := time.Now().Add(watch); until.IsZero() || next.Before(until) {
			until = next
		}
	}
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	for {
		select {
		case f := <-r.finished:
			return r.took(ctx, f)
		case t := <-r.events:
			r.pass(ctx, t)
			continue
		case <-r.wake:
			return r.catchUp(ctx)
		case <-due:
			if r.options.Watch > 0 {
				return r.catchUp(ctx)
			}
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// took keeps how steps have ended: all that are at hand in one entry.
func (r *run) took(ctx context.Context, first finished) error {
	ended := []finished{first}
	for more := true; more; {
		select {
		case f := <-r.finished:
			ended = append(ended, f)
		default:
			more = false
		}
	}
	return r.note(ctx, ended)
}

func (r *run) note(ctx context.Context, ended []finished) error {
	changes := make([]Change, len(ended))
	for i, f := range ended {
		r.active--
		changes[i] = Finished(f.step, f.result)
	}
	for {
		err := r.keep(ctx, changes...)
		if errors.Is(err, errAgain) {
			continue // a control changes no step that is under way
		}
		if err != nil {
			return err
		}
		for _, f := range ended {
			r.emit(ctx, Event{Kind: EventFinished, Step: f.step, Result: f.result})
		}
		return nil
	}
}

// drain waits for the steps that are under way, which are cut off, and keeps what they
// have found all the same. What was cut off stays begun in the journal. Of a rollout that
// another runner has taken over nothing is kept: to the journal these steps are lost, and
// the step under way is another's.
func (r *run) drain(ctx context.Context) {
	var ended []finished
	for range r.active {
		for open := true; open; {
			select {
			case f := <-r.finished:
				if open = false; f.result.Kind != ResultLost {
					ended = append(ended, f)
				} else {
					r.active--
				}
			case t := <-r.events:
				r.pass(ctx, t)
			}
		}
	}
	if len(ended) == 0 || r.replaced {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.CleanupTimeout)
	defer cancel()
	_ = r.note(ctx, ended) // what is not kept is found out by whoever resumes
}

// end makes the report.
func (r *run) end(ctx context.Context, err error) (*Report, error) {
	if err == nil {
		err = r.state.err()
	}
	r.tellMoments(ctx)
	r.emit(ctx, Event{Kind: EventEnded, Text: string(r.state.Outcome())})
	return r.state.Report(), err
}

// now is the time of entries: without what JSON would not keep.
func now() time.Time { return time.Now().UTC().Round(0) }
