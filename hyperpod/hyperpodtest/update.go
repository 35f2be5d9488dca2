package hyperpodtest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

func (s *Server) updateCluster(r request, in *sagemaker.UpdateClusterInput) (outcome[sagemaker.UpdateClusterOutput], error) {
	none := outcome[sagemaker.UpdateClusterOutput]{}
	c, err := r.find(in.ClusterName)
	if err != nil {
		return none, err
	}
	if err := c.busyForUpdate(); err != nil {
		return none, err
	}
	if err := s.validUpdate(r, c, in); err != nil {
		return none, err
	}
	return outcome[sagemaker.UpdateClusterOutput]{
		images:   c.imageUses(in.InstanceGroups),
		launches: c.launches(in.InstanceGroups),
		apply: func() *sagemaker.UpdateClusterOutput {
			c.update(r.now, in)
			return &sagemaker.UpdateClusterOutput{ClusterArn: aws.String(c.arn)}
		},
		pretend: func() *sagemaker.UpdateClusterOutput {
			return &sagemaker.UpdateClusterOutput{ClusterArn: aws.String(c.arn)}
		},
	}, nil
}

// launches are the images of groups that are sent without an image, and so without
// being shared anew.
func (c *cluster) launches(groups []types.ClusterInstanceGroupSpecification) []string {
	var images []string
	for _, spec := range groups {
		if g := c.group(*spec.InstanceGroupName); g != nil && spec.ImageId == nil {
			images = append(images, g.desiredImage)
		}
	}
	return images
}

// busyForUpdate refuses an update while another operation runs. A Continuous cluster
// takes several at once, also while the software of a group is being updated.
func (c *cluster) busyForUpdate() error {
	if c.checkingHealth() {
		return conflict("Deep health checks are in progress on cluster %s; it cannot be updated now.", c.name)
	}
	switch c.status {
	case types.ClusterStatusInservice:
		return nil
	case types.ClusterStatusSystemupdating:
		if c.continuous {
			return nil
		}
	case types.ClusterStatusCreating, types.ClusterStatusUpdating, types.ClusterStatusRollingback,
		types.ClusterStatusDeleting, types.ClusterStatusFailed:
	}
	return conflict("Cluster %s is in status %s; it cannot be updated now.", c.name, c.status)
}

// earliest is the regular group that the cluster has had for the longest time.
func (c *cluster) earliest() *group {
	for _, g := range c.groups {
		if g.restricted == nil && !g.deleting {
			return g
		}
	}
	return nil
}

// inherit gives a new group that asks for "default" the image of the cluster's earliest
// one, as Continuous clusters do.
func (g *group) inherit(from *group) {
	if !g.cluster.continuous || from == nil || aws.ToString(g.spec.ImageId) != defaultImage || g.spec.ImageReleaseVersion != nil {
		return
	}
	g.image, g.release = from.desiredImage, from.desiredRelease
	g.desiredImage, g.desiredRelease = g.image, g.release
}

// groupState is what the rollback of a whole-cluster update restores.
type groupState struct {
	group      *group
	spec       *types.ClusterInstanceGroupSpecification
	restricted *types.ClusterRestrictedInstanceGroupSpecification
	target     int
	image      string
	release    string
	minimum    int
}

// update changes the cluster: sent groups that exist are changed, others are added,
// groups that are not sent stay as they are.
func (c *cluster) update(now time.Time, in *sagemaker.UpdateClusterInput) {
	var before []groupState
	for _, g := range c.groups {
		before = append(before, groupState{group: g, spec: deep.Copy(g.spec), restricted: deep.Copy(g.restricted), target: g.target, image: g.desiredImage, release: g.desiredRelease, minimum: g.minimum.count})
	}
	c.updateSettings(in)
	var added, changed []*group
	for _, spec := range in.InstanceGroups {
		if g := c.group(*spec.InstanceGroupName); g != nil {
			g.change(now, spec)
			changed = append(changed, g)
			continue
		}
		earliest := c.earliest()
		g := c.addGroup(spec)
		g.inherit(earliest)
		added = append(added, g)
	}
	for _, spec := range in.RestrictedInstanceGroups {
		if g := c.group(*spec.InstanceGroupName); g != nil {
			g.changeRestricted(spec)
			changed = append(changed, g)
			continue
		}
		added = append(added, c.addRestricted(spec))
	}
	c.say(now, info, "", "Cluster %s Update started successfully", c.name)
	if !c.continuous {
		c.status, c.failure = types.ClusterStatusUpdating, ""
		c.settle = func(end time.Time) { c.updated(end, now, before) }
	}
	c.starting = true
	for _, name := range in.InstanceGroupsToDelete {
		c.group(name).remove(now)
	}
	for _, g := range changed {
		g.say(now, info, g.scaling(""), "InstanceGroup %s Update started successfully in Cluster %s", g.name(), c.name)
		g.scale(now)
	}
	for _, g := range added {
		g.begin(now)
	}
	c.starting = false
	c.check(now)
}

