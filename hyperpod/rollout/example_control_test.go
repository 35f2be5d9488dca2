package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// told prints what a rollout waits for, and answers with an order.
func told(order func(ctx context.Context, e rollout.Event) error) func(*rollout.RunnerOptions) {
	return func(o *rollout.RunnerOptions) {
		o.OnEvent = func(ctx context.Context, e rollout.Event) {
			if e.Kind == rollout.EventWaiting {
				fmt.Println(e.Text)
			}
			if err := order(ctx, e); err != nil {
				fmt.Println(err)
			}
		}
	}
}

// Every wave but the first waits for somebody's word.
func ExampleControl_Approve() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	spec := exampleSpec(srv)
	spec.Approval = true
	x := rollout.NewExecutor(exampleClients(srv))
	plan, err := x.Plan(ctx, spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	var runner *rollout.Runner
	runner = rollout.NewRunner(x, rollout.NewMemStore(), told(func(ctx context.Context, e rollout.Event) error {
		if e.Kind != rollout.EventWaiting {
			return nil
		}
		return runner.Control("ops").Approve(ctx, 1)
	}))
	report, err := runner.Run(ctx, plan)
	fmt.Println(report.Outcome, err)
	// Output:
	// wave 100% waits for its approval
	// succeeded <nil>
}

// A control works from any process that has the journal. What has begun goes on to its end.
func ExampleControl_Pause() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv))
	plan, err := x.Plan(ctx, exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	journal := rollout.NewMemStore()
	onCall := rollout.NewControl(journal, "on call")
	report, err := rollout.NewRunner(x, journal, told(func(ctx context.Context, e rollout.Event) error {
		switch {
		case e.Kind == rollout.EventStarted && e.Step.Kind == rollout.StepUpdate && e.Step.Name == "train":
			return onCall.Pause(ctx)
		case e.Kind == rollout.EventWaiting:
			return onCall.Resume(ctx)
		default:
			return nil
		}
	}), func(o *rollout.RunnerOptions) { o.Watch = time.Millisecond }).Run(ctx, plan)
	fmt.Println(report.Outcome, err)
	for _, m := range report.Timeline {
		fmt.Println(m.Text)
	}
	// Output:
	// paused
	// succeeded <nil>
	// the rollout began: 2 targets in 2 waves
	// wave 50% began
	// paused by on call
	// wave 50% is rolled: 1 rolled
	// wave 50% is over
	// resumed by on call
	// wave 100% began
	// wave 100% is rolled: 1 rolled
	// wave 100% is over
	// the rollout ended: succeeded
}

// An abort says what becomes of the targets that were changed.
func ExampleControl_Abort() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv))
	plan, err := x.Plan(ctx, exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	var runner *rollout.Runner
	runner = rollout.NewRunner(x, rollout.NewMemStore(), told(func(ctx context.Context, e rollout.Event) error {
		if e.Kind == rollout.EventFinished && e.Step.Kind == rollout.StepAwait && e.Step.Program == rollout.Forward {
			return runner.Control("ops").Abort(ctx, rollout.UndoAll)
		}
		return nil
	}))
	report, err := runner.Run(ctx, plan)
	fmt.Println(report.Outcome, errors.Is(err, rollout.ErrFailed))
	for _, t := range report.Targets {
		fmt.Println(t.Cluster, t.Phase)
	}
	// Output:
	// taken back true
	// train taken back
	// tune waiting
}

// The answer to a request was lost, and the runner's role may not look at the cluster any
// more. Nothing is sent twice: somebody has to say what became of the request.
func ExampleControl_Answer() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	spec := exampleSpec(srv)
	client := srv.Client(func(o *sagemaker.Options) { o.Retryer = aws.NopRetryer{} })
	x := rollout.NewExecutor(func(context.Context, string, string) (rollout.Access, error) {
		return rollout.Access{HyperPod: client}, nil
	}, func(o *rollout.Options) {
		o.HyperPod = append(o.HyperPod, func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond })
	})
	plan, err := x.Plan(ctx, spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.Faults().LoseResponse("UpdateClusterSoftware", 1)
	srv.Faults().After(func(_ context.Context, operation string, _ any, _ error) {
		if operation == "UpdateClusterSoftware" {
			srv.Faults().Fail("DescribeCluster", -1, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not any more"})
		}
	})
	runner := rollout.NewRunner(x, rollout.NewMemStore())
	report, err := runner.Run(ctx, plan)
	fmt.Println(errors.Is(err, rollout.ErrAsks), report.Targets[0].Phase)

	srv.Faults().Clear()
	if err := runner.Control("ops").Answer(ctx, 0, rollout.AnswerSent); err != nil {
		fmt.Println(err)
		return
	}
	report, err = runner.Resume(ctx)
	fmt.Println(report.Outcome, err)
	// Output:
	// true unknown
	// succeeded <nil>
}
