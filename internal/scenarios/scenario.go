// Package scenarios holds rollouts that go well or wrong in some way, each with the end
// that it must come to, for every engine that runs rollouts: the runner of package rollout
// and whatever else asks rollout.Next.
package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// Scenario is a fleet, a rollout over it, what happens meanwhile, and the end that it must
// come to. Name and Want must be set.
type Scenario struct {
	// Name says what happens, in a few words. It is unique.
	Name string

	// Clusters are the fleet. Nil means three like [Train].
	Clusters []Cluster
	// Emulator changes the emulator's options. Its operations take the time that they
	// take on AWS.
	Emulator func(o *hyperpodtest.Options)
	// Retries has the SDK's client try three times. Otherwise it does once.
	Retries bool

	// Spec changes the rollout: by default it brings all groups of all clusters onto [New]
	// in one wave, all nodes at once, stops at a failure and allows none.
	Spec func(spec *rollout.Spec)
	// Options change the executor, which has neither gate nor hooks by default.
	Options func(b *Bed, o *rollout.Options)

	// Before happens before the rollout is planned, Planned between the plan and the run.
	Before, Planned func(ctx context.Context, b *Bed) error
	// Meanwhile happens at times since the rollout began.
	Meanwhile []Event
	// Orders are what the engine is told.
	Orders []Order

	// Want is the end.
	Want Want
}

// Event is something that happens to the clusters at a time since the rollout began.
type Event struct {
	At time.Duration
	Do func(ctx context.Context, b *Bed) error
}

// Job is what an engine is given.
type Job struct {
	// Executor runs the steps.
	Executor *rollout.Executor
	// Plan is what the rollout begins with.
	Plan *rollout.Plan
	// Orders are to be carried out in order, each at its time since the rollout began.
	Orders []Order
}

// Engine runs a rollout until it has ended, or until it asks for an answer and there is no
// order left, and returns the state by then. A rollout that ends before its last order is
// an error, and so is anything that keeps the engine from running it: that targets fail is
// none.
type Engine func(ctx context.Context, job Job) (rollout.State, error)

// OrderKind is what an order is about.
type OrderKind string

// The orders.
const (
	OrderPause   OrderKind = "pause"
	OrderResume  OrderKind = "resume"
	OrderAbort   OrderKind = "abort"
	OrderApprove OrderKind = "approve"
	OrderAnswer  OrderKind = "answer"
	// OrderRestart ends the process that runs the rollout, its steps included, and begins
	// another one when Away is over.
	OrderRestart OrderKind = "restart"
)

// Order is something that an engine is told.
type Order struct {
	At       time.Duration
	Kind     OrderKind
	Response rollout.Response // of an abort
	Wave     int              // of an approval
	Target   int              // of an answer
	Answer   rollout.Answer
	Away     time.Duration // of a restart
}

// Has tells whether there is an order of a kind, for engines that cannot carry it out.
func (s *Scenario) Has(kind OrderKind) bool {
	return slices.ContainsFunc(s.Orders, func(o Order) bool { return o.Kind == kind })
}

// Run makes the fleet, plans the rollout and has the engine run it. It is to be called in
// a testing/synctest bubble, where the hours that this takes are none. An error means that
// there is no end to be judged.
func (s *Scenario) Run(ctx context.Context, engine Engine) (End, error) {
	b := newBed(s)
	clusters := s.Clusters
	if clusters == nil {
		clusters = Fleet(3)
	}
	for _, c := range clusters {
		if err := b.Create(ctx, c); err != nil {
			return End{}, err
		}
	}
	spec := rollout.Spec{
		Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: New}}}, Waves: rollout.OneWave(), Strategy: allAtOnce,
		OnFailure: rollout.Stop, ReplaceRootVolumes: true,
	}
	for _, c := range clusters {
		spec.Targets = append(spec.Targets, rollout.Target{Account: c.account(), Region: c.region(), Cluster: c.Name, Groups: hyperpod.AllGroups, Labels: c.Labels})
	}
	if s.Spec != nil {
		s.Spec(&spec)
	}
	x := rollout.NewExecutor(b.clients, func(o *rollout.Options) {
		if s.Options != nil {
			s.Options(b, o)
		}
	})
	if err := b.do(ctx, s.Before); err != nil {
		return End{}, err
	}
	plan, err := x.Plan(ctx, spec)
	if err != nil {
		if !errors.Is(err, rollout.ErrInvalid) {
			return End{}, fmt.Errorf("plan: %w", err)
		}
		return b.end(ctx, rollout.State{}, plan, err.Error())
	}
	if err := b.do(ctx, s.Planned); err != nil {
		return End{}, err
	}
	happening, stop := context.WithCancel(ctx)
	over := b.happen(happening, s.Meanwhile)
	state, err := engine(ctx, Job{Executor: x, Plan: plan, Orders: s.Orders})
	stop()
	if err := errors.Join(err, <-over, b.err()); err != nil {
		return End{}, err
	}
	return b.end(ctx, state, plan, "")
}

// happen has events happen, and tells when no more will. The last ones may be late for a
// rollout that has ended: that is an error.
func (b *Bed) happen(ctx context.Context, events []Event) <-chan error {
	over := make(chan error, 1)
	began := time.Now()
	go func() {
		for i, e := range events {
			select {
			case <-time.After(time.Until(began.Add(e.At))):
			case <-ctx.Done():
				over <- fmt.Errorf("the rollout ended before event %d could happen", i)
				return
			}
			if err := e.Do(ctx, b); err != nil {
				over <- fmt.Errorf("event %d: %w", i, err)
				return
			}
		}
		over <- nil
	}()
	return over
}

func (b *Bed) do(ctx context.Context, what func(context.Context, *Bed) error) error {
	if what == nil {
		return nil
	}
	return what(ctx, b)
}

// All are the scenarios.
func All() []Scenario {
	return slices.Concat(waves(), gates(), budgets(), images(), others(), calls(), service(), undoing(), orders(), windows(), limits(), hooks(), slurm(), replacing(), lost())
}
