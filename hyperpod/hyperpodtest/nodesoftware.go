package hyperpodtest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

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
