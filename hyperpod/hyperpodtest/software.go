package hyperpodtest

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
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

func (s *Server) updateClusterSoftware(r request, in *sagemaker.UpdateClusterSoftwareInput) (outcome[sagemaker.UpdateClusterSoftwareOutput], error) {
	none := outcome[sagemaker.UpdateClusterSoftwareOutput]{}
	c, err := r.find(in.ClusterName)
	if err != nil {
		return none, err
	}
	if c.status != types.ClusterStatusInservice {
		return none, conflict("Cluster %s is in status %s; its software cannot be updated now.", c.name, c.status)
	}
	if c.checkingHealth() {
		return none, conflict("Deep health checks are in progress on cluster %s; its software cannot be updated now.", c.name)
	}
	targets, err := c.softwareTargets(in)
	if err != nil {
		return none, err
	}
	var images []imageUse
	if id := aws.ToString(in.ImageId); id != "" && id != defaultImage {
		for _, t := range targets {
			images = append(images, useOf(id, *t.group.spec))
		}
	}
	return outcome[sagemaker.UpdateClusterSoftwareOutput]{
		images: images,
		apply: func() *sagemaker.UpdateClusterSoftwareOutput {
			c.updateSoftware(r.now, targets, in.DeploymentConfig)
			return &sagemaker.UpdateClusterSoftwareOutput{ClusterArn: aws.String(c.arn)}
		},
		pretend: func() *sagemaker.UpdateClusterSoftwareOutput {
			return &sagemaker.UpdateClusterSoftwareOutput{ClusterArn: aws.String(c.arn)}
		},
	}, nil
}

// softwareTarget is a group and the image that it is to run.
type softwareTarget struct {
	group   *group
	image   string
	release string
}

