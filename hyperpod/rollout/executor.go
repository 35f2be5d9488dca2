package rollout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Access is what an executor needs of one account in one Region.
type Access struct {
	// HyperPod is a client of SageMaker. It must be set.
	HyperPod hyperpod.API
	// Images is asked about every AMI before it is sent, such as an amishare.Checker. Nil
	// asks nobody.
	Images hyperpod.ImageChecker
}

// Clients gives access to an account in a Region. It is called for each step, from many
// goroutines, so it should keep clients; it is the place to refresh credentials.
type Clients func(ctx context.Context, account, region string) (Access, error)

// Options configure an [Executor]. The zero value works.
type Options struct {
	// Gate is asked after each target, and once more for each when its wave has baked.
	// Nil lets every target pass. GateOptions say how it is asked.
	Gate        Gate
	GateOptions GateOptions

	// Before runs before a target is changed and After when it has passed its gate, or
	// has failed since Before began: cordon and uncordon, a checkpoint, a ticket. Drain
	// takes the work off groups that are to be deleted, with [Replace] only; the service
	// drains nothing. When a hook fails so does its target. A hook that was interrupted is
	// run again, so it must bear that.
	Before, After, Drain Hook

	// Replacement changes a group that is to replace another one, with [Replace] only:
	// its instance type, key or subnets. The group has its name, count and image by
	// then. Nil leaves it as the old one is.
	Replacement func(v Visit, group hyperpod.Group) hyperpod.Group

	// HyperPod are options of the workflows that steps are made of, such as how to poll.
	HyperPod []func(*hyperpod.Options)

	// OnEvent is told what happens in a step's workflow. It is called from the goroutines
	// that run steps, several at a time. Nil tells nobody.
	OnEvent func(ctx context.Context, step Step, e hyperpod.Event)
}

// Executor runs the steps that [Next] decides. It holds no state of a rollout and is safe
// for concurrent use. Make one with [NewExecutor].
type Executor struct {
	clients Clients
	options Options
}

// NewExecutor makes an executor. It calls nothing.
func NewExecutor(clients Clients, optFns ...func(*Options)) *Executor {
	x := &Executor{clients: clients}
	for _, fn := range optFns {
		fn(&x.options)
	}
	return x
}

// Do runs a step and says how it ended. When ctx ends first the result is [ResultLost].
// A step that changes nothing may be run again after that; one that does must not be.
func (x *Executor) Do(ctx context.Context, step Step) Result {
	r := x.do(ctx, step)
	if ctx.Err() != nil && r.Kind != ResultDone {
		return Result{Kind: ResultLost, Reason: context.Cause(ctx).Error()}
	}
	r.Reason = oneLine(r.Reason)
	return r
}

func (x *Executor) do(ctx context.Context, step Step) Result {
	access, err := x.access(ctx, step.Account, step.Region)
	if err != nil && step.Kind == StepFind {
		return Result{Kind: ResultUnknown, Reason: err.Error()}
	}
	if err != nil {
		return Result{Kind: ResultFailed, Reason: err.Error(), Unfinished: step.Kind == StepAwait}
	}
	w := x.work(step, access)
	if step.Strategy.Replace != nil {
		if do := w.replacing(); do != nil {
			return do(ctx)
		}
	}
	switch step.Kind {
	case StepCheck:
		return w.check(ctx)
	case StepBefore:
		return w.hook(ctx, x.options.Before)
	case StepUpdate:
		return w.update(ctx)
	case StepAwait:
		return w.await(ctx)
	case StepGate:
		return w.gate(ctx)
	case StepAfter:
		return w.hook(ctx, x.options.After)
	case StepFind:
		return w.find(ctx)
	case StepDrain:
		return w.hook(ctx, x.options.Drain)
	case StepCheckBack:
		return w.checkBack(ctx)
	case StepAdd, StepScale, StepDelete:
	}
	return failed(fmt.Errorf("step %q is unknown to this version of the library, or is none of its strategy", step.Kind))
}

// access asks for the clients of an account in a Region.
func (x *Executor) access(ctx context.Context, account, region string) (Access, error) {
	access, err := steadily(ctx, "account "+account, func(ctx context.Context) (Access, error) { return x.clients(ctx, account, region) })
	if err != nil {
		return Access{}, fmt.Errorf("clients of account %s in %s: %w", account, region, err)
	}
	return access, nil
}

