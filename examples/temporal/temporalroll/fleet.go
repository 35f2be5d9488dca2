package temporalroll

import (
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// FleetInput is what a rollout begins with, or continues with.
type FleetInput struct {
	FleetState
	// Events, Queue and Heartbeat are handed to the parts; see [PartInput].
	Events    int           `json:"events,omitempty"`
	Queue     string        `json:"queue,omitempty"`
	Heartbeat time.Duration `json:"heartbeat,omitempty"`
}

// FleetState is what a fleet knows: no target, but how many of each wave each part has.
type FleetState struct {
	// Version is that of [rollout.State].
	Version   int              `json:"version"`
	Name      string           `json:"name,omitempty"`
	Budget    rollout.Budget   `json:"budget,omitzero"`
	OnFailure rollout.Response `json:"onFailure"`
	// Waves are those of the plan, with the approvals of people.
	Waves []rollout.Wave `json:"waves"`
	Parts []PartState    `json:"parts"`

	Began   time.Time        `json:"began,omitzero"`
	Ended   time.Time        `json:"ended,omitzero"`
	Paused  bool             `json:"paused,omitempty"`
	Aborted rollout.Response `json:"aborted,omitempty"`
	// Ending says that the parts were let end: nothing can be taken back any more.
	Ending   bool             `json:"ending,omitempty"`
	Timeline []rollout.Moment `json:"timeline,omitempty"`
}

// PartState is how a part stands, as far as the fleet has heard.
type PartState struct {
	Part
	Started  bool         `json:"started,omitempty"`
	Progress PartProgress `json:"progress,omitzero"`
	// Approved is the last wave that the part was let begin. The first needs no approval.
	Approved int `json:"approved,omitempty"`
	// Lost says why the part's workflow ended without a report. Empty when it did not.
	Lost string `json:"lost,omitempty"`
}

// FleetResult is how a rollout ended. [Report] tells all of it.
type FleetResult struct {
	Outcome rollout.Outcome `json:"outcome"`
	Totals  rollout.Totals  `json:"totals"`
	// Lost are the parts whose workflows ended without a report.
	Lost []string `json:"lost,omitempty"`
}

// partInput is what [Start] signals for each part.
type partInput struct {
	Index int           `json:"index"`
	State rollout.State `json:"state"`
}

// Fleet is the workflow of a whole rollout. It is begun by [Start], which hands it its
// parts. A rollout that has failed is a result, no failure of the workflow.
func (w *Workflows) Fleet(ctx workflow.Context, in FleetInput) (*FleetResult, error) {
	if in.Version != rollout.Version {
		return nil, temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("the state has version %d, this library reads %d: run it on workers of the version that began it", in.Version, rollout.Version), "Version", nil)
	}
	workflow.GetVersion(ctx, "temporalroll", workflow.DefaultVersion, protocol)
	f := newFleet(in)
	for name, handler := range map[string]any{
		QueryFleet:    func() (FleetState, error) { return f.FleetState, nil },
		QueryProgress: func() (rollout.Totals, error) { return f.Totals(), nil },
	} {
		if err := workflow.SetQueryHandler(ctx, name, handler); err != nil {
			return nil, err
		}
	}
	return f.run(ctx)
}

func newFleet(in FleetInput) *fleet {
	return &fleet{FleetState: in.FleetState, in: in, arrived: map[int]partInput{}}
}

type fleet struct {
	FleetState
	in FleetInput

	parts, told, hand workflow.ReceiveChannel
	orders            []channel
	sent              []workflow.Future // signals on their way
	arrived           map[int]partInput
	starting          int
	changed           bool // a part has ended or was started
	asking            bool // parts are to be asked whether they live
	cancelled         bool
	leaving           bool
	queue             string
}

// askEvery is how often parts are asked for their progress, so that one that is gone is
// noticed: a fleet that has continued with a new history does not hear of their end.
const askEvery = time.Hour

