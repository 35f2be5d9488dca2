package hyperpod_test

import (
	"context"
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

func rollTo(image string) hyperpod.Roll {
	return hyperpod.Roll{Image: hyperpod.AMI(image), Groups: hyperpod.Named("workers"), Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true}
}

func TestRollRefusesWhatHasNoHarmlessDefault(t *testing.T) {
	tests := []struct {
		name string
		edit func(*hyperpod.Roll)
		path string
	}{
		{"no image", func(r *hyperpod.Roll) { r.Image = hyperpod.Image{} }, "ImageId"},
		{"bad image", func(r *hyperpod.Roll) { r.Image = hyperpod.AMI("ami-1") }, "ImageId"},
		{"bad release", func(r *hyperpod.Roll) { r.Image = hyperpod.Release("newest") }, "InstanceGroups[0].ImageReleaseVersion"},
		{"no groups", func(r *hyperpod.Roll) { r.Groups = hyperpod.GroupSelection{} }, "InstanceGroups"},
		{"empty list of groups", func(r *hyperpod.Roll) { r.Groups = hyperpod.Named() }, "InstanceGroups"},
		{"group twice", func(r *hyperpod.Roll) { r.Groups = hyperpod.Named("workers", "workers") }, "InstanceGroups[1].InstanceGroupName"},
		{"no consent", func(r *hyperpod.Roll) { r.ReplaceRootVolumes = false }, "ReplaceRootVolumes"},
		{"no batch", func(r *hyperpod.Roll) { r.Batch = hyperpod.Batch{} }, "DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize"},
		{"empty batch", func(r *hyperpod.Roll) { r.Batch = hyperpod.Nodes(0) }, "DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value"},
		{"more than all", func(r *hyperpod.Roll) { r.Batch = hyperpod.Percent(101) }, "DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value"},
		{"rollback batch alone", func(r *hyperpod.Roll) { r.RollbackBatch = hyperpod.Nodes(1) }, "DeploymentConfig.RollingUpdatePolicy.RollbackMaximumBatchSize"},
		{"long wait", func(r *hyperpod.Roll) { r.WaitInterval = 2 * time.Hour }, "DeploymentConfig.WaitIntervalInSeconds"},
		{"wait beyond an integer", func(r *hyperpod.Roll) { r.WaitInterval = (1<<32 + 60) * time.Second }, "DeploymentConfig.WaitIntervalInSeconds"},
		{"bad release of all groups", func(r *hyperpod.Roll) { r.Image, r.Groups = hyperpod.Release("newest"), hyperpod.AllGroups }, "InstanceGroups[0].ImageReleaseVersion"},
		{"half a second", func(r *hyperpod.Roll) { r.WaitInterval = time.Second / 2 }, "DeploymentConfig.WaitIntervalInSeconds"},
		{"alarm", func(r *hyperpod.Roll) { r.Alarms = []string{" "} }, "DeploymentConfig.AutoRollbackConfiguration[0].AlarmName"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			roll := rollTo(newAMI)
			tt.edit(&roll)
			report, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").RollImage(t.Context(), roll)
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Len(t, invalid.Findings, 1, "%v", invalid)
			assert.Equal(t, tt.path, invalid.Findings[0].Path)
			assert.Empty(t, srv.Calls(), "nothing was sent")
			assert.NotNil(t, report)
		})
	}
}

func TestRollInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		spec := pageSpec(8)
		spec.Groups = append(spec.Groups, workersGroup("login", 1))
		_, err := c.Create(t.Context(), spec)
		require.NoError(t, err)
		roll := rollTo(newAMI)
		roll.Batch, roll.RollbackBatch, roll.WaitInterval, roll.Alarms = hyperpod.Percent(25), hyperpod.Nodes(8), 5*time.Minute, []string{"loss-nan"}
		report, err := c.RollImage(t.Context(), roll)
		require.NoError(t, err)
		assert.Equal(t, []hyperpod.GroupResult{{Name: "workers", Outcome: hyperpod.OutcomeOnImage, Count: 8, Wanted: 8, Image: newAMI, Detail: report.Groups[0].Detail}}, report.Groups)
		assert.Greater(t, report.Ended.Sub(report.Began), 100*time.Minute, "four batches of 25 minutes")

		config := sent[sagemaker.UpdateClusterSoftwareInput](srv)[0].DeploymentConfig
		assert.Equal(t, &types.DeploymentConfiguration{
			AutoRollbackConfiguration: []types.AlarmDetails{{AlarmName: aws.String("loss-nan")}},
			WaitIntervalInSeconds:     aws.Int32(300),
			RollingUpdatePolicy: &types.RollingDeploymentPolicy{
				MaximumBatchSize:         &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeCapacityPercentage, Value: aws.Int32(25)},
				RollbackMaximumBatchSize: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(8)},
			},
		}, config)
		assert.Equal(t, goldenAMI, *describe(t, srv).InstanceGroups[1].CurrentImageId)
	})
}

