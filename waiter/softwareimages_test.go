package waiter_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestSoftwareUpdatedByImages(t *testing.T) {
	onA := sc(succeeded, amiA, amiA, 4)
	running := []moment{at(0, onA), at(15*time.Second, sc(pending, amiA, amiB, 0)), at(minute, sc(inProgress, amiA, amiB, 1))}
	for name, c := range map[string]softwareCase{
		"succeeded": {
			before: onA, timeline: append(running[:3:3], at(40*minute, sc(succeeded, amiB, amiB, 4))), nodes: fresh,
			want: waiter.SoftwareSucceeded, says: "runs " + amiB, after: 40 * minute,
		},
		"stale Succeeded is not believed": {
			before: onA, timeline: []moment{at(0, onA), at(lag-time.Second, sc(inProgress, amiA, amiB, 0)), at(40*minute, sc(succeeded, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 40 * minute,
		},
		"stale Succeeded while the desired image is the new one already": {
			before: onA, timeline: []moment{at(0, sc(succeeded, amiA, amiB, 4)), at(10*minute, sc(inProgress, amiA, amiB, 0)), at(40*minute, sc(succeeded, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 40 * minute,
		},
		"stale Succeeded without a reading from before": {
			timeline: []moment{at(0, onA), at(minute, sc(inProgress, amiA, amiB, 0)), at(40*minute, sc(succeeded, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 40 * minute,
		},
		"over between two polls": {
			before: onA, timeline: []moment{at(0, sc(succeeded, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 0,
		},
		"on the image already": {
			before: sc(succeeded, amiB, amiB, 4), timeline: []moment{at(0, sc(succeeded, amiB, amiB, 4))}, nodes: stale,
			images: map[string]string{"i-1": amiB, "i-2": amiB, "i-3": amiB, "i-4": amiB},
			want:   waiter.SoftwareSucceeded, after: lag,
		},
		"on the image already, after another update was rolled back": {
			before: sc(undone, amiB, amiB, 4), timeline: []moment{at(0, sc(undone, amiB, amiB, 4))}, nodes: stale,
			images: map[string]string{"i-1": amiB, "i-2": amiB, "i-3": amiB, "i-4": amiB},
			want:   waiter.SoftwareSucceeded, after: lag,
		},
		"rolled back: the images change places and back": {
			before: onA, timeline: append(running[:3:3], at(20*minute, sc(undoing, amiB, amiA, 3)), at(30*minute, sc(undone, amiA, amiA, 4))),
			want: waiter.SoftwareRolledBack, says: "RollbackComplete", after: 30 * minute,
		},
		"rolled back and the images are still swapped": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(undone, amiB, amiA, 4))),
			want: waiter.SoftwareRolledBack, after: 30 * minute,
		},
		"Failed after a clean rollback": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(sFailed, amiA, amiA, 4))),
			want: waiter.SoftwareRolledBack, says: "Failed, and the group is back on " + amiA, after: 30 * minute,
		},
		"Failed between two polls": {
			before: onA, timeline: []moment{at(0, sc(sFailed, amiA, amiA, 4))},
			want: waiter.SoftwareRolledBack, after: 0,
		},
		"Failed with nodes on both images": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(sFailed, amiB, amiA, 2))),
			want: waiter.SoftwareFailed, says: "2 of 4 instances on " + amiA, after: 30 * minute,
		},
		"Failed with the images still swapped": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(sFailed, amiB, amiA, 4))),
			want: waiter.SoftwareFailed, after: 30 * minute,
		},
		"Failed with nodes left on the new image": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(sFailed, amiA, amiA, 2))),
			want: waiter.SoftwareFailed, after: 30 * minute,
		},
		"failed twice in the same way": {
			before: sc(sFailed, amiA, amiA, 4), timeline: []moment{at(0, sc(sFailed, amiA, amiA, 4))}, nodes: fresh,
			want: waiter.SoftwareRolledBack, after: lag,
		},
		"a stale Failed, and nothing happens": {
			before: sc(sFailed, amiA, amiA, 4), timeline: []moment{at(0, sc(sFailed, amiA, amiA, 4))}, nodes: stale,
			want: waiter.SoftwareNeverStarted, after: lag,
		},
		"a failure of which nobody knows the time": {
			timeline: []moment{at(0, sc(undone, amiA, amiA, 4))}, noRequest: true, nodes: stale,
			want: waiter.SoftwareRolledBack, says: "perhaps of an earlier update", after: lag,
		},
		"back on the old image, and called Succeeded": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiA, amiA, 4))),
			want: waiter.SoftwareRolledBack, says: "Succeeded, and the group is back on " + amiA, after: 30 * minute,
		},
		"back on the old image, and called Succeeded, without a reading from before": {
			timeline: append(running[1:3:3], at(30*minute, sc(succeeded, amiA, amiA, 4))),
			want:     waiter.SoftwareRolledBack, after: 30 * minute,
		},
		"another update was rolled back to the image asked for": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(undone, amiB, amiB, 4))), nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"on the image already, and the update to it was rolled back": {
			before: sc(succeeded, amiB, amiB, 4), timeline: []moment{at(0, sc(inProgress, amiB, amiB, 2)), at(30*minute, sc(undone, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareRolledBack, after: 30 * minute,
		},
		"nodes skipped for a disruption budget": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiA, amiB, 2))),
			nodes: []time.Duration{minute, -time.Hour, minute, -time.Hour}, images: map[string]string{"i-2": amiA, "i-4": amiA},
			want: waiter.SoftwareIncomplete, says: "2 of 4 nodes are left on the old image", notUpdated: []string{"i-2", "i-4"}, after: 30*minute + lag,
		},
		"one node was left and the counts do not say so": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiB, amiB, 4))),
			nodes: []time.Duration{minute, -time.Hour, minute, minute}, images: map[string]string{"i-2": amiA},
			want: waiter.SoftwareIncomplete, notUpdated: []string{"i-2"}, after: 30*minute + lag,
		},
		"the counts fall short and the nodes do not say where": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiB, amiB, 3))), nodes: fresh,
			want: waiter.SoftwareIncomplete, says: "3 of 4 instances on " + amiB, after: 30*minute + lag,
		},
		"a resumed wait finds skipped nodes": {
			timeline: []moment{at(0, sc(succeeded, amiA, amiB, 3))}, nodes: stale, noRequest: true,
			images: map[string]string{"i-1": amiA, "i-2": amiB, "i-3": amiB, "i-4": amiB},
			want:   waiter.SoftwareIncomplete, notUpdated: []string{"i-1"}, after: 2 * lag,
		},
		"Describe behind List": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiA, amiB, 3)), at(31*minute, sc(succeeded, amiB, amiB, 4))), nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 31 * minute,
		},
		"a node shows the service's own copy of the AMI": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiB, amiB, 4))),
			nodes: stale, images: map[string]string{"i-1": "ami-0123456789abcdef0", "i-2": "ami-0123456789abcdef0", "i-3": amiB, "i-4": ""},
			want: waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"a node vanished from the list": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiB, amiB, 4))), nodes: fresh[:3],
			want: waiter.SoftwareSucceeded, after: 30*minute + lag,
		},
		"a node that is shutting down does not count": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, amiB, amiB, 4))),
			nodes: append(fresh[:4:4], -time.Hour), images: map[string]string{"i-5": amiA},
			label: func(i int, n *types.ClusterNodeSummary) {
				if i == 4 {
					n.InstanceStatus.Status = types.ClusterInstanceStatusShuttingDown
				}
			},
			want: waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"superseded by another image": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(inProgress, amiA, amiC, 1)), at(50*minute, sc(succeeded, amiC, amiC, 4))),
			want: waiter.SoftwareSuperseded, supersededBy: amiC, after: 50 * minute,
		},
		"superseded between two polls": {
			before: onA, timeline: []moment{at(0, sc(succeeded, amiC, amiC, 4))},
			want: waiter.SoftwareSuperseded, supersededBy: amiC, after: lag,
		},
		"never started": {
			before: onA, timeline: []moment{at(0, onA)}, nodes: stale,
			want: waiter.SoftwareNeverStarted, says: "still meant to run " + amiA, after: lag,
		},
		"never started, without a reading from before": {
			timeline: []moment{at(0, onA)}, nodes: stale,
			want: waiter.SoftwareNeverStarted, after: lag,
		},
		"never the first update of a group": {
			before: sc("", "default", "default", 4), timeline: []moment{at(0, sc("", "default", "default", 4))}, nodes: stale,
			want: waiter.SoftwareNeverStarted, after: lag,
		},
		"the configuration of an update is active before the status is": {
			before: onA, timeline: []moment{at(0, rollingUpdate(sc(succeeded, amiA, amiA, 4))), at(10*minute, sc(inProgress, amiA, amiB, 0)), at(40*minute, sc(succeeded, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 40 * minute,
		},
		"an unknown status word is waited on": {
			before: onA, timeline: []moment{at(0, sc("Meditating", amiB, amiB, 4)), at(30*minute, sc(succeeded, amiB, amiB, 4))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"the cluster is still updating": {
			before: onA, timeline: append(running[:3:3], at(30*minute, cluster(system, software(succeeded, amiB, amiB, 4))), at(35*minute, sc(succeeded, amiB, amiB, 4))), nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 35 * minute,
		},
		"the cluster fails": {
			before: onA, timeline: append(running[:3:3], at(30*minute, message(cluster(failed, software(inProgress, amiA, amiB, 1)), "controller lost"))),
			want: waiter.SoftwareFailed, says: "controller lost", after: 30 * minute,
		},
		"the group is deleted meanwhile": {
			before: onA, timeline: append(running[:3:3], at(30*minute, cluster(inService))),
			want: waiter.SoftwareFailed, says: "no such group", after: 30 * minute,
		},
		"a public AMI that is reported as default": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, "default", "default", 4))), nodes: fresh,
			images: map[string]string{"i-1": amiB, "i-2": amiB, "i-3": amiB, "i-4": amiB},
			want:   waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"default after an AMI was asked for, and nodes that do not tell": {
			before: onA, timeline: append(running[:3:3], at(30*minute, sc(succeeded, "default", "default", 4))), nodes: fresh,
			images: map[string]string{"i-1": "default", "i-2": "default", "i-3": "default", "i-4": "default"},
			want:   waiter.SoftwareUnproven, after: 30 * minute,
		},
		"it does not end": {
			before: onA, timeline: running,
			want: waiter.SoftwareUndecided, says: "InProgress, 1 of 4 instances on " + amiB, after: poll.DefaultTimeout,
		},
	} {
		t.Run(name, c.run)
	}
}

func rollingUpdate(out *sagemaker.DescribeClusterOutput) *sagemaker.DescribeClusterOutput {
	out.InstanceGroups[0].ActiveSoftwareUpdateConfig = &types.DeploymentConfiguration{}
	return out
}
