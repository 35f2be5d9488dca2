package hyperpodtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// node is an instance, or the request for one.
type node struct {
	group        *group
	seq          int // of the cluster's nodes
	logicalID    string
	instanceID   string
	instanceType types.ClusterInstanceType
	status       types.ClusterInstanceStatus
	message      string
	undone       bool // ends because a minimum was missed
	stuck        bool // cannot end, though its time has come
	launch       time.Time
	byItself     bool // launched by the service, without a request
	lastUpdate   time.Time
	image        string
	release      string

	// before is the status until changed, for an option that lets lists lag behind.
	before  types.ClusterInstanceStatus
	changed time.Time

	order int // of the node in its life: each new one makes those under way void
}

// set gives the node a status, and keeps the group's counts.
func (n *node) set(now time.Time, status types.ClusterInstanceStatus) {
	if n.status != "" {
		n.group.counts[n.status]--
	}
	n.group.counts[status]++
	n.before, n.changed, n.status = n.status, now, status
}

// then plans the node's next step. A step that was planned before is void.
func (n *node) then(now time.Time, takes time.Duration, step func(now time.Time)) {
	n.order++
	order := n.order
	n.group.cluster.server.timeline.schedule(now.Add(takes), func(now time.Time) {
		if n.order == order {
			step(now)
		}
	})
}

func (n *node) server() *Server { return n.group.cluster.server }

// launch asks for one node more, which starts after a delay.
func (g *group) launch(now time.Time, delay time.Duration) *node {
	g.launched++
	return g.start(now, delay, "node-"+emul.HexID(12, g.cluster.arn, g.name(), fmt.Sprint(g.launched)))
}

// start asks for an instance for a logical node.
func (g *group) start(now time.Time, delay time.Duration, logicalID string) *node {
	g.cluster.launched++
	n := &node{
		group: g, seq: g.cluster.launched, logicalID: logicalID,
		instanceType: g.instanceType(), launch: now, image: g.desiredImage, release: g.desiredRelease,
	}
	g.nodes = append(g.nodes, n)
	n.set(now, types.ClusterInstanceStatusPending)
	n.say(now, info, "", "Instance Create started successfully in Cluster %s and IG %s", g.cluster.name, g.name())
	n.then(now, delay+n.server().options.Durations.NodeStart/4, n.allocate)
	return n
}

// allocate gives a node an instance, if there is capacity. Without capacity a node of
// a Continuous cluster goes on asking, any other has failed.
func (n *node) allocate(now time.Time) {
	s, c := n.server(), n.group.cluster
	switch problem, permanent := s.cannotLaunch(n); {
	case problem == "":
	case c.continuous && !permanent:
		if n.message != problem {
			n.message = problem
			n.say(now, failure, problem, "Failed to provision EC2 Instance in Cluster %s and IG %s", c.name, n.group.name())
		}
		if retry := s.options.Durations.NodeRetry; retry > 0 {
			n.then(now, retry, n.allocate)
		}
		return
	default:
		n.fail(now, problem)
		return
	}
	s.instances[n.instanceType]++
	n.instanceID, n.message = "i-"+emul.HexID(17, c.arn, fmt.Sprint(n.seq)), ""
	n.say(now, info, "", "EC2 Instance %s successfully provisioned in Cluster %s and IG %s", n.instanceID, c.name, n.group.name())
	n.then(now, s.options.Durations.NodeStart-s.options.Durations.NodeStart/4, n.runLifecycle)
}

// runLifecycle ends a node's start: its lifecycle script has run, or is tried again for
// a while before the node is given up.
func (n *node) runLifecycle(now time.Time) {
	s := n.server()
	if message, fails := s.lifecycleFailure[n.image]; fails {
		n.then(now, s.options.Durations.LifecycleRetries, func(now time.Time) { n.fail(now, message) })
		return
	}
	n.say(now, info, "", "Instance lifecycle script execution for EC2 Instance %s has Succeeded", n.instanceID)
	if n.group.checksHealth() {
		n.checkHealth(now)
		return
	}
	n.run(now)
}

// checksHealth tells whether new nodes of the group undergo deep health checks.
func (g *group) checksHealth() bool {
	if g.restricted != nil {
		return len(g.restricted.OnStartDeepHealthChecks) > 0
	}
	return len(g.spec.OnStartDeepHealthChecks) > 0
}

func (n *node) checkHealth(now time.Time) {
	n.set(now, types.ClusterInstanceStatusDeepHealthCheckInProgress)
	n.then(now, n.server().options.Durations.DeepHealthCheck, n.run)
}

