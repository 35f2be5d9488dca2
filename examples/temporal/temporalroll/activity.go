package temporalroll

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Activities run steps in a worker. Make them with [NewActivities].
type Activities struct {
	clients rollout.Clients
	options []func(*rollout.Options)
}

// NewActivities makes activities. clients gives access to an account in a Region: it is
// the only place that knows credentials, and it is called for each attempt of a step. The
// options are those of [rollout.NewExecutor], gate and hooks included.
func NewActivities(clients rollout.Clients, optFns ...func(*rollout.Options)) *Activities {
	return &Activities{clients: clients, options: optFns}
}

// Beat is what a step that is under way keeps in its heartbeats.
type Beat struct {
	// Began is when the first attempt began. A step that is attempted again has only the
	// rest of its time.
	Began time.Time `json:"began"`
	// Seen is what the step has seen last, for people.
	Seen string `json:"seen,omitempty"`
}

// Kinds of errors of [Activities.Do], as Temporal's failures name them.
const (
	// ErrorInterrupted: the worker stopped while it ran a step that may be run again.
	ErrorInterrupted = "Interrupted"
	// ErrorClients: the clients of an account and Region could not be had.
	ErrorClients = "Clients"
)

// Do runs a step. What became of it is the result, whatever that is; an error means that
// the step did not come to an end. Of a step that changes nothing the error is retryable,
// but for clients that were refused.
func (a *Activities) Do(ctx context.Context, step rollout.Step) (rollout.Result, error) {
	p := newPulse(ctx)
	defer p.stop()
	ctx, cancel := unlessStopping(ctx, step)
	defer cancel()
	access, err := a.access(ctx, step)
	if err != nil {
		return rollout.Result{}, err
	}
	given := func(context.Context, string, string) (rollout.Access, error) { return access, nil }
	options := append(append([]func(*rollout.Options){}, a.options...), p.options)
	result := rollout.NewExecutor(given, options...).Do(ctx, step)
	if result.Kind == rollout.ResultLost && !step.Kind.Changes() {
		if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) || temporal.IsCanceledError(cause) {
			return result, temporal.NewCanceledError(result.Reason) // the workflow has cancelled it
		}
		return result, temporal.NewApplicationError(result.Reason, ErrorInterrupted)
	}
	return result, nil
}

var errStopping = errors.New("the worker stops")

// unlessStopping ends the context of a step that may be run again when the worker stops,
// so that another one has it at once. What changes something has the worker's grace.
func unlessStopping(ctx context.Context, step rollout.Step) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if step.Kind.Changes() {
		return ctx, func() { cancel(nil) }
	}
	stop := activity.GetWorkerStopChannel(ctx)
	go func() {
		select {
		case <-stop:
			cancel(errStopping)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// clientsPause and clientsPatience say how a step that must not be attempted again asks
// for its clients: nothing was sent by then.
const (
	clientsPause    = 10 * time.Second
	clientsPatience = 5 * time.Minute
)

// access asks for the clients.
func (a *Activities) access(ctx context.Context, step rollout.Step) (rollout.Access, error) {
	began := time.Now()
	for {
		access, err := a.clients(ctx, step.Account, step.Region)
		if err == nil {
			return access, nil
		}
		failure := clientsFailed(err)
		if !step.Kind.Changes() || failure.NonRetryable() || time.Since(began) > clientsPatience {
			return rollout.Access{}, failure
		}
		select {
		case <-ctx.Done():
			return rollout.Access{}, failure
		case <-time.After(clientsPause):
		}
	}
}

// clientsFailed sorts an error of the clients function. What AWS has refused will be
// refused again; anything else may pass.
func clientsFailed(err error) *temporal.ApplicationError {
	refused := false
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		refused = api.ErrorFault() == smithy.FaultClient && !throttled(api)
	}
	failure := temporal.NewApplicationErrorWithOptions(err.Error(), ErrorClients, temporal.ApplicationErrorOptions{NonRetryable: refused})
	typed, _ := errors.AsType[*temporal.ApplicationError](failure)
	return typed
}

func throttled(err smithy.APIError) bool {
	switch err.ErrorCode() {
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException":
		return true
	default:
		return false
	}
}

// pulse keeps the heartbeats of an attempt.
type pulse struct {
	ctx     context.Context //nolint:containedctx // it lives as long as the attempt whose heartbeats it sends
	resumed time.Duration   // since the first attempt began

	mu   sync.Mutex
	beat Beat
	end  chan struct{}
	over sync.WaitGroup
}

// newPulse begins to beat. An attempt that follows another one goes on with its heartbeat.
func newPulse(ctx context.Context) *pulse {
	p := &pulse{ctx: ctx, beat: Beat{Began: time.Now()}, end: make(chan struct{})}
	var before Beat
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &before) == nil && !before.Began.IsZero() {
		p.beat = before
		p.resumed = max(0, time.Since(before.Began))
	}
	every := activity.GetInfo(ctx).HeartbeatTimeout / 3
	if every <= 0 {
		every = DefaultHeartbeat / 3
	}
	p.record("")
	p.over.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.record("")
			case <-p.end:
				return
			}
		}
	})
	return p
}

func (p *pulse) stop() {
	close(p.end)
	p.over.Wait()
}

func (p *pulse) record(seen string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seen != "" {
		p.beat.Seen = seen
	}
	activity.RecordHeartbeat(p.ctx, p.beat)
}

// options has an executor beat at each look, and takes from its patience what earlier
// attempts have used up.
func (p *pulse) options(o *rollout.Options) {
	users := o.OnEvent
	o.OnEvent = func(ctx context.Context, step rollout.Step, e hyperpod.Event) {
		if users != nil {
			users(ctx, step, e)
		}
		p.record(seen(e))
	}
	if p.resumed <= 0 {
		return
	}
	if patience := patienceOf(o.GateOptions); patience > 0 {
		o.GateOptions.Patience = max(patience-p.resumed, patienceOf(rollout.GateOptions{Passes: o.GateOptions.Passes, Interval: o.GateOptions.Interval})-gatePatience, time.Second)
	}
	o.HyperPod = append(append([]func(*hyperpod.Options){}, o.HyperPod...), func(o *hyperpod.Options) {
		switch {
		case o.Poll.Timeout == 0:
			o.Poll.Timeout = max(poll.DefaultTimeout-p.resumed, time.Second)
		case o.Poll.Timeout > 0:
			o.Poll.Timeout = max(o.Poll.Timeout-p.resumed, time.Second)
		}
	})
}

// gatePatience is what [rollout.GateOptions] document as the default, without the
// intervals between passes.
const gatePatience = 10 * time.Minute

// patienceOf is for how long a gate is asked in all. Negative means without end.
func patienceOf(o rollout.GateOptions) time.Duration {
	if o.Patience != 0 {
		return o.Patience
	}
	interval := o.Interval
	if interval <= 0 {
		interval = 30 * time.Second
	}
	return gatePatience + time.Duration(max(o.Passes, 1)-1)*interval
}

// seen says for people what an event tells of the groups.
func seen(e hyperpod.Event) string {
	parts := []string{e.Kind.String()}
	for _, g := range e.Groups {
		parts = append(parts, g.Name+" "+count(g.Done)+"/"+count(g.Wanted))
	}
	return strings.Join(parts, "; ")
}