// softwareTargets resolves a request: no group named means every regular group.
func (c *cluster) softwareTargets(in *sagemaker.UpdateClusterSoftwareInput) ([]softwareTarget, error) {
	specs := in.InstanceGroups
	if len(specs) == 0 {
		for _, g := range c.groups {
			if g.restricted == nil && !g.deleting {
				specs = append(specs, types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(g.name())})
			}
		}
	}
	if !c.isEKS() && in.DeploymentConfig != nil {
		return nil, invalid("DeploymentConfig is supported for clusters orchestrated by EKS only.")
	}
	if len(specs) == 0 {
		return nil, invalid("Cluster %s has no instance group whose software could be updated.", c.name)
	}
	var targets []softwareTarget
	for _, spec := range specs {
		g := c.group(*spec.InstanceGroupName)
		if slices.ContainsFunc(targets, func(t softwareTarget) bool { return t.group == g }) {
			return nil, invalid("Instance group %s is named twice.", *spec.InstanceGroupName)
		}
		if g == nil || g.deleting {
			return nil, invalid("Instance group %s does not exist in cluster %s.", *spec.InstanceGroupName, c.name)
		}
		t, err := g.softwareTarget(in.ImageId, spec.ImageReleaseVersion)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func (g *group) softwareTarget(imageID, release *string) (softwareTarget, error) {
	t := softwareTarget{group: g, image: aws.ToString(imageID)}
	switch {
	case g.restricted != nil:
		return t, invalid("Instance group %s is restricted; its software is not updated by this operation.", g.name())
	case t.image == "" && g.custom():
		return t, invalid("Instance group %s uses the custom AMI %s; ImageId must name an AMI or default.", g.name(), g.desiredImage)
	case t.image != "" && t.image != defaultImage && release != nil:
		return t, invalid("ImageReleaseVersion of instance group %s cannot be combined with the AMI %s.", g.name(), t.image)
	case !g.cluster.isEKS() && !g.custom() && t.image != "" && t.image != defaultImage:
		return t, invalid("Instance group %s of a Slurm cluster cannot be updated from a HyperPod AMI to the custom AMI %s; add a new instance group with the AMI.", g.name(), t.image)
	case g.update != nil:
		return t, conflict("The software of instance group %s is being updated.", g.name())
	case g.awaitsMinimum():
		return t, conflict("Instance group %s has not reached its minimum instance count.", g.name())
	}
	if t.image == "" {
		t.image = defaultImage
	}
	t.release = g.cluster.server.releaseOf(t.image, release)
	return t, nil
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
			protected = g.cluster.server.budgets[g.cluster.name+"/"+g.name()]
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

// replaceRoot replaces a node's root volume. The instance and its id stay.
func (g *group) replaceRoot(now time.Time, n *node) {
	s, u := g.cluster.server, g.update
	image, release, sticky := u.image, u.release, ""
	if u.rollingBack {
		// The message stays after the rollback, as seen on live clusters.
		image, release, sticky = u.formerImage, u.formerRelease, n.message
		n.say(now, info, "", "Instance %s in IG %s failed to update. Rollback initiated.", n.instanceID, g.name())
	} else {
		u.touched = append(u.touched, n)
		if u.rolling() {
			n.say(now, info, "", "Instance %s in IG %s cordoned and pods evicted.", n.instanceID, g.name())
		}
		n.say(now, info, "", "Root volume replacement started for Instance %s in IG %s.", n.instanceID, g.name())
	}
	n.order++ // a replacement of the failed node by itself is void
	n.set(now, types.ClusterInstanceStatusSystemUpdating)
	n.message = sticky
	takes := s.options.Durations.NodeReplace
	message, fails := s.lifecycleFailure[image]
	if fails {
		takes += s.options.Durations.LifecycleRetries
	}
	s.timeline.schedule(now.Add(takes), func(now time.Time) {
		if g.update != u {
			return // the group was deleted meanwhile
		}
		u.pending--
		n.image, n.release, n.lastUpdate = image, release, now
		switch {
		case n.status != types.ClusterInstanceStatusSystemUpdating:
			// scaled away meanwhile
		case fails:
			n.set(now, types.ClusterInstanceStatusFailure)
			n.message = message
			u.failure = "Instance " + n.instanceID + " in instance group " + g.name() + " failed: " + message
			u.stuck = u.stuck || u.rollingBack
			n.say(now, failure, message, "Instance lifecycle script execution for EC2 Instance %s has Failed. To view lifecycle script logs, visit log group...", n.instanceID)
			if u.rollingBack {
				n.say(now, failure, message, "UpdateClusterSoftware rollback failed for instance %s in IG %s.", n.instanceID, g.name())
			}
		default:
			n.set(now, types.ClusterInstanceStatusRunning)
			if u.rollingBack {
				n.say(now, info, "", "Instance %s in IG %s rolled back successfully to previous AMI.", n.instanceID, g.name())
			} else {
				n.say(now, info, "", "Instance %s in IG %s updated successfully.", n.instanceID, g.name())
			}
		}
		if u.pending == 0 {
			g.batchDone(now)
		}
	})
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

// bake waits after a batch. An alarm that fires meanwhile rolls the update back.
func (g *group) bake(now time.Time) {
	u := g.update
	var seconds int32
	if u.config != nil {
		seconds = aws.ToInt32(u.config.WaitIntervalInSeconds)
	}
	u.baking = true
	if len(u.alarmNames()) > 0 {
		g.say(now, info, nil, "Baking period started for IG %s in Cluster %s. Monitoring alarms [%s] for %d seconds.", g.name(), g.cluster.name, strings.Join(u.alarmNames(), ", "), seconds)
	}
	g.watchAlarms(now)
	if !u.baking {
		return
	}
	g.cluster.server.timeline.schedule(now.Add(time.Duration(seconds)*time.Second), func(now time.Time) {
		if g.update != u || !u.baking {
			return
		}
		u.baking = false
		if len(u.alarmNames()) > 0 {
			g.say(now, info, nil, "Baking period completed for IG %s in Cluster %s. No alarms triggered during the %d-second baking period.", g.name(), g.cluster.name, seconds)
		}
		g.nextBatch(now)
	})
}

func (u *softwareUpdate) alarmNames() []string {
	var names []string
	if u.config != nil {
		for _, a := range u.config.AutoRollbackConfiguration {
			names = append(names, aws.ToString(a.AlarmName))
		}
	}
	return names
}

// watchAlarms rolls a baking update back if one of its alarms fires.
func (g *group) watchAlarms(now time.Time) {
	u := g.update
	if u == nil || !u.baking {
		return
	}
	for _, name := range u.alarmNames() {
		if g.cluster.server.alarms[name] {
			u.baking = false
			u.failure = "Alarm " + name + " entered ALARM state."
			g.say(now, failure, nil, "Baking period failed for IG %s in Cluster %s. Alarms [%s] entered ALARM state. Initiating auto-rollback.", g.name(), g.cluster.name, name)
			g.rollBack(now)
			return
		}
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
	u.rollingBack, u.queue, u.touched = true, u.touched, nil
	g.nextBatch(now)
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
