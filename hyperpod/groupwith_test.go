package hyperpod_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/schemas"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// everything is a deployment with every member set.
var everything = hyperpod.Deployment{
	Batch: hyperpod.Nodes(2), RollbackBatch: hyperpod.Percent(50), WaitInterval: time.Minute, Alarms: []string{"nan"},
}

// network is a network other than the cluster's.
var network = hyperpod.VPC{Subnets: []string{"subnet-2"}, SecurityGroups: []string{"sg-2"}}

// setters call each With method once, or once for each kind of what it sets, and name
// the members that this sets. "[]" stands for an element, "{}" for a structure without
// members, and a union's member follows its list.
var setters = []struct {
	method string
	call   func(hyperpod.Group) hyperpod.Group
	sets   []string
}{
	{"WithName", func(g hyperpod.Group) hyperpod.Group { return g.WithName("x") }, []string{"InstanceGroupName"}},
	{"WithInstances", func(g hyperpod.Group) hyperpod.Group {
		return g.WithInstances(types.ClusterInstanceTypeMlC5Large, 3)
	}, []string{"InstanceType", "InstanceCount"}},
	{"WithFlexibleInstances", func(g hyperpod.Group) hyperpod.Group {
		return g.WithFlexibleInstances(3, types.ClusterInstanceTypeMlC5Large)
	}, []string{"InstanceRequirements.InstanceTypes[]", "InstanceCount"}},
	{"WithInstanceCount", func(g hyperpod.Group) hyperpod.Group { return g.WithInstanceCount(4) }, []string{"InstanceCount"}},
	{"WithMinInstanceCount", func(g hyperpod.Group) hyperpod.Group { return g.WithMinInstanceCount(1) }, []string{"MinInstanceCount"}},
	{"WithExecutionRole", func(g hyperpod.Group) hyperpod.Group { return g.WithExecutionRole("r") }, []string{"ExecutionRole"}},
	{
		"WithLifecycle", func(g hyperpod.Group) hyperpod.Group { return g.WithLifecycle("s3://b", "a.sh") },
		[]string{"LifeCycleConfig.SourceS3Uri", "LifeCycleConfig.OnCreate"},
	},
	{
		"WithOnInitComplete", func(g hyperpod.Group) hyperpod.Group { return g.WithOnInitComplete("s3://b", "a.sh") },
		[]string{"LifeCycleConfig.SourceS3Uri", "LifeCycleConfig.OnInitComplete"},
	},
	{"WithImage", func(g hyperpod.Group) hyperpod.Group { return g.WithImage(goldenAMI) }, []string{"ImageId"}},
	{"WithDefaultImage", hyperpod.Group.WithDefaultImage, []string{"ImageId"}},
	{"WithImageReleaseVersion", func(g hyperpod.Group) hyperpod.Group { return g.WithImageReleaseVersion("1.2.3") }, []string{"ImageReleaseVersion"}},
	{
		"WithScheduledUpdate", func(g hyperpod.Group) hyperpod.Group { return g.WithScheduledUpdate("cron(0 3 ? * SUN *)", everything) },
		deployment("ScheduledUpdateConfig", "ScheduleExpression"),
	},
	{"WithAutoPatch", func(g hyperpod.Group) hyperpod.Group {
		return g.WithAutoPatch(types.ClusterPatchingStrategyWhenIdle, everything)
	}, deployment("AutoPatchConfig", "PatchingStrategy")},
	{"WithNextPatchDate", func(g hyperpod.Group) hyperpod.Group {
		return g.WithNextPatchDate(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	}, []string{"AutoPatchConfig.PatchSchedule.NextPatchDate"}},
	{"WithThreadsPerCore", func(g hyperpod.Group) hyperpod.Group { return g.WithThreadsPerCore(1) }, []string{"ThreadsPerCore"}},
	{"WithSpot", hyperpod.Group.WithSpot, []string{"CapacityRequirements.Spot{}"}},
	{"WithOnDemand", hyperpod.Group.WithOnDemand, []string{"CapacityRequirements.OnDemand{}"}},
	{"WithTrainingPlan", func(g hyperpod.Group) hyperpod.Group { return g.WithTrainingPlan("p") }, []string{"TrainingPlanArn"}},
	{"WithDeepHealthChecks", func(g hyperpod.Group) hyperpod.Group {
		return g.WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress)
	}, []string{"OnStartDeepHealthChecks[]"}},
	{"WithEBSVolume", func(g hyperpod.Group) hyperpod.Group { return g.WithEBSVolume(5) }, storage("EbsVolumeConfig", "VolumeSizeInGB")},
	{
		"WithEncryptedEBSVolume", func(g hyperpod.Group) hyperpod.Group { return g.WithEncryptedEBSVolume(5, "k") },
		storage("EbsVolumeConfig", "VolumeSizeInGB", "VolumeKmsKeyId"),
	},
	{
		"WithRootVolumeKey", func(g hyperpod.Group) hyperpod.Group { return g.WithRootVolumeKey("k") },
		storage("EbsVolumeConfig", "RootVolume", "VolumeKmsKeyId"),
	},
	{
		"WithFSxLustre", func(g hyperpod.Group) hyperpod.Group { return g.WithFSxLustre("fs-0123.x", "m", "/fsx") },
		storage("FsxLustreConfig", "DnsName", "MountName", "MountPath"),
	},
	{
		"WithFSxLustre", func(g hyperpod.Group) hyperpod.Group { return g.WithFSxLustre("fs-0123.x", "m", "") },
		storage("FsxLustreConfig", "DnsName", "MountName"),
	},
	{
		"WithFSxOpenZFS", func(g hyperpod.Group) hyperpod.Group { return g.WithFSxOpenZFS("fs-0123.x", "/zfs") },
		storage("FsxOpenZfsConfig", "DnsName", "MountPath"),
	},
	{
		"WithFSxOpenZFS", func(g hyperpod.Group) hyperpod.Group { return g.WithFSxOpenZFS("fs-0123.x", "") },
		storage("FsxOpenZfsConfig", "DnsName"),
	},
	{
		"WithKubernetesLabels", func(g hyperpod.Group) hyperpod.Group { return g.WithKubernetesLabels(map[string]string{"a": "b"}) },
		[]string{"KubernetesConfig.Labels[]"},
	},
	{"WithKubernetesTaints", func(g hyperpod.Group) hyperpod.Group {
		return g.WithKubernetesTaints(hyperpod.Taint("k", "v", types.ClusterKubernetesTaintEffectNoSchedule))
	}, []string{"KubernetesConfig.Taints[].Key", "KubernetesConfig.Taints[].Value", "KubernetesConfig.Taints[].Effect"}},
	{"WithKubernetesTaints", func(g hyperpod.Group) hyperpod.Group {
		return g.WithKubernetesTaints(hyperpod.Taint("k", "", types.ClusterKubernetesTaintEffectNoSchedule))
	}, []string{"KubernetesConfig.Taints[].Key", "KubernetesConfig.Taints[].Effect"}},
	{
		"WithSlurm", func(g hyperpod.Group) hyperpod.Group { return g.WithSlurm(types.ClusterSlurmNodeTypeCompute, "dev") },
		[]string{"SlurmConfig.NodeType", "SlurmConfig.PartitionNames[]"},
	},
	{
		"WithOverrideVPC", func(g hyperpod.Group) hyperpod.Group { return g.WithOverrideVPC(network) },
		[]string{"OverrideVpcConfig.Subnets[]", "OverrideVpcConfig.SecurityGroupIds[]"},
	},
	{
		"WithNetworkInterface", func(g hyperpod.Group) hyperpod.Group {
			return g.WithNetworkInterface(types.ClusterInterfaceTypeEfaOnly)
		},
		[]string{"NetworkInterface.InterfaceType"},
	},
}

