package hyperpod

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// Addition is what [Cluster.AddNodes] adds.
type Addition struct {
	// Groups say how many nodes go to which instance group.
	Groups []GroupAddition
	// Token makes the addition happen once: within 8 hours the same addition with the
	// same token adds nothing and finds the nodes that the first one added. Empty means
	// a random one, which covers the tries within one call of AddNodes; give one of
	// your own to be safe across processes. At most 60 printable characters without
	// blanks.
	Token string
}

// GroupAddition is how many nodes one instance group gets.
type GroupAddition struct {
	// Group is the instance group.
	Group string
	// Count is how many nodes, at least 1.
	Count int32
	// InstanceTypes and AvailabilityZones choose within a flexible group. Nil leaves
	// the choice to the service.
	InstanceTypes     []types.ClusterInstanceType
	AvailabilityZones []string
}

const (
	maxToken     = 60 // of the service's 64, for the number of a further request
	maxAddGroups = 5  // SDK, BatchAddClusterNodesInput
	maxAddNodes  = 50
	addTries     = 3
)

// AddNodes adds nodes to instance groups of a Continuous cluster and waits until they
// run. It raises the target counts and changes nothing else of the groups, unlike an
// update (SDK, BatchAddClusterNodes).
//
// A request whose answer is lost is sent again with the same token, so that no node is
// added twice. Many nodes take more than one request, of at most 50 nodes in 5 groups.
// A cluster that is not Continuous is an [*InvalidError], an unknown group
// [ErrGroupNotFound], and nothing is sent. Nodes that the service does not accept are a
// [*NodesError], after the others were waited for. A node that fails to start is
// replaced by the service and goes on being waited for. The report is never nil and has
// one result for each node.
func (c *Cluster) AddNodes(ctx context.Context, a Addition) (*Report, error) {
	r := c.start(OperationAddNodes)
	return r.end(ctx, r.addNodes(ctx, a))
}

func (r *run) addNodes(ctx context.Context, a Addition) error {
	if err := r.named(ctx); err != nil {
		return err
	}
	if err := r.found(ctx, a.check()); err != nil {
		return err
	}
	live, err := r.describe(ctx)
	if err != nil {
		return err
	}
	if live.NodeProvisioningMode != types.ClusterNodeProvisioningModeContinuous {
		return r.found(ctx, []hyperpodkit.Finding{{
			Level: hyperpodkit.Error, Rule: "needs-continuous", Path: "NodesToAdd", Found: "the cluster's NodeProvisioningMode is not Continuous", Fix: "scale the group",
		}})
	}
	d := newDraft(live, time.Now())
	for _, g := range a.Groups {
		if d.find(g.Group) == nil {
			return groupError(OperationAddNodes, r.report.Cluster, g.Group, ErrGroupNotFound)
		}
	}
	w, err := r.watchNodes(ctx, live, (*nodeWait).running)
	if err != nil {
		return err
	}
	token := a.Token
	if token == "" {
		token = rand.Text()
	}
	requests := a.requests()
	var callErrs []error
	stopped := false
	for i, nodes := range requests {
		in := &sagemaker.BatchAddClusterNodesInput{ClusterName: aws.String(r.report.Cluster), NodesToAdd: nodes, ClientToken: aws.String(token)}
		if i > 0 {
			in.ClientToken = aws.String(fmt.Sprintf("%s-%d", token, i+1))
		}
		if stopped {
			r.noteAdded(nodes, NodeNotSent, "")
			continue
		}
		if err := r.sendAddition(ctx, in, token, w); err != nil {
			callErrs = append(callErrs, err)
			stopped = !awserr.IsValidation(err)
		}
	}
	var waitErr error
	if !r.options.NoWait {
		waitErr = w.wait(ctx)
	}
	return r.nodesError(callErrs, waitErr)
}

