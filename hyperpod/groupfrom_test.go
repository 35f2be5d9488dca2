package hyperpod

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sources says where each member of a specification comes from in a description.
// "-" is a member with no source of its own.
var sources = map[string]string{
	"AutoPatchConfig":         "AutoPatchConfig",
	"CapacityRequirements":    "CapacityRequirements",
	"ExecutionRole":           "ExecutionRole",
	"ImageId":                 "DesiredImageId CurrentImageId",
	"ImageReleaseVersion":     "DesiredImageReleaseVersion CurrentImageReleaseVersion",
	"InstanceCount":           "TargetCount",
	"InstanceGroupName":       "InstanceGroupName",
	"InstanceRequirements":    "InstanceRequirements",
	"InstanceStorageConfigs":  "InstanceStorageConfigs",
	"InstanceType":            "InstanceType",
	"KubernetesConfig":        "KubernetesConfig",
	"LifeCycleConfig":         "LifeCycleConfig",
	"MinInstanceCount":        "MinCount",
	"NetworkInterface":        "NetworkInterface",
	"OnStartDeepHealthChecks": "OnStartDeepHealthChecks",
	"OverrideVpcConfig":       "OverrideVpcConfig",
	"ScheduledUpdateConfig":   "ScheduledUpdateConfig",
	"SlurmConfig":             "SlurmConfig",
	"ThreadsPerCore":          "ThreadsPerCore",
	"TrainingPlanArn":         "TrainingPlanArn",
}

// readOnly are the members of a description that cannot be sent.
var readOnly = []string{
	"ActiveOperations", "ActiveSoftwareUpdateConfig", "CurrentCount", "ImageVersionStatus", "InstanceTypeDetails",
	"SoftwareUpdateStatus", "Status", "TargetStateCount", "TrainingPlanStatus",
}

func exported(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	return names
}

// An SDK with a member that nobody has classified fails here, before the member is
// silently dropped from a live group.
func TestEveryMemberIsClassified(t *testing.T) {
	classified := append([]string(nil), readOnly...)
	var spec []string
	for member, from := range sources {
		spec = append(spec, member)
		classified = append(classified, strings.Fields(from)...)
	}
	const lists = "A has the SDK's members, B the classified ones"
	assert.ElementsMatch(t, exported(reflect.TypeFor[types.ClusterInstanceGroupSpecification]()), spec, lists)
	assert.ElementsMatch(t, exported(reflect.TypeFor[types.ClusterInstanceGroupDetails]()), classified, lists)
	assert.ElementsMatch(t, append(exported(reflect.TypeFor[types.ClusterRestrictedInstanceGroupSpecification]()),
		"CurrentCount", "Status", "TargetCount", "TrainingPlanStatus"),
		append(exported(reflect.TypeFor[types.ClusterRestrictedInstanceGroupDetails]()), "InstanceCount"),
		"A has what a restricted group is made of, B what its description has")
}

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// full is a description with every member set.
func full() types.ClusterInstanceGroupDetails {
	later := now.Add(time.Hour)
	return types.ClusterInstanceGroupDetails{
		InstanceGroupName: aws.String("workers"), InstanceType: types.ClusterInstanceTypeMlC52xlarge,
		CurrentCount: aws.Int32(3), TargetCount: aws.Int32(8), MinCount: aws.Int32(2),
		ExecutionRole:           aws.String("arn:aws:iam::111122223333:role/r"),
		LifeCycleConfig:         &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://b"), OnCreate: aws.String("a.sh"), OnInitComplete: aws.String("b.sh")},
		ThreadsPerCore:          aws.Int32(1),
		InstanceStorageConfigs:  []types.ClusterInstanceStorageConfig{&types.ClusterInstanceStorageConfigMemberFsxLustreConfig{Value: types.ClusterFsxLustreConfig{MountName: aws.String("m")}}},
		OnStartDeepHealthChecks: []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress},
		TrainingPlanArn:         aws.String("arn:aws:sagemaker:us-west-2:111122223333:training-plan/p"),
		OverrideVpcConfig:       &types.VpcConfig{Subnets: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}},
		CapacityRequirements:    &types.ClusterCapacityRequirements{Spot: &types.ClusterSpotOptions{}},
		ScheduledUpdateConfig:   &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 0 1 * ? *)")},
		AutoPatchConfig: &types.ClusterAutoPatchConfigDetails{
			PatchingStrategy:     types.ClusterPatchingStrategyWhenIdle,
			CurrentPatchSchedule: &types.ClusterPatchScheduleDetails{NextPatchDate: aws.Time(now.Add(-time.Hour))},
			DesiredPatchSchedule: &types.ClusterPatchScheduleDetails{NextPatchDate: &later},
		},
		CurrentImageId: aws.String("ami-old"), DesiredImageId: aws.String("ami-new"),
		KubernetesConfig: &types.ClusterKubernetesConfigDetails{
			CurrentLabels: map[string]string{"a": "old"}, DesiredLabels: map[string]string{"a": "new"},
			DesiredTaints: []types.ClusterKubernetesTaint{{Key: aws.String("k"), Effect: types.ClusterKubernetesTaintEffectNoSchedule}},
		},
		SlurmConfig:      &types.ClusterSlurmConfigDetails{NodeType: types.ClusterSlurmNodeTypeCompute, PartitionNames: []string{"p"}},
		NetworkInterface: &types.ClusterNetworkInterfaceDetails{InterfaceType: types.ClusterInterfaceTypeEfa},
	}
}

