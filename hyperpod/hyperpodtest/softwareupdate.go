package hyperpodtest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// softwareUpdate is a running update of one group's image.
type softwareUpdate struct {
	config        *types.DeploymentConfiguration
	image         string // asked for
	release       string
	formerImage   string
	formerRelease string

	queue       []*node // to be replaced
	touched     []*node // replaced so far, to be taken back by a rollback
	pending     int     // replacements on their way
	skipped     int     // nodes that a disruption budget protects
	baking      bool    // waiting after a batch, watching the alarms
	rollingBack bool
	failure     string
	stuck       bool // a node failed in the rollback as well
}

// updateSoftware starts an update of some groups, all at the same time. The cluster
// is SystemUpdating until the last of them ends. What a group says of its last update
// stays until its nodes are taken up.
func (c *cluster) updateSoftware(now time.Time, targets []softwareTarget, config *types.DeploymentConfiguration) {
	c.status, c.failure = types.ClusterStatusSystemupdating, ""
	for _, t := range targets {
		g := t.group
		g.update = &softwareUpdate{
			config: deep.Copy(config), image: t.image, release: t.release,
			// Of two images that are apart the desired one is what the group was to run.
			formerImage: g.desiredImage, formerRelease: g.desiredRelease,
		}
		c.server.timeline.schedule(now.Add(c.server.options.Durations.SoftwareStart), g.startUpdate)
	}
}

func (g *group) startUpdate(now time.Time) {
	u := g.update
	if u == nil {
		return // the group was deleted meanwhile
	}
	g.desiredImage, g.desiredRelease = u.image, u.release
	g.softwareStatus = types.SoftwareUpdateStatusPending
	strategy := "all-at-once"
	if u.rolling() {
		strategy = "rolling"
	}
	g.say(now, info, g.imageMetadata(), "UpdateClusterSoftware initiated for IG %s in Cluster %s using %s strategy.", g.name(), g.cluster.name, strategy)
	g.cluster.server.timeline.schedule(now.Add(g.cluster.server.options.Durations.SoftwareStart), func(now time.Time) {
		if g.update != u {
			return
		}
		g.softwareStatus = types.SoftwareUpdateStatusInProgress
		protected := 0
		if u.rolling() {
			protected = g.cluster.server.budgets[groupName{g.cluster.fullName(), g.name()}]
		}
		for _, n := range g.nodes {
			switch {
			case n.status == types.ClusterInstanceStatusPending:
				// Still starting: it comes up on the new image.
				n.image, n.release = u.image, u.release
			case n.status != types.ClusterInstanceStatusRunning && n.status != types.ClusterInstanceStatusFailure:
			case u.skipped < protected:
				u.skipped++
				n.say(now, warning, "", "UpdateClusterSoftware for Instance %s in IG %s skipped due to PodDisruptionBudget constraint.", n.instanceID, g.name())
			default:
				u.queue = append(u.queue, n)
			}
		}
		g.nextBatch(now)
	})
}

func (u *softwareUpdate) rolling() bool {
	return u.config != nil && u.config.RollingUpdatePolicy != nil && u.config.RollingUpdatePolicy.MaximumBatchSize != nil
}

// imageMetadata is the metadata of events about a group's image.
func (g *group) imageMetadata() types.EventMetadata {
	m := types.InstanceGroupMetadata{}
	if g.custom() {
		m.AmiOverride = aws.String(g.desiredImage)
	}
	return &types.EventMetadataMemberInstanceGroup{Value: m}
}

// batchSize is how many nodes are replaced at once: all, unless the deployment
// configuration says otherwise.
func (g *group) batchSize() int {
	u := g.update
	if !u.rolling() {
		return len(u.queue)
	}
	size := u.config.RollingUpdatePolicy.MaximumBatchSize
	if u.rollingBack {
		size = u.config.RollingUpdatePolicy.RollbackMaximumBatchSize
	}
	if size == nil {
		return len(u.queue)
	}
	n := int(aws.ToInt32(size.Value))
	if size.Type == types.NodeUnavailabilityTypeCapacityPercentage {
		n = max(1, g.target*n/100)
	}
	return min(n, len(u.queue))
}