// sendAddition sends one request, again when its answer is lost, and notes what came
// of it. token is that of the whole addition.
func (r *run) sendAddition(ctx context.Context, in *sagemaker.BatchAddClusterNodesInput, token string, w *nodeWait) error {
	var out *sagemaker.BatchAddClusterNodesOutput
	var err error
	for try := range addTries {
		if try > 0 && !pause(ctx, time.Duration(try)*time.Second) {
			break
		}
		out, err = r.api.BatchAddClusterNodes(ctx, in)
		if err == nil || !awserr.IsTransient(err) {
			break
		}
	}
	if err != nil {
		err = r.refused("BatchAddClusterNodes", err)
		if r.report.Unknown {
			r.noteAdded(in.NodesToAdd, NodeUnanswered, "to ask again without adding twice: the same addition with token "+token)
		} else {
			r.noteAdded(in.NodesToAdd, NodeRefused, awserr.Code(err))
		}
		return err
	}
	r.called(ctx, "BatchAddClusterNodes", nil)
	first := len(r.report.Nodes)
	for _, n := range out.Successful {
		result := NodeResult{ID: aws.ToString(n.NodeLogicalId), Group: aws.ToString(n.InstanceGroupName), Outcome: NodeAccepted}
		if n.Status == types.ClusterInstanceStatusNotFound {
			result.Outcome, result.Detail = NodeGone, "added by an earlier request with this token, and deleted since"
		}
		r.report.Nodes = append(r.report.Nodes, result)
		if result.Outcome == NodeAccepted {
			w.track(len(r.report.Nodes) - 1)
		}
	}
	for _, f := range out.Failed {
		for range max(aws.ToInt32(f.FailedCount), 1) {
			r.report.Nodes = append(r.report.Nodes, NodeResult{
				Group: aws.ToString(f.InstanceGroupName), Outcome: NodeRefused, Code: string(f.ErrorCode), Detail: aws.ToString(f.Message),
			})
		}
	}
	r.noteUntold(in.NodesToAdd, first)
	return nil
}

// noteUntold notes the nodes of a request that its answer, in the report from an index
// on, does not mention.
func (r *run) noteUntold(nodes []types.AddClusterNodeSpecification, from int) {
	told := map[string]int32{}
	for _, n := range r.report.Nodes[from:] {
		told[n.Group]++
	}
	for _, n := range nodes {
		group := aws.ToString(n.InstanceGroupName)
		mentioned := min(told[group], aws.ToInt32(n.IncrementTargetCountBy))
		told[group] -= mentioned
		n.IncrementTargetCountBy = aws.Int32(aws.ToInt32(n.IncrementTargetCountBy) - mentioned)
		r.noteAdded([]types.AddClusterNodeSpecification{n}, NodeUnanswered, "the answer does not mention the node")
	}
}

func (r *run) noteAdded(nodes []types.AddClusterNodeSpecification, outcome NodeOutcome, detail string) {
	for _, n := range nodes {
		for range aws.ToInt32(n.IncrementTargetCountBy) {
			r.report.Nodes = append(r.report.Nodes, NodeResult{Group: aws.ToString(n.InstanceGroupName), Outcome: outcome, Detail: detail})
		}
	}
}

// check judges the addition as it stands.
func (a Addition) check() []hyperpodkit.Finding {
	findings := modelFindings(smmodel.Shape("BatchAddClusterNodesRequestClientTokenString", "ClientToken", a.Token))
	if a.Token == "" {
		findings = nil
	}
	refuse := func(path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: "nodes", Path: path, Found: found, Fix: fix})
	}
	if len(a.Token) > maxToken && len(findings) == 0 {
		refuse("ClientToken", fmt.Sprintf("%d characters", len(a.Token)), fmt.Sprintf("use at most %d", maxToken))
	}
	if len(a.Groups) == 0 {
		refuse("NodesToAdd", "no node is asked for", "say how many for which group")
	}
	for i, g := range a.Groups {
		path := fmt.Sprintf("NodesToAdd[%d]", i)
		findings = append(findings, modelFindings(smmodel.Shape("AddClusterNodeSpecification", path, g.spec(1)))...)
		if g.Count < 1 {
			refuse(path+".IncrementTargetCountBy", fmt.Sprintf("%d nodes", g.Count), "use at least 1")
		}
		if slices.ContainsFunc(a.Groups[:i], func(other GroupAddition) bool {
			other.Count = g.Count
			return reflect.DeepEqual(other, g)
		}) {
			refuse(path, fmt.Sprintf("group %q is named twice", g.Group), "name it once, with the sum")
		}
	}
	return findings
}

// requests splits the addition. The same addition is always split alike, since each
// part has a token of its own.
func (a Addition) requests() [][]types.AddClusterNodeSpecification {
	var requests [][]types.AddClusterNodeSpecification
	var open []types.AddClusterNodeSpecification
	left := int32(maxAddNodes)
	for _, g := range a.Groups {
		for missing := g.Count; missing > 0; {
			if left == 0 || len(open) == maxAddGroups {
				requests, open, left = append(requests, open), nil, maxAddNodes
			}
			n := min(missing, left)
			open = append(open, g.spec(n))
			missing, left = missing-n, left-n
		}
	}
	return append(requests, open)
}

func (g GroupAddition) spec(count int32) types.AddClusterNodeSpecification {
	return types.AddClusterNodeSpecification{
		InstanceGroupName: aws.String(g.Group), IncrementTargetCountBy: aws.Int32(count),
		InstanceTypes: slices.Clone(g.InstanceTypes), AvailabilityZones: slices.Clone(g.AvailabilityZones),
	}
}

// pause waits for a while, and returns false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
