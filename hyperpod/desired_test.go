package hyperpod_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// ops are the names of the calls that an emulator got from one on.
func ops(srv *hyperpodtest.Server, from int) []string {
	var names []string
	for _, call := range srv.Calls()[from:] {
		names = append(names, call.Operation)
	}
	return names
}

func prune(o *hyperpod.DesiredOptions) { o.Prune = true }

func TestDesiredOfWhatIsThereSendsNothing(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	before := len(srv.Calls())
	report, err := c.Update(t.Context(), hyperpod.Desired(pageSpec(2)))
	require.NoError(t, err)
	assert.True(t, report.Complete)
	assert.Equal(t, []string{"DescribeCluster"}, ops(srv, before))

	spec := pageSpec(2)
	spec.Tags = map[string]string{}
	before = len(srv.Calls())
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.True(t, plan.Empty())
	assert.Equal(t, []string{"DescribeCluster", "ListTags"}, ops(srv, before), "tags are read when the specification names them")
}

func TestDesiredIsOneRequest(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 1)), hyperpod.AddGroup(workersGroup("old", 1)))
	require.NoError(t, err)
	before := len(srv.Calls())
	spec := pageSpec(5)
	spec.NodeRecovery = types.ClusterNodeRecoveryNone
	spec.Groups = append([]hyperpod.Group{workersGroup("new", 1), workersGroup("login", 1)}, spec.Groups...)
	report, err := c.Update(t.Context(), hyperpod.Desired(spec, prune))
	require.NoError(t, err)
	assert.True(t, report.Complete)
	assert.Equal(t, []string{"DescribeCluster", "UpdateCluster", "DescribeCluster"}, ops(srv, before))
	in := sent[sagemaker.UpdateClusterInput](srv)[1]
	var names []string
	for _, g := range in.InstanceGroups {
		names = append(names, *g.InstanceGroupName)
	}
	assert.Equal(t, []string{"workers", "new"}, names, "a group that is as declared is not sent")
	assert.Equal(t, []string{"old"}, in.InstanceGroupsToDelete)
	assert.Equal(t, types.ClusterNodeRecoveryNone, in.NodeRecovery)
	assert.Equal(t, types.ClusterNodeRecoveryNone, describe(t, srv).NodeRecovery)
}

// What the specification leaves out stays, what it has empty goes.
func TestDesiredTellsAbsentFromEmpty(t *testing.T) {
	labelled := func(labels map[string]string, taints []types.ClusterKubernetesTaint) hyperpod.Spec {
		spec := pageSpec(1)
		spec.Groups[0] = spec.Groups[0].WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
			s.KubernetesConfig = &types.ClusterKubernetesConfig{Labels: labels, Taints: taints}
		})
		return spec
	}
	taints := []types.ClusterKubernetesTaint{
		{Key: aws.String("a"), Effect: types.ClusterKubernetesTaintEffectNoSchedule},
		{Key: aws.String("b"), Effect: types.ClusterKubernetesTaintEffectNoExecute},
	}
	swapped := []types.ClusterKubernetesTaint{taints[1], taints[0]}
	labels := map[string]string{"team": "x"}
	tests := []struct {
		name string
		spec hyperpod.Spec
		want []hyperpod.FieldChange
	}{
		{"no configuration", pageSpec(1), nil},
		{"no labels", labelled(nil, taints), nil},
		{"the same in another order", labelled(labels, swapped), nil},
		{"empty labels", labelled(map[string]string{}, taints), []hyperpod.FieldChange{{Path: `KubernetesConfig.Labels["team"]`, Before: `"x"`}}},
		{"other label", labelled(map[string]string{"team": "y", "b": "z"}, nil), []hyperpod.FieldChange{
			{Path: `KubernetesConfig.Labels["b"]`, After: `"z"`}, {Path: `KubernetesConfig.Labels["team"]`, Before: `"x"`, After: `"y"`},
		}},
		{"one taint less", labelled(nil, taints[:1]), []hyperpod.FieldChange{
			{Path: "KubernetesConfig.Taints[1].Effect", Before: `"NoExecute"`}, {Path: "KubernetesConfig.Taints[1].Key", Before: `"b"`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
			_, err := c.Create(t.Context(), labelled(labels, taints))
			require.NoError(t, err)
			plan, err := c.Plan(t.Context(), hyperpod.Desired(tt.spec))
			require.NoError(t, err)
			if tt.want == nil {
				assert.True(t, plan.Empty(), "%s", plan)
				return
			}
			require.Len(t, plan.Changes(), 1)
			assert.Equal(t, tt.want, plan.Changes()[0].Fields)
			_, err = plan.Apply(t.Context())
			require.NoError(t, err)
			plan, err = c.Plan(t.Context(), hyperpod.Desired(tt.spec))
			require.NoError(t, err)
			assert.True(t, plan.Empty(), "%s", plan)
		})
	}
}