func (g *group) nextBatch(now time.Time) {
	u := g.update
	// Nodes may have been scaled away since they were queued.
	u.queue = slices.DeleteFunc(u.queue, func(n *node) bool {
		return n.status != types.ClusterInstanceStatusRunning && n.status != types.ClusterInstanceStatusFailure
	})
	if len(u.queue) == 0 {
		g.endUpdate(now)
		return
	}
	g.say(now, info, nil, "Next update batch selected for IG %s in Cluster %s.", g.name(), g.cluster.name)
	batch := u.queue[:g.batchSize()]
	u.queue = u.queue[len(batch):]
	u.pending = len(batch)
	for _, n := range batch {
		g.replaceRoot(now, n)
	}
}

// batchDone goes on after the nodes of a batch have come back: with the wait that
// watches the alarms and then the next batch, or with the rollback.
func (g *group) batchDone(now time.Time) {
	u := g.update
	switch {
	case u.rollingBack:
		g.nextBatch(now)
	case u.failure != "":
		g.rollBack(now)
	default:
		g.bake(now)
	}
}

// rollBack takes the nodes replaced so far back to the former image. While it runs
// current and desired image are swapped, as the SDK documents.
func (g *group) rollBack(now time.Time) {
	u := g.update
	g.say(now, failure, nil, "UpdateClusterSoftware failed for IG %s in Cluster %s. Initiating rollback.", g.name(), g.cluster.name)
	g.softwareStatus = types.SoftwareUpdateStatusRollbackInProgress
	g.image, g.release = u.image, u.release
	g.desiredImage, g.desiredRelease = u.formerImage, u.formerRelease
	u.rollingBack, u.queue, u.touched = true, slices.Concat(u.touched, g.joined()), nil
	g.nextBatch(now)
}

// joined are the nodes that were scaled out onto the new image while the update ran. Those
// that are still starting up come up on the former one.
func (g *group) joined() []*node {
	u := g.update
	if u.image == u.formerImage && u.release == u.formerRelease {
		return nil
	}
	var joined []*node
	for _, n := range g.nodes {
		switch {
		case n.image != u.image || n.release != u.release || slices.Contains(u.touched, n):
		case n.status == types.ClusterInstanceStatusPending:
			n.image, n.release = u.formerImage, u.formerRelease
		default:
			joined = append(joined, n)
		}
	}
	return joined
}

// endUpdate ends a group's update; the cluster is in service again after the last.
func (g *group) endUpdate(now time.Time) {
	u, c := g.update, g.cluster
	g.update = nil
	for _, n := range g.nodes {
		if n.status == types.ClusterInstanceStatusFailure {
			n.retry(now)
		}
	}
	switch {
	case !u.rollingBack:
		g.softwareStatus = types.SoftwareUpdateStatusSucceeded
		if u.skipped == 0 {
			// Skipped nodes keep current and desired image apart.
			g.image, g.release = u.image, u.release
		} else {
			g.say(now, warning, nil, "Failed instances in IG %s in Cluster %s queued for node replacement.", g.name(), c.name)
		}
		g.say(now, info, g.imageMetadata(), "UpdateClusterSoftware completed successfully for IG %s in Cluster %s.", g.name(), c.name)
	case u.stuck:
		g.softwareStatus, c.failure = types.SoftwareUpdateStatusFailed, u.failure
		g.say(now, failure, nil, "Rollback failed for IG %s in Cluster %s. Some instances may be in FailedMaintenance state.", g.name(), c.name)
	default:
		g.softwareStatus, c.failure = types.SoftwareUpdateStatusRollbackComplete, u.failure
		if c.server.options.RollbackEndsFailed {
			g.softwareStatus = types.SoftwareUpdateStatusFailed
		}
		g.image, g.release = u.formerImage, u.formerRelease
		g.say(now, failure, nil, "Failed to complete UpdateClusterSoftware for IG %s in Cluster %s.", g.name(), c.name)
	}
	c.check(now)
}
