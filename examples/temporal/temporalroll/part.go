package temporalroll

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// PartInput is what a part of a rollout begins with, or continues with.
type PartInput struct {
	State rollout.State `json:"state"`
	// Fleet is the id of the workflow that the part belongs to, and Index its number
	// there. An empty Fleet has the part run by itself.
	Fleet string `json:"fleet,omitempty"`
	Index int    `json:"index,omitempty"`
	// Events is how many events a history may have before the part continues with a new
	// one. Zero means [DefaultEvents].
	Events int `json:"events,omitempty"`
	// Queue is the task queue of the steps. Empty means that of [Queue] for each step's
	// account and Region.
	Queue string `json:"queue,omitempty"`
	// Heartbeat is after how long without a heartbeat a worker counts as dead. Zero means
	// [DefaultHeartbeat].
	Heartbeat time.Duration `json:"heartbeat,omitempty"`
	// Told is what the fleet has heard last, and Let whether it lets the part end. They are
	// set when the part continues.
	Told PartProgress `json:"told,omitzero"`
	Let  bool         `json:"let,omitempty"`
}

// DefaultEvents is how many events the history of a workflow may have. Temporal warns at
// 10,240 and ends a workflow at 51,200.
const DefaultEvents = 9000

// freeEvents is how many are enough to continue when nothing is under way, so that it
// costs nothing.
const freeEvents = 2000

// maxHistory is how large a history may be, in bytes. Temporal warns at 10 MB and ends a
// workflow at 50 MB.
const maxHistory = 8 << 20

// Workflows are the workflows of this package. The zero value decides by [rollout.Next].
type Workflows struct {
	// Next decides instead, in tests.
	Next func(rollout.State) rollout.Decision
}

// protocol is the version of the workflows' code; see the README for when it grows.
const protocol = 1

// Part is the workflow of a part: a rollout over targets of one account and Region. Its
// result is the report. A rollout that has failed is one too: the workflow itself fails
// only when it cannot run.
func (w *Workflows) Part(ctx workflow.Context, in PartInput) (*rollout.Report, error) {
	if v := in.State.Version; v != rollout.Version {
		return nil, temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("the state has version %d, this library reads %d: run it on workers of the version that began it", v, rollout.Version), "Version", nil)
	}
	workflow.GetVersion(ctx, "temporalroll", workflow.DefaultVersion, protocol)
	p := newPart(in, w.Next)
	if err := p.answer(ctx); err != nil {
		return nil, err
	}
	return p.run(ctx)
}

func newPart(in PartInput, next func(rollout.State) rollout.Decision) *part {
	if next == nil {
		next = rollout.Next
	}
	if in.Events <= 0 {
		in.Events = DefaultEvents
	}
	if in.Heartbeat <= 0 {
		in.Heartbeat = DefaultHeartbeat
	}
	return &part{in: in, state: in.State, next: next, told: in.Told, heard: in.Told.Heard, let: in.Let}
}

// part is a run of a part.
type part struct {
	in    PartInput
	state rollout.State
	next  func(rollout.State) rollout.Decision

	begun    int              // steps, in this run
	underWay []*underWay      // in the order in which they were begun
	ended    []rollout.Change // steps that have, and were not applied yet
	waiting  []string         // what was waited for last
	refused  []string         // orders that did not fit

	timer     time.Time // when the timer is due, zero when there is none
	cancel    workflow.CancelFunc
	due       bool
	cancelled bool

	leaving bool   // it is to continue with a new history
	cut     bool   // the waits were ended for that
	queue   string // to continue on, empty for the same one

	through bool             // nothing is left to do, so far
	idle    bool             // nothing is to be done before somebody says something, or for an hour
	heard   rollout.Response // see PartProgress
	let     bool             // the fleet lets it end
	alone   bool             // the fleet is gone
	log     steplog          // for those who watch
	told    PartProgress
	tells   []workflow.Future

	orders          []channel
	tell, hand, end workflow.ReceiveChannel
}

// underWay is a step that an activity runs.
type underWay struct {
	step   rollout.Step
	cancel workflow.CancelFunc
}

// answer sets up the queries.
func (p *part) answer(ctx workflow.Context) error {
	for name, handler := range map[string]any{
		QueryProgress: func() (rollout.Totals, error) { return p.state.Totals(), nil },
		QueryReport:   func() (*rollout.Report, error) { return p.state.Report(), nil },
		QueryHappened: func(since Cursor) (Happened, error) { return p.happened(ctx, since), nil },
		QueryWaiting:  func() ([]string, error) { return append(slices.Clone(p.waiting), p.refused...), nil },
	} {
		if err := workflow.SetQueryHandler(ctx, name, handler); err != nil {
			return err
		}
	}
	return nil
}

