package hyperpodtest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Bounds that the SDK documents for the operations on chosen nodes and that stand in
// no constraint of the model.
const (
	maxDeleteNodes        = 99
	maxDeleteWithLogicals = 50 // of both kinds of id together, once there is a logical one
	maxRestartNodes       = 25
)

// chosen are the nodes that a batch operation names, and what it may do to them.
type chosen struct {
	operation       string
	cluster         *string
	ids, logicalIDs []string
	most            int
	mostWithLogical int  // of both kinds together, once there is a logical one; 0 for most of each
	spareController bool // the Slurm controller cannot be deleted or replaced
}

// nodeProblem is why a batch operation leaves a node alone.
type nodeProblem uint8

const (
	noProblem nodeProblem = iota
	nodeNotFound
	nodeBadStatus
	nodeInUse
)

// picked is one node that a batch operation names.
type picked struct {
	id      string
	logical bool
	node    *node
	problem nodeProblem
	message string
}

// pick resolves the nodes that a batch operation names, and says which it cannot act
// on. It refuses the call when it can act on none.
func (r request) pick(named chosen) (*cluster, []picked, error) {
	c, err := r.find(named.cluster)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(named.ids)+len(named.logicalIDs) == 0:
		return nil, nil, invalid("At least one of NodeIds and NodeLogicalIds must be given.")
	case len(named.ids) > named.most, len(named.logicalIDs) > named.most:
		return nil, nil, invalid("%s takes at most %d nodes.", named.operation, named.most)
	case named.mostWithLogical > 0 && len(named.logicalIDs) > 0 && len(named.ids)+len(named.logicalIDs) > named.mostWithLogical:
		return nil, nil, invalid("%s takes at most %d nodes when NodeLogicalIds are given.", named.operation, named.mostWithLogical)
	case len(named.logicalIDs) > 0 && !c.continuous:
		return nil, nil, invalid("NodeLogicalIds are supported for clusters with NodeProvisioningMode Continuous only.")
	case c.status != types.ClusterStatusInservice:
		return nil, nil, conflict("Cluster %s is in status %s; its nodes cannot be changed now.", c.name, c.status)
	}
	byID, byLogicalID := map[string]*node{}, map[string]*node{}
	for _, g := range c.groups {
		for _, n := range g.nodes {
			byID[n.instanceID], byLogicalID[n.logicalID] = n, n
		}
	}
	var all []picked
	for _, id := range named.ids {
		all = append(all, named.judge(picked{id: id, node: byID[id]}))
	}
	for _, id := range named.logicalIDs {
		all = append(all, named.judge(picked{id: id, logical: true, node: byLogicalID[id]}))
	}
	for _, p := range all {
		if p.problem == noProblem {
			return c, all, nil
		}
	}
	return nil, nil, invalid("%s can act on none of the nodes: %s", named.operation, all[0].message)
}

func (named chosen) judge(p picked) picked {
	switch {
	case p.node == nil:
		p.problem, p.message = nodeNotFound, "Node "+p.id+" does not exist."
	case named.spareController && p.node.group.slurmNode() == types.ClusterSlurmNodeTypeController:
		p.problem, p.message = nodeInUse, "Node "+p.id+" is the Slurm controller."
	case p.node.group.awaitsMinimum():
		p.problem, p.message = nodeInUse, "Instance group "+p.node.group.name()+" has not reached its minimum instance count."
	case p.node.status == types.ClusterInstanceStatusShuttingDown, p.node.status == types.ClusterInstanceStatusSystemUpdating,
		p.node.status == types.ClusterInstanceStatusPending && named.operation == "BatchRebootClusterNodes":
		p.problem, p.message = nodeBadStatus, "Node "+p.id+" is in status "+string(p.node.status)+"."
	}
	return p
}

