package hyperpod

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// DeleteNodes deletes chosen nodes, with their volumes, and waits until they are gone.
// The target counts of their groups go down by as many (SDK, BatchDeleteClusterNodes
// and "Scaling down a SageMaker HyperPod cluster" in the Developer Guide).
//
// Nodes are named by instance id, or on Continuous clusters by logical id. A malformed
// id, a node named twice and the controller of a Slurm cluster are an [*InvalidError],
// and nothing is sent. Which group is the controller is known from SlurmConfig; where
// the cluster's provisioning_parameters.json says it instead, only the service can
// refuse. Many nodes take more than one request, of at most 99 instance ids or 50
// logical ids; on clusters that are not Continuous each is waited for before the next.
//
// Nodes that the service does not accept are a [*NodesError], after the others were
// waited for. A request whose answer is lost is not sent again, since the operation has
// no token: its nodes are [NodeUnanswered]. The report is never nil and has one result
// for each node.
func (c *Cluster) DeleteNodes(ctx context.Context, ids ...string) (*Report, error) {
	return c.onNodes(ctx, nodeOperation{
		operation: OperationDeleteNodes, call: "BatchDeleteClusterNodes", most: 99, mostLogical: 50, spareController: true,
		send: sendDelete, arrived: (*nodeWait).deleted,
	}, ids)
}

// ReplaceNodes gives chosen nodes new instances with the same image and waits until
// these run. All volumes of the old instances are lost, the secondary ones too. The
// service says that a logical id stays with the node; a node whose id is gone counts
// as replaced once its group is complete and has a new node for it.
//
// Ids, refusals, results and errors are as at [Cluster.DeleteNodes]; a request has at
// most 25 nodes.
func (c *Cluster) ReplaceNodes(ctx context.Context, ids ...string) (*Report, error) {
	return c.onNodes(ctx, nodeOperation{
		operation: OperationReplaceNodes, call: "BatchReplaceClusterNodes", most: 25, mostLogical: 25, spareController: true,
		send: sendReplace, arrived: (*nodeWait).replaced,
	}, ids)
}

// RebootNodes restarts chosen nodes in place and waits until they run again. A restart
// that never shows is taken for done when eight poll intervals have passed, two minutes
// by default.
//
// Ids, results and errors are as at [Cluster.DeleteNodes], but the Slurm controller is
// not spared; a request has at most 25 nodes.
func (c *Cluster) RebootNodes(ctx context.Context, ids ...string) (*Report, error) {
	return c.onNodes(ctx, nodeOperation{
		operation: OperationRebootNodes, call: "BatchRebootClusterNodes", most: 25, mostLogical: 25,
		send: sendReboot, arrived: (*nodeWait).rebooted,
	}, ids)
}

// nodeOperation is what the operations on nodes differ in.
type nodeOperation struct {
	operation         Operation
	call              string
	most, mostLogical int // nodes in one request
	spareController   bool
	send              sendNodes
	arrived           func(w *nodeWait, t *trackedNode) bool
}

func (c *Cluster) onNodes(ctx context.Context, op nodeOperation, ids []string) (*Report, error) {
	r := c.start(op.operation)
	return r.end(ctx, r.onNodes(ctx, op, ids))
}

func (r *run) onNodes(ctx context.Context, op nodeOperation, ids []string) error {
	if err := r.named(ctx); err != nil {
		return err
	}
	if err := r.found(ctx, checkNodeIDs(ids)); err != nil {
		return err
	}
	live, err := r.describe(ctx)
	if err != nil {
		return err
	}
	w, err := r.watchNodes(ctx, live, op.arrived)
	if err != nil {
		return err
	}
	chunks := op.chunks(ids)
	if err := r.found(ctx, op.check(ids, len(chunks), live, w, r.options.NoWait)); err != nil {
		return err
	}
	for _, id := range ids {
		known := w.before(id)
		r.report.Nodes = append(r.report.Nodes, NodeResult{ID: id, Group: known.Group, Instance: known.Instance})
	}
	return r.sendChunks(ctx, op, chunks, w)
}

// sendChunks sends one request after the other and waits for what they started: at the
// end, or where the cluster takes one operation at a time after each. A request of
// which no node is valid is no reason to leave the others out.
func (r *run) sendChunks(ctx context.Context, op nodeOperation, chunks [][]string, w *nodeWait) error {
	var callErrs []error
	var waitErr error
	for _, chunk := range chunks {
		err := r.sendChunk(ctx, op, chunk, w)
		if err != nil {
			callErrs = append(callErrs, err)
		}
		if err != nil && !awserr.IsValidation(err) {
			break
		}
		if !w.continuous && !r.options.NoWait {
			if waitErr = w.wait(ctx); waitErr != nil {
				break
			}
		}
	}
	if !r.options.NoWait && w.continuous {
		waitErr = w.wait(ctx)
	}
	return r.nodesError(callErrs, waitErr)
}

