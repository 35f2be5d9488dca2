package hyperpodtest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// service is the name under which SageMaker calls other services.
const service = "sagemaker.amazonaws.com"

// need is one action that a call needs, on one resource. What the service does itself
// with the caller's rights is forwarded.
type need struct {
	action    string
	resource  policy.Resource
	keys      map[string][]string
	forwarded bool
}

// authorize judges all that a call needs. The actions and their condition keys are those
// of the service authorization reference: of the operation, and its dependent actions.
// That the dependent ones are made as forward access sessions is an assumption.
func (s *Server) authorize(who emul.Caller, needs []need) error {
	via := who
	via.Via, via.Keys = service, !s.options.NoForwardKeys
	for _, n := range needs {
		caller := who
		if n.forwarded {
			caller = via
		}
		keys := maps.Clone(n.keys)
		if keys == nil {
			keys = map[string][]string{}
		}
		// Resources without an account in their ARN are taken to be the caller's.
		keys["aws:ResourceAccount"] = []string{cmp.Or(accountOf(n.resource.ARN), who.Principal.Account())}
		if err := caller.Authorize(n.action, keys, n.resource); err != nil {
			return refusal(err)
		}
	}
	return nil
}

// needs lists what an input needs, in the order in which the service would ask.
func (s *Server) needs(r request, input any) []need {
	switch in := input.(type) {
	case *sagemaker.CreateClusterInput:
		return s.needsToCreate(r, in)
	case *sagemaker.UpdateClusterInput:
		return s.needsToUpdate(r, in)
	case *sagemaker.UpdateClusterSoftwareInput:
		return s.needsToUpdateSoftware(r, in)
	case *sagemaker.DeleteClusterInput:
		return s.needsToDelete(r, in)
	case *sagemaker.BatchAddClusterNodesInput:
		return append(r.on("BatchAddClusterNodes", in.ClusterName), r.readEKS(in.ClusterName)...)
	case *sagemaker.BatchDeleteClusterNodesInput:
		return append(r.on("BatchDeleteClusterNodes", in.ClusterName), r.readEKS(in.ClusterName)...)
	case *sagemaker.BatchRebootClusterNodesInput:
		return r.on("BatchRebootClusterNodes", in.ClusterName)
	case *sagemaker.BatchReplaceClusterNodesInput:
		return r.on("BatchReplaceClusterNodes", in.ClusterName)
	case *sagemaker.DescribeClusterInput:
		return r.on("DescribeCluster", in.ClusterName)
	case *sagemaker.DescribeClusterNodeInput:
		return r.on("DescribeClusterNode", in.ClusterName)
	case *sagemaker.ListClusterNodesInput:
		return r.on("ListClusterNodes", in.ClusterName)
	case *sagemaker.ListClusterEventsInput:
		return r.on("ListClusterEvents", in.ClusterName)
	case *sagemaker.DescribeClusterEventInput:
		return r.on("DescribeClusterEvent", in.ClusterName)
	case *sagemaker.StartClusterHealthCheckInput:
		return r.on("StartClusterHealthCheck", in.ClusterName)
	case *sagemaker.ListTagsInput:
		return r.on("ListTags", in.ResourceArn)
	case *sagemaker.AddTagsInput:
		return r.with(r.on("AddTags", in.ResourceArn), requestTags(in.Tags))
	case *sagemaker.DeleteTagsInput:
		return r.with(r.on("DeleteTags", in.ResourceArn), map[string][]string{"aws:TagKeys": in.TagKeys})
	case *sagemaker.ListClustersInput:
		return []need{{action: "sagemaker:ListClusters"}}
	default:
		return nil
	}
}

// on is an action of the service on a cluster, with the keys of its tags.
func (r request) on(operation string, nameOrARN *string) []need {
	return []need{{action: "sagemaker:" + operation, resource: r.clusterResource(nameOrARN)}}
}