func TestNothingIsDropped(t *testing.T) {
	spec, err := specFrom(full(), now)
	require.NoError(t, err)
	v := reflect.ValueOf(spec)
	for _, name := range exported(v.Type()) {
		if name == "InstanceRequirements" || name == "ImageReleaseVersion" {
			continue // exclusive with InstanceType and with an AMI
		}
		assert.False(t, v.FieldByName(name).IsZero(), "%s was dropped", name)
	}
	assert.EqualValues(t, 8, *spec.InstanceCount, "the target: the current count would cancel the scaling that is under way")
	assert.Equal(t, "ami-new", *spec.ImageId)
	assert.Equal(t, map[string]string{"a": "new"}, spec.KubernetesConfig.Labels)
	assert.Equal(t, now.Add(time.Hour), *spec.AutoPatchConfig.PatchSchedule.NextPatchDate)
}

func TestWhatCannotBeTakenAsItIs(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*types.ClusterInstanceGroupDetails)
		check func(*testing.T, types.ClusterInstanceGroupSpecification)
	}{
		{"patch date in the past", func(g *types.ClusterInstanceGroupDetails) { g.AutoPatchConfig.DesiredPatchSchedule = nil }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Nil(t, s.AutoPatchConfig.PatchSchedule)
		}},
		{"no image ids", func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageId, g.DesiredImageId = nil, nil }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Nil(t, s.ImageId)
		}},
		{"current image only", func(g *types.ClusterInstanceGroupDetails) { g.DesiredImageId = aws.String("") }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Equal(t, "ami-old", *s.ImageId)
		}},
		{"release of a managed image", func(g *types.ClusterInstanceGroupDetails) {
			g.CurrentImageId, g.DesiredImageId, g.CurrentImageReleaseVersion = aws.String("default"), aws.String("default"), aws.String("1.2.3")
		}, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Equal(t, "1.2.3", *s.ImageReleaseVersion)
		}},
		{"release beside an AMI", func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageReleaseVersion = aws.String("1.2.3") }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Nil(t, s.ImageReleaseVersion)
		}},
		{"empty health checks", func(g *types.ClusterInstanceGroupDetails) { g.OnStartDeepHealthChecks = []types.DeepHealthCheckType{} }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Nil(t, s.OnStartDeepHealthChecks)
		}},
		{"flexible group", func(g *types.ClusterInstanceGroupDetails) {
			g.InstanceType = ""
			g.InstanceRequirements = &types.ClusterInstanceRequirementDetails{
				CurrentInstanceTypes: []types.ClusterInstanceType{"a"}, DesiredInstanceTypes: []types.ClusterInstanceType{"a", "b"},
			}
		}, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.Equal(t, []types.ClusterInstanceType{"a", "b"}, s.InstanceRequirements.InstanceTypes)
			assert.Empty(t, s.InstanceType)
		}},
		{"labels removed by an empty map", func(g *types.ClusterInstanceGroupDetails) { g.KubernetesConfig.DesiredLabels = map[string]string{} }, func(t *testing.T, s types.ClusterInstanceGroupSpecification) {
			t.Helper()
			assert.NotNil(t, s.KubernetesConfig.Labels)
			assert.Empty(t, s.KubernetesConfig.Labels)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			live := full()
			tt.edit(&live)
			spec, err := specFrom(live, now)
			require.NoError(t, err)
			tt.check(t, spec)
		})
	}
}

func TestWhatCannotBeKnownIsRefused(t *testing.T) {
	live := full()
	live.SoftwareUpdateStatus = types.SoftwareUpdateStatusRollbackInProgress
	_, err := specFrom(live, now)
	require.ErrorIs(t, err, ErrBusy)

	live = full()
	live.InstanceStorageConfigs = append(live.InstanceStorageConfigs, nil)
	_, err = specFrom(live, now)
	require.ErrorContains(t, err, "InstanceStorageConfigs[1]")

	live = full()
	live.KubernetesConfig.DesiredLabels = nil
	_, err = specFrom(live, now)
	require.ErrorContains(t, err, "would be removed")

	_, err = restrictedFrom(types.ClusterRestrictedInstanceGroupDetails{InstanceStorageConfigs: []types.ClusterInstanceStorageConfig{nil}})
	require.ErrorContains(t, err, "InstanceStorageConfigs[0]")
}

func TestRestrictedGroupKeepsAll(t *testing.T) {
	spec, err := restrictedFrom(types.ClusterRestrictedInstanceGroupDetails{
		InstanceGroupName: aws.String("nova"), TargetCount: aws.Int32(4), CurrentCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
		ExecutionRole: aws.String("r"), ThreadsPerCore: aws.Int32(2), TrainingPlanArn: aws.String("p"),
		InstanceStorageConfigs:  []types.ClusterInstanceStorageConfig{&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{}},
		OnStartDeepHealthChecks: []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress},
		OverrideVpcConfig:       &types.VpcConfig{}, ScheduledUpdateConfig: &types.ScheduledUpdateConfig{},
		EnvironmentConfig: &types.EnvironmentConfigDetails{FSxLustreConfig: &types.FSxLustreConfig{SizeInGiB: aws.Int32(1)}, S3OutputPath: aws.String("s3://read-only")},
	})
	require.NoError(t, err)
	v := reflect.ValueOf(spec)
	for _, name := range exported(v.Type()) {
		assert.False(t, v.FieldByName(name).IsZero(), "%s was dropped", name)
	}
	assert.EqualValues(t, 4, *spec.InstanceCount)
}
