package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func TestBasesForkSafely(t *testing.T) {
	base := workersGroup("base", 1).WithEBSVolume(100)
	one := base.WithName("one").WithEBSVolume(200)
	two := base.WithName("two").WithInstances(types.ClusterInstanceTypeMlC54xlarge, 7)
	three := base.WithSpec(func(s *types.ClusterInstanceGroupSpecification) { s.LifeCycleConfig.OnCreate = aws.String("other.sh") })

	assert.Equal(t, "base", base.Name())
	assert.Len(t, base.Spec().InstanceStorageConfigs, 1)
	assert.Len(t, one.Spec().InstanceStorageConfigs, 2)
	assert.EqualValues(t, 1, *base.Spec().InstanceCount)
	assert.EqualValues(t, 7, *two.Spec().InstanceCount)
	assert.Equal(t, "on_create_noop.sh", *base.Spec().LifeCycleConfig.OnCreate)
	assert.Equal(t, "other.sh", *three.Spec().LifeCycleConfig.OnCreate)

	spec := base.Spec()
	*spec.InstanceGroupName = "changed"
	assert.Equal(t, "base", base.Name(), "what is handed out is a copy")
	from := hyperpod.GroupFromSpec(spec)
	*spec.InstanceGroupName = "changed again"
	assert.Equal(t, "changed", from.Name(), "what is taken is a copy")
}

func TestBuildReportsEveryMistake(t *testing.T) {
	_, err := hyperpod.NewGroup("no_underscore").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 6759).
		WithExecutionRole("Admin").WithImage("ami-1").WithThreadsPerCore(3).WithEBSVolume(0).Build()
	var invalid *hyperpod.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	var paths []string
	for _, f := range invalid.Findings {
		paths = append(paths, f.Path)
		assert.Contains(t, err.Error(), f.Path)
	}
	assert.ElementsMatch(t, []string{
		"InstanceGroupName", "InstanceCount", "ExecutionRole", "ImageId", "ThreadsPerCore",
		"InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB",
	}, paths)
}

func TestGroupRules(t *testing.T) {
	volume := func(v types.ClusterEbsVolumeConfig) func(*types.ClusterInstanceGroupSpecification) {
		return func(s *types.ClusterInstanceGroupSpecification) {
			s.InstanceStorageConfigs = append(s.InstanceStorageConfigs, &types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: v})
		}
	}
	tests := []struct {
		name string
		edit func(*types.ClusterInstanceGroupSpecification)
		path string
	}{
		{"no instance type", func(s *types.ClusterInstanceGroupSpecification) { s.InstanceType = "" }, "InstanceType"},
		{"two kinds of type", func(s *types.ClusterInstanceGroupSpecification) {
			s.InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC54xlarge}}
		}, "InstanceRequirements"},
		{"no role", func(s *types.ClusterInstanceGroupSpecification) { s.ExecutionRole = nil }, "ExecutionRole"},
		{"minimum above count", func(s *types.ClusterInstanceGroupSpecification) { s.MinInstanceCount = aws.Int32(3) }, "MinInstanceCount"},
		{"root volume without key", volume(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true)}), "InstanceStorageConfigs[0].EbsVolumeConfig.VolumeKmsKeyId"},
		{"root volume with size", volume(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("k"), VolumeSizeInGB: aws.Int32(1)}), "InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB"},
		{"volume without size", volume(types.ClusterEbsVolumeConfig{}), "InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB"},
		{"nil volume", func(s *types.ClusterInstanceGroupSpecification) {
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{nil}
		}, "InstanceStorageConfigs[0]"},
		{"typed nil volume", func(s *types.ClusterInstanceGroupSpecification) {
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)(nil)}
		}, "InstanceStorageConfigs[0]"},
		{"volume of an unknown kind", func(s *types.ClusterInstanceGroupSpecification) {
			s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{&types.UnknownUnionMember{Tag: "New"}}
		}, "InstanceStorageConfigs[0]"},
		{"label", func(s *types.ClusterInstanceGroupSpecification) {
			s.KubernetesConfig = &types.ClusterKubernetesConfig{Labels: map[string]string{"a b": "c"}}
		}, `KubernetesConfig.Labels["a b"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := workersGroup("workers", 2)
			_, err := g.Build()
			require.NoError(t, err)
			_, err = g.WithSpec(tt.edit).Build()
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Len(t, invalid.Findings, 1)
			assert.Equal(t, tt.path, invalid.Findings[0].Path)
		})
	}
}

func TestTwoVolumesOfAKind(t *testing.T) {
	_, err := workersGroup("workers", 1).WithEBSVolume(1).WithEBSVolume(2).Build()
	assert.ErrorContains(t, err, "2 secondary EBS volumes")
}

// A new instance type must not wait for a release of this library.
func TestUnknownInstanceTypeIsAWarning(t *testing.T) {
	g := workersGroup("workers", 1).WithInstances("ml.p9.999xlarge", 1)
	_, err := g.Build()
	require.NoError(t, err)
	findings := g.Check()
	require.Len(t, findings, 1)
	assert.Equal(t, hyperpodkit.Warning, findings[0].Level)
	assert.Equal(t, "InstanceType", findings[0].Path)
}

func TestReleaseBesideAnAMIIsAWarning(t *testing.T) {
	g := workersGroup("workers", 1).WithSpec(func(s *types.ClusterInstanceGroupSpecification) { s.ImageReleaseVersion = aws.String("1.2.3") })
	_, err := g.Build()
	require.NoError(t, err)
	require.Len(t, g.Check(), 1)
	assert.Equal(t, "ImageReleaseVersion", g.Check()[0].Path)
}
