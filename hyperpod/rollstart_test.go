package hyperpod_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
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
)

const updateSoftware = "UpdateClusterSoftware"

// planned is a plan of a roll on a cluster that has been in service for a day.
func planned(t *testing.T, spec hyperpod.Spec, image hyperpod.Image, attempts int) (*hyperpodtest.Server, *hyperpod.Cluster, *hyperpod.RollPlan) {
	t.Helper()
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
	client := srv.Client(func(o *sagemaker.Options) { o.RetryMaxAttempts = attempts })
	c := hyperpod.New(client).Cluster("example-cluster")
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	time.Sleep(24 * time.Hour)
	srv.PublishRelease("1.5.0")
	plan, err := c.PlanRoll(t.Context(), rollAll(image))
	require.NoError(t, err)
	return srv, c, plan
}

// A request whose answer was lost is sent once, and found again by what the cluster shows.
func TestStartRollAfterALostAnswer(t *testing.T) {
	whole := func(s *hyperpod.Spec) { s.NonContinuous = true }
	for name, tt := range map[string]struct {
		edits    []func(*hyperpod.Spec)
		image    hyperpod.Image
		attempts int
	}{
		"AMI":                                   {nil, hyperpod.AMI(newAMI), 1},
		"AMI, and the SDK met a conflict":       {nil, hyperpod.AMI(newAMI), 3},
		"default":                               {[]func(*hyperpod.Spec){onDefault}, hyperpod.DefaultImage, 1},
		"a release":                             {[]func(*hyperpod.Spec){onDefault}, hyperpod.Release("1.2.3"), 3},
		"from an AMI to default":                {nil, hyperpod.DefaultImage, 3},
		"on Slurm":                              {[]func(*hyperpod.Spec){onSlurm}, hyperpod.AMI(newAMI), 3},
		"no image ids, and an update under way": {[]func(*hyperpod.Spec){whole}, hyperpod.AMI(newAMI), 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				spec := twoGroups()
				spec.RestrictedGroups = nil
				for _, edit := range tt.edits {
					edit(&spec)
				}
				srv, c, plan := planned(t, spec, tt.image, tt.attempts)
				srv.Faults().LoseResponse(updateSoftware, 1)
				report, err := c.StartRoll(t.Context(), plan)
				require.NoError(t, err)
				assert.False(t, report.Unknown)
				assert.Len(t, report.Calls, 1)
				assert.Less(t, report.Ended.Sub(report.Began), 2*time.Minute)
				report, err = c.AwaitRoll(t.Context(), plan, report.Began)
				require.NoError(t, err)
				assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome, report)
				assert.Len(t, accepted(srv), 1)
			})
		})
	}
}

// accepted are the requests for a software update that the service took, answered or not.
func accepted(srv *hyperpodtest.Server) []*sagemaker.UpdateClusterSoftwareInput {
	var inputs []*sagemaker.UpdateClusterSoftwareInput
	for _, call := range srv.Calls() {
		if in, ok := call.Input.(*sagemaker.UpdateClusterSoftwareInput); ok && (call.Err == nil || errors.Is(call.Err, io.ErrUnexpectedEOF)) {
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// A request that never arrived is told from one whose answer was lost.
func TestStartRollThatNeverArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c, plan := planned(t, pageSpec(2), hyperpod.AMI(newAMI), 1)
		srv.Faults().Fail(updateSoftware, 1, io.ErrUnexpectedEOF)
		report, err := c.StartRoll(t.Context(), plan)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.ErrorContains(t, err, "it was not accepted")
		assert.False(t, report.Unknown)
		assert.False(t, report.Unfinished)
		assert.Empty(t, report.Calls)
		assert.GreaterOrEqual(t, report.Ended.Sub(report.Began), 2*time.Minute, "not before the service may have shown it")
		assert.Equal(t, hyperpod.OutcomeNotReached, report.Groups[0].Outcome)

		report, err = c.RollImage(t.Context(), rollTo(newAMI))
		require.NoError(t, err, "and so it can be sent again")
		assert.True(t, report.Complete)
	})
}

// Where nothing tells, nobody guesses: the default image over itself, which left no sign.
func TestStartRollThatNobodyCanTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := pageSpec(2)
		onDefault(&spec)
		srv, c, plan := planned(t, spec, hyperpod.DefaultImage, 1)
		srv.Faults().Fail(updateSoftware, 1, io.ErrUnexpectedEOF)
		report, err := c.StartRoll(t.Context(), plan)
		require.ErrorContains(t, err, "does not tell whether the request was accepted")
		assert.True(t, report.Unknown)
		assert.Equal(t, hyperpod.OutcomeUndecided, report.Groups[0].Outcome)
		assert.Contains(t, report.String(), "describe the cluster before trying again")

		srv.Faults().Fail(updateSoftware, 1, io.ErrUnexpectedEOF)
		roll := rollAll(hyperpod.DefaultImage)
		report, err = c.With(func(o *hyperpod.Options) { o.WaitBusy = true }).RollImage(t.Context(), roll)
		require.Error(t, err)
		assert.True(t, report.Unknown)
		assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), 2, "it is not sent again")
	})
}