func deployment(member string, others ...string) []string {
	paths := []string{
		member + ".DeploymentConfig.AutoRollbackConfiguration[].AlarmName", member + ".DeploymentConfig.WaitIntervalInSeconds",
	}
	for _, batch := range []string{"MaximumBatchSize", "RollbackMaximumBatchSize"} {
		policy := member + ".DeploymentConfig.RollingUpdatePolicy." + batch
		paths = append(paths, policy+".Type", policy+".Value")
	}
	for _, other := range others {
		paths = append(paths, member+"."+other)
	}
	return paths
}

func storage(kind string, members ...string) []string {
	paths := make([]string, 0, len(members))
	for _, m := range members {
		paths = append(paths, "InstanceStorageConfigs[]."+kind+"."+m)
	}
	return paths
}

// setPaths are the paths of what is set in a group, sorted.
func setPaths(g hyperpod.Group) []string {
	set := map[string]bool{}
	collect(reflect.ValueOf(g.Spec()), "", set)
	return slices.Sorted(maps.Keys(set))
}

// Each method sets what its row says and nothing else, and changes no other group.
func TestWithSetsItsMembersAndNoOther(t *testing.T) {
	empty := hyperpod.GroupFromSpec(types.ClusterInstanceGroupSpecification{})
	for i, tt := range setters {
		t.Run(fmt.Sprintf("%d %s", i, tt.method), func(t *testing.T) {
			assert.ElementsMatch(t, tt.sets, setPaths(tt.call(empty)))
			assert.Empty(t, setPaths(empty))
		})
	}
}

