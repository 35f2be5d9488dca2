package rollout

import (
	"context"
	"maps"
	"strings"
	"time"
)

// emit fills in what all events have and hands the event on.
func (r *run) emit(ctx context.Context, e Event) {
	if r.options.OnEvent == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Totals = r.state.count()
	e.Totals.End = r.expected(e.Time)
	r.options.OnEvent(ctx, e)
}

// pass hands on what happened in a step.
func (r *run) pass(ctx context.Context, t told) {
	r.emit(ctx, Event{Kind: EventProgress, Time: t.e.Time, Step: t.step, HyperPod: &t.e})
}

// sameWait is for how long something need not be waited for to be something new: longer
// than a target that waits for its cluster looks at it in between.
const sameWait = 5 * busyPause

// tell says what is waited for, as far as that is something new.
func (r *run) tell(ctx context.Context, d Decision) {
	now := time.Now()
	for _, reason := range r.waiting { // until now
		r.waited[reason] = now
	}
	r.waiting = d.Waiting
	maps.DeleteFunc(r.waited, func(_ string, last time.Time) bool { return now.Sub(last) >= sameWait })
	var news []string
	for _, reason := range d.Waiting {
		if r.waited[reason].IsZero() {
			news = append(news, reason)
		}
	}
	if len(news) > 0 {
		r.emit(ctx, Event{Kind: EventWaiting, Text: strings.Join(news, "; ")})
	}
}

// tellMoments tells what has been added to the timeline.
func (r *run) tellMoments(ctx context.Context) {
	for ; r.moments < len(r.state.Timeline); r.moments++ {
		m := r.state.Timeline[r.moments]
		r.emit(ctx, Event{Kind: EventMoment, Time: m.Time, Text: m.Text})
	}
}

// expected is when the rollout may end, reckoned once a minute: there are many more
// events.
func (r *run) expected(at time.Time) time.Time {
	if r.reckoned.IsZero() || at.Sub(r.reckoned) >= time.Minute || !r.state.Ended.IsZero() {
		s := r.state
		s.Now, r.reckoned = at, at
		r.mayEnd, _ = s.End()
	}
	return r.mayEnd
}