// A conflict at the first attempt is somebody else's operation, whatever the groups show.
func TestStartRollThatMeetsAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c, plan := planned(t, pageSpec(2), hyperpod.AMI(newAMI), 3)
		_, err := c.StartRoll(t.Context(), plan)
		require.NoError(t, err)
		looks := len(sent[sagemaker.DescribeClusterInput](srv))
		report, err := c.StartRoll(t.Context(), plan)
		require.ErrorIs(t, err, hyperpod.ErrBusy)
		assert.False(t, report.Unknown)
		assert.Len(t, sent[sagemaker.DescribeClusterInput](srv), looks, "there is nothing to find out")
	})
}

// Somebody else's update to another image is not ours, though an answer of ours was lost.
func TestStartRollThatLostToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c, plan := planned(t, pageSpec(2), hyperpod.AMI(newAMI), 3)
		other := false
		srv.Faults().Before(func(ctx context.Context, op string, _ any) error {
			if op != updateSoftware || other {
				return nil
			}
			other = true
			_, err := srv.UpdateClusterSoftware(ctx, &sagemaker.UpdateClusterSoftwareInput{
				ClusterName: aws.String("example-cluster"), ImageId: aws.String("ami-0aaaaaaaaaaaaaaaa"),
				InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
			})
			require.NoError(t, err)
			return io.ErrUnexpectedEOF
		})
		report, err := c.StartRoll(t.Context(), plan)
		require.Error(t, err)
		require.NotErrorIs(t, err, hyperpod.ErrBusy, "it must not be sent again before somebody has looked")
		assert.True(t, report.Unknown)
		assert.Empty(t, report.Calls)
	})
}

// A context that ends in the call leaves one look.
func TestStartRollWhoseContextEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		start time.Duration // until the update shows
		known bool
	}{"it shows at once": {0, true}, "it shows later": {time.Minute, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Durations.SoftwareStart = tt.start })
				c := hyperpod.New(srv.Client()).Cluster("example-cluster")
				_, err := c.Create(t.Context(), pageSpec(2))
				require.NoError(t, err)
				plan, err := c.PlanRoll(t.Context(), rollTo(newAMI))
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				srv.Faults().After(func(_ context.Context, op string, _ any, _ error) {
					if op == updateSoftware {
						cancel()
					}
				})
				srv.Faults().LoseResponse(updateSoftware, 1)
				report, err := c.StartRoll(ctx, plan)
				assert.Equal(t, tt.known, err == nil)
				assert.Equal(t, !tt.known, report.Unknown)
			})
		})
	}
}

func TestStartRollSendsNothingForNothing(t *testing.T) {
	srv, c := madeBy(t, twoGroups())
	plan, err := c.PlanRoll(t.Context(), rollAll(hyperpod.AMI(newAMI)))
	require.NoError(t, err)
	report, err := c.StartRoll(t.Context(), plan.Only())
	require.NoError(t, err)
	assert.True(t, report.Complete)
	report, err = c.AwaitRoll(t.Context(), plan.Only(), time.Now())
	require.NoError(t, err)
	assert.True(t, report.Complete)
	started, err := c.RollStarted(t.Context(), plan.Only(), time.Now())
	require.NoError(t, err)
	assert.Equal(t, hyperpod.StartedNo, started)
	assert.Empty(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), "no group would mean every group")
}

// A plan that somebody wrote, or that is of another cluster, is refused before it is sent.
func TestPlansThatDoNotFit(t *testing.T) {
	srv, c := madeBy(t, twoGroups())
	good, err := c.PlanRoll(t.Context(), rollAll(hyperpod.AMI(newAMI)))
	require.NoError(t, err)
	body, err := json.Marshal(good)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		edit func(*hyperpod.RollPlan)
		path string
	}{
		"another cluster": {func(p *hyperpod.RollPlan) { p.Cluster, p.ARN = "other", "" }, "ClusterName"},
		"no image":        {func(p *hyperpod.RollPlan) { p.Image = hyperpod.Image{} }, "ImageId"},
		"no AMI id":       {func(p *hyperpod.RollPlan) { p.Image = hyperpod.AMI("ami-1") }, "ImageId"},
		"no group name":   {func(p *hyperpod.RollPlan) { p.Groups[0].Name = "" }, "InstanceGroups[0].InstanceGroupName"},
		"over 100%":       {func(p *hyperpod.RollPlan) { p.Deployment.Batch = hyperpod.Percent(101) }, "MaximumBatchSize.Value"},
		"a rollback size alone": {func(p *hyperpod.RollPlan) {
			p.Deployment = hyperpod.Deployment{RollbackBatch: hyperpod.Nodes(1)}
		}, "MaximumBatchSize"},
	} {
		t.Run(name, func(t *testing.T) {
			var plan hyperpod.RollPlan
			require.NoError(t, json.Unmarshal(body, &plan))
			tt.edit(&plan)
			_, err := c.StartRoll(t.Context(), &plan)
			require.ErrorIs(t, err, hyperpod.ErrInvalid)
			require.ErrorContains(t, err, tt.path)
			_, err = c.AwaitRoll(t.Context(), &plan, time.Now())
			require.ErrorIs(t, err, hyperpod.ErrInvalid)
			_, err = c.RollStarted(t.Context(), &plan, time.Now())
			require.ErrorIs(t, err, hyperpod.ErrInvalid)
		})
	}
	_, err = c.StartRoll(t.Context(), nil)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	byARN := hyperpod.New(srv.Client(), fast).Cluster(good.ARN)
	report, err := byARN.StartRoll(t.Context(), good)
	require.NoError(t, err)
	assert.Len(t, report.Calls, 1)
}