// run runs the part to its end, or until it continues with a new history.
func (p *part) run(ctx workflow.Context) (*rollout.Report, error) {
	for _, signal := range orders() {
		p.orders = append(p.orders, channel{signal, workflow.GetSignalChannel(ctx, signal)})
	}
	p.tell, p.hand, p.end = workflow.GetSignalChannel(ctx, signalTell), workflow.GetSignalChannel(ctx, SignalHandOver), workflow.GetSignalChannel(ctx, signalEnd)
	work, _ := workflow.NewDisconnectedContext(ctx) // what is under way is not cut off by a cancellation
	cancelled := ctx.Done()
	workflow.Go(work, func(ctx workflow.Context) {
		cancelled.Receive(ctx, nil)
		p.cancelled = true
	})
	if p.state.Began.IsZero() {
		if err := p.apply(work, rollout.Change{Kind: rollout.ChangeBegun}); err != nil {
			return nil, err
		}
	}
	for {
		if err := p.takeIn(work); err != nil {
			return nil, err
		}
		p.state.Now = now(work)
		d := p.next(p.state)
		p.state.Now = time.Time{}
		p.waiting, p.through = d.Waiting, d.Done
		p.leaving = p.leaving || p.full(work)
		switch {
		case d.Done && p.mayEnd():
			if err := p.apply(work, rollout.Change{Kind: rollout.ChangeEnded}); err != nil {
				return nil, err
			}
			p.report(work, false)
			p.delivered(work)
			return p.state.Report(), nil
		case p.leaving && len(p.underWay) == 0:
			p.report(work, false)
			p.delivered(work)
			if p.news() {
				continue
			}
			return nil, p.continued(ctx)
		case p.leaving:
			p.endWaits()
		case len(d.Steps) > 0:
			if err := p.begin(work, d.Steps); err != nil {
				return nil, err
			}
			p.report(work, false)
			continue
		}
		p.report(work, false)
		if d.Done {
			p.waiting = []string{"the other parts, which may fail and have this one taken back"}
		}
		if p.idle = p.in.Fleet != "" && d.Wake.IsZero() && len(p.underWay) == 0; p.idle {
			d.Wake = workflow.Now(work).Add(askEvery) // to notice that the fleet is gone
		}
		p.wakeAt(work, d.Wake)
		if err := workflow.Await(work, p.news); err != nil {
			return nil, err
		}
	}
}

// mayEnd tells whether nobody will have the part take anything back any more.
func (p *part) mayEnd() bool { return p.in.Fleet == "" || p.let || p.alone }

// now is the time of entries, as the in-process runner writes it.
func now(ctx workflow.Context) time.Time { return workflow.Now(ctx).UTC().Round(0) }

func (p *part) apply(ctx workflow.Context, changes ...rollout.Change) error {
	if err := p.state.Apply(rollout.Entry{Time: now(ctx), Changes: changes}); err != nil {
		return temporal.NewNonRetryableApplicationError(err.Error(), "State", err)
	}
	return nil
}

// news tells whether there is something to take in.
func (p *part) news() bool {
	happened := len(p.ended) > 0 || p.due || p.cancels() || p.orphaned() || p.through && p.mayEnd()
	said := p.tell.Len() > 0 || p.hand.Len() > 0 || p.end.Len() > 0
	return happened || said || slices.ContainsFunc(p.orders, func(c channel) bool { return c.Len() > 0 })
}

// begin has steps run.
func (p *part) begin(ctx workflow.Context, steps []rollout.Step) error {
	changes := make([]rollout.Change, len(steps))
	for i, step := range steps {
		changes[i] = rollout.Started(step)
	}
	if err := p.apply(ctx, changes...); err != nil {
		return err
	}
	for _, step := range steps {
		p.begun++
		queue := p.in.Queue
		if queue == "" {
			queue = Queue(step.Account, step.Region)
		}
		running, cancel := workflow.WithCancel(workflow.WithActivityOptions(ctx, attempt(queue, step, p.begun, p.in.Heartbeat)))
		u := &underWay{step: step, cancel: cancel}
		p.underWay = append(p.underWay, u)
		future := workflow.ExecuteActivity(running, StepActivity, step)
		p.log.add(happening(now(ctx), step, rollout.Result{}))
		workflow.Go(ctx, func(ctx workflow.Context) {
			var result rollout.Result
			err := future.Get(ctx, &result)
			result = outcome(step, result, err)
			p.ended = append(p.ended, rollout.Finished(step, result))
			p.log.add(happening(now(ctx), step, result))
			p.underWay = slices.DeleteFunc(p.underWay, func(other *underWay) bool { return other == u })
		})
	}
	return nil
}

// full tells whether the history is so long that the part has to continue with a new one.
func (p *part) full(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	events, size := info.GetCurrentHistoryLength(), info.GetCurrentHistorySize()
	if events >= p.in.Events || size >= maxHistory {
		return true
	}
	return len(p.underWay) == 0 && events >= min(freeEvents, p.in.Events)
}

// endWaits ends the steps that may be begun anew, once, so that the part can continue.
// What changes something is awaited.
func (p *part) endWaits() {
	if p.cut {
		return
	}
	p.cut = true
	for _, u := range p.underWay {
		if !u.step.Kind.Changes() {
			u.cancel()
		}
	}
}

// continued ends this run, and has another one go on with the state.
func (p *part) continued(ctx workflow.Context) error {
	in := p.in
	in.State, in.Told, in.Let = p.state, p.told, p.let
	if p.queue != "" {
		ctx = workflow.WithWorkflowTaskQueue(ctx, p.queue)
	}
	return workflow.NewContinueAsNewError(ctx, PartWorkflow, in)
}

// wakeAt sets the one timer. Zero means none.
func (p *part) wakeAt(ctx workflow.Context, at time.Time) {
	if p.timer.Equal(at) {
		return
	}
	if p.cancel != nil {
		p.cancel()
	}
	p.timer, p.cancel = at, nil
	if at.IsZero() {
		return
	}
	timing, cancel := workflow.WithCancel(ctx)
	p.cancel = cancel
	timer := workflow.NewTimerWithOptions(timing, at.Sub(now(ctx)), workflow.TimerOptions{Summary: strings.Join(p.waiting[:min(1, len(p.waiting))], "")})
	workflow.Go(ctx, func(ctx workflow.Context) {
		if timer.Get(ctx, nil) == nil && p.timer.Equal(at) {
			p.timer, p.cancel, p.due = time.Time{}, nil, true
		}
	})
}
