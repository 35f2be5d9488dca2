package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	pending    = types.SoftwareUpdateStatusPending
	inProgress = types.SoftwareUpdateStatusInProgress
	succeeded  = types.SoftwareUpdateStatusSucceeded
	sFailed    = types.SoftwareUpdateStatusFailed
	undoing    = types.SoftwareUpdateStatusRollbackInProgress
	undone     = types.SoftwareUpdateStatusRollbackComplete

	amiA = "ami-0aaaaaaaaaaaaaaaa"
	amiB = "ami-0bbbbbbbbbbbbbbbb"
	amiC = "ami-0cccccccccccccccc"

	minute = time.Minute
	lag    = 2 * time.Minute
)

// sc is a cluster whose one group has the given software.
func sc(word types.SoftwareUpdateStatus, current, desired string, onDesired int32) *sagemaker.DescribeClusterOutput {
	return cluster(inService, software(word, current, desired, onDesired))
}

// bare is sc on a cluster that reports no image ids.
func bare(word types.SoftwareUpdateStatus) *sagemaker.DescribeClusterOutput {
	return plain(cluster(inService, software(word, "", "", 0)))
}

// softwareCase is one story of an update of the group "workers" to amiB, unless
// it says otherwise.
type softwareCase struct {
	before       *sagemaker.DescribeClusterOutput
	timeline     []moment
	nodes        []time.Duration                          // time of the last software update of each node, by age
	label        func(i int, n *types.ClusterNodeSummary) // changes a node
	images       map[string]string                        // of nodes, by instance id
	image        string
	version      string
	noRequest    bool // Update.Requested is left out
	want         waiter.Outcome
	says         string
	supersededBy string
	notUpdated   []string
	after        time.Duration
}

func (c softwareCase) run(t *testing.T) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		f := newFake(c.timeline...)
		f.images = c.images
		ns := nodes(f, c.nodes...)
		for i := range ns {
			if c.label != nil {
				c.label(i, &ns[i])
			}
		}
		f.nodes = always(ns)
		update := waiter.Update{Groups: []string{"workers"}, Image: amiB, ReleaseVersion: c.version, Before: c.before, Requested: f.born}
		if c.image != "" {
			update.Image = c.image
		}
		if c.noRequest {
			update.Requested = time.Time{}
		}
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", update, exact)
		require.Len(t, result.Groups, 1)
		got := result.Groups[0]
		assert.Equal(t, c.want.String(), got.Outcome.String(), "%s", got.Reason)
		assert.Contains(t, got.Reason, c.says)
		assert.Equal(t, c.supersededBy, got.SupersededBy)
		assert.Equal(t, c.notUpdated, got.NotUpdated)
		assert.Equal(t, c.after, time.Since(f.born), "neither early nor late")
		assert.NotNil(t, result.Cluster)
		switch c.want {
		case waiter.SoftwareSucceeded, waiter.SoftwareUnproven:
			require.NoError(t, err)
		case waiter.SoftwareUndecided:
			require.Error(t, err)
		case waiter.SoftwareRolledBack, waiter.SoftwareFailed, waiter.SoftwareIncomplete,
			waiter.SoftwareNeverStarted, waiter.SoftwareSuperseded:
			require.ErrorIs(t, err, poll.ErrFailed)
			require.ErrorIs(t, err, waiter.ErrNotUpdated)
			var detail *waiter.SoftwareError
			require.ErrorAs(t, err, &detail)
			assert.Equal(t, result.Groups, detail.Groups)
			if c.want == waiter.SoftwareRolledBack {
				require.ErrorIs(t, err, waiter.ErrRolledBack)
			}
		}
	})
}

// fresh are the times of four nodes that were updated by the end of the story.
var fresh = []time.Duration{minute, minute, 2 * minute, 2 * minute}

// stale are those of four nodes that were last updated an hour before it.
var stale = []time.Duration{-time.Hour, -time.Hour, -time.Hour, -time.Hour}

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

