// Package ebs reads the EBS volumes among an instance group's storage.
package ebs

import (
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Volumes are the EBS volumes of a storage configuration, by their index in it.
func Volumes(storage []types.ClusterInstanceStorageConfig) iter.Seq2[int, types.ClusterEbsVolumeConfig] {
	return func(yield func(int, types.ClusterEbsVolumeConfig) bool) {
		for i, s := range storage {
			if ebs, ok := s.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig); ok && ebs != nil && !yield(i, ebs.Value) {
				return
			}
		}
	}
}

// RootKey is the key of the root volume, empty when the configuration names none: the
// volume is encrypted by the service's own key then.
func RootKey(storage []types.ClusterInstanceStorageConfig) string {
	for _, v := range Volumes(storage) {
		if aws.ToBool(v.RootVolume) {
			return aws.ToString(v.VolumeKmsKeyId)
		}
	}
	return ""
}

// Secondary is the volume beside the root volume. False means that there is none.
func Secondary(storage []types.ClusterInstanceStorageConfig) (types.ClusterEbsVolumeConfig, bool) {
	for _, v := range Volumes(storage) {
		if !aws.ToBool(v.RootVolume) {
			return v, true
		}
	}
	return types.ClusterEbsVolumeConfig{}, false
}