// updateSettings changes what was sent of the cluster's own settings; what was left
// out stays. That leaving out means keeping is an assumption: AWS does not say.
func (c *cluster) updateSettings(in *sagemaker.UpdateClusterInput) {
	if in.NodeRecovery != "" {
		c.nodeRecovery = in.NodeRecovery
	}
	if in.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous {
		c.continuous = true
	}
	keep(&c.role, in.ClusterRole)
	keep(&c.autoScaling, in.AutoScaling)
	keep(&c.tieredStorage, in.TieredStorageConfig)
	keep(&c.restrictedConfig, in.RestrictedInstanceGroupsConfig)
	keep(&c.orchestrator, in.Orchestrator)
}

// keep replaces a setting by what was sent, if it was sent.
func keep[T any](setting **T, sent *T) {
	if sent != nil {
		*setting = deep.Copy(sent)
	}
}

// change applies a sent specification to a group. A member that was left out stays
// as it was; that is an assumption for all but InstanceStorageConfigs, which the AWS
// page's own scaling example leaves out.
func (g *group) change(now time.Time, sent types.ClusterInstanceGroupSpecification) {
	sent = deep.Copy(sent)
	g.target = int(*sent.InstanceCount)
	g.spec.InstanceCount = sent.InstanceCount
	keep(&g.spec.MinInstanceCount, sent.MinInstanceCount)
	keep(&g.spec.LifeCycleConfig, sent.LifeCycleConfig)
	keep(&g.spec.KubernetesConfig, sent.KubernetesConfig)
	keep(&g.spec.ScheduledUpdateConfig, sent.ScheduledUpdateConfig)
	keep(&g.spec.AutoPatchConfig, sent.AutoPatchConfig)
	keep(&g.spec.InstanceRequirements, sent.InstanceRequirements)
	keep(&g.spec.TrainingPlanArn, sent.TrainingPlanArn)
	keep(&g.spec.SlurmConfig, sent.SlurmConfig)
	keep(&g.spec.NetworkInterface, sent.NetworkInterface)
	if sent.OnStartDeepHealthChecks != nil {
		g.spec.OnStartDeepHealthChecks = sent.OnStartDeepHealthChecks
	}
	if sent.InstanceStorageConfigs != nil {
		g.spec.InstanceStorageConfigs = sent.InstanceStorageConfigs
	}
	if image := aws.ToString(sent.ImageId); image != "" && image != g.desiredImage {
		g.desiredImage, g.desiredRelease = image, g.cluster.server.releaseOf(image, sent.ImageReleaseVersion)
	}
	g.setMinimum(now, g.spec.MinInstanceCount)
	g.plan(now)
}

func (g *group) changeRestricted(sent types.ClusterRestrictedInstanceGroupSpecification) {
	sent = deep.Copy(sent)
	g.target = int(*sent.InstanceCount)
	g.restricted.InstanceCount = sent.InstanceCount
	keep(&g.restricted.EnvironmentConfig, sent.EnvironmentConfig)
	keep(&g.restricted.ScheduledUpdateConfig, sent.ScheduledUpdateConfig)
	keep(&g.restricted.TrainingPlanArn, sent.TrainingPlanArn)
	if sent.OnStartDeepHealthChecks != nil {
		g.restricted.OnStartDeepHealthChecks = sent.OnStartDeepHealthChecks
	}
	if sent.InstanceStorageConfigs != nil {
		g.restricted.InstanceStorageConfigs = sent.InstanceStorageConfigs
	}
}

// updated ends an update of a cluster that is updated as a whole: if a node failed,
// targets and specifications go back to what they were, new groups go, and the
// cluster is in service again with the reason in its failure message. Groups that
// were deleted stay deleted.
func (c *cluster) updated(now, began time.Time, before []groupState) {
	failure, failed := c.firstFailure(began)
	if !failed {
		c.inService(now, "Update")
		c.check(now)
		return
	}
	c.status, c.failure = types.ClusterStatusRollingback, failure
	for _, g := range slices.Clone(c.groups) {
		i := slices.IndexFunc(before, func(b groupState) bool { return b.group == g })
		if i < 0 {
			g.remove(now)
			continue
		}
		g.spec, g.restricted, g.target = before[i].spec, before[i].restricted, before[i].target
		g.desiredImage, g.desiredRelease, g.minimum.count = before[i].image, before[i].release, before[i].minimum
		g.plan(now)
		g.scale(now)
	}
	c.server.timeline.schedule(now.Add(c.server.options.Durations.Rollback), func(now time.Time) {
		c.settle = func(now time.Time) {
			c.status = types.ClusterStatusInservice
			c.check(now)
		}
		c.check(now)
	})
}