// Copies share what they do not change, so a method must change nothing in place, nor
// must two methods called on one base see each other.
func TestWithChangesNoOtherGroup(t *testing.T) {
	full := hyperpod.GroupFromSpec(filled[types.ClusterInstanceGroupSpecification]())
	for _, first := range setters {
		fork := first.call(full)
		groups := []hyperpod.Group{fork}
		specs := []types.ClusterInstanceGroupSpecification{fork.Spec()}
		for _, second := range setters {
			child := second.call(fork)
			groups, specs = append(groups, child), append(specs, child.Spec())
		}
		for i := range groups {
			assert.Equal(t, specs[i], groups[i].Spec(), first.method)
		}
	}
	assert.Equal(t, filled[types.ClusterInstanceGroupSpecification](), full.Spec())
}

// An SDK with a member that no method reaches fails here.
func TestEveryMemberHasAWith(t *testing.T) {
	reached := map[string]bool{}
	for _, tt := range setters {
		for _, path := range tt.sets {
			reached[path] = true
		}
	}
	assert.Len(t, schemas.ClusterInstanceStorageConfig.Members(), len(unions[reflect.TypeFor[types.ClusterInstanceStorageConfig]()]))
	assert.ElementsMatch(t, leaves(reflect.TypeFor[types.ClusterInstanceGroupSpecification](), ""), slices.Collect(maps.Keys(reached)),
		"A has the SDK's members, B those that a method sets")
}

// A method that the table forgets fails here.
func TestEveryWithIsInTheTable(t *testing.T) {
	listed := map[string]bool{"WithSpec": true}
	for _, tt := range setters {
		listed[tt.method] = true
	}
	for m := range reflect.TypeFor[hyperpod.Group]().Methods() {
		if strings.HasPrefix(m.Name, "With") {
			assert.True(t, listed[m.Name], m.Name)
		}
	}
}

