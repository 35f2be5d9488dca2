package hyperpodtest

import (
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
	queue         []*node // not yet replaced
	touched       []*node // replaced so far, to be taken back by a rollback
	pending       int     // replacements on their way
	failure       string
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
	targets, err := c.softwareTargets(in)
	if err != nil {
		return none, err
	}
	var images []imageUse
	if id := aws.ToString(in.ImageId); id != "" && id != defaultImage {
		for _, t := range targets {
			images = append(images, imageUse{image: id, path: "ImageId", rootKey: rootKey(t.group.spec.InstanceStorageConfigs)})
		}
	}
	return outcome[sagemaker.UpdateClusterSoftwareOutput]{
		images: images,
		apply: func() *sagemaker.UpdateClusterSoftwareOutput {
			c.updateSoftware(r.now, targets, in.DeploymentConfig)
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
	var targets []softwareTarget
	for _, spec := range specs {
		g := c.group(*spec.InstanceGroupName)
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
	}
	if t.image == "" {
		t.image = defaultImage
	}
	t.release = g.cluster.server.releaseOf(t.image, release)
	return t, nil
}

// updateSoftware starts an update of some groups, all at the same time. The cluster
// is SystemUpdating until the last of them ends.
func (c *cluster) updateSoftware(now time.Time, targets []softwareTarget, config *types.DeploymentConfiguration) {
	c.status, c.failure = types.ClusterStatusSystemupdating, ""
	for _, t := range targets {
		g := t.group
		g.update = &softwareUpdate{
			config: deep.Copy(config), image: t.image, release: t.release,
			formerImage: g.image, formerRelease: g.release,
		}
		g.desiredImage, g.desiredRelease = t.image, t.release
		g.softwareStatus = types.SoftwareUpdateStatusPending
		c.server.timeline.schedule(now, g.startUpdate)
	}
}

func (g *group) startUpdate(now time.Time) {
	u := g.update
	if u == nil {
		return // the group was deleted meanwhile
	}
	g.softwareStatus = types.SoftwareUpdateStatusInProgress
	for _, n := range g.nodes {
		if n.status == types.ClusterInstanceStatusRunning {
			u.queue = append(u.queue, n)
		}
	}
	g.nextBatch(now)
}

// batchSize is how many nodes are replaced at once: all, unless the deployment
// configuration says otherwise.
func (g *group) batchSize() int {
	u := g.update
	if u.config == nil || u.config.RollingUpdatePolicy == nil || u.config.RollingUpdatePolicy.MaximumBatchSize == nil {
		return len(u.queue)
	}
	size := u.config.RollingUpdatePolicy.MaximumBatchSize
	n := int(aws.ToInt32(size.Value))
	if size.Type == types.NodeUnavailabilityTypeCapacityPercentage {
		n = max(1, g.target*n/100)
	}
	return min(n, len(u.queue))
}

func (g *group) nextBatch(now time.Time) {
	u := g.update
	if len(u.queue) == 0 {
		g.endUpdate(now, types.SoftwareUpdateStatusSucceeded)
		return
	}
	batch := u.queue[:g.batchSize()]
	u.queue = u.queue[len(batch):]
	for _, n := range batch {
		g.replaceRoot(now, n, u.image, u.release, g.replaced)
	}
}

// replaceRoot replaces a node's root volume. The instance and its id stay.
func (g *group) replaceRoot(now time.Time, n *node, image, release string, then func(now time.Time, n *node)) {
	s, u := g.cluster.server, g.update
	n.status, n.message = types.ClusterInstanceStatusSystemUpdating, ""
	u.pending++
	u.touched = append(u.touched, n)
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
		case n.status == types.ClusterInstanceStatusShuttingDown:
			// scaled away meanwhile
		case fails:
			n.status, n.message = types.ClusterInstanceStatusFailure, message
			u.failure = "Instance " + n.instanceID + " in instance group " + g.name() + " failed: " + message
		default:
			n.status = types.ClusterInstanceStatusRunning
		}
		then(now, n)
	})
}

// replaced goes on after a node of a batch has come back: with the next batch, after
// the wait between batches, or with the rollback.
func (g *group) replaced(now time.Time, _ *node) {
	u := g.update
	if u.pending > 0 {
		return
	}
	if u.failure != "" {
		g.rollBack(now)
		return
	}
	wait := time.Duration(0)
	if u.config != nil {
		wait = time.Duration(aws.ToInt32(u.config.WaitIntervalInSeconds)) * time.Second
	}
	g.cluster.server.timeline.schedule(now.Add(wait), func(now time.Time) {
		if g.update == u {
			g.nextBatch(now)
		}
	})
}

// rollBack takes the nodes replaced so far back to the former image, all at once.
// While it runs current and desired image are swapped, as the SDK documents.
func (g *group) rollBack(now time.Time) {
	u := g.update
	g.softwareStatus = types.SoftwareUpdateStatusRollbackInProgress
	g.image, g.release = u.image, u.release
	g.desiredImage, g.desiredRelease = u.formerImage, u.formerRelease
	touched := u.touched
	u.touched, u.queue = nil, nil
	for _, n := range touched {
		message := n.message
		g.replaceRoot(now, n, u.formerImage, u.formerRelease, func(now time.Time, n *node) {
			n.message = message // stays after the rollback, as seen on live clusters
			if u.pending == 0 {
				g.endUpdate(now, types.SoftwareUpdateStatusRollbackComplete)
			}
		})
	}
}

// endUpdate ends a group's update; the cluster is in service again after the last.
func (g *group) endUpdate(now time.Time, status types.SoftwareUpdateStatus) {
	u, c := g.update, g.cluster
	g.update, g.softwareStatus = nil, status
	if status == types.SoftwareUpdateStatusSucceeded {
		g.image, g.release = u.image, u.release
	} else {
		g.image, g.release = u.formerImage, u.formerRelease
		c.failure = u.failure
	}
	g.desiredImage, g.desiredRelease = g.image, g.release
	c.check(now)
}
