package hyperpod

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// nodeWait waits for chosen nodes. It knows the nodes as they were before the first
// request, since a node can go on under another id.
type nodeWait struct {
	r          *run
	continuous bool
	arrived    func(w *nodeWait, t *trackedNode) bool
	known      []Node // before the first request
	tracked    []*trackedNode
	groups     []string // of the tracked nodes
	started    time.Time

	// What the last look showed.
	live *sagemaker.DescribeClusterOutput
	now  []Node
}

// trackedNode is a node that the service has accepted.
type trackedNode struct {
	index    int  // in the report
	before   Node // zero when the node was not listed
	id       string
	instance string // as last seen
	stirred  bool   // has been seen in another status than Running
	standIn  bool   // its id is gone, and a new node of its group counts for it
	done     bool
}

// watchNodes lists the nodes as they are before anything is sent.
func (r *run) watchNodes(ctx context.Context, live *sagemaker.DescribeClusterOutput, arrived func(*nodeWait, *trackedNode) bool) (*nodeWait, error) {
	w := &nodeWait{r: r, arrived: arrived, continuous: live.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous}
	for n, err := range listNodes(ctx, r.api, r.target(), nil) {
		if err != nil {
			return nil, callError(r.report.Operation, r.report.Cluster, "ListClusterNodes", err)
		}
		w.known = append(w.known, nodeOf(n))
	}
	return w, nil
}

// is tells whether the node has that instance or logical id.
func (n Node) is(id string) bool { return id != "" && (n.Instance == id || n.LogicalID == id) }

// before is the node as it was before the first request; zero when it was not listed.
func (w *nodeWait) before(id string) Node {
	if i := slices.IndexFunc(w.known, func(n Node) bool { return n.is(id) }); i >= 0 {
		return w.known[i]
	}
	return Node{}
}

// track adds a node of the report that the service has accepted.
func (w *nodeWait) track(index int) {
	result := w.r.report.Nodes[index]
	before := w.before(result.ID)
	w.tracked = append(w.tracked, &trackedNode{index: index, id: result.ID, before: before, instance: before.Instance})
	if result.Group != "" && !slices.Contains(w.groups, result.Group) {
		w.groups = append(w.groups, result.Group)
	}
	w.started = time.Now()
}

// wait waits for the nodes that are tracked, and notes how they and their groups came out.
func (w *nodeWait) wait(ctx context.Context) error {
	if len(w.tracked) == 0 {
		return nil
	}
	var o waiter.Options
	w.r.watching(nil)(&o)
	if o.Poll.Tolerate == nil {
		o.Poll.Tolerate = awserr.IsTransient
	}
	_, err := poll.Wait(ctx, "nodes of cluster "+w.r.report.Cluster, w.look, func(p *poll.Options) { *p = o.Poll })
	for _, t := range w.tracked {
		n := &w.r.report.Nodes[t.index]
		n.Instance = t.instance
		if t.done {
			n.Outcome = NodeDone
		}
		if t.standIn {
			n.Detail = "by another node of the group"
		}
	}
	w.noteGroups()
	if err != nil {
		return w.r.failed(ctx, err, w.groups)
	}
	return nil
}

// look reads cluster and nodes once.
func (w *nodeWait) look(ctx context.Context) (poll.Observation[struct{}], error) {
	seen := poll.Observation[struct{}]{Resource: w.r.target()}
	gone := func(err error) poll.Observation[struct{}] {
		seen.Verdict, seen.Err = poll.Failed, fmt.Errorf("cluster %w: %w", poll.ErrGone, err)
		return seen
	}
	live, err := w.r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(w.r.target())})
	if awserr.IsNotFound(err) {
		return gone(err), nil
	}
	if err != nil {
		return seen, err
	}
	var now []Node
	for n, err := range listNodes(ctx, w.r.api, w.r.target(), nil) {
		if awserr.IsNotFound(err) {
			return gone(err), nil
		}
		if err != nil {
			return seen, err
		}
		now = append(now, nodeOf(n))
	}
	w.live, w.now = live, now
	w.judge()
	seen.Status = string(live.ClusterStatus)
	seen.Verdict, seen.Reason = w.verdict()
	w.r.emit(ctx, Event{Kind: EventProgress, Status: seen.Status, Groups: w.progress()})
	return seen, nil
}

// verdict judges the last look as a whole. On a cluster that is not Continuous the
// operation is over when the cluster is InService again; a node that has failed on a
// Continuous one is replaced by the service.
func (w *nodeWait) verdict() (poll.Verdict, string) {
	var open []string
	for _, t := range w.tracked {
		if !t.done {
			n, listed := w.find(t)
			state := string(n.Status)
			if !listed {
				state = "not listed"
			}
			open = append(open, t.id+": "+state)
		}
	}
	reason := fmt.Sprintf("%d of %d nodes to go: %s", len(open), len(w.tracked), some(open))
	if len(open) == 0 {
		reason = "the nodes have arrived"
	}
	switch w.live.ClusterStatus {
	case types.ClusterStatusFailed, types.ClusterStatusDeleting:
		return poll.Failed, fmt.Sprintf("the cluster is %s; %s", w.live.ClusterStatus, reason)
	case types.ClusterStatusInservice:
		if len(open) > 0 && !w.continuous && w.lagged() && !w.moving() {
			return poll.Failed, "nothing is under way any more; " + reason
		}
	case types.ClusterStatusCreating, types.ClusterStatusUpdating, types.ClusterStatusSystemupdating, types.ClusterStatusRollingback:
		if !w.continuous {
			return poll.Pending, reason
		}
	default:
		return poll.Pending, reason
	}
	if len(open) > 0 {
		return poll.Pending, reason
	}
	return poll.Done, ""
}

// some are the first of many, for a message.
func some(all []string) string {
	const most = 3
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

// moving tells whether a node of the touched groups is on its way somewhere.
func (w *nodeWait) moving() bool {
	return slices.ContainsFunc(w.now, func(n Node) bool {
		return slices.Contains(w.groups, n.Group) &&
			n.Status != types.ClusterInstanceStatusRunning && n.Status != types.ClusterInstanceStatusFailure
	})
}

// target is how many instances a group is to have.
func (w *nodeWait) target(name string) (count int32, ok bool) {
	for _, g := range w.live.InstanceGroups {
		if aws.ToString(g.InstanceGroupName) == name {
			return aws.ToInt32(g.TargetCount), true
		}
	}
	for _, g := range w.live.RestrictedInstanceGroups {
		if aws.ToString(g.InstanceGroupName) == name {
			return aws.ToInt32(g.TargetCount), true
		}
	}
	return 0, false
}

// progress counts the nodes that have arrived in each group.
func (w *nodeWait) progress() []GroupProgress {
	var groups []GroupProgress
	for _, name := range w.groups {
		g := GroupProgress{Name: name}
		if live := regularGroup(w.live, name); live != nil {
			g.Status = string(live.Status)
		}
		for _, t := range w.tracked {
			if w.r.report.Nodes[t.index].Group == name {
				g.Wanted++
				if t.done {
					g.Done++
				}
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// noteGroups writes the touched groups into the report, against their targets, which
// adding and deleting nodes move.
func (w *nodeWait) noteGroups() {
	if w.live == nil {
		return
	}
	wanted := map[string]int32{}
	for _, name := range w.groups {
		if target, ok := w.target(name); ok {
			wanted[name] = target
		}
	}
	w.r.noteCounts(w.live, wanted, nil)
}
