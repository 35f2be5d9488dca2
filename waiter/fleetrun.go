package waiter

import (
	"context"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// run is one wait of a fleet. Its members belong to the goroutine that waits; what a
// call has found comes back to it through done.
type run struct {
	fleet    *Fleet
	goal     Goal
	sources  []*source
	joined   int // members of the fleet that were taken in
	pending  int
	inFlight int
	over     []outcome
	news     chan struct{} // something was added or woken
	done     chan func(context.Context)

	woken []string // guarded by fleet.mu
}

// outcome is what Each yields.
type outcome struct {
	result Result
	err    error
}

// hear says that there is something to listen to.
func (r *run) hear() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// heard reports whether there is something to listen to, without taking it.
func (r *run) heard() bool { return len(r.news) > 0 }

// listen takes in what was added to the fleet, and wakes what was woken.
func (r *run) listen(ctx context.Context) {
	select {
	case <-r.news:
	default:
	}
	f := r.fleet
	f.mu.Lock()
	clients, added, woken := f.clients, f.members[r.joined:len(f.members):len(f.members)], r.woken
	r.woken = nil
	f.mu.Unlock()
	for i := len(r.sources); i < len(clients); i++ {
		r.sources = append(r.sources, newSource(r, clients[i]))
	}
	r.joined += len(added)
	for _, m := range added {
		r.join(ctx, r.sources[m.client], m.cluster)
	}
	for _, cluster := range woken {
		for _, s := range r.sources {
			s.wake(cluster)
		}
	}
}

// join begins the wait for one cluster.
func (r *run) join(ctx context.Context, s *source, cluster string) {
	w := &watched{source: s, index: -1}
	w.target = newTarget(s.api, cluster, []func(*Options){func(o *Options) { *o = r.fleet.opts }})
	if w.target.opts.OnSnapshot != nil {
		w.target.opts.OnSnapshot = func(_ context.Context, s Snapshot) { w.shown = append(w.shown, s) }
	}
	r.pending++
	s.keep(w)
	err := r.goal.begin(w)
	w.track = poll.Track[description]("cluster "+cluster, func(o *poll.Options) { *o = w.target.opts.Poll })
	if err != nil {
		r.finish(w, err)
		return
	}
	now := time.Now()
	planned := now
	if s.lists(w) && s.next.After(now) {
		planned = s.next
	}
	if next, more := w.track.Next(ctx, time.Time{}, planned); more {
		s.plan(w, next)
	}
}

// start begins the looks that are due, as many as may be under way.
func (r *run) start(ctx context.Context) {
	for _, s := range r.sources {
		s.start(ctx)
	}
}

// call makes API calls in a goroutine of their own, and takes note of what they have
// found in the goroutine that waits.
func (r *run) call(look func() (note func(context.Context))) {
	r.inFlight++
	go func() { r.done <- look() }()
}

// await returns when a call is done, a look is due, or there is something to hear.
func (r *run) await(ctx context.Context) {
	if ctx.Err() != nil {
		if r.inFlight > 0 {
			r.note(ctx, <-r.done)
		}
		return
	}
	var due <-chan time.Time
	if next, ok := r.next(); ok {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case note := <-r.done:
		r.note(ctx, note)
	case <-due:
	case <-r.news:
	case <-ctx.Done():
	}
}

func (r *run) note(ctx context.Context, note func(context.Context)) {
	r.inFlight--
	note(ctx)
}

// next returns when the next look is due.
func (r *run) next() (time.Time, bool) {
	var next time.Time
	for _, s := range r.sources {
		if len(s.due) > 0 && (next.IsZero() || s.due[0].due.Before(next)) {
			next = s.due[0].due
		}
	}
	return next, !next.IsZero()
}

// end ends the waits that have no call under way; those that have end with it.
func (r *run) end(ctx context.Context) {
	for _, s := range r.sources {
		s.queue = nil
		for w := range s.all {
			if !w.looking {
				r.finish(w, w.track.Ended(ctx))
			}
		}
	}
}

// finish ends the wait for one cluster.
func (r *run) finish(w *watched, err error) {
	w.source.drop(w)
	r.pending--
	result := Result{Cluster: w.target.name, Progress: w.track.Progress(), Description: w.target.last}
	if w.software != nil {
		result.Software = w.software.outcomes
	}
	r.over = append(r.over, outcome{result, err})
}

// take returns what is to be yielded.
func (r *run) take() []outcome {
	over := r.over
	r.over = nil
	return over
}

// drain waits for the calls under way and forgets what they have found.
func (r *run) drain() {
	for ; r.inFlight > 0; r.inFlight-- {
		<-r.done
	}
}