func (r request) with(needs []need, keys map[string][]string) []need {
	for i := range needs {
		needs[i].keys = keys
	}
	return needs
}

// clusterResource is a cluster as a policy sees it. One that does not exist has an ARN
// that ends in what it was asked for by.
func (r request) clusterResource(nameOrARN *string) policy.Resource {
	c, err := r.find(nameOrARN)
	if err != nil {
		name := aws.ToString(nameOrARN)
		if strings.HasPrefix(name, "arn:") {
			return policy.Resource{ARN: name}
		}
		return policy.Resource{ARN: r.arn("sagemaker", "cluster/"+name)}
	}
	return policy.Resource{ARN: c.arn, Context: resourceTags(c.tags)}
}

// arn is an ARN of the caller's account and Region.
func (r request) arn(service, resource string) string {
	return "arn:" + emul.Partition(r.who.Region) + ":" + service + ":" + r.who.Region + ":" + r.who.Account + ":" + resource
}

func resourceTags(tags []types.Tag) map[string][]string {
	keys := map[string][]string{}
	for _, t := range tags {
		keys["aws:ResourceTag/"+*t.Key] = []string{aws.ToString(t.Value)}
		keys["sagemaker:ResourceTag/"+*t.Key] = []string{aws.ToString(t.Value)}
	}
	return keys
}

func requestTags(tags []types.Tag) map[string][]string {
	keys := map[string][]string{}
	for _, t := range tags {
		keys["aws:RequestTag/"+*t.Key] = []string{aws.ToString(t.Value)}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], *t.Key)
	}
	return keys
}

func (s *Server) needsToCreate(r request, in *sagemaker.CreateClusterInput) []need {
	arn := s.nextARN(r, *in.ClusterName)
	keys := requestTags(in.Tags)
	maps.Copy(keys, groupKeys(in.InstanceGroups, in.RestrictedInstanceGroups, in.VpcConfig))
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
	needs = append(needs, passRoles(in.InstanceGroups, in.RestrictedInstanceGroups, in.ClusterRole)...)
	needs = append(needs, need{
		action: "iam:CreateServiceLinkedRole", forwarded: true,
		resource: policy.Resource{ARN: "arn:" + emul.Partition(r.who.Region) + ":iam::" + r.who.Account +
			":role/aws-service-role/hyperpod.sagemaker.amazonaws.com/AWSServiceRoleForSageMakerHyperPod"},
		keys: map[string][]string{"iam:AWSServiceName": {"hyperpod.sagemaker.amazonaws.com"}},
	})
	needs = append(needs, s.imageNeeds(r, imageUses(in.InstanceGroups))...)
	if in.Orchestrator != nil && in.Orchestrator.Eks != nil {
		needs = append(needs, accessEntries(aws.ToString(in.Orchestrator.Eks.ClusterArn), in.InstanceGroups)...)
	}
	return append(needs, volumeNeeds(r, in.InstanceGroups)...)
}

func (s *Server) needsToUpdate(r request, in *sagemaker.UpdateClusterInput) []need {
	cluster := r.clusterResource(in.ClusterName)
	var network *types.VpcConfig
	for _, g := range in.InstanceGroups {
		if g.OverrideVpcConfig != nil {
			network = &types.VpcConfig{}
		}
	}
	keys := groupKeys(in.InstanceGroups, in.RestrictedInstanceGroups, network)
	needs := []need{
		{action: "sagemaker:UpdateCluster", resource: cluster, keys: keys},
		{action: "sagemaker:BatchAddClusterNodes", resource: cluster, forwarded: true},
		{action: "sagemaker:BatchDeleteClusterNodes", resource: cluster, forwarded: true},
		{action: "sagemaker:UpdateClusterSoftware", resource: cluster, forwarded: true},
	}
	needs = append(needs, passRoles(in.InstanceGroups, in.RestrictedInstanceGroups, in.ClusterRole)...)
	needs = append(needs, s.imageNeeds(r, imageUses(in.InstanceGroups))...)
	if c, err := r.find(in.ClusterName); err == nil && c.isEKS() {
		needs = append(needs, accessEntries(aws.ToString(c.orchestrator.Eks.ClusterArn), in.InstanceGroups)...)
	}
	return append(needs, volumeNeeds(r, in.InstanceGroups)...)
}

