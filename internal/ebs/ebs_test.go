package ebs_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
)

func volume(v types.ClusterEbsVolumeConfig) types.ClusterInstanceStorageConfig {
	return &types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: v}
}

func TestVolumes(t *testing.T) {
	var nothing *types.ClusterInstanceStorageConfigMemberEbsVolumeConfig
	storage := []types.ClusterInstanceStorageConfig{
		nil, nothing, &types.ClusterInstanceStorageConfigMemberFsxLustreConfig{},
		volume(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(500), VolumeKmsKeyId: aws.String("secondary")}),
		volume(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("root")}),
	}
	var at []int
	for i := range ebs.Volumes(storage) {
		at = append(at, i)
	}
	assert.Equal(t, []int{3, 4}, at)
	assert.Equal(t, "root", ebs.RootKey(storage))
	second, ok := ebs.Secondary(storage)
	assert.True(t, ok)
	assert.Equal(t, int32(500), aws.ToInt32(second.VolumeSizeInGB))

	assert.Empty(t, ebs.RootKey(storage[:4]), "the key of another volume is none of the root volume's")
	_, ok = ebs.Secondary(storage[4:])
	assert.False(t, ok)
}