// nodesError is the end of a workflow on nodes.
func (r *run) nodesError(callErrs []error, waitErr error) error {
	err := joined(append(callErrs, waitErr)...)
	failed := slices.DeleteFunc(slices.Clone(r.report.Nodes), func(n NodeResult) bool { return !n.Outcome.failed() })
	if len(failed) == 0 {
		return err
	}
	r.settled = waitErr == nil && !r.options.NoWait
	return &NodesError{
		Operation: r.report.Operation, Cluster: r.report.Cluster, Failed: failed, Total: len(r.report.Nodes), Err: err,
	}
}

// sendChunk sends one request and notes what the service says of each of its nodes.
func (r *run) sendChunk(ctx context.Context, op nodeOperation, ids []string, w *nodeWait) error {
	var instances, logicalIDs []string
	for _, id := range ids {
		if isInstanceID(id) {
			instances = append(instances, id)
		} else {
			logicalIDs = append(logicalIDs, id)
		}
	}
	answer, err := op.send(ctx, r.api, r.report.Cluster, instances, logicalIDs)
	if err == nil {
		r.called(ctx, op.call, nil)
	} else {
		err = r.refused(op.call, err)
	}
	for i := range r.report.Nodes {
		n := &r.report.Nodes[i]
		if !slices.Contains(ids, n.ID) {
			continue
		}
		switch failure, failed := answer.failed[n.ID]; {
		case err != nil && r.report.Unknown:
			n.Outcome = NodeUnanswered
		case err != nil:
			n.Outcome, n.Detail = NodeRefused, awserr.Code(err)
		case failed:
			n.Outcome, n.Code, n.Detail = NodeRefused, failure.code, failure.message
		case slices.Contains(answer.succeeded, n.ID):
			n.Outcome = NodeAccepted
			w.track(i)
		default:
			n.Outcome, n.Detail = NodeUnanswered, "the answer does not mention the node"
		}
	}
	return err
}

// chunks splits the nodes into requests, instance ids and logical ids apart: the bound
// on both together is lower than that on instance ids alone.
func (op nodeOperation) chunks(ids []string) [][]string {
	var instances, logicalIDs []string
	for _, id := range ids {
		if isInstanceID(id) {
			instances = append(instances, id)
		} else {
			logicalIDs = append(logicalIDs, id)
		}
	}
	return slices.AppendSeq(slices.Collect(slices.Chunk(instances, op.most)), slices.Chunk(logicalIDs, op.mostLogical))
}

// checkNodeIDs judges the ids as they stand.
func checkNodeIDs(ids []string) []hyperpodkit.Finding {
	if len(ids) == 0 {
		return []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "nodes", Path: "NodeIds", Found: "no node is named", Fix: "name the nodes"}}
	}
	var findings []hyperpodkit.Finding
	for i, id := range ids {
		member, shape := "NodeLogicalIds", "ClusterNodeLogicalId"
		if isInstanceID(id) {
			member, shape = "NodeIds", "ClusterNodeId"
		}
		findings = append(findings, modelFindings(smmodel.Shape(shape, member, id))...)
		if slices.Contains(ids[:i], id) {
			findings = append(findings, twice(member, id, id))
		}
	}
	return findings
}

func twice(member, id, other string) hyperpodkit.Finding {
	found := fmt.Sprintf("%q is named twice", id)
	if id != other {
		found = fmt.Sprintf("%q and %q are the same node", other, id)
	}
	return hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: "nodes", Path: member, Found: found, Fix: "name each node once"}
}

// check judges the nodes against the cluster.
func (op nodeOperation) check(ids []string, requests int, live *sagemaker.DescribeClusterOutput, w *nodeWait, noWait bool) []hyperpodkit.Finding {
	var findings []hyperpodkit.Finding
	refuse := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	if !w.continuous && requests > 1 && noWait {
		refuse("one-at-a-time", "NodeIds", fmt.Sprintf("%d nodes take %d requests, and the cluster works on one operation at a time", len(ids), requests),
			fmt.Sprintf("wait, or name at most %d nodes", op.most))
	}
	for i, id := range ids {
		if !isInstanceID(id) && !w.continuous {
			refuse("needs-continuous", "NodeLogicalIds", fmt.Sprintf("%q is a logical id, and the cluster's NodeProvisioningMode is not Continuous", id), "use the instance id")
			continue
		}
		known := w.before(id)
		for _, other := range ids[:i] {
			if other != id && known.Group != "" && (other == known.Instance || other == known.LogicalID) {
				findings = append(findings, twice("NodeIds", id, other))
			}
		}
		if op.spareController && known.Group != "" && isController(live, known.Group) {
			refuse("slurm-controller", "NodeIds", fmt.Sprintf("%q is the Slurm controller", id), "leave it out: the service can neither delete nor replace it")
		}
	}
	return findings
}

// isController tells whether a group is that of the Slurm controller, as far as the
// service says.
func isController(live *sagemaker.DescribeClusterOutput, group string) bool {
	g := regularGroup(live, group)
	return g != nil && g.SlurmConfig != nil && g.SlurmConfig.NodeType == types.ClusterSlurmNodeTypeController
}