func TestDesiredListsRolls(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 1)))
	require.NoError(t, err)
	spec := pageSpec(3)
	spec.Groups = append(spec.Groups, workersGroup("login", 1))
	for i := range spec.Groups {
		spec.Groups[i] = spec.Groups[i].WithImage(newAMI)
	}
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.Contains(t, plan.String(), "not part of this plan: roll "+newAMI+" onto workers, login")
	require.Len(t, plan.Input().InstanceGroups, 1)
	assert.Equal(t, goldenAMI, *plan.Input().InstanceGroups[0].ImageId, "the live image is kept")
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	assert.Equal(t, goldenAMI, *describe(t, srv).InstanceGroups[0].CurrentImageId)

	rolls := plan.Rolls()
	require.Len(t, rolls, 1)
	rolls[0].Batch, rolls[0].ReplaceRootVolumes = hyperpod.AllAtOnce, true
	_, err = c.RollImage(t.Context(), rolls[0])
	require.NoError(t, err)
	plan, err = c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.True(t, plan.Empty())
	assert.Empty(t, plan.Rolls())
}

// A release alone asks for HyperPod's own image in that release.
func TestDesiredListsARollToARelease(t *testing.T) {
	c := newCluster(t, hyperpodtest.NewServer(), 1)
	spec := pageSpec(1)
	spec.Groups[0] = spec.Groups[0].WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
		s.ImageId, s.ImageReleaseVersion = nil, aws.String("1.2.3")
	})
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	require.Len(t, plan.Rolls(), 1)
	assert.Equal(t, hyperpod.Release("1.2.3"), plan.Rolls()[0].Image)
}

// A group cannot be deleted and declared in one request.
func TestDesiredAfterADeletion(t *testing.T) {
	c := newCluster(t, hyperpodtest.NewServer(), 1)
	_, err := c.Plan(t.Context(), hyperpod.DeleteGroup("workers"), hyperpod.Desired(pageSpec(1)))
	require.ErrorContains(t, err, "deleted and added in one request")
	require.NotErrorIs(t, err, hyperpod.ErrGroupNotFound)
}

