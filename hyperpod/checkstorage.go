package hyperpod

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
)

// volumes holds the EBS rules of the SDK's ClusterEbsVolumeConfig and of the developer
// guide's page on customer managed keys, which excludes restricted groups.
func (c *checker) volumes(volumes []types.ClusterInstanceStorageConfig) {
	roots, secondaries := 0, 0
	for i, v := range ebs.Volumes(volumes) {
		at := fmt.Sprintf("InstanceStorageConfigs[%d].EbsVolumeConfig.", i)
		root := aws.ToBool(v.RootVolume)
		if root {
			roots++
		} else {
			secondaries++
		}
		if root && c.restricted {
			c.refuse("restricted-key", at+"RootVolume", "it is for a key of one's own, which a restricted group does not take", "leave the volume out")
			continue
		}
		if c.restricted && v.VolumeKmsKeyId != nil {
			c.refuse("restricted-key", at+"VolumeKmsKeyId", "a restricted group takes no key of one's own", "leave the key out")
		}
		if root && v.VolumeKmsKeyId == nil {
			c.refuse("root-volume", at+"VolumeKmsKeyId", "missing on a root volume", "name the key that is to encrypt it")
		}
		if root && v.VolumeSizeInGB != nil {
			c.refuse("root-volume", at+"VolumeSizeInGB", "set on a root volume", "leave it out: the AMI says how large it is")
		}
		if !root && v.VolumeSizeInGB == nil {
			c.refuse("volume-size", at+"VolumeSizeInGB", "missing", "give a size of 1 to 16384 GB")
		}
		if v.VolumeKmsKeyId != nil && !c.restricted {
			c.needsContinuous(at+"VolumeKmsKeyId", "leave the key out")
		}
	}
	if roots > 1 {
		c.refuse("one-volume", "InstanceStorageConfigs", fmt.Sprintf("%d root volumes", roots), "keep one")
	}
	if secondaries > 1 {
		c.refuse("one-volume", "InstanceStorageConfigs", fmt.Sprintf("%d secondary EBS volumes", secondaries), "keep one")
	}
	c.mounts(volumes)
}

// secondaryMount is where the SDK's ClusterEbsVolumeConfig says a secondary volume is
// mounted.
const secondaryMount = "/opt/sagemaker"

// mounts warns of two things mounted in one place. That this goes wrong is inferred.
func (c *checker) mounts(volumes []types.ClusterInstanceStorageConfig) {
	seen := map[string]bool{}
	if _, ok := ebs.Secondary(volumes); ok {
		seen[secondaryMount] = true
	}
	for i, v := range volumes {
		var member string
		var path *string
		switch fsx := v.(type) {
		case *types.ClusterInstanceStorageConfigMemberFsxLustreConfig:
			if fsx != nil {
				member, path = "FsxLustreConfig", fsx.Value.MountPath
			}
		case *types.ClusterInstanceStorageConfigMemberFsxOpenZfsConfig:
			if fsx != nil {
				member, path = "FsxOpenZfsConfig", fsx.Value.MountPath
			}
		}
		if path == nil {
			continue
		}
		if seen[*path] {
			c.warn("one-mount", fmt.Sprintf("InstanceStorageConfigs[%d].%s.MountPath", i, member), *path+" is where another volume is mounted", "choose another path")
		}
		seen[*path] = true
	}
}
