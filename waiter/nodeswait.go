package waiter

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// nodesWait waits for chosen nodes.
type nodesWait struct {
	api      NodesAPI
	opts     Options
	cluster  string
	nodes    []Node
	judge    func(*Node) finding
	vanished poll.Verdict // when there is no cluster
}

func newNodesWait(what string, api NodesAPI, cluster string, ids []string, optFns []func(*Options)) (*nodesWait, error) {
	if len(ids) == 0 || slices.Contains(ids, "") {
		return nil, errors.New("wait for " + what + ": ids is empty or has an empty id: name the nodes")
	}
	w := &nodesWait{opts: resolve(optFns), cluster: cluster, vanished: poll.Failed}
	w.api = limitedNodes{api, w.opts.turns()}
	for _, id := range ids {
		w.nodes = append(w.nodes, Node{ID: id, absent: time.Now()})
	}
	return w, nil
}

func (w *nodesWait) wait(ctx context.Context) ([]Node, error) {
	_, err := poll.Wait(ctx, "nodes of cluster "+w.cluster, w.look, func(o *poll.Options) { *o = w.opts.Poll })
	return w.nodes, err
}

func (w *nodesWait) look(ctx context.Context) (finding, error) {
	listed := map[string]types.ClusterNodeSummary{}
	for n, err := range w.list(ctx) {
		if awserr.IsNotFound(err) {
			return finding{Verdict: w.vanished, Err: fmt.Errorf("cluster %w: %w", poll.ErrGone, err)}, nil
		}
		if err != nil {
			return finding{}, fmt.Errorf("listing nodes: %w", err)
		}
		listed[aws.ToString(n.InstanceId)] = n
		listed[aws.ToString(n.NodeLogicalId)] = n
	}
	var findings []finding
	for i := range w.nodes {
		n, exists := listed[w.nodes[i].ID]
		w.nodes[i].saw(n, exists)
		findings = append(findings, w.judge(&w.nodes[i]))
	}
	return among(findings), nil
}

// among makes one finding of those of the nodes, which may be many: it tells of the
// first that are in the way.
func among(findings []finding) finding {
	const most = 3
	f := finding{Verdict: together(findings).Verdict}
	var told []string
	done := 0
	for _, each := range findings {
		f.Unknown = f.Unknown || f.Verdict == poll.Pending && each.Unknown
		if each.Verdict == poll.Done {
			done++
			continue
		}
		if each.Verdict == f.Verdict {
			told = append(told, each.Reason)
		}
	}
	f.Status = fmt.Sprintf("%d of %d nodes", done, len(findings))
	f.Counts = poll.Counts{Done: done, Wanted: len(findings)}
	if more := len(told) - most; more > 0 {
		told = append(told[:most], fmt.Sprintf("and %d more", more))
	}
	f.Reason = strings.Join(told, "; ")
	if f.Verdict == poll.Failed {
		f.Err = poll.ErrGone
	}
	return f
}

// list reads all pages, of which some may be empty.
func (w *nodesWait) list(ctx context.Context) iter.Seq2[types.ClusterNodeSummary, error] {
	return func(yield func(types.ClusterNodeSummary, error) bool) {
		in := &sagemaker.ListClusterNodesInput{ClusterName: &w.cluster, MaxResults: aws.Int32(nodePage)}
		if slices.ContainsFunc(w.nodes, func(n Node) bool { return !isInstance(n.ID) }) {
			in.IncludeNodeLogicalIds = aws.Bool(true)
		}
		pages := sagemaker.NewListClusterNodesPaginator(w.api, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx, w.opts.APIOptions...)
			if err != nil {
				yield(types.ClusterNodeSummary{}, err)
				return
			}
			for _, n := range page.ClusterNodeSummaries {
				if !yield(n, nil) {
					return
				}
			}
		}
	}
}

func isInstance(id string) bool { return strings.HasPrefix(id, "i-") }

// saw notes what a list says of the node.
func (n *Node) saw(now types.ClusterNodeSummary, listed bool) {
	was := n.Listed
	n.Listed = listed && (now.InstanceStatus == nil || now.InstanceStatus.Status != types.ClusterInstanceStatusNotFound)
	switch {
	case n.Listed:
		n.Group, n.Instance, n.LogicalID = aws.ToString(now.InstanceGroupName), aws.ToString(now.InstanceId), aws.ToString(now.NodeLogicalId)
		n.Status, n.Message = "", ""
		if s := now.InstanceStatus; s != nil {
			n.Status, n.Message = s.Status, aws.ToString(s.Message)
		}
	case was:
		n.absent = time.Now()
	}
}

// missing reports whether the lists have not had the node for so long that it is no
// matter of their lag.
func (w *nodesWait) missing(n *Node) bool { return !n.Listed && time.Since(n.absent) >= w.opts.Lag }

// describe tells the node's state, for a message.
func (n *Node) describe() string {
	switch {
	case !n.Listed && n.Status == "":
		return fmt.Sprintf("node %s: not listed", n.ID)
	case !n.Listed:
		return fmt.Sprintf("node %s: no longer listed, was %s", n.ID, n.Status)
	case n.Message != "":
		return fmt.Sprintf("node %s: %s: %s", n.ID, n.Status, n.Message)
	default:
		return fmt.Sprintf("node %s: %s", n.ID, n.Status)
	}
}

// running judges a node that is to run.
func (w *nodesWait) running(n *Node) finding {
	f := finding{Reason: n.describe()}
	if !n.Listed {
		if isInstance(n.ID) && w.missing(n) {
			f.Verdict = poll.Failed
		}
		return f
	}
	switch n.Status {
	case types.ClusterInstanceStatusRunning:
		f.Verdict = poll.Done
	case types.ClusterInstanceStatusShuttingDown:
		if isInstance(n.ID) {
			f.Verdict = poll.Failed
		}
	case types.ClusterInstanceStatusPending, types.ClusterInstanceStatusFailure, types.ClusterInstanceStatusSystemUpdating,
		types.ClusterInstanceStatusDeepHealthCheckInProgress, types.ClusterInstanceStatusNotFound:
	default:
		f.Unknown = true
	}
	return f
}

// gone judges a node that is to exist no more.
func (w *nodesWait) gone(n *Node) finding {
	if !n.Listed && (n.Status == types.ClusterInstanceStatusShuttingDown || w.missing(n)) {
		return finding{Verdict: poll.Done}
	}
	return finding{Reason: n.describe()}
}
