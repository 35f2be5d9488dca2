package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

type (
	groupSpec      = types.ClusterInstanceGroupSpecification
	restrictedSpec = types.ClusterRestrictedInstanceGroupSpecification
)

// want is a finding but for its texts.
type want struct {
	level hyperpodkit.Level
	rule  string
	path  string
}

func refused(rule, path string) want { return want{hyperpodkit.Error, rule, path} }
func warned(rule, path string) want  { return want{hyperpodkit.Warning, rule, path} }

func assertFound(t *testing.T, wanted []want, findings []hyperpodkit.Finding) {
	t.Helper()
	got := make([]want, 0, len(findings))
	for _, f := range findings {
		got = append(got, want{f.Level, f.Rule, f.Path})
		assert.NotEmpty(t, f.Found, f.Path)
		assert.NotEmpty(t, f.Fix, f.Path)
	}
	assert.ElementsMatch(t, wanted, got)
}

func ebs(v types.ClusterEbsVolumeConfig) types.ClusterInstanceStorageConfig {
	return &types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: v}
}

func lustre(mount string) types.ClusterInstanceStorageConfig {
	return &types.ClusterInstanceStorageConfigMemberFsxLustreConfig{Value: types.ClusterFsxLustreConfig{
		DnsName: aws.String("fs-0123456789abcdef0.fsx.us-west-2.amazonaws.com"), MountName: aws.String("abcdefgh"), MountPath: aws.String(mount),
	}}
}

func labels(keys ...string) *types.ClusterKubernetesConfig {
	config := &types.ClusterKubernetesConfig{Labels: map[string]string{}}
	for _, key := range keys {
		config.Labels[key] = "v"
	}
	return config
}

func taint(key string) types.ClusterKubernetesTaint {
	return types.ClusterKubernetesTaint{Key: aws.String(key), Effect: types.ClusterKubernetesTaintEffectNoSchedule}
}

func batches(percent int32) *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{RollingUpdatePolicy: &types.RollingDeploymentPolicy{
		MaximumBatchSize: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeCapacityPercentage, Value: aws.Int32(percent)},
	}}
}