// act does something to each node that it can be done to, and sorts the ids: those that
// it was done to, and through failed those that it was not. Without do it only sorts.
func (c *cluster) act(now time.Time, all []picked, do func(*node), failed func(picked)) (ids, logicalIDs []string) {
	for _, p := range all {
		switch {
		case p.problem != noProblem:
			failed(p)
			continue
		case p.logical:
			logicalIDs = append(logicalIDs, p.id)
		default:
			ids = append(ids, p.id)
		}
		// A node may be named by both its ids.
		if do != nil && p.node.status != types.ClusterInstanceStatusShuttingDown {
			do(p.node)
		}
	}
	if do == nil {
		return ids, logicalIDs
	}
	if !c.continuous {
		c.status, c.failure = types.ClusterStatusUpdating, ""
		c.settle = func(end time.Time) {
			// There is nothing to go back to: a node that failed stays, with its reason.
			c.failure, _ = c.firstFailure(now)
			c.inService(end, "Update")
		}
	}
	c.check(now)
	return ids, logicalIDs
}

// batchDeleteClusterNodes ends chosen nodes and lowers their groups' targets.
func (s *Server) batchDeleteClusterNodes(r request, in *sagemaker.BatchDeleteClusterNodesInput) (outcome[sagemaker.BatchDeleteClusterNodesOutput], error) {
	c, all, err := r.pick(chosen{
		operation: "BatchDeleteClusterNodes", cluster: in.ClusterName, ids: in.NodeIds, logicalIDs: in.NodeLogicalIds,
		most: maxDeleteNodes, mostWithLogical: maxDeleteWithLogicals, spareController: true,
	})
	if err != nil {
		return outcome[sagemaker.BatchDeleteClusterNodesOutput]{}, err
	}
	codes := map[nodeProblem]types.BatchDeleteClusterNodesErrorCode{
		nodeNotFound: types.BatchDeleteClusterNodesErrorCodeNodeIdNotFound, nodeBadStatus: types.BatchDeleteClusterNodesErrorCodeInvalidNodeStatus,
		nodeInUse: types.BatchDeleteClusterNodesErrorCodeNodeIdInUse,
	}
	answer := func(do func(*node)) *sagemaker.BatchDeleteClusterNodesOutput {
		out := &sagemaker.BatchDeleteClusterNodesOutput{}
		out.Successful, out.SuccessfulNodeLogicalIds = c.act(r.now, all, do, func(p picked) {
			if p.logical {
				out.FailedNodeLogicalIds = append(out.FailedNodeLogicalIds, types.BatchDeleteClusterNodeLogicalIdsError{Code: codes[p.problem], NodeLogicalId: aws.String(p.id), Message: aws.String(p.message)})
				return
			}
			out.Failed = append(out.Failed, types.BatchDeleteClusterNodesError{Code: codes[p.problem], NodeId: aws.String(p.id), Message: aws.String(p.message)})
		})
		return out
	}
	end := func(n *node) {
		n.group.lower()
		n.stop(r.now)
	}
	return outcome[sagemaker.BatchDeleteClusterNodesOutput]{
		apply:   func() *sagemaker.BatchDeleteClusterNodesOutput { return answer(end) },
		pretend: func() *sagemaker.BatchDeleteClusterNodesOutput { return answer(nil) },
	}, nil
}

// lower takes a deleted node off its group's target.
func (g *group) lower() {
	g.target = max(0, g.target-1)
	if g.minimum.count > g.target {
		g.minimum.count = g.target
		g.spec.MinInstanceCount = aws.Int32(int32(g.target))
	}
	if g.restricted != nil {
		g.restricted.InstanceCount = aws.Int32(int32(g.target))
		return
	}
	g.spec.InstanceCount = aws.Int32(int32(g.target))
}

