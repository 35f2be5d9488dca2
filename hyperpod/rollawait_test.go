package hyperpod_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// A wait that ends early says so, and can be taken up again.
func TestAwaitRollThatEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, plan := planned(t, pageSpec(2), hyperpod.AMI(newAMI), 1)
		started, err := c.StartRoll(t.Context(), plan)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		report, err := c.AwaitRoll(ctx, plan, started.Began)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.True(t, report.Unfinished)
		assert.Equal(t, hyperpod.OutcomeUndecided, report.Groups[0].Outcome)
		report, err = c.AwaitRoll(t.Context(), plan, started.Began)
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome)
	})
}

// What the plan recorded tells an old word from a new one and another's image from the
// former one, whether the plan was just made or read.
func TestAwaitRollJudgesByWhatWasRecorded(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile func(t *testing.T, srv *hyperpodtest.Server)
		want      hyperpod.GroupOutcome
	}{
		"nothing happens": {func(*testing.T, *hyperpodtest.Server) {}, hyperpod.OutcomeNeverStarted},
		"another image comes": {func(t *testing.T, srv *hyperpodtest.Server) {
			t.Helper()
			_, err := srv.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{
				ClusterName: aws.String("example-cluster"), ImageId: aws.String("ami-0aaaaaaaaaaaaaaaa"),
				InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
			})
			require.NoError(t, err)
			time.Sleep(2 * time.Hour)
		}, hyperpod.OutcomeSuperseded},
	} {
		for how, read := range map[string]bool{"just made": false, "read": true} {
			t.Run(name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					srv, c := madeBy(t, pageSpec(2), hyperpodtest.Realistic)
					_, err := c.RollImage(t.Context(), rollTo("ami-0bbbbbbbbbbbbbbbb"))
					require.NoError(t, err)
					plan, err := c.PlanRoll(t.Context(), rollTo(newAMI))
					require.NoError(t, err)
					assert.Equal(t, "Succeeded", plan.Groups[0].Status)
					if read {
						body, err := json.Marshal(plan)
						require.NoError(t, err)
						plan = &hyperpod.RollPlan{}
						require.NoError(t, json.Unmarshal(body, plan))
					}
					srv.Faults().Ignore(updateSoftware, 1)
					started, err := c.StartRoll(t.Context(), plan)
					require.NoError(t, err)
					tt.meanwhile(t, srv)
					report, err := c.AwaitRoll(t.Context(), plan, started.Began)
					require.ErrorIs(t, err, waiter.ErrNotUpdated)
					assert.Equal(t, tt.want, report.Groups[0].Outcome, "%v", err)
					assert.False(t, report.Unfinished)
				})
			})
		}
	}
}

// Where no images are reported the nodes' times decide, from the request on and not from
// the wait: it may be taken up when all is over.
func TestAwaitRollLongAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := pageSpec(2)
		spec.NonContinuous = true
		_, c, plan := planned(t, spec, hyperpod.AMI(newAMI), 1)
		started, err := c.StartRoll(t.Context(), plan)
		require.NoError(t, err)
		time.Sleep(5 * time.Hour)
		plan.Groups[0].Status = "Succeeded" // as after an update before
		body, err := json.Marshal(plan)
		require.NoError(t, err)
		var read hyperpod.RollPlan
		require.NoError(t, json.Unmarshal(body, &read))
		report, err := c.AwaitRoll(t.Context(), &read, started.Began)
		require.NoError(t, err)
		assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome, report)
	})
}