// What is wrong or doubtful with a group by itself, whatever its cluster.
func TestRulesOfAGroup(t *testing.T) {
	const volume = "InstanceStorageConfigs[0].EbsVolumeConfig."
	tests := []struct {
		name string
		edit func(*groupSpec)
		want []want
	}{
		{"flexible group", func(s *groupSpec) {
			s.InstanceType, s.InstanceRequirements = "", &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{"ml.c5.large", "ml.m5.large"}}
		}, nil},
		{"a type twice", func(s *groupSpec) {
			s.InstanceType, s.InstanceRequirements = "", &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{"ml.c5.large", "ml.c5.large"}}
		}, []want{refused("unique-types", "InstanceRequirements.InstanceTypes[1]")}},
		{"unknown type in a flexible group", func(s *groupSpec) {
			s.InstanceType, s.InstanceRequirements = "", &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{"ml.c99.large"}}
		}, []want{warned("model-enum", "InstanceRequirements.InstanceTypes[0]")}},
		{"minimum equal to the count", func(s *groupSpec) { s.MinInstanceCount = aws.Int32(2) }, nil},
		{"minimum above the count", func(s *groupSpec) { s.MinInstanceCount = aws.Int32(3) }, []want{refused("min-count", "MinInstanceCount")}},
		{"root volume", func(s *groupSpec) {
			s.InstanceStorageConfigs = append(s.InstanceStorageConfigs, ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("k")}))
		}, nil},
		{"root volume with size and without key", func(s *groupSpec) {
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeSizeInGB: aws.Int32(1)})}
		}, []want{refused("root-volume", volume+"VolumeSizeInGB"), refused("root-volume", volume+"VolumeKmsKeyId")}},
		{"two root volumes", func(s *groupSpec) {
			root := ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("k")})
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{root, root}
		}, []want{refused("one-volume", "InstanceStorageConfigs")}},
		{"one place for two mounts", func(s *groupSpec) {
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{lustre("/fsx"), lustre("/fsx")}
		}, []want{warned("one-mount", "InstanceStorageConfigs[1].FsxLustreConfig.MountPath")}},
		{"mounted over the secondary volume", func(s *groupSpec) {
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{
				lustre("/opt/sagemaker"), ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(1)}),
			}
		}, []want{warned("one-mount", "InstanceStorageConfigs[0].FsxLustreConfig.MountPath")}},
		{"script without a source", func(s *groupSpec) { s.LifeCycleConfig.SourceS3Uri = nil }, []want{warned("lifecycle-source", "LifeCycleConfig.SourceS3Uri")}},
		{"source without a script", func(s *groupSpec) { s.LifeCycleConfig.OnCreate = nil }, []want{warned("lifecycle-source", "LifeCycleConfig.SourceS3Uri")}},
		{"label of one's own", func(s *groupSpec) { s.KubernetesConfig = labels("team", "example.com/team", "mykubernetes.io/a") }, nil},
		{"reserved labels", func(s *groupSpec) {
			s.KubernetesConfig = labels("kubernetes.io/a", "k8s.io/a", "sagemaker.amazonaws.com/a", "eks.amazonaws.com/a", "k8s.aws/a", "karpenter.sh/a")
		}, []want{
			refused("reserved-prefix", `KubernetesConfig.Labels["kubernetes.io/a"]`), refused("reserved-prefix", `KubernetesConfig.Labels["k8s.io/a"]`),
			refused("reserved-prefix", `KubernetesConfig.Labels["sagemaker.amazonaws.com/a"]`), refused("reserved-prefix", `KubernetesConfig.Labels["eks.amazonaws.com/a"]`),
			refused("reserved-prefix", `KubernetesConfig.Labels["k8s.aws/a"]`), refused("reserved-prefix", `KubernetesConfig.Labels["karpenter.sh/a"]`),
		}},
		{
			"label below a reserved domain", func(s *groupSpec) { s.KubernetesConfig = labels("node.kubernetes.io/a") },
			[]want{warned("reserved-prefix", `KubernetesConfig.Labels["node.kubernetes.io/a"]`)},
		},
		{"reserved taint", func(s *groupSpec) {
			s.KubernetesConfig = &types.ClusterKubernetesConfig{Taints: []types.ClusterKubernetesTaint{taint("karpenter.sh/a")}}
		}, []want{refused("reserved-prefix", "KubernetesConfig.Taints[0].Key")}},
		{"a taint twice", func(s *groupSpec) {
			s.KubernetesConfig = &types.ClusterKubernetesConfig{Taints: []types.ClusterKubernetesTaint{taint("a"), taint("a")}}
		}, []want{warned("unique-taints", "KubernetesConfig.Taints[1]")}},
		{"taints beside deep health checks", func(s *groupSpec) {
			s.KubernetesConfig = &types.ClusterKubernetesConfig{Taints: []types.ClusterKubernetesTaint{taint("a")}}
			s.OnStartDeepHealthChecks = []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress}
		}, []want{refused("taints-and-checks", "KubernetesConfig.Taints")}},
		{"a check twice", func(s *groupSpec) {
			s.OnStartDeepHealthChecks = []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress, types.DeepHealthCheckTypeInstanceStress}
		}, []want{warned("unique-checks", "OnStartDeepHealthChecks[1]")}},
		{"what is for managed images, on an AMI", func(s *groupSpec) {
			s.AutoPatchConfig = &types.ClusterAutoPatchConfig{PatchingStrategy: types.ClusterPatchingStrategyWhenIdle}
			s.ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 3 ? * SUN *)")}
			s.ImageReleaseVersion = aws.String("1.2.3")
		}, []want{
			warned("managed-image-fields", "AutoPatchConfig"), warned("managed-image-fields", "ScheduledUpdateConfig"),
			warned("managed-image-fields", "ImageReleaseVersion"),
		}},
		{"what is for managed images, on one", func(s *groupSpec) {
			s.ImageId = aws.String("default")
			s.AutoPatchConfig = &types.ClusterAutoPatchConfig{PatchingStrategy: types.ClusterPatchingStrategyWhenIdle, DeploymentConfig: batches(100)}
			s.ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 3 ? * SUN *)")}
			s.ImageReleaseVersion = aws.String("1.2.3")
		}, nil},
		{"no schedule", func(s *groupSpec) {
			s.ImageId, s.ScheduledUpdateConfig = nil, &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 3 ? * SUN)")}
		}, []want{refused("schedule", "ScheduledUpdateConfig.ScheduleExpression")}},
		{"batch of more than all", func(s *groupSpec) {
			s.ImageId = nil
			s.ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0 3 ? * SUN *)"), DeploymentConfig: batches(101)}
			s.AutoPatchConfig = &types.ClusterAutoPatchConfig{PatchingStrategy: types.ClusterPatchingStrategyWhenIdle, DeploymentConfig: batches(101)}
		}, []want{
			warned("batch-size", "ScheduledUpdateConfig.DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value"),
			warned("batch-size", "AutoPatchConfig.DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value"),
		}},
		{"both kinds of capacity", func(s *groupSpec) {
			s.CapacityRequirements = &types.ClusterCapacityRequirements{Spot: &types.ClusterSpotOptions{}, OnDemand: &types.ClusterOnDemandOptions{}}
		}, []want{{hyperpodkit.Unknown, "one-capacity", "CapacityRequirements"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := workersGroup("workers", 2)
			require.Empty(t, g.Check())
			assertFound(t, tt.want, g.WithSpec(tt.edit).Check())
		})
	}
}

// A plan's findings lead to the place in the request that it sends.
func TestPlanFindingsHavePaths(t *testing.T) {
	srv := hyperpodtest.NewServer()
	spec := pageSpec(3)
	spec.RestrictedGroups = []restrictedSpec{{
		InstanceGroupName: aws.String("rig"), InstanceCount: aws.Int32(2), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
	}}
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 1), hyperpod.Scale("rig", 1))
	require.NoError(t, err)
	assertPaths(t, plan.Findings(), "InstanceGroups[0].InstanceCount", "RestrictedInstanceGroups[0].InstanceCount")
}

func assertPaths(t *testing.T, findings []hyperpodkit.Finding, paths ...string) {
	t.Helper()
	var got []string
	for _, f := range findings {
		got = append(got, f.Path)
	}
	assert.ElementsMatch(t, paths, got)
}
