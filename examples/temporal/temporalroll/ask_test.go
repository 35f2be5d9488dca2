package temporalroll

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/mocks"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// Each error is answered first, the state of a fleet without parts after it.
func TestAQueryIsAskedAgainWhileNobodyHasTime(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		again bool
	}{
		"the client's time is over":  {context.DeadlineExceeded, true},
		"the server's time is over":  {serviceerror.NewDeadlineExceeded("context deadline exceeded"), true},
		"too many queries wait":      {serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW, "consistent query buffer is full"), true},
		"the server is not there":    {serviceerror.NewUnavailable("connection refused"), true},
		"the workflow has not begun": {serviceerror.NewWorkflowNotReady("Unable to query workflow due to Workflow Task in failed state."), true},
		"there is no such workflow":  {serviceerror.NewNotFound("workflow not found"), false},
		"the query is refused":       {serviceerror.NewQueryFailed("unknown queryType fleet"), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := mocks.NewClient(t)
				client.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(nil, c.err).Once()
				if c.again {
					client.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(encoded{FleetState{Waves: make([]rollout.Wave, 3)}}, nil).Once()
				}
				var heard []error
				totals, err := Progress(t.Context(), client, "golden", func(o *AskOptions) {
					o.OnBusy = func(err error) { heard = append(heard, err) }
				})
				if !c.again {
					require.ErrorIs(t, err, c.err)
					assert.Empty(t, heard)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, 3, totals.Waves)
				require.Len(t, heard, 1)
				require.ErrorIs(t, heard[0], c.err)
				require.ErrorContains(t, heard[0], "query fleet of workflow golden")
			})
		})
	}
}

func TestPatienceEnds(t *testing.T) {
	busy := serviceerror.NewDeadlineExceeded("context deadline exceeded")
	for name, c := range map[string]struct {
		patience time.Duration
		want     time.Duration
	}{
		"by default": {0, DefaultPatience},
		"as said":    {10 * time.Second, 10 * time.Second},
		"at once":    {-1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := mocks.NewClient(t)
				client.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(nil, busy)
				began := time.Now()
				_, err := Report(t.Context(), client, "golden", func(o *AskOptions) { o.Patience = c.patience })
				require.ErrorIs(t, err, busy)
				require.ErrorContains(t, err, "or none is up")
				assert.Equal(t, c.want, time.Since(began))
			})
		})
	}
}

func TestAQueryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		client := mocks.NewClient(t)
		client.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(nil, serviceerror.NewUnavailable("no"))
		began := time.Now()
		_, err := Progress(ctx, client, "golden")
		require.Error(t, err)
		assert.Equal(t, 5*time.Second, time.Since(began))
	})
}

// A part that the fleet is about to start has nothing to tell. One that has told something
// and is gone is missed.
func TestAPartThatIsNotThereYet(t *testing.T) {
	missing := serviceerror.NewNotFound("workflow not found")
	for name, told := range map[string]rollout.Totals{"yet": {}, "any more": {Targets: 2, Active: 1}} {
		t.Run(name, func(t *testing.T) {
			client := mocks.NewClient(t)
			client.On("QueryWorkflow", mock.Anything, "golden", "", QueryFleet).Return(encoded{FleetState{
				Waves: make([]rollout.Wave, 1), Parts: []PartState{{Part: Part{ID: "a", Targets: []int{0, 1}}, Started: true, Progress: PartProgress{Totals: told}}},
			}}, nil)
			client.On("QueryWorkflow", mock.Anything, "a", "", mock.Anything).Return(nil, missing)
			totals, err := Progress(t.Context(), client, "golden")
			_, reported := Report(t.Context(), client, "golden")
			if told.Targets > 0 {
				require.ErrorIs(t, err, missing)
				require.ErrorIs(t, reported, missing)
				return
			}
			require.NoError(t, errors.Join(err, reported))
			assert.Equal(t, rollout.Totals{Wave: -1, Waves: 1, Targets: 2}, totals)
		})
	}
}
