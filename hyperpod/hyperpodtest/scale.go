package hyperpodtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// scale moves a group towards its target: it asks for the nodes that are missing,
// or ends those that are too many.
func (g *group) scale(now time.Time) {
	d := g.cluster.server.options.Durations
	missing := g.target - g.alive()
	for i := range missing {
		g.launch(now, time.Duration(i)*d.NodeStagger)
	}
	for _, n := range g.victims(-missing) {
		n.stop(now)
	}
	g.cluster.check(now)
}

// victims are the nodes that a scale-down ends. The service takes what does not run
// first, and picks at random among the rest; here the choice is by a hash of the id, so
// that it is no order a caller could rely on, and the same on every run.
func (g *group) victims(n int) []*node {
	if n <= 0 {
		return nil
	}
	type candidate struct {
		node *node
		runs int
		key  string
	}
	var all []candidate
	for _, nd := range g.nodes {
		switch nd.status {
		case types.ClusterInstanceStatusShuttingDown:
		case types.ClusterInstanceStatusRunning:
			all = append(all, candidate{nd, 1, emul.HexID(16, nd.logicalID)})
		case types.ClusterInstanceStatusFailure, types.ClusterInstanceStatusPending, types.ClusterInstanceStatusSystemUpdating,
			types.ClusterInstanceStatusDeepHealthCheckInProgress, types.ClusterInstanceStatusNotFound:
			all = append(all, candidate{nd, 0, emul.HexID(16, nd.logicalID)})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.runs, b.runs), cmp.Compare(a.key, b.key)) })
	var chosen []*node
	for _, c := range all[:min(n, len(all))] {
		chosen = append(chosen, c.node)
	}
	return chosen
}

// remove ends all nodes of a group, and the group with the last of them.
func (g *group) remove(now time.Time) {
	g.deleting, g.target, g.update, g.minimum = true, 0, nil, minimum{}
	g.disown(false) // the group is gone with the last of them
	g.say(now, info, nil, "InstanceGroup %s Delete started successfully in Cluster %s", g.name(), g.cluster.name)
	for _, n := range g.nodes {
		if n.status != types.ClusterInstanceStatusShuttingDown {
			n.stop(now)
		}
	}
	g.cluster.check(now)
}

// minCountTimeout is how long the service tries to reach a group's minimum, as the
// SDK documents for MinInstanceCount.
const minCountTimeout = 3 * time.Hour

// minimum is a group's MinInstanceCount and what becomes of it.
type minimum struct {
	count   int
	reached bool
	order   int // of the deadline: a change of the count starts it anew

	// What the group was last in service with.
	lastTarget, lastCount int
}

// setMinimum gives a group a minimum and starts its deadline, when it changes.
func (g *group) setMinimum(now time.Time, count *int32) {
	n := int(aws.ToInt32(count))
	if n == g.minimum.count {
		return
	}
	g.minimum.count, g.minimum.reached = n, false
	g.minimum.order++
	order := g.minimum.order
	g.cluster.server.timeline.schedule(now.Add(minCountTimeout), func(now time.Time) {
		if g.minimum.order == order {
			g.missMinimum(now)
		}
	})
}

// awaitsMinimum tells whether the group is still on its way to its minimum; some
// operations are refused meanwhile. A minimum that was reached once counts no more.
func (g *group) awaitsMinimum() bool {
	return g.minimum.count > 0 && !g.minimum.reached
}

// missMinimum rolls a group back that has not reached its minimum in time: to nothing
// if it was never in service, otherwise to what it last was in service with. The group
// is in service at once, as the SDK documents: the nodes that are too many count no more,
// though they take their time to end.
func (g *group) missMinimum(now time.Time) {
	if g.deleting || !g.awaitsMinimum() {
		return
	}
	g.say(now, warning, g.scaling("minimum instance count not reached"), "Rolling back InstanceGroup %s in Cluster %s: minimum instance count was not reached", g.name(), g.cluster.name)
	g.target, g.minimum.count = g.minimum.lastTarget, g.minimum.lastCount
	g.spec.MinInstanceCount = aws.Int32(int32(g.minimum.count))
	c := g.cluster
	c.starting = true
	g.scale(now)
	c.starting = false
	g.disown(true)
	c.check(now)
}

// disown lets the nodes that are on their way out count no more, or count again.
func (g *group) disown(undone bool) {
	g.undone = 0
	for _, n := range g.nodes {
		n.undone = undone && n.status == types.ClusterInstanceStatusShuttingDown
		if n.undone {
			g.undone++
		}
	}
}

// scaling is the metadata of events about a group's counts.
func (g *group) scaling(failed string) types.EventMetadata {
	return &types.EventMetadataMemberInstanceGroupScaling{Value: types.InstanceGroupScalingMetadata{
		InstanceCount: aws.Int32(int32(g.current())), TargetCount: aws.Int32(int32(g.target)), MinCount: aws.Int32(int32(g.minimum.count)),
		FailureMessage: text(failed),
	}}
}