func (f *fleet) run(ctx workflow.Context) (*FleetResult, error) {
	f.parts, f.told, f.hand = workflow.GetSignalChannel(ctx, signalPart), workflow.GetSignalChannel(ctx, signalProgress), workflow.GetSignalChannel(ctx, SignalHandOver)
	for _, signal := range orders() {
		f.orders = append(f.orders, channel{signal, workflow.GetSignalChannel(ctx, signal)})
	}
	work, _ := workflow.NewDisconnectedContext(ctx)
	cancelled := ctx.Done()
	workflow.Go(work, func(ctx workflow.Context) {
		cancelled.Receive(ctx, nil)
		f.cancelled = true
	})
	if f.Began.IsZero() {
		f.Began = now(work)
		targets := 0
		for _, p := range f.Parts {
			targets += len(p.Targets)
		}
		f.note(work, "the rollout began: %d targets in %d waves and %d parts", targets, len(f.Waves), len(f.Parts))
	} else {
		f.asking = true // whether parts have ended meanwhile
	}
	life, stop := workflow.WithCancel(work)
	defer stop()
	workflow.Go(life, func(ctx workflow.Context) {
		for workflow.Sleep(ctx, askEvery) == nil {
			f.asking = true
		}
	})
	for {
		f.takeIn(work)
		f.decide(work)
		info := workflow.GetInfo(ctx)
		f.leaving = f.leaving || info.GetCurrentHistoryLength() >= f.events() || info.GetCurrentHistorySize() >= maxHistory
		switch {
		case f.cancelled && !f.allStarted():
			f.note(work, "cancelled before all parts had arrived")
			f.end(work)
			return &FleetResult{Outcome: f.outcome(), Totals: f.Totals()}, nil
		case f.over():
			f.end(work)
			return &FleetResult{Outcome: f.outcome(), Totals: f.Totals(), Lost: f.lost()}, nil
		case f.leaving && f.ready():
			f.delivered(work)
			if f.news() {
				continue
			}
			in := f.in
			in.FleetState = f.FleetState
			if f.queue != "" {
				ctx = workflow.WithWorkflowTaskQueue(ctx, f.queue)
			}
			return nil, workflow.NewContinueAsNewError(ctx, FleetWorkflow, in)
		}
		if err := workflow.Await(work, f.news); err != nil {
			return nil, err
		}
	}
}

func (f *fleet) events() int {
	if f.in.Events > 0 {
		return f.in.Events
	}
	return DefaultEvents
}

func (f *fleet) news() bool {
	if f.parts.Len() > 0 || f.told.Len() > 0 || f.changed || f.cancelled && !f.allStarted() {
		return true
	}
	said := f.hand.Len() > 0 || slices.ContainsFunc(f.orders, func(c channel) bool { return c.Len() > 0 })
	return f.ready() && (said || f.asking || f.cancels())
}

// ready tells whether all parts are there to be signalled.
func (f *fleet) ready() bool { return f.allStarted() && f.starting == 0 }

// cancels tells whether the workflow was cancelled and has not responded to that.
func (f *fleet) cancels() bool { return f.cancelled && f.Aborted == "" && !f.Ending }

func (f *fleet) takeIn(ctx workflow.Context) {
	f.changed = false
	f.arrive(ctx)
	var told PartProgress
	for f.told.ReceiveAsync(&told) {
		if told.Index >= 0 && told.Index < len(f.Parts) {
			f.Parts[told.Index].Progress = told
			if f.Ending {
				f.signal(ctx, told.Index, signalEnd, nil) // it has continued since
			}
		}
		told = PartProgress{}
	}
	if !f.ready() {
		return // orders are for all parts
	}
	for _, c := range f.orders {
		var order Order
		for c.ReceiveAsync(&order) {
			f.order(ctx, c.signal, order)
			order = Order{}
		}
	}
	if f.cancels() {
		f.abort(ctx, rollout.Stop, "aborted by a cancellation of the workflow: "+string(rollout.Stop), "")
	}
	var order Order
	for f.hand.ReceiveAsync(&order) {
		f.leaving, f.queue = true, order.Queue
		f.tell(ctx, SignalHandOver, order)
	}
	if f.asking {
		f.asking = false
		f.tell(ctx, signalTell, nil)
	}
}

func (f *fleet) allStarted() bool {
	return !slices.ContainsFunc(f.Parts, func(p PartState) bool { return !p.Started })
}

// arrive takes parts in, and starts them once all are there.
func (f *fleet) arrive(ctx workflow.Context) {
	var part partInput
	for f.parts.ReceiveAsync(&part) {
		if part.Index >= 0 && part.Index < len(f.Parts) && !f.allStarted() {
			f.arrived[part.Index] = part
		}
		part = partInput{}
	}
	if f.allStarted() || len(f.arrived) < len(f.Parts) {
		return
	}
	for i := range f.Parts {
		f.start(ctx, f.arrived[i])
	}
	f.arrived = nil
}

// start starts the workflow of a part. It lives on when this one continues with a new
// history.
func (f *fleet) start(ctx workflow.Context, part partInput) {
	p := &f.Parts[part.Index]
	p.Started = true
	f.starting++
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: p.ID, ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary: fmt.Sprintf("%d targets of %s in %s", len(p.Targets), p.Account, p.Region),
	})
	child := workflow.ExecuteChildWorkflow(ctx, PartWorkflow, PartInput{
		State: part.State, Fleet: workflow.GetInfo(ctx).WorkflowExecution.ID, Index: part.Index, Events: f.in.Events, Queue: f.in.Queue, Heartbeat: f.in.Heartbeat,
	})
	index := part.Index
	workflow.Go(ctx, func(ctx workflow.Context) {
		err := child.GetChildWorkflowExecution().Get(ctx, nil)
		f.starting--
		f.changed = true
		if err == nil {
			err = child.Get(ctx, nil)
		}
		if err != nil {
			f.Parts[index].Lost = reasonOf(err)
		}
		f.changed = true
	})
}

func (f *fleet) note(ctx workflow.Context, format string, args ...any) {
	f.Timeline = append(f.Timeline, rollout.Moment{Time: now(ctx), Text: fmt.Sprintf(format, args...)})
}
