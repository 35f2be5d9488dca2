package hyperpod

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// progress turns what a wait saw of the cluster into the groups of an event.
type progress func(s waiter.Snapshot) []GroupProgress

// watching makes a wait of this workflow: it polls as the options say and turns each
// look into an event.
func (r *run) watching(groups progress) func(*waiter.Options) {
	return func(o *waiter.Options) {
		o.Poll = r.options.Poll
		o.Poll.Timeout = r.remaining()
		o.OnSnapshot = func(ctx context.Context, s waiter.Snapshot) {
			r.emit(ctx, Event{Kind: EventProgress, Status: string(s.Status), Groups: groups(s)})
		}
		users := r.options.Poll.OnPoll
		o.Poll.OnPoll = func(ctx context.Context, e poll.Event) {
			if e.Err != nil {
				r.emit(ctx, Event{Kind: EventTolerated, Status: e.Status, Err: e.Err})
			}
			if users != nil {
				users(ctx, e)
			}
		}
	}
}

// remaining is what is left of the time that the workflow may wait, over all its waits.
func (r *run) remaining() time.Duration {
	if r.waiting.IsZero() {
		r.waiting = time.Now()
	}
	total := r.options.Poll.Timeout
	switch {
	case total < 0:
		return total
	case total == 0:
		total = poll.DefaultTimeout
	}
	return max(total-time.Since(r.waiting), time.Nanosecond)
}

// target is how a wait names the cluster: by ARN once it is known, so that another
// cluster of the same name is never taken for it.
func (r *run) target() string {
	if r.report.ARN != "" {
		return r.report.ARN
	}
	return r.report.Cluster
}

// waitForUpdate waits for the groups that an update touches, or for the cluster when it
// touches none.
func (r *run) waitForUpdate(ctx context.Context, wanted map[string]int32, deleted []string) (*sagemaker.DescribeClusterOutput, error) {
	if len(wanted)+len(deleted) > 0 {
		return r.waitForGroups(ctx, wanted, deleted)
	}
	last, err := waiter.ClusterInService(ctx, r.api, r.target(), r.watching(counting(nil, nil)))
	if err != nil {
		return last, r.failed(ctx, err, nil)
	}
	return last, nil
}

// waitForGroups waits until each wanted group has its count and each deleted one is
// gone, and notes how they came out. It returns the last description seen.
func (r *run) waitForGroups(ctx context.Context, wanted map[string]int32, deleted []string) (*sagemaker.DescribeClusterOutput, error) {
	groups := counting(wanted, deleted)
	var last *sagemaker.DescribeClusterOutput
	var err error
	r.report.again = waitsFor(wanted, deleted)
	if len(wanted) > 0 {
		last, err = waiter.GroupsAtCount(ctx, r.api, r.target(), wanted, r.watching(groups))
		r.noteCounts(last, wanted, deleted)
	}
	if err == nil && len(deleted) > 0 && !gone(last, deleted) {
		r.report.again = waitsFor(nil, deleted)
		last, err = waiter.GroupsDeleted(ctx, r.api, r.target(), deleted, r.watching(groups))
		r.noteCounts(last, wanted, deleted)
	}
	if err != nil {
		return last, r.failed(ctx, err, append(slices.Collect(maps.Keys(wanted)), deleted...))
	}
	return last, nil
}

// waitsFor names the waits for groups that are to be in service, and for deleted ones.
func waitsFor(wanted map[string]int32, deleted []string) string {
	const counted, gone = "waiter.GroupsAtCount", "waiter.GroupsDeleted"
	switch {
	case len(wanted) > 0 && len(deleted) > 0:
		return counted + ", then " + gone
	case len(wanted) > 0:
		return counted
	case len(deleted) > 0:
		return gone
	default:
		return "waiter.ClusterInService"
	}
}

// counting shows the instances that each wanted group has, and those that are left of
// the deleted ones.
func counting(wanted map[string]int32, deleted []string) progress {
	return func(s waiter.Snapshot) []GroupProgress {
		var groups []GroupProgress
		for _, g := range s.Groups {
			count, isWanted := wanted[g.Name]
			if isWanted || slices.Contains(deleted, g.Name) {
				groups = append(groups, GroupProgress{Name: g.Name, Status: string(g.Status), Done: g.Current, Wanted: count})
			}
		}
		return groups
	}
}

// gone tells whether a description has none of the groups.
func gone(live *sagemaker.DescribeClusterOutput, names []string) bool {
	if live == nil {
		return false
	}
	d := newDraft(live, time.Time{})
	return !slices.ContainsFunc(names, func(name string) bool { return d.find(name) != nil })
}

// noteCounts writes the groups of a description into the report. Without a
// description the report keeps what it has.
func (r *run) noteCounts(live *sagemaker.DescribeClusterOutput, wanted map[string]int32, deleted []string) {
	if live == nil {
		return
	}
	r.report.Groups = nil
	note := func(g GroupResult, status types.InstanceGroupStatus, target *int32) {
		count, isWanted := wanted[g.Name]
		switch {
		case isWanted:
			g.Wanted = count
			g.Outcome, g.Detail = countOutcome(status, live.ClusterStatus, g.Count, aws.ToInt32(target), count)
		case slices.Contains(deleted, g.Name):
			g.Detail = groupStatus(status, live.ClusterStatus)
		default:
			return
		}
		r.report.Groups = append(r.report.Groups, g)
	}
	for _, g := range live.InstanceGroups {
		note(GroupResult{
			Name: aws.ToString(g.InstanceGroupName), Count: aws.ToInt32(g.CurrentCount), Image: aws.ToString(g.CurrentImageId),
		}, g.Status, g.TargetCount)
	}
	for _, g := range live.RestrictedInstanceGroups {
		note(GroupResult{Name: aws.ToString(g.InstanceGroupName), Count: aws.ToInt32(g.CurrentCount)}, g.Status, g.TargetCount)
	}
	for _, name := range deleted {
		if gone(live, []string{name}) {
			r.report.Groups = append(r.report.Groups, GroupResult{Name: name, Outcome: OutcomeDeleted})
		}
	}
}