// The service rolls a failed update back, and everything is in service again. That is
// a failure, and the nodes say why.
func TestRollThatIsRolledBack(t *testing.T) {
	for name, options := range map[string][]func(*hyperpodtest.Options){"instant": nil, "realistic": {hyperpodtest.Realistic}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hyperpodtest.NewServer(options...)
				c := hyperpod.New(srv.Client()).Cluster("example-cluster")
				_, err := c.Create(t.Context(), pageSpec(2))
				require.NoError(t, err)
				srv.FailLifecycle(newAMI, "on_create.sh: exit status 7")
				report, err := c.RollImage(t.Context(), rollTo(newAMI))
				require.ErrorIs(t, err, waiter.ErrRolledBack)
				require.ErrorIs(t, err, waiter.ErrNotUpdated)
				var failed *hyperpod.FailedError
				require.ErrorAs(t, err, &failed)
				assert.Len(t, failed.Nodes, 2)
				require.ErrorContains(t, err, "on_create.sh: exit status 7")
				assert.Equal(t, hyperpod.OutcomeRolledBack, report.Groups[0].Outcome)
				assert.Equal(t, goldenAMI, report.Groups[0].Image)
				assert.Len(t, report.Calls, 1)
			})
		})
	}
}

func TestRollSkipsWhatIsOnTheImage(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	report, err := c.RollImage(t.Context(), rollTo(goldenAMI))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.OutcomeUnchanged, report.Groups[0].Outcome)
	assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
}

func TestRollAllGroupsNamesThemAndLeavesRestrictedOnes(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Groups = append(spec.Groups, workersGroup("login", 1))
	spec.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
	}}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	roll := rollTo(newAMI)
	roll.Groups = hyperpod.AllGroups
	report, err := c.RollImage(t.Context(), roll)
	require.NoError(t, err)
	outcomes := map[string]hyperpod.GroupOutcome{}
	for _, g := range report.Groups {
		outcomes[g.Name] = g.Outcome
	}
	assert.Equal(t, map[string]hyperpod.GroupOutcome{"workers": hyperpod.OutcomeOnImage, "login": hyperpod.OutcomeOnImage, "nova": hyperpod.OutcomeNotRolled}, outcomes)
	assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv)[0].InstanceGroups, 2)

	roll.Groups = hyperpod.Named("nova")
	_, err = c.RollImage(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	assert.ErrorContains(t, err, "restricted")
}

func TestRollOfUnknownGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	roll := rollTo(newAMI)
	roll.Groups = hyperpod.Named("none")
	_, err := c.RollImage(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrGroupNotFound)
	assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
}

func TestRollOnSlurm(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Orchestrator = hyperpod.Slurm()
	spec.Groups = append(spec.Groups, workersGroup("managed", 1).WithImage("default"))
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)

	roll := rollTo(newAMI)
	roll.Batch = hyperpod.Nodes(1)
	_, err = c.RollImage(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "EKS only")

	roll = rollTo(newAMI)
	roll.Groups = hyperpod.Named("managed")
	_, err = c.RollImage(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "add a new group")

	_, err = c.RollImage(t.Context(), rollTo(newAMI))
	require.NoError(t, err)
}

func TestRollToManagedImages(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	roll := rollTo("")
	roll.Image = hyperpod.DefaultImage
	report, err := c.RollImage(t.Context(), roll)
	require.NoError(t, err)
	assert.Equal(t, "default", report.Groups[0].Image)

	roll.Image = hyperpod.Release("1.2.3")
	_, err = c.RollImage(t.Context(), roll)
	require.NoError(t, err)
	in := sent[sagemaker.UpdateClusterSoftwareInput](srv)[1]
	assert.Nil(t, in.ImageId)
	assert.Equal(t, "1.2.3", *in.InstanceGroups[0].ImageReleaseVersion)
}

// While and after the service rolls back, no progress towards the new image is shown.
func TestProgressOfARollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		var last hyperpod.GroupProgress
		c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) {
			o.OnEvent = func(_ context.Context, e hyperpod.Event) {
				if e.Kind == hyperpod.EventProgress && len(e.Groups) > 0 {
					last = e.Groups[0]
				}
			}
		}).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		srv.FailLifecycle(newAMI, "exit status 7")
		_, err = c.RollImage(t.Context(), rollTo(newAMI))
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		assert.Equal(t, hyperpod.GroupProgress{Name: "workers", Status: "RollbackComplete", Done: 0, Wanted: 2}, last)
	})
}

// Where the service shows no image ids the nodes' times decide, which are coarser than
// ours.
func TestRollOnAWholeCluster(t *testing.T) {
	for range 10 {
		srv := hyperpodtest.NewServer()
		c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
		spec := pageSpec(2)
		spec.NonContinuous = true
		_, err := c.Create(t.Context(), spec)
		require.NoError(t, err)
		report, err := c.RollImage(t.Context(), rollTo(newAMI))
		require.NoError(t, err)
		assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome)
	}
}

// A group whose last update left nodes behind is not on the image, whatever its ids say.
func TestRollDoesNotSkipAHalfRolledGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 2)
	api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		out, err := srv.DescribeCluster(ctx, in)
		if err == nil && len(sent[sagemaker.UpdateClusterSoftwareInput](srv)) == 0 {
			out.InstanceGroups[0].SoftwareUpdateStatus, out.InstanceGroups[0].TargetStateCount = types.SoftwareUpdateStatusSucceeded, aws.Int32(1)
		}
		return out, err
	}}
	_, err := hyperpod.New(api, fast).Cluster("example-cluster").RollImage(t.Context(), rollTo(goldenAMI))
	require.NoError(t, err)
	assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), 1)
}

func TestRollAllOfNoRegularGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Groups, spec.RestrictedGroups = nil, []types.ClusterRestrictedInstanceGroupSpecification{{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
	}}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	roll := rollTo(newAMI)
	roll.Groups = hyperpod.AllGroups
	_, err = c.RollImage(t.Context(), roll)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
}
