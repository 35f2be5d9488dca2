package waiter

import (
	"container/heap"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// source is what a run knows of the clusters of one client.
type source struct {
	run       *run
	api       FleetAPI
	all       map[*watched]bool
	named     map[string][]*watched // by what they were added as, and by ARN
	due       dueHeap
	queue     []*watched // to be described, in this order
	describes int        // under way
	listing   bool       // a list is under way
	next      time.Time  // when the next list is due
	refused   bool       // the client may not list
	widen     int        // doublings of the pause between lists, which came too fast
	census    census
}

type description = *sagemaker.DescribeClusterOutput

// watched is one cluster that a run waits for.
type watched struct {
	source   *source
	target   *target
	judge    judge
	software *softwareWait // nil for most goals
	track    *poll.Tracker[description]
	created  time.Time  // zero while unknown
	shown    []Snapshot // that OnSnapshot is to be told of

	due     time.Time
	index   int // in the heap, -1 outside
	began   time.Time
	looking bool // a call is under way for it
	wanted  bool // to be described, or being so
	woken   bool // while it was looked at
}

// describesAtOnce bounds the descriptions that are under way for one client. One that
// hangs is to keep no other cluster waiting.
const describesAtOnce = 8

// leastPause is between the looks at a cluster that is woken.
const leastPause = time.Second

func newSource(r *run, api FleetAPI) *source {
	return &source{run: r, api: api, all: map[*watched]bool{}, named: map[string][]*watched{}}
}

func (s *source) keep(w *watched) {
	s.all[w] = true
	s.named[w.target.name] = append(s.named[w.target.name], w)
}

func (s *source) drop(w *watched) {
	if w.index >= 0 {
		heap.Remove(&s.due, w.index)
	}
	delete(s.all, w)
	for _, key := range []string{w.target.name, w.target.arn} {
		left := slices.DeleteFunc(s.named[key], func(x *watched) bool { return x == w })
		if s.named[key] = left; len(left) == 0 {
			delete(s.named, key)
		}
	}
}

// learn files a cluster under its ARN.
func (s *source) learn(w *watched, arn string, created *time.Time) {
	w.target.arn = arn
	if created != nil {
		w.created = *created
	}
	if arn != "" && !slices.Contains(s.named[arn], w) {
		s.named[arn] = append(s.named[arn], w)
	}
}

// lists reports whether the next look at the cluster can be a list.
func (s *source) lists(w *watched) bool { return !s.refused && !w.wanted && s.run.goal.uses(w.target) }

// plan says when to look at a cluster.
func (s *source) plan(w *watched, at time.Time) {
	w.due = at
	if w.index < 0 {
		heap.Push(&s.due, w)
	} else {
		heap.Fix(&s.due, w.index)
	}
}

// wake makes the next look at a cluster a description, as soon as may be.
func (s *source) wake(cluster string) {
	for _, w := range s.named[cluster] {
		if w.index < 0 {
			w.woken = true
			continue
		}
		w.wanted = true
		if soon := later(time.Now(), w.began.Add(leastPause)); soon.Before(w.due) {
			s.plan(w, soon)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// start begins the looks that are due.
func (s *source) start(ctx context.Context) {
	now := time.Now()
	var listed []*watched
	for len(s.due) > 0 && !s.due[0].due.After(now) {
		w := s.due[0]
		heap.Remove(&s.due, 0)
		if s.lists(w) && !s.listing {
			listed = append(listed, w)
		} else {
			s.want(w)
		}
	}
	if len(listed) > 0 {
		s.list(ctx, listed)
	}
	for len(s.queue) > 0 && s.describes < describesAtOnce {
		w := s.queue[0]
		s.queue = s.queue[1:]
		s.describe(ctx, w)
	}
}

// want puts a cluster into the queue of those to be described.
func (s *source) want(w *watched) {
	if w.index >= 0 {
		heap.Remove(&s.due, w.index)
	}
	w.wanted = true
	s.queue = append(s.queue, w)
}

func (s *source) describe(ctx context.Context, w *watched) {
	s.describes++
	w.looking, w.woken, w.began = true, false, time.Now()
	s.run.call(func() func(context.Context) {
		f, err := poll.Look(ctx, s.run.fleet.opts.Poll.PollTimeout, func(ctx context.Context) (finding, error) {
			return w.target.observe(ctx, w.judge)
		})
		return func(ctx context.Context) {
			s.describes--
			w.looking, w.wanted = false, false
			for _, shown := range w.shown {
				s.run.fleet.opts.OnSnapshot(ctx, shown)
			}
			w.shown = nil
			if out := w.target.last; out != nil {
				s.learn(w, w.target.arn, out.CreationTime)
			}
			s.saw(ctx, w, w.began, f, err)
		}
	})
}

// list begins a pass through the list that looks for the given clusters, or has them
// described where that is fewer calls.
func (s *source) list(ctx context.Context, listed []*watched) {
	s.postpone()
	p := s.cheapest(listed)
	if !p.worthwhile() {
		for _, w := range listed {
			s.want(w)
		}
		return
	}
	s.listing = true
	for _, w := range listed {
		w.looking = true
	}
	api := limitedFleet{s.api, s.run.fleet.opts.turns()}
	s.run.call(func() func(context.Context) {
		p.walk(ctx, api, &s.run.fleet.opts)
		return func(ctx context.Context) {
			s.listing = false
			s.census = p.count()
			s.heed(p.err)
			for _, w := range listed {
				w.looking = false
			}
			s.read(ctx, p, listed)
		}
	})
}

// read takes note of a pass through the list.
func (s *source) read(ctx context.Context, p *pass, listed []*watched) {
	found := map[*watched]bool{}
	for _, page := range p.pages {
		for _, line := range page.lines {
			for _, w := range s.of(line) {
				found[w] = true
				s.learn(w, aws.ToString(line.ClusterArn), line.CreationTime)
				if f, enough := s.run.goal.judgeWord(ctx, w, line, page.at); enough {
					s.saw(ctx, w, page.at, f, nil)
				} else {
					s.want(w)
				}
			}
		}
	}
	s.refused = p.err != nil && ctx.Err() == nil && !transient(p.err, &s.run.fleet.opts)
	for _, w := range listed {
		switch {
		case found[w]:
		case p.err != nil && !s.refused:
			s.saw(ctx, w, p.began, finding{}, p.err)
		default:
			s.want(w)
		}
	}
}

// of returns the clusters that a line tells of, but for those that are described in any
// case. The line of a newcomer that has the name of one tells nothing of it.
func (s *source) of(line types.ClusterSummary) []*watched {
	arn := aws.ToString(line.ClusterArn)
	about := map[*watched]bool{}
	for _, key := range []string{arn, aws.ToString(line.ClusterName)} {
		for _, w := range s.named[key] {
			if !w.wanted && (w.target.arn == "" || w.target.arn == arn) {
				about[w] = true
			}
		}
	}
	return slices.Collect(maps.Keys(about))
}

// saw takes note of a look and plans the next one.
func (s *source) saw(ctx context.Context, w *watched, began time.Time, f finding, err error) {
	w.began = began
	if over, ending := w.track.Saw(ctx, began, f, err); over {
		s.run.finish(w, ending)
		return
	}
	var planned time.Time // by the cadence of the wait
	switch {
	case w.woken:
		w.woken, w.wanted = false, true
		planned = later(time.Now(), began.Add(leastPause))
	case s.lists(w):
		if !s.next.After(time.Now()) {
			s.postpone()
		}
		planned = s.next
	}
	if next, more := w.track.Next(ctx, began, planned); more {
		s.plan(w, next)
	} else if w.index >= 0 {
		heap.Remove(&s.due, w.index)
	}
}
