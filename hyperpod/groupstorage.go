package hyperpod

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// WithEBSVolume appends a secondary volume of a size in GB, 1 to 16384, mounted at
// /opt/sagemaker, under a key that AWS owns. A group takes one, and 4 volumes and file
// systems in all.
func (g Group) WithEBSVolume(sizeGB int32) Group {
	return g.withEBS(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(sizeGB)})
}

// WithEncryptedEBSVolume appends a secondary volume as [Group.WithEBSVolume] does, under
// a customer managed KMS key, given as id, alias or ARN. It needs a Continuous cluster,
// and the key cannot be changed on a live group (Amazon SageMaker Developer Guide,
// customer managed keys for clusters).
func (g Group) WithEncryptedEBSVolume(sizeGB int32, kmsKey string) Group {
	return g.withEBS(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(sizeGB), VolumeKmsKeyId: aws.String(kmsKey)})
}

// WithRootVolumeKey encrypts the root volume under a customer managed KMS key, given as
// id, alias or ARN; the volume's size is the service's choice. It needs a Continuous
// cluster, and the key cannot be changed on a live group (Amazon SageMaker Developer
// Guide, customer managed keys for clusters). The last call wins.
func (g Group) WithRootVolumeKey(kmsKey string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.InstanceStorageConfigs = slices.DeleteFunc(slices.Clone(s.InstanceStorageConfigs), isRootVolume)
	}).withEBS(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String(kmsKey)})
}

// WithFSxLustre appends an FSx for Lustre file system, by its DNS name and its mount
// name of 1 to 8 characters. mountPath is where the instances mount it, an absolute
// path; empty leaves it to the service.
func (g Group) WithFSxLustre(dnsName, mountName, mountPath string) Group {
	return g.withStorage(&types.ClusterInstanceStorageConfigMemberFsxLustreConfig{
		Value: types.ClusterFsxLustreConfig{DnsName: aws.String(dnsName), MountName: aws.String(mountName), MountPath: nonEmpty(&mountPath)},
	})
}

// WithFSxOpenZFS appends an FSx for OpenZFS file system, by its DNS name. mountPath is
// where the instances mount it, an absolute path; empty leaves it to the service.
func (g Group) WithFSxOpenZFS(dnsName, mountPath string) Group {
	return g.withStorage(&types.ClusterInstanceStorageConfigMemberFsxOpenZfsConfig{
		Value: types.ClusterFsxOpenZfsConfig{DnsName: aws.String(dnsName), MountPath: nonEmpty(&mountPath)},
	})
}

func (g Group) withEBS(volume types.ClusterEbsVolumeConfig) Group {
	return g.withStorage(&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: volume})
}

func (g Group) withStorage(storage types.ClusterInstanceStorageConfig) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.InstanceStorageConfigs = append(slices.Clip(s.InstanceStorageConfigs), storage)
	})
}

func isRootVolume(storage types.ClusterInstanceStorageConfig) bool {
	ebs, ok := storage.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)
	return ok && ebs != nil && aws.ToBool(ebs.Value.RootVolume)
}