func (s *Server) needsToUpdateSoftware(r request, in *sagemaker.UpdateClusterSoftwareInput) []need {
	needs := r.on("UpdateClusterSoftware", in.ClusterName)
	if id := aws.ToString(in.ImageId); id != "" && id != defaultImage {
		needs = append(needs, s.imageNeeds(r, []imageUse{{image: id}})...)
	}
	needs = append(needs, r.readEKS(in.ClusterName)...)
	if c, err := r.find(in.ClusterName); err == nil {
		var groups []types.ClusterInstanceGroupSpecification
		for _, g := range c.groups {
			if g.spec != nil {
				groups = append(groups, *g.spec)
			}
		}
		needs = append(needs, volumeNeeds(r, groups)...)
	}
	return needs
}

func (s *Server) needsToDelete(r request, in *sagemaker.DeleteClusterInput) []need {
	needs := r.on("DeleteCluster", in.ClusterName)
	c, err := r.find(in.ClusterName)
	if err != nil || !c.isEKS() {
		return needs
	}
	for _, g := range c.groups {
		if g.spec == nil {
			continue
		}
		entry := accessEntry(aws.ToString(c.orchestrator.Eks.ClusterArn), *g.spec.ExecutionRole)
		for _, action := range []string{"eks:DescribeAccessEntry", "eks:DeleteAccessEntry"} {
			needs = append(needs, need{action: action, resource: entry, forwarded: true})
		}
	}
	return needs
}

// readEKS is what the service reads of a cluster's orchestrator.
func (r request) readEKS(nameOrARN *string) []need {
	c, err := r.find(nameOrARN)
	if err != nil || !c.isEKS() {
		return nil
	}
	return []need{{action: "eks:DescribeCluster", resource: policy.Resource{ARN: aws.ToString(c.orchestrator.Eks.ClusterArn)}, forwarded: true}}
}