// work is a step with what it works on.
type work struct {
	x       *Executor
	step    Step
	access  Access
	client  *hyperpod.Client
	cluster *hyperpod.Cluster
}

func (x *Executor) work(step Step, access Access) *work {
	client := hyperpod.New(access.HyperPod, append([]func(*hyperpod.Options){func(o *hyperpod.Options) {
		o.Images = access.Images
	}}, x.options.HyperPod...)...)
	w := &work{x: x, step: step, access: access, client: client}
	w.cluster = client.Cluster(step.Cluster).With(func(o *hyperpod.Options) {
		users := o.OnEvent
		o.OnEvent = func(ctx context.Context, e hyperpod.Event) {
			if users != nil {
				users(ctx, e)
			}
			if x.options.OnEvent != nil {
				x.options.OnEvent(ctx, step, e)
			}
		}
	})
	return w
}

// hook runs a hook of the user's.
func (w *work) hook(ctx context.Context, hook Hook) Result {
	if hook == nil {
		return failed(fmt.Errorf("the rollout was planned with a hook for %q that this executor lacks", w.step.Kind))
	}
	if err := hook(ctx, w.visit()); err != nil {
		return Result{Kind: ResultFailed, Reason: "the hook: " + err.Error()}
	}
	return Result{Kind: ResultDone}
}

// gate asks the gate until it passes or its patience is over.
func (w *work) gate(ctx context.Context) Result {
	if w.x.options.Gate == nil {
		return failed(errors.New("the rollout was planned with a gate that this executor lacks"))
	}
	if err := askGate(ctx, w.x.options.Gate, w.visit(), w.x.options.GateOptions); err != nil {
		return Result{Kind: ResultFailed, Reason: err.Error()}
	}
	return Result{Kind: ResultDone}
}

// visit is the target as hooks and gates see it.
func (w *work) visit() Visit {
	s := &w.step
	v := Visit{
		Account: s.Account, Region: s.Region, Cluster: s.Name, Wave: s.Wave,
		Images: map[string]hyperpod.Image{}, Baked: s.Baked, Since: s.Requested,
		HyperPod: w.client, API: w.access.HyperPod,
	}
	if strings.HasPrefix(s.Cluster, "arn:") {
		v.ARN = s.Cluster
	}
	for _, g := range s.Groups {
		if g.Skip {
			continue
		}
		name := g.Name
		if g.New != "" && s.Kind != StepDrain && s.Kind != StepBefore {
			name = g.New
		}
		v.Groups = append(v.Groups, name)
		v.Images[name] = g.Image
	}
	return v
}

// failed is the result of an error. Another operation that is in the way is none for good.
func failed(err error) Result {
	if errors.Is(err, hyperpod.ErrBusy) {
		return Result{Kind: ResultBusy, Reason: err.Error()}
	}
	return Result{Kind: ResultFailed, Reason: err.Error()}
}

// oneLine makes a clause of an error's text, which may have a line for each mistake.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\n", "; ")), " ")
}

// patience is how long a step rides out calls that fail for a passing reason.
const patience = 15 * time.Minute

// steadily makes calls that change nothing, and rides out what passes by itself.
func steadily[T any](ctx context.Context, what string, call func(context.Context) (T, error)) (T, error) {
	return retried(ctx, what, awserr.IsTransient, call)
}

// retried makes calls again after an error that may pass. What is refused for coming too
// fast was not carried out.
func retried[T any](ctx context.Context, what string, passing func(error) bool, call func(context.Context) (T, error)) (T, error) {
	var value T
	var err error
	_, waited := poll.Wait(ctx, what, func(ctx context.Context) (poll.Observation[T], error) {
		value, err = call(ctx)
		if err != nil && passing(err) {
			return poll.Observation[T]{}, err
		}
		return poll.Observation[T]{Value: value, Verdict: poll.Done}, nil
	}, func(o *poll.Options) {
		o.Timeout, o.PollTimeout, o.Tolerate, o.Throttled = patience, -1, passing, awserr.IsThrottle
	})
	if err == nil {
		err = waited
	}
	return value, err
}

// describe reads the cluster.
func (w *work) describe(ctx context.Context) (*hyperpod.Snapshot, error) {
	return steadily(ctx, "cluster "+w.step.Cluster, w.cluster.Describe)
}