func TestSoftwareUpdatedWhereImagesSayNothing(t *testing.T) {
	before := sc(succeeded, "default", "default", 4)
	run := []moment{at(0, before), at(minute, sc(inProgress, "default", "default", 4)), at(30*minute, sc(succeeded, "default", "default", 4))}
	never := []moment{at(0, before)}
	upToDate := func(_ int, n *types.ClusterNodeSummary) {
		n.ImageVersionStatus = types.ClusterImageVersionStatusUpToDate
	}
	nothing := []time.Duration{unreported, unreported, unreported, unreported}
	for name, c := range map[string]softwareCase{
		"default to default: seen to run, nodes updated": {
			image: "default", before: before, timeline: run, nodes: fresh,
			want: waiter.SoftwareSucceeded, says: "all 4 nodes were updated", after: 30 * minute,
		},
		"default to default: over between two polls": {
			image: "default", before: before, timeline: never, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: lag,
		},
		"default to default: a node was not updated": {
			image: "default", before: before, timeline: run, nodes: []time.Duration{minute, minute, -time.Hour, minute},
			want: waiter.SoftwareIncomplete, notUpdated: []string{"i-3"}, after: 30*minute + lag,
		},
		"default to default: seen to run, nodes up to date": {
			image: "default", before: before, timeline: run, nodes: nothing, label: upToDate,
			want: waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"default to default: seen to run, nodes say nothing": {
			image: "default", before: before, timeline: run, nodes: nothing,
			want: waiter.SoftwareUnproven, says: "0 of 4 instances are known to be updated", after: 30 * minute,
		},
		"default to default: stale Succeeded": {
			image: "default", before: before, timeline: never, nodes: stale,
			want: waiter.SoftwareNeverStarted, after: lag,
		},
		"default to default: nothing newer": {
			image: "default", before: before, timeline: never, nodes: stale, label: upToDate,
			want: waiter.SoftwareUnproven, says: "nothing newer", after: lag,
		},
		"default to default: nothing reported at all": {
			image: "default", before: before, timeline: never, nodes: nothing,
			want: waiter.SoftwareUnproven, says: "neither images nor the time", after: lag,
		},
		"default to default: rolled back": {
			image: "default", before: before, timeline: append(run[:2:2], at(30*minute, sc(undone, "default", "default", 4))), nodes: fresh,
			want: waiter.SoftwareRolledBack, after: 30 * minute,
		},
		"an update before the wait proves nothing without the time of the request": {
			image: "default", timeline: never, nodes: stale, noRequest: true,
			want: waiter.SoftwareUnproven, after: lag,
		},
		"custom to default": {
			image: "default", before: sc(succeeded, amiA, amiA, 4), nodes: fresh,
			timeline: []moment{at(0, sc(succeeded, amiA, amiA, 4)), at(minute, sc(inProgress, amiA, "default", 0)), at(30*minute, sc(succeeded, "default", "default", 4))},
			want:     waiter.SoftwareSucceeded, says: "runs default", after: 30 * minute,
		},
		"default asked for, and an AMI has come": {
			image: "default", nodes: fresh,
			timeline: append(run[:2:2], at(30*minute, sc(succeeded, amiC, amiC, 4))),
			want:     waiter.SoftwareSuperseded, supersededBy: amiC, after: 30 * minute,
		},
		"default to default: a node is not in the list": {
			image: "default", before: before, timeline: run, nodes: fresh[:3],
			want: waiter.SoftwareUnproven, says: "3 of 4 instances are known", after: 30*minute + lag,
		},
		"custom to default, which never starts": {
			image: "default", timeline: []moment{at(0, sc(succeeded, amiA, amiA, 4))}, nodes: stale,
			want: waiter.SoftwareNeverStarted, after: lag,
		},
		"not Continuous: no ids at all": {
			before: bare(succeeded), timeline: []moment{at(0, bare(succeeded)), at(minute, plain(cluster(system, software(inProgress, "", "", 0)))), at(30*minute, bare(succeeded))}, nodes: fresh,
			want: waiter.SoftwareSucceeded, after: 30 * minute,
		},
		"not Continuous: stale Succeeded": {
			before: bare(succeeded), timeline: []moment{at(0, bare(succeeded))}, nodes: stale,
			want: waiter.SoftwareNeverStarted, after: lag,
		},
		"not Continuous: the status comes back as it was, nodes updated and Failed": {
			before: bare(sFailed), timeline: []moment{at(0, bare(sFailed))}, nodes: fresh,
			want: waiter.SoftwareFailed, after: lag,
		},
		"not Continuous: no status at all, newer nodes": {
			before: bare(""), timeline: []moment{at(0, bare(""))}, nodes: fresh,
			want: waiter.SoftwareUnproven, says: "no software update", after: lag,
		},
		"release version of the group": {
			image: "default", version: "1.2.3", nodes: fresh,
			before:   cluster(inService, versions(software(succeeded, "default", "default", 4), "1.2.2", "1.2.2")),
			timeline: []moment{at(0, cluster(inService, versions(software(succeeded, "default", "default", 4), "1.2.3", "1.2.3")))},
			want:     waiter.SoftwareSucceeded, says: "runs 1.2.3", after: 0,
		},
		"release version that was rolled back and called Failed": {
			image: "default", version: "1.2.3",
			before:   cluster(inService, versions(software(succeeded, "default", "default", 4), "1.2.2", "1.2.2")),
			timeline: []moment{at(0, cluster(inService, versions(software(sFailed, "default", "default", 4), "1.2.2", "1.2.2")))},
			want:     waiter.SoftwareRolledBack, after: 0,
		},
		"release version superseded": {
			image: "default", version: "1.2.3",
			before:   cluster(inService, versions(software(undone, "default", "default", 4), "1.2.2", "1.2.2")),
			timeline: []moment{at(0, cluster(inService, versions(software(succeeded, "default", "default", 4), "1.2.4", "1.2.4")))},
			want:     waiter.SoftwareSuperseded, supersededBy: "1.2.4", after: 0,
		},
		"release version of the nodes": {
			image: "default", version: "1.2.3", before: before, timeline: run, nodes: stale,
			label: func(i int, n *types.ClusterNodeSummary) {
				n.CurrentImageReleaseVersion = aws.String("1.2.3")
				if i == 1 {
					n.CurrentImageReleaseVersion = aws.String("1.2.2")
				}
			},
			want: waiter.SoftwareIncomplete, notUpdated: []string{"i-2"}, after: 30*minute + lag,
		},
	} {
		t.Run(name, c.run)
	}
}

func TestOneOutcomeForEachGroup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		three := func(words ...types.SoftwareUpdateStatus) *sagemaker.DescribeClusterOutput {
			out := restricted(cluster(inService), 1, 1)
			for i, word := range words {
				g := software(word, amiB, amiB, 4)
				if word == undone {
					g = software(word, amiA, amiA, 4)
				}
				g.InstanceGroupName = aws.String([]string{"a", "b"}[i])
				out.InstanceGroups = append(out.InstanceGroups, g)
			}
			return out
		}
		f := newFake(at(0, three(inProgress, inProgress)), at(minute, three(succeeded, inProgress)), at(5*minute, three(succeeded, undone)))
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"b", "nova", "a"}, Image: amiB})
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		var got []string
		for _, g := range result.Groups {
			got = append(got, g.Group+" "+g.Outcome.String())
		}
		assert.Equal(t, []string{"b rolled back", "nova never started", "a succeeded"}, got)
		require.ErrorContains(t, err, "group b: rolled back: the service reports RollbackComplete; group nova: never started: a restricted group cannot be updated")
	})
}