// What follows a call on the same members: the last wins, appends, or is kept.
func TestCallAfterCall(t *testing.T) {
	noSchedule := types.ClusterKubernetesTaintEffectNoSchedule
	tests := []struct {
		name     string
		got, has hyperpod.Group
	}{
		{"instances after flexible", hyperpod.NewGroup("g").WithFlexibleInstances(1, "a", "b").WithInstances("c", 2), hyperpod.NewGroup("g").WithInstances("c", 2)},
		{"flexible after instances", hyperpod.NewGroup("g").WithInstances("c", 2).WithFlexibleInstances(1, "a"), hyperpod.NewGroup("g").WithFlexibleInstances(1, "a")},
		{"the count alone keeps the types", hyperpod.NewGroup("g").WithFlexibleInstances(1, "a").WithInstanceCount(7), hyperpod.NewGroup("g").WithFlexibleInstances(7, "a")},
		{"spot after on-demand", hyperpod.NewGroup("g").WithOnDemand().WithSpot(), hyperpod.NewGroup("g").WithSpot()},
		{"on-demand after spot", hyperpod.NewGroup("g").WithSpot().WithOnDemand(), hyperpod.NewGroup("g").WithOnDemand()},
		{"root key after root key", hyperpod.NewGroup("g").WithEBSVolume(1).WithRootVolumeKey("old").WithRootVolumeKey("new"), hyperpod.NewGroup("g").WithEBSVolume(1).WithRootVolumeKey("new")},
		{"scripts in either order", hyperpod.NewGroup("g").WithOnInitComplete("s3://b", "b.sh").WithLifecycle("s3://c", "a.sh"), hyperpod.NewGroup("g").WithLifecycle("s3://b", "a.sh").WithOnInitComplete("s3://c", "b.sh")},
		{"patch date in either order", hyperpod.NewGroup("g").WithNextPatchDate(time.Unix(1e9, 0)).WithAutoPatch("WhenIdle", everything), hyperpod.NewGroup("g").WithAutoPatch("WhenIdle", everything).WithNextPatchDate(time.Unix(1e9, 0))},
		{"labels after labels", hyperpod.NewGroup("g").WithKubernetesLabels(map[string]string{"a": "b"}).WithKubernetesLabels(map[string]string{"c": "d"}), hyperpod.NewGroup("g").WithKubernetesLabels(map[string]string{"c": "d"})},
		{"taints after taints", hyperpod.NewGroup("g").WithKubernetesTaints(hyperpod.Taint("a", "", noSchedule)).WithKubernetesTaints(hyperpod.Taint("b", "", noSchedule)), hyperpod.NewGroup("g").WithKubernetesTaints(hyperpod.Taint("b", "", noSchedule))},
		{"no network of its own", hyperpod.NewGroup("g").WithOverrideVPC(network).WithOverrideVPC(hyperpod.VPC{}), hyperpod.NewGroup("g")},
		{"no checks", hyperpod.NewGroup("g").WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress).WithDeepHealthChecks(), hyperpod.NewGroup("g")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.has.Spec(), tt.got.Spec()) })
	}
	volumes := hyperpod.NewGroup("g").WithEBSVolume(1).WithFSxLustre("d", "m", "").WithFSxOpenZFS("d", "").WithRootVolumeKey("k")
	assert.Len(t, volumes.Spec().InstanceStorageConfigs, 4, "volumes append")
}

// Absent leaves alone, empty removes: the two must stay apart.
func TestEmptyIsNotAbsent(t *testing.T) {
	cleared := hyperpod.NewGroup("g").WithKubernetesLabels(map[string]string{}).WithKubernetesTaints().Spec().KubernetesConfig
	assert.NotNil(t, cleared.Labels)
	assert.NotNil(t, cleared.Taints)
	absent := hyperpod.NewGroup("g").WithKubernetesLabels(nil).Spec().KubernetesConfig
	assert.Nil(t, absent.Labels)
	assert.Nil(t, absent.Taints)
}

func TestWithCopiesWhatItIsGiven(t *testing.T) {
	labels, partitions, instanceTypes := map[string]string{"a": "b"}, []string{"p"}, []types.ClusterInstanceType{"a"}
	image := goldenAMI
	vpc := hyperpod.VPC{Subnets: []string{"s"}, SecurityGroups: []string{"g"}}
	taint := hyperpod.Taint("k", "v", "e")
	g := hyperpod.NewGroup("g").WithFlexibleInstances(1, instanceTypes...).WithKubernetesLabels(labels).WithKubernetesTaints(taint).
		WithSlurm(types.ClusterSlurmNodeTypeCompute, partitions...).WithOverrideVPC(vpc).
		WithSpec(func(s *types.ClusterInstanceGroupSpecification) { s.ImageId = &image })
	before := g.Spec()
	labels["a"], partitions[0], instanceTypes[0], vpc.Subnets[0], vpc.SecurityGroups[0], *taint.Key = "x", "x", "x", "x", "x", "x"
	image = newAMI
	assert.Equal(t, before, g.Spec())
}
