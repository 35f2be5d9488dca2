package hyperpodtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// cluster is a cluster's whole state.
type cluster struct {
	server *Server
	own    *account

	seq       int // of the server's clusters
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

	groups   []*group
	launched int // nodes so far

	starting  bool // nodes are being asked for or ended: nothing is over yet
	setUpDone bool // the cluster's own set-up, before its first node

	// settle is called when no node of a running whole-cluster operation is on its
	// way any more. Nil when no such operation runs.
	settle func(now time.Time)

	events    []event // newest last
	logged    int
	additions map[string]addition // BatchAddClusterNodes by client token
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
	minimum   minimum

	image, desiredImage     string
	release, desiredRelease string
	softwareStatus          types.SoftwareUpdateStatus
	update                  *softwareUpdate

	nodes    []*node
	counts   map[types.ClusterInstanceStatus]int
	undone   int // nodes that end because a minimum was missed; they count no more
	launched int
	plans    int // how often the updates by itself were planned
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

// custom tells whether the group's image is a custom AMI: not HyperPod's default, and
// none of its public AMIs. Which AMIs are public is known from Images only; without them
// every AMI counts as custom.
func (g *group) custom() bool {
	return g.restricted == nil && g.desiredImage != defaultImage && !g.cluster.server.publicImages[regional{g.cluster.own.id.Region, g.desiredImage}]
}

// slurmNode is what the group's nodes are to Slurm; empty when it does not say.
func (g *group) slurmNode() types.ClusterSlurmNodeType {
	if g.spec == nil || g.spec.SlurmConfig == nil {
		return ""
	}
	return g.spec.SlurmConfig.NodeType
}

// current is how many instances the group has: those that run, are being updated or
// checked, or have not yet ended.
func (g *group) current() int {
	return g.counts[types.ClusterInstanceStatusRunning] + g.counts[types.ClusterInstanceStatusSystemUpdating] +
		g.counts[types.ClusterInstanceStatusDeepHealthCheckInProgress] + g.ending()
}

// ending is how many nodes are on their way out and still the group's.
func (g *group) ending() int { return g.counts[types.ClusterInstanceStatusShuttingDown] - g.undone }

// alive is how many nodes the group has that are not on their way out.
func (g *group) alive() int { return len(g.nodes) - g.counts[types.ClusterInstanceStatusShuttingDown] }

// moving tells whether a node of the group is on its way somewhere.
func (g *group) moving() bool {
	return g.counts[types.ClusterInstanceStatusPending]+g.ending()+
		g.counts[types.ClusterInstanceStatusDeepHealthCheckInProgress] > 0
}

// complete tells whether the group has what was asked for: all of its target, or its
// minimum if it has one.
func (g *group) complete() bool {
	running, failed := g.counts[types.ClusterInstanceStatusRunning], g.counts[types.ClusterInstanceStatusFailure]
	if g.minimum.count > 0 && running >= g.minimum.count {
		return true
	}
	return !g.moving() && failed == 0 && g.current() == g.target
}

// status is derived, so that it cannot disagree with the nodes.
func (g *group) status() types.InstanceGroupStatus {
	failed := g.counts[types.ClusterInstanceStatusFailure]
	switch {
	case g.deleting:
		return types.InstanceGroupStatusDeleting
	case g.cluster.status == types.ClusterStatusFailed:
		return types.InstanceGroupStatusFailed
	case g.update != nil:
		return types.InstanceGroupStatusSystemupdating
	case g.complete() && g.cluster.status != types.ClusterStatusCreating:
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

// check is called whenever a node has arrived where it was going: it drops groups
// that are gone, puts the cluster back in service when no software update runs any
// more, notes the groups in service, and ends the operation that waited.
func (c *cluster) check(now time.Time) {
	if c.starting {
		return
	}
	c.groups = slices.DeleteFunc(c.groups, func(g *group) bool {
		gone := g.deleting && len(g.nodes) == 0
		if gone {
			g.say(now, info, nil, "Instance Group %s Delete in Cluster %s completed successfully", g.name(), c.name)
		}
		return gone
	})
	settled, updating := true, false
	for _, g := range c.groups {
		updating = updating || g.update != nil
		settled = settled && !g.moving()
	}
	if c.status == types.ClusterStatusSystemupdating && !updating {
		c.status = types.ClusterStatusInservice
	}
	c.readySlurm(now)
	for _, g := range c.groups {
		g.noteService(now)
	}
	if settled && c.settle != nil {
		end := c.settle
		c.settle = nil
		end(now)
	}
}

// noteService remembers that a group is in service, and with which counts: a rollback
// goes back to them.
func (g *group) noteService(now time.Time) {
	if g.status() != types.InstanceGroupStatusInservice {
		return
	}
	if !g.inService {
		g.say(now, info, nil, "Instance Group %s Create in Cluster %s completed successfully", g.name(), g.cluster.name)
	}
	g.inService = true
	if g.minimum.count > 0 && !g.minimum.reached {
		g.minimum.reached = true
		g.say(now, info, g.scaling(""), "Minimum instance count of InstanceGroup %s in Cluster %s is reached", g.name(), g.cluster.name)
	}
	g.minimum.lastTarget, g.minimum.lastCount = g.target, g.minimum.count
}

// readySlurm puts a Continuous Slurm cluster in service once one controller and one
// login node run, if it has groups of those kinds.
func (c *cluster) readySlurm(now time.Time) {
	if !c.continuous || c.isEKS() || !c.setUpDone || c.status != types.ClusterStatusCreating {
		return
	}
	for _, kind := range []types.ClusterSlurmNodeType{types.ClusterSlurmNodeTypeController, types.ClusterSlurmNodeTypeLogin} {
		has, runs := false, false
		for _, g := range c.groups {
			if g.slurmNode() == kind {
				has, runs = true, runs || g.counts[types.ClusterInstanceStatusRunning] > 0
			}
		}
		if has && !runs {
			return
		}
	}
	c.inService(now, "Create")
}

// inService ends an operation on the whole cluster well.
func (c *cluster) inService(now time.Time, operation string) {
	c.status = types.ClusterStatusInservice
	c.say(now, info, "", "Cluster %s %s completed successfully", c.name, operation)
}

// firstFailure is the message of the first node that has failed since a time, with the
// node and its group.
func (c *cluster) firstFailure(since time.Time) (string, bool) {
	for _, g := range c.groups {
		for _, n := range g.nodes {
			if n.status == types.ClusterInstanceStatusFailure && !n.changed.Before(since) {
				return fmt.Sprintf("Instance %s in instance group %s failed: %s", n.instanceID, g.name(), n.message), true
			}
		}
	}
	return "", false
}