func TestAFailedClusterIsAnErrorThoughTheGroupSucceeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 0)), at(minute, message(cluster(failed, software(succeeded, amiB, amiB, 4)), "controller lost")))
		f.nodes = always(nodes(f, fresh...))
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB})
		require.ErrorContains(t, err, "the cluster has failed: controller lost")
		assert.Equal(t, waiter.SoftwareSucceeded, result.Groups[0].Outcome)
	})
}

func TestNodesAreAskedOnceAtTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 0)), at(40*minute, sc(succeeded, amiB, amiB, 4)))
		f.nodes = always(nodes(f, fresh...))
		_, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB}, exact)
		require.NoError(t, err)
		assert.Len(t, f.describes, 161)
		assert.Equal(t, 1, f.lists)
		assert.Empty(t, f.nodeReads, "no single node has to be described")
	})
}

func TestEmptyPagesOfNodesAreNotTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 0)), at(minute, sc(succeeded, amiB, amiB, 4)))
		f.nodes, f.nodePage = always(nodes(f, minute, minute, minute, -time.Hour)), 2
		f.images = map[string]string{"i-4": amiA}
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{
			Groups: []string{"workers"}, Image: amiB, Before: sc(succeeded, amiA, amiA, 4), Requested: f.born,
		}, exact)
		require.ErrorIs(t, err, waiter.ErrNotUpdated)
		assert.Equal(t, []string{"i-4"}, result.Groups[0].NotUpdated)
	})
}

func TestDescribedNodesAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := software(succeeded, amiB, amiB, 5000)
		g.CurrentCount, g.TargetCount = aws.Int32(5000), aws.Int32(5000)
		f := newFake(at(0, cluster(inService, g)))
		f.nodes, f.nodePage = always(nodes(f, make([]time.Duration, 5000)...)), 100
		_, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB, Requested: f.born.Add(time.Millisecond)}, exact)
		require.NoError(t, err)
		assert.Len(t, f.nodeReads, 100)
	})
}

func TestTheResultOutlivesTheContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 1)))
		ctx, cancel := context.WithTimeout(t.Context(), minute)
		defer cancel()
		result, err := waiter.SoftwareUpdated(ctx, f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "group workers: software update InProgress, 1 of 4 instances on "+amiB)
		assert.Equal(t, waiter.SoftwareUndecided, result.Groups[0].Outcome)
		assert.NotNil(t, result.Cluster)
	})
}
