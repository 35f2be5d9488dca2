package hyperpod

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
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
			Image: image, RootVolumeKey: ebs.RootKey(g.InstanceStorageConfigs), Orchestrator: orchestrator, Region: region,
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

// checkImages asks the image checker about each use.
func (r *run) checkImages(ctx context.Context, uses []hyperpodkit.ImageUse) error {
	return r.ask(ctx, r.options.imageQuestions(uses))
}

// clientRegion is the Region of an SDK client, empty for anything else.
func clientRegion(api any) string {
	if client, ok := api.(interface{ Options() sagemaker.Options }); ok {
		return client.Options().Region
	}
	return ""
}
