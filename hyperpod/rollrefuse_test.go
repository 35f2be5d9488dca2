package hyperpod_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// described is the cluster of [twoGroups] as it is described, edited, with calls that are
// counted by the server.
func described(t *testing.T, edit func(*sagemaker.DescribeClusterOutput), specEdits ...func(*hyperpod.Spec)) (*hyperpodtest.Server, *hyperpod.Cluster) {
	t.Helper()
	spec := twoGroups()
	for _, e := range specEdits {
		e(&spec)
	}
	srv, _ := madeBy(t, spec)
	api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		out, err := srv.DescribeCluster(ctx, in)
		if err == nil && edit != nil {
			edit(out)
		}
		return out, err
	}}
	return srv, hyperpod.New(api, fast).Cluster("example-cluster")
}

func onSlurm(s *hyperpod.Spec) { s.Orchestrator = hyperpod.Slurm() }

func onDefault(s *hyperpod.Spec) {
	for i := range s.Groups {
		s.Groups[i] = s.Groups[i].WithImage("default")
	}
}

// What the service would refuse or ignore is refused before the first call, with rule,
// path and what to do, and so by PlanRoll as by RollImage.
func TestRollRefusesWhatTheClusterDoesNotTake(t *testing.T) {
	release := func(r *hyperpod.Roll) { r.Image = hyperpod.Release("1.2.3") }
	for name, tt := range map[string]struct {
		specs      []func(*hyperpod.Spec)
		edit       func(*hyperpod.Roll)
		rule, path string
		fix        string
	}{
		"batches on Slurm":          {[]func(*hyperpod.Spec){onSlurm}, func(r *hyperpod.Roll) { r.Batch = hyperpod.Nodes(1) }, "eks-only", "DeploymentConfig", "use AllAtOnce"},
		"alarms on Slurm":           {[]func(*hyperpod.Spec){onSlurm}, func(r *hyperpod.Roll) { r.Alarms = []string{"loss"} }, "eks-only", "DeploymentConfig", "without alarms"},
		"a wait on Slurm":           {[]func(*hyperpod.Spec){onSlurm}, func(r *hyperpod.Roll) { r.WaitInterval = time.Minute }, "eks-only", "DeploymentConfig", "use AllAtOnce"},
		"a release on Slurm":        {[]func(*hyperpod.Spec){onSlurm, onDefault}, release, "eks-only", "InstanceGroups[0].ImageReleaseVersion", "use DefaultImage"},
		"default to AMI on Slurm":   {[]func(*hyperpod.Spec){onSlurm, onDefault}, nil, "slurm-default-to-custom", "InstanceGroups[0]", "add a new group"},
		"a release on a custom AMI": {nil, release, "release-of-custom", "InstanceGroups[0].ImageReleaseVersion", "roll it to DefaultImage"},
		"a restricted group":        {nil, func(r *hyperpod.Roll) { r.Groups = hyperpod.Named("workers", "nova") }, "restricted-group", "InstanceGroups[1]", "leave it out"},
		"an unknown group":          {nil, func(r *hyperpod.Roll) { r.Groups = hyperpod.Named("workers", "none") }, "group-not-found", "InstanceGroups[1].InstanceGroupName", "workers"},
	} {
		t.Run(name, func(t *testing.T) {
			srv, c := described(t, nil, tt.specs...)
			roll := rollTo(newAMI)
			if tt.edit != nil {
				tt.edit(&roll)
			}
			plan, planned := c.PlanRoll(t.Context(), roll)
			assert.Nil(t, plan)
			report, err := c.RollImage(t.Context(), roll)
			require.NotNil(t, report)
			for _, err := range []error{planned, err} {
				var invalid *hyperpod.InvalidError
				require.ErrorAs(t, err, &invalid)
				require.Len(t, invalid.Findings, 1)
				assert.Equal(t, hyperpodkit.Error, invalid.Findings[0].Level)
				assert.Equal(t, tt.rule, invalid.Findings[0].Rule)
				assert.Equal(t, tt.path, invalid.Findings[0].Path)
				assert.Contains(t, invalid.Findings[0].Fix, tt.fix)
			}
			assert.Empty(t, sent[sagemaker.UpdateClusterSoftwareInput](srv))
		})
	}
}

