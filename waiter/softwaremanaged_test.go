package waiter_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

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
