package hyperpodtest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest/internal/cron"
)

// plan schedules what a group updates by itself: its next patch, and its next scheduled
// update. A plan that was made before is void.
func (g *group) plan(now time.Time) {
	if g.spec == nil {
		return
	}
	g.plans++
	if auto := g.spec.AutoPatchConfig; auto != nil && auto.PatchSchedule != nil && auto.PatchSchedule.NextPatchDate != nil {
		g.at(now, *auto.PatchSchedule.NextPatchDate, func(now time.Time) {
			auto.PatchSchedule = nil
			g.updateByItself(now, auto.DeploymentConfig)
		})
	}
	g.planScheduled(now)
}

func (g *group) planScheduled(now time.Time) {
	scheduled := g.spec.ScheduledUpdateConfig
	if scheduled == nil {
		return
	}
	schedule, err := cron.Parse(aws.ToString(scheduled.ScheduleExpression))
	if err != nil {
		return // refused before it got here
	}
	next, ok := schedule.Next(now)
	if !ok {
		return
	}
	g.at(now, next, func(now time.Time) {
		g.updateByItself(now, scheduled.DeploymentConfig)
		g.planScheduled(now)
	})
}

// at does something at a time, unless the group is planned anew or gone by then.
func (g *group) at(now, when time.Time, do func(now time.Time)) {
	if when.Before(now) {
		return
	}
	plans := g.plans
	g.cluster.server.timeline.schedule(when, func(now time.Time) {
		if g.plans == plans && !g.deleting && g.cluster.own.byARN[g.cluster.arn] == g.cluster {
			do(now)
		}
	})
}

// updateByItself brings a group on HyperPod's default image to its newest release. A
// group on an AMI, custom or public, has none. An update that overlaps with another does not start.
func (g *group) updateByItself(now time.Time, config *types.DeploymentConfiguration) {
	c := g.cluster
	if g.desiredImage != defaultImage {
		return
	}
	idle := c.status == types.ClusterStatusInservice || c.status == types.ClusterStatusSystemupdating
	if !idle || g.update != nil || g.awaitsMinimum() {
		g.say(now, failure, nil, "Failed to schedule UpdateClusterSoftware for IG %s in Cluster %s.", g.name(), c.name)
		return
	}
	g.say(now, info, nil, "InstanceGroup %s in Cluster %s has been scheduled for UpdateClusterSoftware to latest.", g.name(), c.name)
	c.updateSoftware(now, []softwareTarget{{group: g, image: defaultImage, release: c.server.options.ReleaseVersion}}, config)
}