// batchRebootClusterNodes restarts chosen nodes in place.
func (s *Server) batchRebootClusterNodes(r request, in *sagemaker.BatchRebootClusterNodesInput) (outcome[sagemaker.BatchRebootClusterNodesOutput], error) {
	c, all, err := r.pick(chosen{
		operation: "BatchRebootClusterNodes", cluster: in.ClusterName, ids: in.NodeIds, logicalIDs: in.NodeLogicalIds, most: maxRestartNodes,
	})
	if err != nil {
		return outcome[sagemaker.BatchRebootClusterNodesOutput]{}, err
	}
	codes := map[nodeProblem]types.BatchRebootClusterNodesErrorCode{
		nodeNotFound: types.BatchRebootClusterNodesErrorCodeInstanceIdNotFound, nodeBadStatus: types.BatchRebootClusterNodesErrorCodeInvalidInstanceStatus,
		nodeInUse: types.BatchRebootClusterNodesErrorCodeInstanceIdInUse,
	}
	answer := func(do func(*node)) *sagemaker.BatchRebootClusterNodesOutput {
		out := &sagemaker.BatchRebootClusterNodesOutput{}
		out.Successful, out.SuccessfulNodeLogicalIds = c.act(r.now, all, do, func(p picked) {
			if p.logical {
				out.FailedNodeLogicalIds = append(out.FailedNodeLogicalIds, types.BatchRebootClusterNodeLogicalIdsError{ErrorCode: codes[p.problem], NodeLogicalId: aws.String(p.id), Message: aws.String(p.message)})
				return
			}
			out.Failed = append(out.Failed, types.BatchRebootClusterNodesError{ErrorCode: codes[p.problem], NodeId: aws.String(p.id), Message: aws.String(p.message)})
		})
		return out
	}
	return outcome[sagemaker.BatchRebootClusterNodesOutput]{
		apply: func() *sagemaker.BatchRebootClusterNodesOutput {
			return answer(func(n *node) { n.reboot(r.now) })
		},
		pretend: func() *sagemaker.BatchRebootClusterNodesOutput { return answer(nil) },
	}, nil
}

// batchReplaceClusterNodes gives chosen nodes new instances: the old ones end while
// new ones start.
func (s *Server) batchReplaceClusterNodes(r request, in *sagemaker.BatchReplaceClusterNodesInput) (outcome[sagemaker.BatchReplaceClusterNodesOutput], error) {
	c, all, err := r.pick(chosen{
		operation: "BatchReplaceClusterNodes", cluster: in.ClusterName, ids: in.NodeIds, logicalIDs: in.NodeLogicalIds,
		most: maxRestartNodes, spareController: true,
	})
	if err != nil {
		return outcome[sagemaker.BatchReplaceClusterNodesOutput]{}, err
	}
	codes := map[nodeProblem]types.BatchReplaceClusterNodesErrorCode{
		nodeNotFound: types.BatchReplaceClusterNodesErrorCodeInstanceIdNotFound, nodeBadStatus: types.BatchReplaceClusterNodesErrorCodeInvalidInstanceStatus,
		nodeInUse: types.BatchReplaceClusterNodesErrorCodeInstanceIdInUse,
	}
	var launches []string
	for _, p := range all {
		if p.problem == noProblem {
			launches = append(launches, p.node.group.desiredImage)
		}
	}
	answer := func(do func(*node)) *sagemaker.BatchReplaceClusterNodesOutput {
		out := &sagemaker.BatchReplaceClusterNodesOutput{}
		out.Successful, out.SuccessfulNodeLogicalIds = c.act(r.now, all, do, func(p picked) {
			if p.logical {
				out.FailedNodeLogicalIds = append(out.FailedNodeLogicalIds, types.BatchReplaceClusterNodeLogicalIdsError{ErrorCode: codes[p.problem], NodeLogicalId: aws.String(p.id), Message: aws.String(p.message)})
				return
			}
			out.Failed = append(out.Failed, types.BatchReplaceClusterNodesError{ErrorCode: codes[p.problem], NodeId: aws.String(p.id), Message: aws.String(p.message)})
		})
		return out
	}
	replace := func(n *node) { n.replace(r.now) }
	return outcome[sagemaker.BatchReplaceClusterNodesOutput]{
		launches: launches,
		apply:    func() *sagemaker.BatchReplaceClusterNodesOutput { return answer(replace) },
		pretend:  func() *sagemaker.BatchReplaceClusterNodesOutput { return answer(nil) },
	}, nil
}
