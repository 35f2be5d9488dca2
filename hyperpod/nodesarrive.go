package hyperpod

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// judge marks the nodes that have arrived.
func (w *nodeWait) judge() {
	fresh := w.fresh()
	for _, t := range w.tracked {
		t.done, t.standIn = w.arrived(w, t), false
		group := w.r.report.Nodes[t.index].Group
		if n := len(fresh[group]); !t.done && n > 0 && w.missing(t) {
			t.done, t.standIn, t.instance = true, true, fresh[group][0].Instance
			fresh[group] = fresh[group][1:]
		}
	}
}

// missing tells whether a node that is to run is listed under none of its ids, though
// the list has had the time to show it.
func (w *nodeWait) missing(t *trackedNode) bool {
	if w.r.report.Operation == OperationDeleteNodes {
		return false
	}
	n, listed := w.find(t)
	replaced := w.r.report.Operation == OperationReplaceNodes && t.before.Instance != ""
	return (!listed || n.Status == types.ClusterInstanceStatusNotFound) && (replaced || w.lagged())
}

// fresh are the running nodes of each complete group that were not there before and are
// not tracked: the service gives a node that it replaces by itself another id.
func (w *nodeWait) fresh() map[string][]Node {
	fresh, running := map[string][]Node{}, map[string]int32{}
	for _, n := range w.now {
		if n.Status != types.ClusterInstanceStatusRunning {
			continue
		}
		running[n.Group]++
		known := func(k Node) bool { return k.is(n.Instance) || k.is(n.LogicalID) }
		tracked := func(t *trackedNode) bool { return n.is(t.id) }
		if !slices.ContainsFunc(w.known, known) && !slices.ContainsFunc(w.tracked, tracked) {
			fresh[n.Group] = append(fresh[n.Group], n)
		}
	}
	for group := range fresh {
		if target, ok := w.target(group); !ok || running[group] < target {
			delete(fresh, group)
		}
	}
	return fresh
}

// find returns a tracked node as it is listed now: by logical id where it has one, since
// that stays with the node.
func (w *nodeWait) find(t *trackedNode) (Node, bool) {
	for _, id := range []string{t.before.LogicalID, t.id} {
		if i := slices.IndexFunc(w.now, func(n Node) bool { return n.is(id) }); i >= 0 {
			return w.now[i], true
		}
	}
	return Node{}, false
}

// What each operation takes for the arrival of a node:

// running: an added node has arrived when it runs.
func (w *nodeWait) running(t *trackedNode) bool {
	n, listed := w.find(t)
	if listed && n.Instance != "" {
		t.instance = n.Instance
	}
	return listed && n.Status == types.ClusterInstanceStatusRunning
}

// deleted: a node is gone when the list no longer has it.
func (w *nodeWait) deleted(t *trackedNode) bool {
	n, listed := w.find(t)
	if listed {
		return n.Status == types.ClusterInstanceStatusNotFound
	}
	return t.before.Group != "" || w.lagged()
}

// replaced: a node runs on another instance.
func (w *nodeWait) replaced(t *trackedNode) bool {
	n, listed := w.find(t)
	if !listed || n.Instance == "" || n.Instance == t.before.Instance || n.Instance == t.id {
		return false
	}
	t.instance = n.Instance
	return n.Status == types.ClusterInstanceStatusRunning && (t.before.Instance != "" || w.lagged())
}

// rebooted: a node runs again, having been seen not to, or long enough after the request.
func (w *nodeWait) rebooted(t *trackedNode) bool {
	n, listed := w.find(t)
	if !listed {
		return false
	}
	t.instance = n.Instance
	if n.Status != types.ClusterInstanceStatusRunning {
		t.stirred = true
		return false
	}
	wasDown := t.before.Group != "" && t.before.Status != types.ClusterInstanceStatusRunning
	return t.stirred || wasDown || w.lagged()
}

// lagged tells whether the time is over in which the lists may show less than the
// service has accepted.
func (w *nodeWait) lagged() bool {
	interval := w.r.options.Poll.Interval
	if interval <= 0 {
		interval = poll.DefaultInterval
	}
	return time.Since(w.started) >= 8*interval
}