// All that is wrong is told at once, and a group that is busy beside it.
func TestRollRefusesAllAtOnce(t *testing.T) {
	_, c := described(t, func(out *sagemaker.DescribeClusterOutput) {
		out.InstanceGroups[0].Status = types.InstanceGroupStatusSystemupdating
	})
	roll := rollTo(newAMI)
	roll.Groups = hyperpod.Named("none", "nova", "neither", "workers")
	_, err := c.PlanRoll(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrGroupNotFound)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.NotErrorIs(t, err, hyperpod.ErrBusy, "that would pass, and this does not")
	var invalid *hyperpod.InvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Len(t, invalid.Findings, 3)
}

// Force sends what is refused otherwise. On Slurm it is the service that decides then.
func TestForcedRolls(t *testing.T) {
	srv, c := described(t, nil, onSlurm, onDefault)
	roll := rollTo(newAMI)
	roll.Force = true
	_, err := c.RollImage(t.Context(), roll)
	require.ErrorContains(t, err, "cannot be updated from a HyperPod AMI to the custom AMI")
	require.NotErrorIs(t, err, hyperpod.ErrInvalid)
	assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), 1)

	srv, c = described(t, nil)
	roll.Image = hyperpod.Release("1.2.3")
	report, err := c.RollImage(t.Context(), roll)
	require.NoError(t, err)
	in := sent[sagemaker.UpdateClusterSoftwareInput](srv)[0]
	assert.Equal(t, "default", *in.ImageId, "a group on an AMI must be sent an image")
	assert.Equal(t, "1.2.3", *in.InstanceGroups[0].ImageReleaseVersion)
	assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome)
}

// Only what the service surely refuses is refused for it. Everything else is its own to
// say.
func TestRollOfWhatIsBusy(t *testing.T) {
	workers := func(edit func(*types.ClusterInstanceGroupDetails)) func(*sagemaker.DescribeClusterOutput) {
		return func(out *sagemaker.DescribeClusterOutput) { edit(&out.InstanceGroups[0]) }
	}
	cluster := func(s types.ClusterStatus) func(*sagemaker.DescribeClusterOutput) {
		return func(out *sagemaker.DescribeClusterOutput) { out.ClusterStatus = s }
	}
	update := func(s types.SoftwareUpdateStatus) func(*sagemaker.DescribeClusterOutput) {
		return workers(func(g *types.ClusterInstanceGroupDetails) { g.SoftwareUpdateStatus = s })
	}
	group := func(s types.InstanceGroupStatus) func(*sagemaker.DescribeClusterOutput) {
		return workers(func(g *types.ClusterInstanceGroupDetails) { g.Status = s })
	}
	minimum := func(s types.InstanceGroupStatus) func(*sagemaker.DescribeClusterOutput) {
		return workers(func(g *types.ClusterInstanceGroupDetails) {
			g.Status, g.CurrentCount, g.MinCount = s, aws.Int32(1), aws.Int32(2)
		})
	}
	for name, tt := range map[string]struct {
		edit func(*sagemaker.DescribeClusterOutput)
		path string // empty when it is sent
		says string
	}{
		"cluster Updating":           {cluster(types.ClusterStatusUpdating), "ClusterName", "the cluster is Updating"},
		"cluster SystemUpdating":     {cluster(types.ClusterStatusSystemupdating), "ClusterName", "the cluster is SystemUpdating"},
		"update Pending":             {update(types.SoftwareUpdateStatusPending), "InstanceGroups[0]", `a software update of group "workers" is Pending`},
		"update InProgress":          {update(types.SoftwareUpdateStatusInProgress), "InstanceGroups[0]", "InProgress"},
		"update RollbackInProgress":  {update(types.SoftwareUpdateStatusRollbackInProgress), "InstanceGroups[0]", "RollbackInProgress"},
		"group SystemUpdating":       {group(types.InstanceGroupStatusSystemupdating), "InstanceGroups[0]", `group "workers" is SystemUpdating`},
		"minimum count pending":      {minimum(types.InstanceGroupStatusCreating), "InstanceGroups[0]", "1 of the 2 instances that it is to have at least"},
		"minimum count, by edit":     {minimum(types.InstanceGroupStatusUpdating), "InstanceGroups[0]", "at least"},
		"below the minimum, at rest": {minimum(types.InstanceGroupStatusInservice), "", ""},
		"cluster Failed":             {cluster(types.ClusterStatusFailed), "", ""},
		"cluster RollingBack":        {cluster(types.ClusterStatusRollingback), "", ""},
		"cluster Creating":           {cluster(types.ClusterStatusCreating), "", ""},
		"an unknown cluster status":  {cluster("Meditating"), "", ""},
		"group Updating":             {group(types.InstanceGroupStatusUpdating), "", ""},
		"group Degraded":             {group(types.InstanceGroupStatusDegraded), "", ""},
		"scaling": {workers(func(g *types.ClusterInstanceGroupDetails) {
			g.ActiveOperations = map[string]int32{"Scaling": 1}
		}), "", ""},
		"another group is being updated": {func(out *sagemaker.DescribeClusterOutput) {
			out.InstanceGroups[1].SoftwareUpdateStatus = types.SoftwareUpdateStatusInProgress
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv, c := described(t, tt.edit)
			if tt.path == "" {
				srv.Faults().Fail("UpdateClusterSoftware", 1, &types.ConflictException{Message: aws.String("not now")})
			}
			report, err := c.RollImage(t.Context(), rollTo(newAMI))
			require.ErrorIs(t, err, hyperpod.ErrBusy)
			require.NotErrorIs(t, err, hyperpod.ErrInvalid)
			require.False(t, report.Unknown)
			require.False(t, report.Unfinished)
			if tt.path == "" {
				require.ErrorContains(t, err, "not now", "the service was asked")
				assert.Equal(t, hyperpod.OutcomeNotReached, report.Groups[0].Outcome)
				return
			}
			require.ErrorContains(t, err, tt.path+": ")
			require.ErrorContains(t, err, tt.says)
			require.ErrorContains(t, err, "wait until it is over [roll-busy]")
			assert.Empty(t, sent[sagemaker.UpdateClusterSoftwareInput](srv))
		})
	}
}

