package waiter

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Goal is what a [Fleet] waits for. The zero value is [GoalInService].
type Goal struct {
	use   wordUse
	begin func(*watched) error // sets the judge, and what is known of the operation
}

// wordUse is what a list's status word is good for.
type wordUse uint8

const (
	wordDecides wordUse = iota // it is all that the judge looks at
	wordDelays                 // a cluster that is not InService is not at the goal
	wordSaysNothing
)

// GoalInService is the goal of [ClusterInService]. A list decides that a cluster is
// InService; that one has failed is confirmed by a description, which knows why.
func GoalInService() Goal {
	return Goal{begin: func(w *watched) error {
		w.target.opts.expect(typicalCreation, time.Time{})
		w.judge = w.target.inService()
		return nil
	}}
}

// GoalDeleted is the goal of [ClusterDeleted]. That a cluster is in no list proves
// nothing, since lists change while their pages are read: DescribeCluster is asked once
// before it counts as deleted.
func GoalDeleted() Goal {
	return Goal{begin: func(w *watched) error {
		w.target.opts.expect(typicalDeletion, time.Time{})
		w.judge = w.target.deleted()
		return nil
	}}
}

// GoalStable is the goal of [ClusterStable]. Lists serve while a cluster is not
// InService, and not at all for a Continuous one.
func GoalStable() Goal {
	return Goal{use: wordDelays, begin: func(w *watched) error {
		w.target.opts.expect(typicalScaling, time.Time{})
		w.judge = w.target.stable()
		return nil
	}}
}

// GoalAtCount is the goal of [GroupsAtCount]. wanted is called once for each cluster, by
// the name or ARN that was added. Lists serve as for [GoalStable].
func GoalAtCount(wanted func(nameOrARN string) map[string]int32) Goal {
	return Goal{use: wordDelays, begin: func(w *watched) (err error) {
		w.target.opts.expect(typicalScaling, time.Time{})
		w.judge, err = w.target.atCounts(wanted(w.target.name))
		return err
	}}
}

// GoalUpdated is the goal of [SoftwareUpdated]. update is called once for each cluster,
// by the name or ARN that was added. No list tells of software: each cluster is
// described, as by its own wait.
func GoalUpdated(update func(nameOrARN string) Update) Goal {
	return Goal{use: wordSaysNothing, begin: func(w *watched) error {
		asked := update(w.target.name)
		if len(asked.Groups) == 0 {
			return errNoGroups
		}
		w.target.opts.expect(typicalSoftware, asked.Requested)
		w.software = newSoftwareWait(w.source.api, w.target, asked)
		w.judge = w.software.judge
		return nil
	}}
}

// uses reports whether a list can say something of the cluster.
func (g Goal) uses(t *target) bool {
	switch g.use {
	case wordDecides:
		return true
	case wordDelays:
		return t.last == nil || t.last.NodeProvisioningMode != types.ClusterNodeProvisioningModeContinuous
	case wordSaysNothing:
		return false
	default:
		return false
	}
}

// judgeWord judges a cluster by its line in a list, and reports whether that is
// enough: a failure is for a description to confirm.
func (g Goal) judgeWord(ctx context.Context, w *watched, line types.ClusterSummary, at time.Time) (finding, bool) {
	s := Snapshot{
		At: at, Name: aws.ToString(line.ClusterName), ARN: aws.ToString(line.ClusterArn), Status: line.ClusterStatus,
	}
	var f finding
	var enough bool
	if g.use == wordDecides {
		var err error
		f, err = w.judge(ctx, s)
		enough = err == nil
	} else {
		var inService bool
		f, inService = w.target.standing(s)
		enough = !inService
	}
	f.Value, f.Resource, f.Status = w.target.last, s.ARN, string(s.Status)
	return f, enough && f.Verdict != poll.Failed
}
