package hyperpodtest

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

func (s *Server) needsToCreate(r request, in *sagemaker.CreateClusterInput) []need {
	arn := s.nextARN(r, *in.ClusterName)
	groups := groupSpecs{in.InstanceGroups, in.RestrictedInstanceGroups}
	keys := requestTags(in.Tags)
	maps.Copy(keys, groups.keys(in.VpcConfig))
	needs := []need{{action: "sagemaker:CreateCluster", resource: policy.Resource{ARN: arn}, keys: keys}}
	for _, g := range in.InstanceGroups {
		if g.TrainingPlanArn != nil {
			needs = append(needs, need{action: "sagemaker:CreateCluster", resource: policy.Resource{ARN: *g.TrainingPlanArn}, keys: keys})
		}
	}
	if len(in.Tags) > 0 {
		tagging := requestTags(in.Tags)
		tagging["sagemaker:TaggingAction"] = []string{"CreateCluster"}
		needs = append(needs, need{action: "sagemaker:AddTags", resource: policy.Resource{ARN: arn}, keys: tagging})
	}
	needs = append(needs, passRoles(groups.roles(), in.ClusterRole)...)
	needs = append(needs, need{
		action: "iam:CreateServiceLinkedRole", forwarded: true,
		resource: policy.Resource{ARN: "arn:" + emul.Partition(r.who.Region) + ":iam::" + r.who.Account +
			":role/aws-service-role/hyperpod.sagemaker.amazonaws.com/AWSServiceRoleForSageMakerHyperPod"},
		keys: map[string][]string{"iam:AWSServiceName": {"hyperpod.sagemaker.amazonaws.com"}},
	})
	needs = append(needs, s.imageNeeds(r, imageUses(in.InstanceGroups))...)
	if in.Orchestrator != nil && in.Orchestrator.Eks != nil {
		needs = append(needs, accessEntries(aws.ToString(in.Orchestrator.Eks.ClusterArn), groups.roles())...)
	}
	return append(needs, volumeNeeds(r, groups.volumes())...)
}

func (s *Server) needsToUpdate(r request, in *sagemaker.UpdateClusterInput) []need {
	cluster := r.clusterResource(in.ClusterName)
	groups := groupSpecs{in.InstanceGroups, in.RestrictedInstanceGroups}
	needs := []need{
		{action: "sagemaker:UpdateCluster", resource: cluster, keys: groups.keys(nil)},
		{action: "sagemaker:BatchAddClusterNodes", resource: cluster, forwarded: true},
		{action: "sagemaker:BatchDeleteClusterNodes", resource: cluster, forwarded: true},
		{action: "sagemaker:UpdateClusterSoftware", resource: cluster, forwarded: true},
	}
	needs = append(needs, passRoles(groups.roles(), in.ClusterRole)...)
	needs = append(needs, s.imageNeeds(r, imageUses(in.InstanceGroups))...)
	if c, err := r.find(in.ClusterName); err == nil && c.isEKS() {
		needs = append(needs, accessEntries(aws.ToString(c.orchestrator.Eks.ClusterArn), groups.roles())...)
	}
	return append(needs, volumeNeeds(r, groups.volumes())...)
}

// needsToUpdateSoftware asks for the keys of the groups that are named, or of all regular
// ones when none is.
func (s *Server) needsToUpdateSoftware(r request, in *sagemaker.UpdateClusterSoftwareInput) []need {
	needs := r.on("UpdateClusterSoftware", in.ClusterName)
	if id := aws.ToString(in.ImageId); id != "" && id != defaultImage {
		needs = append(needs, s.imageNeeds(r, []imageUse{{image: id}})...)
	}
	needs = append(needs, r.readEKS(in.ClusterName)...)
	var named []string
	for _, g := range in.InstanceGroups {
		named = append(named, aws.ToString(g.InstanceGroupName))
	}
	return append(needs, r.volumesOf(in.ClusterName, named)...)
}

// needsToAddNodes asks for the keys of the groups that get nodes ("Customer managed AWS
// KMS key encryption for SageMaker HyperPod", SageMaker AI Developer Guide).
func needsToAddNodes(r request, in *sagemaker.BatchAddClusterNodesInput) []need {
	needs := append(r.on("BatchAddClusterNodes", in.ClusterName), r.readEKS(in.ClusterName)...)
	var named []string
	for _, n := range in.NodesToAdd {
		named = append(named, aws.ToString(n.InstanceGroupName))
	}
	return append(needs, r.volumesOf(in.ClusterName, named)...)
}

