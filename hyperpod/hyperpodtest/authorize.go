package hyperpodtest

import (
	"cmp"
	"maps"
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
		return needsToAddNodes(r, in)
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
