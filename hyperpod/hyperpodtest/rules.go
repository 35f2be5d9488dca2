package hyperpodtest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
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
	if err := g.orchestrator(orchestrator); err != nil {
		return err
	}
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
	if c.autoScaling != nil && c.autoScaling.Mode == types.ClusterAutoScalingModeEnable &&
		in.ClusterRole != nil && *in.ClusterRole != aws.ToString(c.role) {
		// That a request which disables autoscaling cannot do both is an assumption.
		return invalid("ClusterRole of cluster %s cannot be changed while autoscaling is enabled; disable it first.", c.name)
	}
	rules := groupRules{server: s, who: r, continuous: c.continuous || in.NodeProvisioningMode != "", eks: c.isEKS()}
	if err := rules.orchestrator(in.Orchestrator); err != nil {
		return err
	}
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

// orchestrator checks what Slurm's settings need of the provisioning mode, by the SDK's
// documentation of AccountingDatabase and the guide's of Continuous provisioning.
func (r groupRules) orchestrator(o *types.ClusterOrchestrator) error {
	switch {
	case o == nil || o.Slurm == nil:
		return nil
	case r.continuous && o.Slurm.SlurmConfigStrategy != "":
		return invalid("Orchestrator.Slurm.SlurmConfigStrategy is not supported for clusters with NodeProvisioningMode Continuous.")
	case !r.continuous && o.Slurm.AccountingDatabase != nil:
		return invalid("Orchestrator.Slurm.AccountingDatabase needs NodeProvisioningMode Continuous.")
	}
	return nil
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
	}) || slices.ContainsFunc(in.RestrictedInstanceGroups, func(spec types.ClusterRestrictedInstanceGroupSpecification) bool {
		return c.group(*spec.InstanceGroupName) == nil
	})
	if len(in.InstanceGroupsToDelete) > 0 && remaining == 0 && !added {
		return invalid("At least one instance group must remain in cluster %s.", c.name)
	}
	return nil
}