// A cluster that is busy is no matter when there is nothing to send.
func TestRollOfABusyClusterWithNothingToDo(t *testing.T) {
	_, c := described(t, func(out *sagemaker.DescribeClusterOutput) { out.ClusterStatus = types.ClusterStatusUpdating })
	report, err := c.RollImage(t.Context(), rollTo(goldenAMI))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.OutcomeUnchanged, report.Groups[0].Outcome)
	assert.True(t, report.Complete)
}

// With WaitBusy a roll waits for its turn, and judges anew when it comes.
func TestRollWaitsForItsTurn(t *testing.T) {
	looks := 0
	srv, c := described(t, func(out *sagemaker.DescribeClusterOutput) {
		if looks++; looks < 4 {
			out.ClusterStatus = types.ClusterStatusUpdating
		}
	})
	report, err := c.With(func(o *hyperpod.Options) { o.WaitBusy = true }).RollImage(t.Context(), rollTo(newAMI))
	require.NoError(t, err)
	assert.Greater(t, looks, 4)
	assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), 1)
	assert.Empty(t, report.Findings, "that it was busy has passed")
	assert.True(t, report.Complete)
}

func TestOneByOneNeedsToWait(t *testing.T) {
	srv, c := described(t, nil)
	roll := rollTo(newAMI)
	roll.OneByOne = true
	_, err := c.With(func(o *hyperpod.Options) { o.NoWait = true }).RollImage(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "OneByOne: set together with Options.NoWait")
	assert.Empty(t, sent[sagemaker.UpdateClusterSoftwareInput](srv))
}

// The checker is asked about every instance type that a group may have, those included
// that a flexible group no longer wants.
func TestRollAsksAboutAllInstanceTypes(t *testing.T) {
	var uses []hyperpodkit.ImageUse
	_, c := described(t, func(out *sagemaker.DescribeClusterOutput) {
		out.InstanceGroups[0].InstanceType = ""
		out.InstanceGroups[0].InstanceRequirements = &types.ClusterInstanceRequirementDetails{
			DesiredInstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlP548xlarge, types.ClusterInstanceTypeMlC52xlarge},
			CurrentInstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC52xlarge, types.ClusterInstanceTypeMlG512xlarge},
		}
	})
	c = c.With(func(o *hyperpod.Options) {
		o.Images = imageChecker(func(use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
			uses = append(uses, use)
			return []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "architecture", Found: "arm64"}}, nil
		})
	})
	roll := rollTo(newAMI)
	roll.Groups = hyperpod.AllGroups
	_, err := c.PlanRoll(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "ImageId: arm64")
	assert.Equal(t, []hyperpodkit.ImageUse{{
		Image: newAMI, InstanceTypes: []string{"ml.p5.48xlarge", "ml.c5.2xlarge", "ml.g5.12xlarge"}, Orchestrator: "eks", Region: "us-west-2", Path: "ImageId",
	}}, uses)
}