// groupKeys are the condition keys of the groups in a request. Those of the network are
// there only when a network is sent.
func groupKeys(groups []types.ClusterInstanceGroupSpecification, restricted []types.ClusterRestrictedInstanceGroupSpecification, network *types.VpcConfig) map[string][]string {
	keys := map[string][]string{}
	add := func(key string, values ...string) {
		for _, v := range values {
			if !slices.Contains(keys[key], v) {
				keys[key] = append(keys[key], v)
			}
		}
	}
	networks := []*types.VpcConfig{network}
	for _, g := range groups {
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
	for _, g := range restricted {
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

// passRoles is the right to pass each role once. It is the caller's own call, though no
// API has it.
func passRoles(groups []types.ClusterInstanceGroupSpecification, restricted []types.ClusterRestrictedInstanceGroupSpecification, clusterRole *string) []need {
	var roles []string
	for _, g := range groups {
		roles = append(roles, *g.ExecutionRole)
	}
	for _, g := range restricted {
		roles = append(roles, *g.ExecutionRole)
	}
	if clusterRole != nil {
		roles = append(roles, *clusterRole)
	}
	slices.Sort(roles)
	var needs []need
	for _, role := range slices.Compact(roles) {
		needs = append(needs, need{
			action: "iam:PassRole", resource: policy.Resource{ARN: role}, keys: map[string][]string{"iam:PassedToService": {service}},
		})
	}
	return needs
}

// imageNeeds is what the service does in EC2 with the AMIs of a request. With Images
// the emulator of EC2 asks for it, which knows the tags.
func (s *Server) imageNeeds(r request, uses []imageUse) []need {
	if s.options.Images != nil || len(uses) == 0 {
		return nil
	}
	region := map[string][]string{"ec2:Region": {r.who.Region}}
	needs := []need{
		{action: "ec2:DescribeImages", keys: region, forwarded: true},
		{action: "ec2:DescribeSnapshots", keys: region, forwarded: true},
	}
	for _, use := range uses {
		prefix := "arn:" + emul.Partition(r.who.Region) + ":ec2:" + r.who.Region + "::"
		// Which snapshots the AMI has is not known without Images: one is made up.
		snapshot := prefix + "snapshot/snap-" + emul.HexID(17, use.image)
		needs = append(needs,
			need{action: "ec2:ModifyImageAttribute", resource: policy.Resource{ARN: prefix + "image/" + use.image}, keys: region, forwarded: true},
			need{action: "ec2:ModifySnapshotAttribute", resource: policy.Resource{ARN: snapshot}, keys: region, forwarded: true})
	}
	return needs
}

// clusterAccessPolicy is one of EKS's access policies for HyperPod. Which of them the
// service associates is not published.
const clusterAccessPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonSagemakerHyperpodClusterPolicy"

// accessEntries is what the service does in EKS so that the nodes of a group can join.
func accessEntries(eksARN string, groups []types.ClusterInstanceGroupSpecification) []need {
	needs := []need{{action: "eks:DescribeCluster", resource: policy.Resource{ARN: eksARN}, forwarded: true}}
	for _, g := range groups {
		entry := accessEntry(eksARN, *g.ExecutionRole)
		needs = append(needs,
			need{
				action: "eks:CreateAccessEntry", resource: policy.Resource{ARN: eksARN}, forwarded: true,
				keys: map[string][]string{"eks:principalArn": {*g.ExecutionRole}},
			},
			need{action: "eks:DescribeAccessEntry", resource: entry, forwarded: true},
			need{
				action: "eks:AssociateAccessPolicy", resource: entry, forwarded: true,
				keys: map[string][]string{"eks:policyArn": {clusterAccessPolicy}, "eks:accessScope": {"cluster"}},
			},
			need{action: "eks:DeleteAccessEntry", resource: entry, forwarded: true})
	}
	return needs
}

// accessEntry is the access entry of a role in an EKS cluster: its ARN names the
// cluster, the role and an id of its own.
func accessEntry(eksARN, role string) policy.Resource {
	prefix, name, _ := strings.Cut(eksARN, ":cluster/")
	return policy.Resource{
		ARN:     prefix + ":access-entry/" + name + "/role/" + accountOf(role) + "/" + role[strings.LastIndex(role, "/")+1:] + "/" + emul.HexID(32, eksARN, role),
		Context: map[string][]string{"eks:clusterName": {name}, "eks:principalArn": {role}},
	}
}

// volumeNeeds is what the service does with the keys of the groups' volumes. Keys that
// are not given by ARN are taken to be of the caller's account.
func volumeNeeds(r request, groups []types.ClusterInstanceGroupSpecification) []need {
	via := map[string][]string{"kms:ViaService": {"sagemaker." + r.who.Region + ".amazonaws.com"}}
	granting := map[string][]string{
		"kms:GrantIsForAWSResource": {"true"},
		"kms:GrantOperations":       {"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "RetireGrant"},
	}
	maps.Copy(granting, via)
	var needs []need
	for _, g := range groups {
		for _, key := range volumeKeys(g.InstanceStorageConfigs) {
			if !strings.HasPrefix(key, "arn:") {
				key = r.arn("kms", "key/"+key)
			}
			needs = append(needs,
				need{action: "kms:DescribeKey", resource: policy.Resource{ARN: key}, keys: via, forwarded: true},
				need{action: "kms:CreateGrant", resource: policy.Resource{ARN: key}, keys: granting, forwarded: true})
		}
	}
	return needs
}
