package hyperpodtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// cluster is a cluster's whole state.
type cluster struct {
	server *Server
	own    *account

	arn, name string
	created   time.Time
	status    types.ClusterStatus
	failure   string

	vpc              *types.VpcConfig
	orchestrator     *types.ClusterOrchestrator
	continuous       bool
	nodeRecovery     types.ClusterNodeRecovery
	role             *string
	autoScaling      *types.ClusterAutoScalingConfig
	tieredStorage    *types.ClusterTieredStorageConfig
	restrictedConfig *types.ClusterRestrictedInstanceGroupsConfig
	tags             []types.Tag

	groups []*group

	// settle is called when no node of a running whole-cluster operation is on its
	// way any more. Nil when no such operation runs.
	settle func(now time.Time)
}

// group is an instance group. Of spec and restricted exactly one is set; counts and
// images are kept beside them, since they change in steps.
type group struct {
	cluster    *cluster
	spec       *types.ClusterInstanceGroupSpecification
	restricted *types.ClusterRestrictedInstanceGroupSpecification

	target    int
	inService bool // has been InService once
	deleting  bool

	image, desiredImage     string
	release, desiredRelease string
	softwareStatus          types.SoftwareUpdateStatus
	update                  *softwareUpdate

	nodes    []*node
	launched int
}

type node struct {
	group      *group
	logicalID  string
	instanceID string
	status     types.ClusterInstanceStatus
	message    string
	launch     time.Time
	lastUpdate time.Time
	image      string
	release    string
}

func (g *group) name() string {
	if g.restricted != nil {
		return aws.ToString(g.restricted.InstanceGroupName)
	}
	return aws.ToString(g.spec.InstanceGroupName)
}

// instanceType is the type of the group's nodes: of a flexible group the first of
// its types.
func (g *group) instanceType() types.ClusterInstanceType {
	if g.restricted != nil {
		return g.restricted.InstanceType
	}
	if r := g.spec.InstanceRequirements; g.spec.InstanceType == "" && r != nil && len(r.InstanceTypes) > 0 {
		return r.InstanceTypes[0]
	}
	return g.spec.InstanceType
}

// custom tells whether the group's image is an AMI id and not HyperPod's default.
func (g *group) custom() bool { return g.restricted == nil && g.desiredImage != defaultImage }

func (g *group) count(match func(*node) bool) int {
	n := 0
	for _, nd := range g.nodes {
		if match(nd) {
			n++
		}
	}
	return n
}

// current is how many instances the group has: those that run or are being updated.
func (g *group) current() int {
	return g.count(func(n *node) bool {
		return n.status == types.ClusterInstanceStatusRunning || n.status == types.ClusterInstanceStatusSystemUpdating
	})
}

// moving tells whether a node of the group is on its way somewhere.
func (g *group) moving() bool {
	return slices.ContainsFunc(g.nodes, func(n *node) bool {
		return n.status == types.ClusterInstanceStatusPending || n.status == types.ClusterInstanceStatusShuttingDown
	})
}

// status is derived, so that it cannot disagree with the nodes.
func (g *group) status() types.InstanceGroupStatus {
	failed := g.count(func(n *node) bool { return n.status == types.ClusterInstanceStatusFailure })
	switch {
	case g.deleting:
		return types.InstanceGroupStatusDeleting
	case g.cluster.status == types.ClusterStatusFailed:
		return types.InstanceGroupStatusFailed
	case g.update != nil:
		return types.InstanceGroupStatusSystemupdating
	case !g.moving() && failed == 0 && g.current() == g.target && g.cluster.status != types.ClusterStatusCreating:
		return types.InstanceGroupStatusInservice
	case !g.moving() && failed > 0 && g.current() == 0:
		return types.InstanceGroupStatusFailed
	case !g.moving() && failed > 0:
		return types.InstanceGroupStatusDegraded
	case !g.inService:
		return types.InstanceGroupStatusCreating
	default:
		return types.InstanceGroupStatusUpdating
	}
}

// group returns the group of a name, or nil.
func (c *cluster) group(name string) *group {
	for _, g := range c.groups {
		if g.name() == name {
			return g
		}
	}
	return nil
}

func (c *cluster) isEKS() bool { return c.orchestrator != nil && c.orchestrator.Eks != nil }

// scale moves a group towards its target: it asks for the nodes that are missing,
// or ends those that are too many.
func (g *group) scale(now time.Time) {
	d := g.cluster.server.options.Durations
	alive := g.count(func(n *node) bool { return n.status != types.ClusterInstanceStatusShuttingDown })
	for i := 0; alive+i < g.target; i++ {
		g.launch(now, time.Duration(i)*d.NodeStagger)
	}
	for ; alive > g.target; alive-- {
		g.stop(now, g.victim())
	}
	g.cluster.check(now)
}

