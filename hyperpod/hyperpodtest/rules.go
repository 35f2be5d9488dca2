package hyperpodtest

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest/internal/cron"
)

// validCreate checks what the model's constraints cannot say of a new cluster.
func (s *Server) validCreate(r request, in *sagemaker.CreateClusterInput) error {
	orchestrator := in.Orchestrator
	if orchestrator != nil && (orchestrator.Eks == nil) == (orchestrator.Slurm == nil) {
		return invalid("Orchestrator must have exactly one of Eks and Slurm.")
	}
	eks := orchestrator != nil && orchestrator.Eks != nil
	if eks && in.VpcConfig == nil {
		return invalid("VpcConfig is required for a cluster orchestrated by EKS.")
	}
	if eks {
		if owner := s.eksOwners[*orchestrator.Eks.ClusterArn]; owner != nil {
			return invalid("Cluster with external resource id %s is already in use by cluster %s.", *orchestrator.Eks.ClusterArn, owner.arn)
		}
	}
	if len(in.InstanceGroups)+len(in.RestrictedInstanceGroups) == 0 {
		return invalid("At least one instance group is required.")
	}
	if err := validTags(in.Tags); err != nil {
		return err
	}
	total := 0
	for _, g := range in.InstanceGroups {
		total += int(*g.InstanceCount)
	}
	for _, g := range in.RestrictedInstanceGroups {
		total += int(*g.InstanceCount)
	}
	if err := s.overQuota(nil, total); err != nil {
		return err
	}
	g := groupRules{server: s, who: r, continuous: in.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous, eks: eks}
	return g.check(in.InstanceGroups, in.RestrictedInstanceGroups)
}

// validUpdate checks what an update may change.
func (s *Server) validUpdate(r request, c *cluster, in *sagemaker.UpdateClusterInput) error {
	if in.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous && !c.continuous && !c.isEKS() {
		return invalid("NodeProvisioningMode of Slurm cluster %s cannot be changed to Continuous.", c.name)
	}
	if o := in.Orchestrator; o != nil {
		if (o.Eks != nil) != c.isEKS() || (o.Slurm != nil) == c.isEKS() {
			return invalid("The kind of Orchestrator of cluster %s cannot be changed.", c.name)
		}
		if o.Eks != nil && *o.Eks.ClusterArn != *c.orchestrator.Eks.ClusterArn {
			return invalid("Orchestrator.Eks.ClusterArn of cluster %s cannot be changed.", c.name)
		}
	}
	rules := groupRules{server: s, who: r, continuous: c.continuous || in.NodeProvisioningMode != "", eks: c.isEKS()}
	if err := rules.check(in.InstanceGroups, in.RestrictedInstanceGroups); err != nil {
		return err
	}
	for _, spec := range in.InstanceGroups {
		if err := c.validChange(spec, in.InstanceGroupsToDelete); err != nil {
			return err
		}
	}
	for _, spec := range in.RestrictedInstanceGroups {
		name := *spec.InstanceGroupName
		if slices.Contains(in.InstanceGroupsToDelete, name) {
			return invalid("Instance group %s cannot be in RestrictedInstanceGroups and InstanceGroupsToDelete.", name)
		}
		if err := c.validRestrictedChange(spec); err != nil {
			return err
		}
	}
	if err := s.overQuota(c, c.growth(in)); err != nil {
		return err
	}
	return c.validDeletion(in)
}

// growth is by how many instances an update raises the cluster's targets.
func (c *cluster) growth(in *sagemaker.UpdateClusterInput) int {
	more := 0
	add := func(name string, count int32) {
		more += int(count)
		if g := c.group(name); g != nil {
			more -= g.target
		}
	}
	for _, g := range in.InstanceGroups {
		add(*g.InstanceGroupName, *g.InstanceCount)
	}
	for _, g := range in.RestrictedInstanceGroups {
		add(*g.InstanceGroupName, *g.InstanceCount)
	}
	return more
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

func (c *cluster) validDeletion(in *sagemaker.UpdateClusterInput) error {
	remaining := 0
	for _, g := range c.groups {
		if !g.deleting && !slices.Contains(in.InstanceGroupsToDelete, g.name()) {
			remaining++
		}
	}
	for i, name := range in.InstanceGroupsToDelete {
		if slices.Index(in.InstanceGroupsToDelete, name) < i {
			return invalid("Instance group %s is named twice in InstanceGroupsToDelete.", name)
		}
		if g := c.group(name); g == nil || g.deleting {
			return invalid("Instance group %s does not exist in cluster %s.", name, c.name)
		}
	}
	added := slices.ContainsFunc(in.InstanceGroups, func(spec types.ClusterInstanceGroupSpecification) bool {
		return c.group(*spec.InstanceGroupName) == nil
	})
	if len(in.InstanceGroupsToDelete) > 0 && remaining == 0 && !added {
		return invalid("At least one instance group must remain in cluster %s.", c.name)
	}
	return nil
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
		{"InstanceStorageConfigs.VolumeKmsKeyId", (strict || sent.InstanceStorageConfigs != nil) && !slices.Equal(volumeKeys(sent.InstanceStorageConfigs), volumeKeys(live.InstanceStorageConfigs))},
		{"ImageId", image != "" && image != g.desiredImage && !c.server.options.AllowImageChange},
	})
}