func TestDesiredRefuses(t *testing.T) {
	tests := []struct {
		name string
		edit func(*hyperpod.Spec)
		path string
		says string
	}{
		{"group not declared", func(s *hyperpod.Spec) { s.Groups = s.Groups[:1] }, "edits[0]", `has a group "login"`},
		{"instance type", func(s *hyperpod.Spec) {
			s.Groups[0] = s.Groups[0].WithInstances(types.ClusterInstanceTypeMlG5Xlarge, 2)
		}, "InstanceGroups[0].InstanceType", `from "ml.c5.2xlarge" to "ml.g5.xlarge"; add a new group`},
		{"flexible", func(s *hyperpod.Spec) {
			s.Groups[0] = s.Groups[0].WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
				s.InstanceType, s.InstanceRequirements = "", &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlG5Xlarge}}
			})
		}, "InstanceGroups[0].InstanceRequirements", "add a new group"},
		{"role", func(s *hyperpod.Spec) { s.Groups[0] = s.Groups[0].WithExecutionRole(adminRole + "2") }, "InstanceGroups[0].ExecutionRole", "Admin2"},
		{"threads", func(s *hyperpod.Spec) { s.Groups[0] = s.Groups[0].WithThreadsPerCore(2) }, "InstanceGroups[0].ThreadsPerCore", "from 1 to 2"},
		{"network of a group", func(s *hyperpod.Spec) {
			s.Groups[0] = s.Groups[0].WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
				s.OverrideVpcConfig = &types.VpcConfig{Subnets: []string{"subnet-9"}, SecurityGroupIds: []string{"sg-9"}}
			})
		}, "InstanceGroups[0].OverrideVpcConfig", "from nothing to"},
		{"key of a volume", func(s *hyperpod.Spec) {
			s.Groups[0] = s.Groups[0].WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
				s.InstanceStorageConfigs = hyperpod.NewGroup("x").WithEncryptedEBSVolume(200, volumeKey).Spec().InstanceStorageConfigs
			})
		}, "InstanceGroups[0].InstanceStorageConfigs[0].EbsVolumeConfig.VolumeKmsKeyId", "add a new group"},
		{"network", func(s *hyperpod.Spec) { s.VPC.Subnets = []string{"subnet-9"} }, "VpcConfig.Subnets", `to ["subnet-9"]; make a new cluster`},
		{"EKS cluster", func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.EKS(eksARN + "2") }, "Orchestrator.Eks.ClusterArn", "make a new cluster"},
		{"other orchestrator", func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.Slurm() }, "Orchestrator.Eks.ClusterArn", "make a new cluster"},
		{"twice", func(s *hyperpod.Spec) { s.Groups = append(s.Groups, workersGroup("workers", 9)) }, "edits[0]", `two groups "workers"`},
		{"too many", func(s *hyperpod.Spec) {
			for i := range 100 {
				s.Groups = append(s.Groups, workersGroup(fmt.Sprintf("group-%d", i), 1))
			}
		}, "InstanceGroups", "it has 101 items; send at most 100 groups in one request"},
		{"restricted", func(s *hyperpod.Spec) {
			s.Groups = s.Groups[:1]
			s.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
				InstanceGroupName: aws.String("login"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
			}}
		}, "edits[0]", `group "login" is a regular one`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			c := newCluster(t, srv, 2)
			_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 1)))
			require.NoError(t, err)
			before := mutations(srv)
			spec := pageSpec(2)
			spec.Groups = append(spec.Groups, workersGroup("login", 1))
			spec.Groups[0] = spec.Groups[0].WithInstances(types.ClusterInstanceTypeMlC52xlarge, 3) // a change, so that the group is sent
			tt.edit(&spec)
			_, err = c.Update(t.Context(), hyperpod.Desired(spec))
			invalid := new(hyperpod.InvalidError)
			require.ErrorAs(t, err, &invalid)
			assert.True(t, strings.HasPrefix(invalid.Findings[0].Path, tt.path), invalid.Findings[0].Path)
			require.ErrorContains(t, err, tt.says)
			assert.Equal(t, before, mutations(srv))
		})
	}
}

func TestDesiredProvisioningMode(t *testing.T) {
	makeContinuous := func(o *hyperpod.DesiredOptions) { o.MakeContinuous = true }
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.NonContinuous = true
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.True(t, plan.Empty())
	assert.NotContains(t, plan.String(), "provisioning-mode", "a specification without a mode leaves it alone")

	spec.NonContinuous = false
	plan, err = c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.True(t, plan.Empty())
	assert.Contains(t, plan.String(), "warning: NodeProvisioningMode: the cluster is not Continuous and stays so")

	_, err = c.Update(t.Context(), hyperpod.Desired(spec, makeContinuous))
	require.NoError(t, err)
	assert.Equal(t, types.ClusterNodeProvisioningModeContinuous, describe(t, srv).NodeProvisioningMode)

	slurm := hyperpod.New(srv.Client(), fast).Cluster("slurm")
	spec.Orchestrator, spec.NonContinuous = hyperpod.Slurm(), true
	_, err = slurm.Create(t.Context(), spec)
	require.NoError(t, err)
	spec.NonContinuous = false
	_, err = slurm.Plan(t.Context(), hyperpod.Desired(spec, makeContinuous))
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "a live cluster on Slurm cannot become Continuous")
}

func TestDesiredKeepsCountsThatScaleByThemselves(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 7)
	plan, err := c.Plan(t.Context(), hyperpod.Desired(pageSpec(0)))
	require.NoError(t, err)
	assert.Contains(t, plan.String(), "loses all of its instances, 7 of them [count-zero]")
	plan, err = c.Plan(t.Context(), hyperpod.Desired(pageSpec(0), func(o *hyperpod.DesiredOptions) { o.KeepCounts = true }))
	require.NoError(t, err)
	assert.True(t, plan.Empty())
}
