package hyperpodtest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// Bounds that the SDK documents for BatchAddClusterNodes and that stand in no
// constraint of the model.
const (
	maxAddGroups = 5
	maxAddNodes  = 50
	tokenValid   = 8 * time.Hour
)

// addition is what BatchAddClusterNodes did for a client token.
type addition struct {
	at    time.Time
	asked []types.AddClusterNodeSpecification
	nodes []addedNode
	out   *sagemaker.BatchAddClusterNodesOutput
}

type addedNode struct {
	group     *group
	logicalID string
	spec      types.AddClusterNodeSpecification
}

// batchAddClusterNodes raises the targets of groups and launches the nodes. Groups that
// cannot take nodes are reported in the answer, and refuse the call when all are such.
func (s *Server) batchAddClusterNodes(r request, in *sagemaker.BatchAddClusterNodesInput) (outcome[sagemaker.BatchAddClusterNodesOutput], error) {
	none := outcome[sagemaker.BatchAddClusterNodesOutput]{}
	c, err := r.find(in.ClusterName)
	if err != nil {
		return none, err
	}
	if !c.continuous {
		return none, invalid("BatchAddClusterNodes is supported for clusters with NodeProvisioningMode Continuous only.")
	}
	token := aws.ToString(in.ClientToken)
	if done, replay := c.additions[token]; token != "" && replay && r.now.Sub(done.at) < tokenValid {
		if !reflect.DeepEqual(done.asked, in.NodesToAdd) {
			// The documentation promises a replay for the same parameters only.
			return none, invalid("ClientToken %s was used for other NodesToAdd.", token)
		}
		return answer(done.replay()), nil
	}
	total := 0
	for _, spec := range in.NodesToAdd {
		total += int(*spec.IncrementTargetCountBy)
	}
	if len(in.NodesToAdd) > maxAddGroups || total > maxAddNodes {
		return none, invalid("NodesToAdd can name at most %d instance groups and %d nodes in total.", maxAddGroups, maxAddNodes)
	}
	if err := s.overQuota(c, total); err != nil {
		return none, err
	}
	var failed []types.BatchAddClusterNodesError
	var accepted []types.AddClusterNodeSpecification
	var launches []string
	for _, spec := range in.NodesToAdd {
		if code, message := c.cannotAdd(spec); code != "" {
			failed = append(failed, types.BatchAddClusterNodesError{
				ErrorCode: code, InstanceGroupName: spec.InstanceGroupName, FailedCount: spec.IncrementTargetCountBy, Message: aws.String(message),
				AvailabilityZones: spec.AvailabilityZones, InstanceTypes: spec.InstanceTypes,
			})
			continue
		}
		accepted = append(accepted, spec)
		launches = append(launches, c.group(*spec.InstanceGroupName).desiredImage)
	}
	if len(accepted) == 0 {
		return none, invalid("No node could be added: %s", aws.ToString(failed[0].Message))
	}
	pretend := func() *sagemaker.BatchAddClusterNodesOutput {
		out := &sagemaker.BatchAddClusterNodesOutput{Failed: failed, Successful: []types.NodeAdditionResult{}}
		for _, spec := range accepted {
			for i := range *spec.IncrementTargetCountBy {
				out.Successful = append(out.Successful, types.NodeAdditionResult{
					InstanceGroupName: spec.InstanceGroupName, Status: types.ClusterInstanceStatusPending,
					NodeLogicalId: aws.String("node-" + emul.HexID(12, c.arn, *spec.InstanceGroupName, "never", fmt.Sprint(i))),
				})
			}
		}
		return out
	}
	return outcome[sagemaker.BatchAddClusterNodesOutput]{launches: launches, pretend: pretend, apply: func() *sagemaker.BatchAddClusterNodesOutput {
		done := addition{at: r.now, asked: in.NodesToAdd, out: &sagemaker.BatchAddClusterNodesOutput{Failed: failed}}
		for _, spec := range accepted {
			done.nodes = append(done.nodes, c.group(*spec.InstanceGroupName).add(r.now, spec)...)
		}
		if token != "" {
			if c.additions == nil {
				c.additions = map[string]addition{}
			}
			c.additions[token] = done
		}
		return done.replay()
	}}, nil
}

// replay is the answer to an addition, with the nodes as they are now: one that is gone
// is NotFound.
func (a addition) replay() *sagemaker.BatchAddClusterNodesOutput {
	out := deep.Copy(a.out)
	out.Successful, out.Failed = []types.NodeAdditionResult{}, append([]types.BatchAddClusterNodesError{}, out.Failed...)
	for _, n := range a.nodes {
		status := types.ClusterInstanceStatusNotFound
		if i := slices.IndexFunc(n.group.nodes, func(x *node) bool { return x.logicalID == n.logicalID }); i >= 0 {
			status = n.group.nodes[i].status
		}
		out.Successful = append(out.Successful, types.NodeAdditionResult{
			InstanceGroupName: aws.String(n.group.name()), NodeLogicalId: aws.String(n.logicalID), Status: status,
			AvailabilityZones: n.spec.AvailabilityZones, InstanceTypes: n.spec.InstanceTypes,
		})
	}
	return out
}

// cannotAdd says why a group cannot take nodes.
func (c *cluster) cannotAdd(spec types.AddClusterNodeSpecification) (code types.BatchAddClusterNodesErrorCode, message string) {
	name := *spec.InstanceGroupName
	g := c.group(name)
	switch {
	case g == nil || g.restricted != nil:
		return types.BatchAddClusterNodesErrorCodeInstanceGroupNotFound, "Instance group " + name + " does not exist."
	case g.deleting || g.awaitsMinimum() || g.status() == types.InstanceGroupStatusFailed:
		return types.BatchAddClusterNodesErrorCodeInvalidInstanceGroupStatus, "Instance group " + name + " is in status " + string(g.status()) + "."
	}
	for _, t := range spec.InstanceTypes {
		if t != g.spec.InstanceType && (g.spec.InstanceRequirements == nil || !slices.Contains(g.spec.InstanceRequirements.InstanceTypes, t)) {
			return types.BatchAddClusterNodesErrorCodeIncompatibleInstanceTypes, "Instance group " + name + " does not have the instance type " + string(t) + "."
		}
	}
	return "", ""
}

func (g *group) add(now time.Time, spec types.AddClusterNodeSpecification) []addedNode {
	var added []addedNode
	n := int(*spec.IncrementTargetCountBy)
	g.target += n
	g.spec.InstanceCount = aws.Int32(int32(g.target))
	for i := range n {
		n := g.launch(now, time.Duration(i)*g.cluster.server.options.Durations.NodeStagger)
		added = append(added, addedNode{group: g, logicalID: n.logicalID, spec: spec})
	}
	g.cluster.check(now)
	return added
}

// overQuota refuses nodes beyond the account's quota.
func (s *Server) overQuota(c *cluster, more int) error {
	if s.options.MaxInstances <= 0 {
		return nil
	}
	total := more
	if c != nil {
		for _, g := range c.groups {
			total += g.target
		}
	}
	if total > s.options.MaxInstances {
		return &types.ResourceLimitExceeded{Message: aws.String("The account-level service limit for instances of a HyperPod cluster is exceeded.")}
	}
	return nil
}
