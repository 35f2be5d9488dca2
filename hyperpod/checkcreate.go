package hyperpod

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// usualGroups is how many groups a cluster may have by the developer guide; the model
// lets 100 through.
const usualGroups = 20

// checkCreate judges a whole request to create a cluster. implied says that a missing
// orchestrator stands for Slurm; otherwise it is refused elsewhere, and the groups are not
// judged by a guess.
func checkCreate(in *sagemaker.CreateClusterInput, implied bool) []hyperpodkit.Finding {
	cluster := settingOf(in.Orchestrator, in.NodeProvisioningMode)
	if in.Orchestrator == nil && !implied {
		cluster.orchestrator = ""
	}
	c := checker{in: cluster, findings: modelFindings(smmodel.Operation("CreateCluster", in))}
	c.orchestrator(in)
	c.settings(&sagemaker.UpdateClusterInput{Orchestrator: in.Orchestrator, AutoScaling: in.AutoScaling, ClusterRole: in.ClusterRole})
	c.tags(in.Tags)
	c.groupNames(in)
	for i := range in.InstanceGroups {
		c.findings = append(c.findings, groupRules(&in.InstanceGroups[i], fmt.Sprintf("InstanceGroups[%d]", i), cluster)...)
	}
	for i := range in.RestrictedInstanceGroups {
		c.findings = append(c.findings, restrictedRules(&in.RestrictedInstanceGroups[i], fmt.Sprintf("RestrictedInstanceGroups[%d]", i), cluster)...)
	}
	if in.RestrictedInstanceGroupsConfig != nil && len(in.RestrictedInstanceGroups) == 0 {
		c.warn("restricted-config", "RestrictedInstanceGroupsConfig", "set, and there is no restricted group", "leave it out")
	}
	return c.findings
}

// orchestrator holds what the SDK's CreateClusterInput says, and the developer guide's
// page on creating a cluster on EKS.
func (c *checker) orchestrator(in *sagemaker.CreateClusterInput) {
	switch o := in.Orchestrator; {
	case o == nil:
		if c.in.orchestrator == "slurm" {
			c.controllers(in.InstanceGroups)
		}
	case (o.Eks == nil) == (o.Slurm == nil):
		c.refuse("orchestrator", "Orchestrator", "it must have exactly one of Eks and Slurm", "use EKS or Slurm")
	case o.Eks != nil && in.VpcConfig == nil:
		c.refuse("eks-vpc", "VpcConfig", "missing, a cluster on EKS needs it", "name the subnets and security groups")
	case o.Slurm != nil:
		c.controllers(in.InstanceGroups)
	}
}

// controllers warns of a cluster on Slurm that says what its nodes do and has no
// controller, or on a Continuous cluster, which takes one, more than one.
func (c *checker) controllers(groups []types.ClusterInstanceGroupSpecification) {
	said, controllers := false, int32(0)
	for _, g := range groups {
		if g.SlurmConfig == nil {
			continue
		}
		said = true
		if g.SlurmConfig.NodeType == types.ClusterSlurmNodeTypeController {
			controllers += aws.ToInt32(g.InstanceCount)
		}
	}
	switch {
	case said && controllers == 0:
		c.warn("slurm-controller", "InstanceGroups", "no group has a node of NodeType Controller", "add a group of one controller")
	case controllers > 1 && c.in.mode == continuousMode:
		c.warn("slurm-controller", "InstanceGroups", fmt.Sprintf("%d controllers, and a Continuous cluster takes one", controllers), "keep one")
	}
}

// tags holds AWS's rules for all tags: a key once, and none of AWS's own.
func (c *checker) tags(tags []types.Tag) {
	seen := map[string]bool{}
	for i, t := range tags {
		if t.Key == nil {
			continue
		}
		at := fmt.Sprintf("Tags[%d].Key", i)
		if isReservedTag(*t.Key) {
			c.refuse("reserved-prefix", at, "the prefix aws: is reserved", "use another key")
		}
		if seen[*t.Key] {
			c.refuse("unique-tags", at, fmt.Sprintf("%q is given twice", *t.Key), "give it once")
		}
		seen[*t.Key] = true
	}
}

// groupNames judges how many groups there are and that each is named once.
func (c *checker) groupNames(in *sagemaker.CreateClusterInput) {
	n := len(in.InstanceGroups) + len(in.RestrictedInstanceGroups)
	switch {
	case n == 0 && in.InstanceGroups == nil && in.RestrictedInstanceGroups == nil:
		c.refuse("no-groups", "InstanceGroups", "missing", "give the cluster an instance group")
	case n > usualGroups:
		c.warn("many-groups", "InstanceGroups", fmt.Sprintf("%d groups, and AWS speaks of %d to a cluster", n, usualGroups), "ask AWS whether your account may have more")
	}
	seen := map[string]bool{}
	name := func(list string, i int, name *string) {
		if name != nil && seen[*name] {
			c.refuse("unique-names", fmt.Sprintf("%s[%d].InstanceGroupName", list, i), fmt.Sprintf("%q is used by another group", *name), "rename one")
		}
		seen[aws.ToString(name)] = true
	}
	for i, g := range in.InstanceGroups {
		name("InstanceGroups", i, g.InstanceGroupName)
	}
	for i, g := range in.RestrictedInstanceGroups {
		name("RestrictedInstanceGroups", i, g.InstanceGroupName)
	}
}
