package hyperpod

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	var names []string
	if g.InstanceRequirements != nil {
		for _, t := range g.InstanceRequirements.InstanceTypes {
			names = append(names, string(t))
		}
	}
	return names
}

func rootKey(volumes []types.ClusterInstanceStorageConfig) string {
	for _, v := range volumes {
		if ebs, ok := v.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig); ok && ebs != nil && aws.ToBool(ebs.Value.RootVolume) {
			return aws.ToString(ebs.Value.VolumeKmsKeyId)
		}
	}
	return ""
}

// checkImages asks the image checker about each use. When it cannot tell, the
// workflow stops: the user asked for the check.
func (r *run) checkImages(ctx context.Context, uses []hyperpodkit.ImageUse) error {
	if r.options.Images == nil {
		return nil
	}
	var findings []hyperpodkit.Finding
	for _, use := range uses {
		found, err := r.options.Images.CheckImage(ctx, use)
		if err != nil {
			return &Error{Operation: r.report.Operation, Cluster: r.report.Cluster, Err: fmt.Errorf("%s: check image %s: %w", use.Path, use.Image, err)}
		}
		findings = append(findings, found...)
	}
	return r.found(ctx, findings)
}

// regionOf is the Region in an ARN, empty when there is none.
func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[3]
}