// volumesOf asks for the keys of the volumes that a cluster's regular groups have: those of
// some names, or all of them when none is given.
func (r request) volumesOf(cluster *string, names []string) []need {
	c, err := r.find(cluster)
	if err != nil {
		return nil
	}
	only := groupSpecs{}
	for _, g := range c.specs().regular {
		if len(names) == 0 || slices.Contains(names, aws.ToString(g.InstanceGroupName)) {
			only.regular = append(only.regular, g)
		}
	}
	return volumeNeeds(r, only.volumes())
}

func (s *Server) needsToDelete(r request, in *sagemaker.DeleteClusterInput) []need {
	needs := r.on("DeleteCluster", in.ClusterName)
	c, err := r.find(in.ClusterName)
	if err != nil || !c.isEKS() {
		return needs
	}
	for _, role := range c.specs().roles() {
		entry := accessEntry(aws.ToString(c.orchestrator.Eks.ClusterArn), role)
		for _, action := range []string{"eks:DescribeAccessEntry", "eks:DeleteAccessEntry"} {
			needs = append(needs, need{action: action, resource: entry, forwarded: true})
		}
	}
	return needs
}

// groupSpecs are the groups of a request or of a cluster, as far as rights depend on them.
type groupSpecs struct {
	regular    []types.ClusterInstanceGroupSpecification
	restricted []types.ClusterRestrictedInstanceGroupSpecification
}

func (c *cluster) specs() groupSpecs {
	var specs groupSpecs
	for _, g := range c.groups {
		if g.restricted != nil {
			specs.restricted = append(specs.restricted, *g.restricted)
		} else {
			specs.regular = append(specs.regular, *g.spec)
		}
	}
	return specs
}

// keys are the condition keys of the groups in a request. Those of the network are there
// only when a network is sent.
func (s groupSpecs) keys(network *types.VpcConfig) map[string][]string {
	keys := map[string][]string{}
	add := func(key string, values ...string) {
		for _, v := range values {
			if !slices.Contains(keys[key], v) {
				keys[key] = append(keys[key], v)
			}
		}
	}
	networks := []*types.VpcConfig{network}
	for _, g := range s.regular {
		networks = append(networks, g.OverrideVpcConfig)
		if g.InstanceType != "" {
			add("sagemaker:InstanceTypes", string(g.InstanceType))
		}
		if g.InstanceRequirements != nil {
			for _, t := range g.InstanceRequirements.InstanceTypes {
				add("sagemaker:InstanceTypes", string(t))
			}
		}
	}
	for _, g := range s.restricted {
		networks = append(networks, g.OverrideVpcConfig)
		add("sagemaker:InstanceTypes", string(g.InstanceType))
	}
	for _, n := range networks {
		if n != nil {
			add("sagemaker:VpcSubnets", n.Subnets...)
			add("sagemaker:VpcSecurityGroupIds", n.SecurityGroupIds...)
		}
	}
	return keys
}

// roles are the execution roles of the groups, each once.
func (s groupSpecs) roles() []string {
	var roles []string
	for _, g := range s.regular {
		roles = append(roles, *g.ExecutionRole)
	}
	for _, g := range s.restricted {
		roles = append(roles, *g.ExecutionRole)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// volumes are those that may have keys: restricted groups take none.
func (s groupSpecs) volumes() []types.ClusterInstanceStorageConfig {
	var volumes []types.ClusterInstanceStorageConfig
	for _, g := range s.regular {
		volumes = append(volumes, g.InstanceStorageConfigs...)
	}
	return volumes
}

// passRoles is the right to pass each role once. It is the caller's own call, though no
// API has it.
func passRoles(roles []string, clusterRole *string) []need {
	if clusterRole != nil && !slices.Contains(roles, *clusterRole) {
		roles = append(roles, *clusterRole)
	}
	var needs []need
	for _, role := range roles {
		needs = append(needs, need{
			action: "iam:PassRole", resource: policy.Resource{ARN: role}, keys: map[string][]string{"iam:PassedToService": {service}},
		})
	}
	return needs
}
