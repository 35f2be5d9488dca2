package temporalroll

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func activityEnv(a *Activities) *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(24 * time.Hour) // of the bubble's time
	env.SetDataConverter(compressed())
	env.RegisterActivityWithOptions(a.Do, activity.RegisterOptions{Name: StepActivity})
	return env
}

// What AWS has refused is not tried again; what may pass is, also for a change, which is
// not attempted again once it may have been sent.
func TestClientsThatCannotBeHad(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "not yours", Fault: smithy.FaultClient}
	throttling := &smithy.GenericAPIError{Code: "Throttling", Message: "slowly", Fault: smithy.FaultClient}
	for name, c := range map[string]struct {
		err   error
		kind  rollout.StepKind
		final bool
		asked int
	}{
		"refused, a look":     {denied, rollout.StepCheck, true, 1},
		"refused, a change":   {denied, rollout.StepUpdate, true, 1},
		"throttled, a look":   {throttling, rollout.StepCheck, false, 1},
		"not there, a look":   {errors.New("connection refused"), rollout.StepCheck, false, 1},
		"not there, a change": {errors.New("connection refused"), rollout.StepUpdate, false, 32},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				env := activityEnv(NewActivities(func(context.Context, string, string) (rollout.Access, error) {
					asked++
					return rollout.Access{}, c.err
				}))
				_, err := env.ExecuteActivity(StepActivity, rollout.Step{Kind: c.kind})
				failure, ok := errors.AsType[*temporal.ApplicationError](err)
				require.True(t, ok)
				assert.Equal(t, ErrorClients, failure.Type())
				assert.Equal(t, c.final, failure.NonRetryable())
				assert.Equal(t, c.asked, asked)
				assert.Equal(t, rollout.ResultFailed, outcome(rollout.Step{Kind: c.kind}, rollout.Result{}, err).Kind)
			})
		})
	}
}

// A gate that is asked again after its worker was lost has the rest of its patience.
func TestAWaitResumesFromItsHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 1)
		env := activityEnv(NewActivities(b.clients, func(o *rollout.Options) {
			o.Gate = func(context.Context, rollout.Visit) error { return errors.New("not yet") }
			o.GateOptions = rollout.GateOptions{Patience: 8 * time.Minute, Interval: time.Minute}
		}))
		var beats []Beat
		env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
			var beat Beat
			require.NoError(t, details.Get(&beat))
			beats = append(beats, beat)
		})
		first := time.Now().Add(-5 * time.Minute)
		env.SetHeartbeatDetails(Beat{Began: first})
		began := time.Now()
		value, err := env.ExecuteActivity(StepActivity, rollout.Step{Kind: rollout.StepGate, Account: account, Region: region, Cluster: "train-0"})
		require.NoError(t, err)
		var result rollout.Result
		require.NoError(t, value.Get(&result))
		assert.Equal(t, rollout.ResultFailed, result.Kind)
		assert.InDelta(t, 3*time.Minute, time.Since(began), float64(90*time.Second))
		require.NotEmpty(t, beats)
		for _, beat := range beats {
			assert.True(t, beat.Began.Equal(first))
		}
	})
}

// The time that is left is never none: one more look is made.
func TestTheRestOfAPatience(t *testing.T) {
	for name, c := range map[string]struct {
		given   rollout.GateOptions
		resumed time.Duration
		want    time.Duration
	}{
		"none is used up":     {rollout.GateOptions{Patience: time.Hour}, 0, time.Hour},
		"some is":             {rollout.GateOptions{Patience: time.Hour}, 20 * time.Minute, 40 * time.Minute},
		"all is":              {rollout.GateOptions{Patience: time.Hour}, 2 * time.Hour, time.Second},
		"what passes take":    {rollout.GateOptions{Patience: time.Hour, Passes: 3, Interval: time.Minute}, 2 * time.Hour, 2 * time.Minute},
		"without end":         {rollout.GateOptions{Patience: -1}, 2 * time.Hour, -1},
		"that of the default": {rollout.GateOptions{}, 4 * time.Minute, 6 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			o := rollout.Options{GateOptions: c.given}
			(&pulse{resumed: c.resumed}).options(&o)
			assert.Equal(t, c.want, o.GateOptions.Patience)
			h := hyperpod.Options{}
			h.Poll.Timeout = time.Hour
			for _, fn := range o.HyperPod {
				fn(&h)
			}
			assert.Equal(t, max(time.Hour-c.resumed, time.Second), h.Poll.Timeout)
		})
	}
}

// What the end of an attempt means for the decider.
func TestOutcomes(t *testing.T) {
	clients := temporal.NewApplicationError("no credentials", ErrorClients)
	cut := temporal.NewApplicationError("the worker stops", ErrorInterrupted)
	panicked := temporal.NewApplicationError("index out of range", "PanicError")
	lost := temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_HEARTBEAT, nil)
	for name, c := range map[string]struct {
		kind rollout.StepKind
		err  error
		want rollout.Result
	}{
		"a change is lost":              {rollout.StepUpdate, lost, rollout.Result{Kind: rollout.ResultLost, Reason: "the worker was lost: Heartbeat timeout"}},
		"a change that was cancelled":   {rollout.StepDelete, temporal.NewCanceledError(), rollout.Result{Kind: rollout.ResultLost, Reason: "canceled"}},
		"a change that panicked":        {rollout.StepAdd, panicked, rollout.Result{Kind: rollout.ResultLost, Reason: "index out of range"}},
		"a change that was not sent":    {rollout.StepScale, clients, rollout.Result{Kind: rollout.ResultFailed, Reason: "no credentials"}},
		"a wait that was cancelled":     {rollout.StepAwait, temporal.NewCanceledError(), rollout.Result{Kind: rollout.ResultLost, Reason: "canceled"}},
		"a wait that was cut off":       {rollout.StepAwait, cut, rollout.Result{Kind: rollout.ResultLost, Reason: "the worker stops"}},
		"a wait that nobody could make": {rollout.StepAwait, lost, rollout.Result{Kind: rollout.ResultFailed, Reason: "the worker was lost: Heartbeat timeout", Unfinished: true}},
		"a look that nobody could have": {rollout.StepFind, lost, rollout.Result{Kind: rollout.ResultUnknown, Reason: "the worker was lost: Heartbeat timeout"}},
		"a hook that panics each time":  {rollout.StepBefore, panicked, rollout.Result{Kind: rollout.ResultFailed, Reason: "index out of range"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, outcome(rollout.Step{Kind: c.kind}, rollout.Result{}, c.err))
		})
	}
}
