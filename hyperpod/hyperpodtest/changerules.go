package hyperpodtest

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
)

// change is a member that an update cannot change, and whether it would.
type change struct {
	field   string
	changed bool
}

func unchanged(changes []change) error {
	var refused []string
	for _, c := range changes {
		if c.changed {
			refused = append(refused, c.field)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return invalid("Updating fields %s on an InstanceGroup not supported.", strings.Join(refused, ", "))
}

// validChange refuses changes of what cannot change on a group that exists. A member
// that is left out counts as unchanged unless Options.StrictUpdates says else; an
// OverrideVpcConfig that is left out always counts as changed, as seen on live clusters.
func (c *cluster) validChange(sent types.ClusterInstanceGroupSpecification, deleted []string) error {
	name := *sent.InstanceGroupName
	if slices.Contains(deleted, name) {
		return invalid("Instance group %s cannot be in InstanceGroups and InstanceGroupsToDelete.", name)
	}
	g := c.group(name)
	switch {
	case g == nil:
		return nil
	case g.restricted != nil:
		return invalid("Instance group %s is a restricted instance group.", name)
	case g.deleting:
		return conflict("Instance group %s is being deleted.", name)
	}
	live := g.spec
	image := aws.ToString(sent.ImageId)
	strict := c.server.options.StrictUpdates
	if sent.MinInstanceCount == nil && g.minimum.count > int(*sent.InstanceCount) {
		return invalid("InstanceCount of instance group %s is less than its MinInstanceCount, %d.", name, g.minimum.count)
	}
	for _, n := range g.nodes {
		if r := sent.InstanceRequirements; r != nil && !slices.Contains(r.InstanceTypes, n.instanceType) {
			return invalid("InstanceRequirements of instance group %s cannot lose the instance type %s, which has nodes.", name, n.instanceType)
		}
	}
	return unchanged([]change{
		{"ExecutionRole", *sent.ExecutionRole != *live.ExecutionRole},
		{"InstanceType", sent.InstanceType != live.InstanceType},
		{"ThreadsPerCore", (strict || sent.ThreadsPerCore != nil) && aws.ToInt32(sent.ThreadsPerCore) != aws.ToInt32(live.ThreadsPerCore)},
		{"OverrideVpcConfig", !reflect.DeepEqual(sent.OverrideVpcConfig, live.OverrideVpcConfig)},
		{"CapacityRequirements", (strict || sent.CapacityRequirements != nil) && !reflect.DeepEqual(sent.CapacityRequirements, live.CapacityRequirements)},
		{"InstanceStorageConfigs.VolumeKmsKeyId", (strict || sent.InstanceStorageConfigs != nil) && !slices.EqualFunc(volumeKeys(sent.InstanceStorageConfigs), volumeKeys(live.InstanceStorageConfigs), sameKey)},
		{"ImageId", image != "" && image != g.desiredImage && !c.server.options.AllowImageChange},
	})
}

// validRestrictedChange is validChange for restricted groups.
func (c *cluster) validRestrictedChange(sent types.ClusterRestrictedInstanceGroupSpecification) error {
	name := *sent.InstanceGroupName
	g := c.group(name)
	switch {
	case g == nil:
		return nil
	case g.restricted == nil:
		return invalid("Instance group %s is not a restricted instance group.", name)
	case g.deleting:
		return conflict("Instance group %s is being deleted.", name)
	}
	live, strict := g.restricted, c.server.options.StrictUpdates
	return unchanged([]change{
		{"ExecutionRole", *sent.ExecutionRole != *live.ExecutionRole},
		{"InstanceType", sent.InstanceType != live.InstanceType},
		{"ThreadsPerCore", (strict || sent.ThreadsPerCore != nil) && aws.ToInt32(sent.ThreadsPerCore) != aws.ToInt32(live.ThreadsPerCore)},
		{"OverrideVpcConfig", !reflect.DeepEqual(sent.OverrideVpcConfig, live.OverrideVpcConfig)},
	})
}

func volumeKeys(volumes []types.ClusterInstanceStorageConfig) []string {
	var keys []string
	for _, v := range ebs.Volumes(volumes) {
		if v.VolumeKmsKeyId != nil {
			keys = append(keys, *v.VolumeKmsKeyId)
		}
	}
	return keys
}
