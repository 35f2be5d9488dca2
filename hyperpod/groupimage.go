package hyperpod

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// WithImage sets the AMI: the id of a custom AMI of the cluster's own account or of
// a HyperPod public AMI, or "default". Without it the service takes its newest. On a
// live group [Cluster.RollImage] changes the image. The last call wins.
func (g Group) WithImage(id string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.ImageId = aws.String(id) })
}

// WithDefaultImage sets the image "default": HyperPod's newest, but for a group that is
// added to a Continuous cluster the image of that cluster's earliest group (SDK,
// ClusterInstanceGroupSpecification.ImageId). The last call of this and
// [Group.WithImage] wins.
func (g Group) WithDefaultImage() Group { return g.WithImage(defaultImage) }

// WithImageReleaseVersion sets the release of HyperPod's own image, such as "1.2.3";
// without it the service takes the latest. It says nothing of a custom AMI. The last
// call wins.
func (g Group) WithImageReleaseVersion(version string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.ImageReleaseVersion = aws.String(version) })
}

// WithScheduledUpdate has the service update the group's image on a schedule: a cron
// expression of six fields, minute to year, in 1 to 256 characters, such as
// "cron(0 3 ? * SUN *)". The zero [Deployment] updates all nodes at the same time, and
// batches need a cluster on EKS. An update replaces root volumes. It can be changed on
// a live group. The last call wins.
func (g Group) WithScheduledUpdate(schedule string, deployment Deployment) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String(schedule), DeploymentConfig: deployment.config()}
	})
}

// WithAutoPatch has the service put security patches of its own images onto the group
// when nodes are idle. It needs an image of HyperPod's own, and can be changed on a live
// group. It keeps the date of [Group.WithNextPatchDate]; the last call wins.
func (g Group) WithAutoPatch(strategy types.ClusterPatchingStrategy, deployment Deployment) Group {
	return g.withAutoPatch(func(c *types.ClusterAutoPatchConfig) {
		c.PatchingStrategy, c.DeploymentConfig = strategy, deployment.config()
	})
}

// WithNextPatchDate moves the next automatic patch to another time, to the millisecond.
// The service sets the date itself when there is a patch (SDK, ClusterPatchSchedule). It
// needs [Group.WithAutoPatch], before or after. The last call wins.
func (g Group) WithNextPatchDate(date time.Time) Group {
	return g.withAutoPatch(func(c *types.ClusterAutoPatchConfig) {
		c.PatchSchedule = &types.ClusterPatchSchedule{NextPatchDate: aws.Time(date)}
	})
}

func (g Group) withAutoPatch(edit func(*types.ClusterAutoPatchConfig)) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.AutoPatchConfig = changed(s.AutoPatchConfig, edit) })
}
