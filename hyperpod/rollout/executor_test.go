package rollout_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// Without access nobody knows how a request came out: it stays open, and its nodes out.
func TestAStepWithoutAccess(t *testing.T) {
	refused := errors.New("the role cannot be assumed")
	x := rollout.NewExecutor(func(context.Context, string, string) (rollout.Access, error) { return rollout.Access{}, refused })
	for kind, want := range map[rollout.StepKind]rollout.Result{
		rollout.StepCheck:  {Kind: rollout.ResultFailed},
		rollout.StepUpdate: {Kind: rollout.ResultFailed},
		rollout.StepAwait:  {Kind: rollout.ResultFailed, Unfinished: true},
		rollout.StepFind:   {Kind: rollout.ResultUnknown},
	} {
		r := x.Do(t.Context(), rollout.Step{Kind: kind, Awaited: rollout.StepUpdate, Account: account, Region: region, Cluster: "train-0"})
		assert.Contains(t, r.Reason, refused.Error())
		r.Reason = ""
		assert.Equal(t, want, r, kind)
	}
}

// Credentials come from a service too, which may fail for a moment.
func TestAccessThatFailsForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hyperpodtest.Realistic)
		asked := 0
		x := rollout.NewExecutor(func(ctx context.Context, account, region string) (rollout.Access, error) {
			if asked++; asked%2 == 1 {
				return rollout.Access{}, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
			}
			return f.clients(ctx, account, region)
		})
		plan, err := x.Plan(t.Context(), f.spec())
		require.NoError(t, err)
		report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
		require.NoError(t, err)
		assert.Equal(t, rollout.PhaseRolled, report.Targets[0].Phase)
		assert.Equal(t, hyperpod.AMI(newAMI), report.Targets[0].Groups[0].Image)
	})
}

// A request that is refused for coming too fast is sent again as a step of its own: who
// finds one that was cut off reckons from the beginning of its step.
func TestAThrottledUpdateIsSentOnceAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hyperpodtest.Realistic)
		x := rollout.NewExecutor(f.clients)
		plan, err := x.Plan(t.Context(), f.spec())
		require.NoError(t, err)
		f.srv.Faults().Fail("UpdateClusterSoftware", 5, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"})
		updates := 0
		report, err := rollout.NewRunner(x, rollout.NewMemStore(), func(o *rollout.RunnerOptions) {
			o.OnEvent = func(_ context.Context, e rollout.Event) {
				if e.Kind == rollout.EventStarted && e.Step.Kind == rollout.StepUpdate {
					updates++
				}
			}
		}).Run(t.Context(), plan)
		require.NoError(t, err)
		assert.Equal(t, rollout.PhaseRolled, report.Targets[0].Phase)
		assert.Equal(t, 6, updates)
	})
}

func TestGatesAndHooksKnowSinceWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hyperpodtest.Realistic)
		since := map[string][]bool{}
		note := func(what string) func(context.Context, rollout.Visit) error {
			return func(_ context.Context, v rollout.Visit) error {
				since[what] = append(since[what], !v.Since.IsZero())
				return nil
			}
		}
		x := rollout.NewExecutor(f.clients, func(o *rollout.Options) {
			o.Before, o.Gate, o.After = note("before"), note("gate"), note("after")
		})
		spec := f.spec()
		spec.Bake = time.Hour
		plan, err := x.Plan(t.Context(), spec)
		require.NoError(t, err)
		_, err = rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
		require.NoError(t, err)
		assert.Equal(t, map[string][]bool{"before": {false}, "gate": {true, true}, "after": {true}}, since)
	})
}

// A cluster that is named in two ways would be sent its update twice.
func TestAClusterThatIsNamedTwice(t *testing.T) {
	f := newFleet(t, 1)
	out, err := f.srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &f.names[0]})
	require.NoError(t, err)
	spec := f.spec()
	again := spec.Targets[0]
	again.Cluster = *out.ClusterArn
	spec.Targets = append(spec.Targets, again)
	_, err = rollout.NewExecutor(f.clients).Plan(t.Context(), spec)
	require.ErrorIs(t, err, rollout.ErrInvalid)
	require.ErrorContains(t, err, "is Targets[0] already")
}