func volumeKeys(volumes []types.ClusterInstanceStorageConfig) []string {
	var keys []string
	for _, v := range volumes {
		if ebs, ok := v.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig); ok && ebs.Value.VolumeKmsKeyId != nil {
			keys = append(keys, *ebs.Value.VolumeKmsKeyId)
		}
	}
	return keys
}

// groupRules checks sent groups by themselves and together.
type groupRules struct {
	server     *Server
	who        request
	continuous bool
	eks        bool
}

func (r groupRules) check(groups []types.ClusterInstanceGroupSpecification, restricted []types.ClusterRestrictedInstanceGroupSpecification) error {
	seen := map[string]bool{}
	for _, g := range restricted {
		if seen[*g.InstanceGroupName] {
			return invalid("Instance group name %s is used more than once.", *g.InstanceGroupName)
		}
		seen[*g.InstanceGroupName] = true
	}
	for _, g := range groups {
		if seen[*g.InstanceGroupName] {
			return invalid("Instance group name %s is used more than once.", *g.InstanceGroupName)
		}
		seen[*g.InstanceGroupName] = true
		if err := r.group(g); err != nil {
			return err
		}
	}
	return nil
}

func (r groupRules) group(g types.ClusterInstanceGroupSpecification) error {
	name := *g.InstanceGroupName
	image := aws.ToString(g.ImageId)
	switch {
	case (g.InstanceType == "") == (g.InstanceRequirements == nil):
		return invalid("Instance group %s must have exactly one of InstanceType and InstanceRequirements.", name)
	case g.InstanceRequirements != nil && !r.continuous:
		return invalid("InstanceRequirements of instance group %s needs NodeProvisioningMode Continuous.", name)
	case g.MinInstanceCount != nil && !r.continuous:
		return invalid("MinInstanceCount of instance group %s needs NodeProvisioningMode Continuous.", name)
	case aws.ToInt32(g.MinInstanceCount) > *g.InstanceCount:
		return invalid("MinInstanceCount of instance group %s is greater than its InstanceCount.", name)
	case g.KubernetesConfig != nil && !r.eks:
		return invalid("KubernetesConfig of instance group %s is supported for clusters orchestrated by EKS only.", name)
	case g.SlurmConfig != nil && r.eks:
		return invalid("SlurmConfig of instance group %s is supported for clusters orchestrated by Slurm only.", name)
	case g.ImageReleaseVersion != nil && image != "" && image != defaultImage:
		return invalid("ImageReleaseVersion of instance group %s cannot be combined with the AMI %s.", name, image)
	case r.server.options.StrictRoles && accountOf(*g.ExecutionRole) != r.who.who.Account:
		return invalid("ExecutionRole %s of instance group %s is of another account than %s.", *g.ExecutionRole, name, r.who.who.Account)
	}
	if g.ScheduledUpdateConfig != nil {
		if _, err := cron.Parse(aws.ToString(g.ScheduledUpdateConfig.ScheduleExpression)); err != nil {
			return invalid("ScheduledUpdateConfig of instance group %s: %v", name, err)
		}
	}
	if err := validKubernetes(name, g); err != nil {
		return err
	}
	return r.volumes(name, g.InstanceStorageConfigs)
}

// reservedPrefixes are those of labels and taints that the service keeps for itself, by
// the SDK's documentation of ClusterKubernetesConfig.
var reservedPrefixes = []string{"kubernetes.io/", "k8s.io/", "sagemaker.amazonaws.com/", "eks.amazonaws.com/", "k8s.aws/", "karpenter.sh/"}

func validKubernetes(name string, g types.ClusterInstanceGroupSpecification) error {
	if g.KubernetesConfig == nil {
		return nil
	}
	keys := slices.Collect(maps.Keys(g.KubernetesConfig.Labels))
	for _, t := range g.KubernetesConfig.Taints {
		keys = append(keys, *t.Key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		for _, prefix := range reservedPrefixes {
			if strings.HasPrefix(key, prefix) {
				return invalid("KubernetesConfig of instance group %s uses the reserved prefix %s.", name, prefix)
			}
		}
	}
	if len(g.KubernetesConfig.Taints) > 0 && len(g.OnStartDeepHealthChecks) > 0 {
		return invalid("KubernetesConfig of instance group %s cannot have taints beside OnStartDeepHealthChecks.", name)
	}
	return nil
}

func (r groupRules) volumes(name string, volumes []types.ClusterInstanceStorageConfig) error {
	roots, secondaries := 0, 0
	for _, v := range volumes {
		ebs, ok := v.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)
		if !ok {
			continue
		}
		root, key, size := aws.ToBool(ebs.Value.RootVolume), ebs.Value.VolumeKmsKeyId, ebs.Value.VolumeSizeInGB
		switch {
		case root && key == nil:
			return invalid("The root volume of instance group %s must have a VolumeKmsKeyId.", name)
		case root && size != nil:
			return invalid("The root volume of instance group %s must not have a VolumeSizeInGB.", name)
		case !root && size == nil:
			return invalid("A volume of instance group %s must have a VolumeSizeInGB.", name)
		case key != nil && !r.continuous:
			return invalid("VolumeKmsKeyId of instance group %s needs NodeProvisioningMode Continuous.", name)
		case root:
			roots++
		default:
			secondaries++
		}
	}
	if roots > 1 || secondaries > 1 {
		return invalid("Instance group %s has more than one root or more than one secondary EBS volume.", name)
	}
	return nil
}

// accountOf is the account in an ARN.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
