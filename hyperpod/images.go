package hyperpod

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// imageUses lists what images groups are to run, one use for each image and root
// volume key, with all the instance types together.
func imageUses(groups []types.ClusterInstanceGroupSpecification, orchestrator, region string) []hyperpodkit.ImageUse {
	var uses []hyperpodkit.ImageUse
	for i, g := range groups {
		image := aws.ToString(g.ImageId)
		if image == "" {
			continue
		}
		use := hyperpodkit.ImageUse{
			Image: image, RootVolumeKey: rootKey(g.InstanceStorageConfigs), Orchestrator: orchestrator, Region: region,
			InstanceTypes: instanceTypes(g), Path: fmt.Sprintf("InstanceGroups[%d].ImageId", i),
		}
		same := slices.IndexFunc(uses, func(u hyperpodkit.ImageUse) bool {
			return u.Image == use.Image && u.RootVolumeKey == use.RootVolumeKey
		})
		if same < 0 {
			uses = append(uses, use)
			continue
		}
		for _, t := range use.InstanceTypes {
			if !slices.Contains(uses[same].InstanceTypes, t) {
				uses[same].InstanceTypes = append(uses[same].InstanceTypes, t)
			}
		}
	}
	return uses
}

func instanceTypes(g types.ClusterInstanceGroupSpecification) []string {
	if g.InstanceType != "" {
		return []string{string(g.InstanceType)}
	}
	if g.InstanceRequirements != nil {
		return stringsOf(g.InstanceRequirements.InstanceTypes)
	}
	return nil
}

func rootKey(volumes []types.ClusterInstanceStorageConfig) string {
	for _, v := range volumes {
		if ebs, ok := v.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig); ok && ebs != nil && aws.ToBool(ebs.Value.RootVolume) {
			return aws.ToString(ebs.Value.VolumeKmsKeyId)
		}
	}
	return ""
}

// checkImages asks the image checker about each use.
func (r *run) checkImages(ctx context.Context, uses []hyperpodkit.ImageUse) error {
	return r.ask(ctx, r.options.imageQuestions(uses))
}

// regionOf is the Region in an ARN, empty when there is none.
func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[3]
}

// clientRegion is the Region of an SDK client, empty for anything else.
func clientRegion(api any) string {
	if client, ok := api.(interface{ Options() sagemaker.Options }); ok {
		return client.Options().Region
	}
	return ""
}