// launch asks for one node, which starts after a delay.
func (g *group) launch(now time.Time, delay time.Duration) {
	c, s := g.cluster, g.cluster.server
	g.launched++
	id := []string{c.arn, g.name(), fmt.Sprint(g.launched)}
	n := &node{
		group: g, logicalID: "node-" + emul.HexID(12, id...), status: types.ClusterInstanceStatusPending,
		launch: now, image: g.desiredImage, release: g.desiredRelease,
	}
	g.nodes = append(g.nodes, n)
	d := s.options.Durations
	// An instance id is assigned early on the way to running.
	s.timeline.schedule(now.Add(delay+d.NodeStart/4), func(time.Time) { n.instanceID = "i-" + emul.HexID(17, id...) })
	s.timeline.schedule(now.Add(delay+d.NodeStart), func(now time.Time) { n.started(now) })
}

// started ends a node's start: its lifecycle script has run, or is tried again for a
// while before the node is given up.
func (n *node) started(now time.Time) {
	c, s := n.group.cluster, n.group.cluster.server
	if n.status != types.ClusterInstanceStatusPending {
		return // ended on its way
	}
	message, fails := s.lifecycleFailure[n.image]
	if !fails {
		n.status, n.lastUpdate = types.ClusterInstanceStatusRunning, now
		c.check(now)
		return
	}
	s.timeline.schedule(now.Add(s.options.Durations.LifecycleRetries), func(now time.Time) {
		if n.status == types.ClusterInstanceStatusPending {
			n.status, n.message = types.ClusterInstanceStatusFailure, message
			c.check(now)
		}
	})
}

// victim is the node that a scale-down ends. The service picks at random among equals
// and takes what does not run first; here the choice is by a hash of the id, so that
// it is no order a caller could rely on, and the same on every run.
func (g *group) victim() *node {
	var chosen *node
	better := func(a, b *node) bool {
		if ar, br := a.status == types.ClusterInstanceStatusRunning, b.status == types.ClusterInstanceStatusRunning; ar != br {
			return !ar
		}
		return emul.HexID(16, a.logicalID) < emul.HexID(16, b.logicalID)
	}
	for _, n := range g.nodes {
		if n.status != types.ClusterInstanceStatusShuttingDown && (chosen == nil || better(n, chosen)) {
			chosen = n
		}
	}
	return chosen
}

// stop ends a node.
func (g *group) stop(now time.Time, n *node) {
	s := g.cluster.server
	n.status = types.ClusterInstanceStatusShuttingDown
	s.timeline.schedule(now.Add(s.options.Durations.NodeStop), func(now time.Time) {
		g.nodes = slices.DeleteFunc(g.nodes, func(x *node) bool { return x == n })
		g.cluster.check(now)
	})
}

// remove ends all nodes of a group, and the group with the last of them.
func (g *group) remove(now time.Time) {
	g.deleting, g.target, g.update = true, 0, nil
	for _, n := range g.nodes {
		if n.status != types.ClusterInstanceStatusShuttingDown {
			g.stop(now, n)
		}
	}
	g.cluster.check(now)
}

// check is called whenever a node has arrived where it was going: it drops groups
// that are gone, puts the cluster back in service when no software update runs any
// more, notes the groups in service, and ends the operation that waited.
func (c *cluster) check(now time.Time) {
	c.groups = slices.DeleteFunc(c.groups, func(g *group) bool { return g.deleting && len(g.nodes) == 0 })
	settled, updating := true, false
	for _, g := range c.groups {
		updating = updating || g.update != nil
	}
	if c.status == types.ClusterStatusSystemupdating && !updating {
		c.status = types.ClusterStatusInservice
	}
	for _, g := range c.groups {
		if g.status() == types.InstanceGroupStatusInservice {
			g.inService = true
		}
		settled = settled && !g.moving()
	}
	if settled && c.settle != nil {
		end := c.settle
		c.settle = nil
		end(now)
	}
}

// firstFailure is the message of the first failed node, with the node and its group.
func (c *cluster) firstFailure() (string, bool) {
	for _, g := range c.groups {
		for _, n := range g.nodes {
			if n.status == types.ClusterInstanceStatusFailure {
				return fmt.Sprintf("Instance %s in instance group %s failed: %s", n.instanceID, g.name(), n.message), true
			}
		}
	}
	return "", false
}