// run is a node's arrival.
func (n *node) run(now time.Time) {
	n.set(now, types.ClusterInstanceStatusRunning)
	if n.lastUpdate.IsZero() {
		// A node that was never updated shows the time of its launch, as seen on live
		// clusters.
		n.lastUpdate = n.launch
		n.say(now, info, "", "Instance Create %s in Cluster %s and IG %s completed successfully", n.instanceID, n.group.cluster.name, n.group.name())
	}
	n.group.cluster.check(now)
}

// fail gives a node up. On a Continuous cluster the service replaces it by itself.
// One fault makes two events, as the service writes them.
func (n *node) fail(now time.Time, message string) {
	c := n.group.cluster
	n.set(now, types.ClusterInstanceStatusFailure)
	n.message = message
	if n.instanceID != "" {
		n.say(now, failure, message, "Instance lifecycle script execution for EC2 Instance %s has Failed. To view lifecycle script logs, visit log group...", n.instanceID)
	}
	n.say(now, failure, message, "Instance Create %s in Cluster %s and IG %s failed", n.instanceID, c.name, n.group.name())
	if n.group.slurmNode() == types.ClusterSlurmNodeTypeController && c.continuous && c.status == types.ClusterStatusCreating {
		c.status, c.failure = types.ClusterStatusFailed, message
		c.say(now, failure, message, "Cluster creation failed: controller and login nodes did not become ready within the expected time")
	}
	n.retry(now)
	c.check(now)
}

// retry replaces a failed node of a Continuous cluster after a while. Between two tries
// the node is not in the list of nodes.
func (n *node) retry(now time.Time) {
	after := n.server().options.Durations.NodeRetry
	if !n.group.cluster.continuous || after <= 0 {
		return
	}
	n.then(now, after, func(now time.Time) {
		g := n.group
		launched := g.cluster.launched
		n.remove()
		if g.alive() < g.target {
			g.start(now, 0, n.logicalID)
		}
		g.scale(now)
		for _, replacement := range g.nodes {
			replacement.byItself = replacement.byItself || replacement.seq > launched
		}
	})
}

// replace ends a node and starts another in its place, which takes over its logical id:
// by the SDK's documentation of BatchAddClusterNodes that is unique in the cluster and
// does not change between replacements. What the old instance is called while it ends is
// not documented; here it has no logical id any more.
func (n *node) replace(now time.Time) {
	logicalID := n.logicalID
	n.stop(now)
	n.logicalID = ""
	n.group.start(now, 0, logicalID)
}

// stop ends a node, unless the service lacks the permission to.
func (n *node) stop(now time.Time) {
	c := n.group.cluster
	n.set(now, types.ClusterInstanceStatusShuttingDown)
	n.say(now, info, "", "Termination of EC2 Instance %s is currently in progress in Cluster %s and IG %s", n.instanceID, c.name, n.group.name())
	n.then(now, n.server().options.Durations.NodeStop, n.end)
}

func (n *node) end(now time.Time) {
	c, s := n.group.cluster, n.server()
	if message, blocked := s.teardownFailure[c.fullName()]; blocked {
		n.stuck = true
		if n.message != message {
			n.message = message
			n.say(now, failure, message, "Failed to terminate EC2 Instance %s in Cluster %s and IG %s", n.instanceID, c.name, n.group.name())
		}
		return
	}
	n.say(now, info, "", "Instance Delete %s in Cluster %s and IG %s completed successfully", n.instanceID, c.name, n.group.name())
	n.remove()
	c.check(now)
}

// remove takes a node out of its group, and gives its instance back.
func (n *node) remove() {
	n.order++
	if n.instanceID != "" {
		n.server().instances[n.instanceType]--
	}
	n.group.counts[n.status]--
	if n.undone {
		n.group.undone--
	}
	n.status = types.ClusterInstanceStatusNotFound // whoever still holds it can tell
	n.group.nodes = slices.DeleteFunc(n.group.nodes, func(x *node) bool { return x == n })
}

// reboot restarts a node in place. One that has failed runs its lifecycle script again.
func (n *node) reboot(now time.Time) {
	then := n.run
	if n.status == types.ClusterInstanceStatusFailure {
		then = n.runLifecycle
	}
	n.set(now, types.ClusterInstanceStatusPending)
	n.say(now, info, "", "Reboot of EC2 Instance %s is currently in progress on Cluster %s and IG %s", n.instanceID, n.group.cluster.name, n.group.name())
	n.then(now, n.server().options.Durations.NodeReboot, then)
}
