package waiter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// finding is what one look at a cluster comes to.
type finding = poll.Observation[*sagemaker.DescribeClusterOutput]

// judge makes a finding of a snapshot. Its error is one of an API call.
type judge func(context.Context, Snapshot) (finding, error)

// target is a cluster that is waited for.
type target struct {
	api     ClusterAPI
	opts    Options
	name    string                           // name or ARN, as the caller gave it
	arn     string                           // once known
	message string                           // FailureMessage of the first snapshot
	last    *sagemaker.DescribeClusterOutput // nil before the first answer
	started time.Time
	paces   progressOf
	// failures are by group.
	failures map[string]failure
	// vanished judges a cluster that does not exist, or whose name belongs to
	// another one now.
	vanished func(err error) finding
}

func newTarget(api ClusterAPI, nameOrARN string, optFns []func(*Options)) *target {
	t := &target{
		opts: resolve(optFns), name: nameOrARN, started: time.Now(),
		vanished: func(err error) finding { return finding{Verdict: poll.Failed, Err: err} },
	}
	t.api = limitedCluster{api, t.opts.turns()}
	if strings.HasPrefix(nameOrARN, "arn:") {
		t.arn = nameOrARN
	}
	return t
}

func (t *target) wait(ctx context.Context, judge judge) (*sagemaker.DescribeClusterOutput, error) {
	_, err := poll.Wait(ctx, "cluster "+t.name, func(ctx context.Context) (finding, error) {
		return t.observe(ctx, judge)
	}, func(o *poll.Options) { *o = t.opts.Poll })
	// Not the loop's value: a look that ended while its nodes were asked for has
	// still seen the cluster, and OnSnapshot has told of it.
	return t.last, err
}

func (t *target) observe(ctx context.Context, judge judge) (finding, error) {
	out, err := t.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: &t.name}, t.opts.APIOptions...)
	if awserr.IsNotFound(err) {
		return t.without(fmt.Errorf("cluster %w: %w", poll.ErrGone, err)), nil
	}
	if err != nil {
		return finding{}, err
	}
	arn := aws.ToString(out.ClusterArn)
	if t.arn != "" && arn != "" && arn != t.arn {
		return t.without(fmt.Errorf("cluster %s was %w: %s", t.arn, poll.ErrReplaced, arn)), nil
	}
	if arn != "" {
		t.arn = arn
	}
	s := snapshotOf(out)
	if t.last == nil {
		t.message = s.FailureMessage
	}
	t.last = out
	t.paces.fill(s)
	t.noteFailures(s)
	if t.opts.OnSnapshot != nil {
		t.opts.OnSnapshot(ctx, s)
	}
	f, err := judge(ctx, s)
	f.Value, f.Resource, f.Status = out, t.arn, string(s.Status)
	if f.Counts == (poll.Counts{}) {
		f.Counts = s.counts()
	}
	return f, err
}

// without is the finding when the cluster is not there: it keeps what was last
// seen of it.
func (t *target) without(err error) finding {
	f := t.vanished(err)
	f.Value, f.Resource = t.last, t.arn
	if f.Status == "" && t.last != nil {
		f.Status = string(t.last.ClusterStatus)
	}
	return f
}

// lagged reports whether the time is over in which the service may show less
// than it has accepted.
func (t *target) lagged() bool { return time.Since(t.started) >= t.opts.Lag }

// failure is when a group was first seen Failed, and with how many instances.
type failure struct {
	since   time.Time
	current int32
}

// noteFailures remembers the groups that were seen Failed and have not got any further
// since.
func (t *target) noteFailures(s Snapshot) {
	failures := map[string]failure{}
	for _, g := range s.Groups {
		first, failed := t.failures[g.Name]
		switch {
		case failed && g.Status != types.InstanceGroupStatusInservice && g.Current <= first.current:
			failures[g.Name] = first
		case g.Status == types.InstanceGroupStatusFailed:
			failures[g.Name] = failure{since: s.At, current: g.Current}
		}
	}
	t.failures = failures
}

// givenUp reports whether a group that is Failed is to be believed.
func (t *target) givenUp(g Group, s Snapshot) bool {
	return !g.operating() && t.lagged() && (!s.Continuous || s.At.Sub(t.failures[g.Name].since) >= t.opts.Patience)
}

// because returns the cluster's message for a reason, and says so when it may be
// older than what is waited for.
func (t *target) because(s Snapshot) string {
	switch {
	case s.FailureMessage == "":
		return ""
	case s.FailureMessage == t.message && s.Status != types.ClusterStatusFailed:
		return fmt.Sprintf(" (FailureMessage, perhaps of an earlier failure: %s)", s.FailureMessage)
	default:
		return ": " + s.FailureMessage
	}
}

// standing judges the status of the whole cluster for waits that need it
// InService, and reports whether it is.
func (t *target) standing(s Snapshot) (finding, bool) {
	switch s.Status {
	case types.ClusterStatusInservice:
		return finding{}, true
	case types.ClusterStatusCreating, types.ClusterStatusUpdating, types.ClusterStatusSystemupdating:
		return finding{Reason: s.progress()}, false
	case types.ClusterStatusRollingback:
		return finding{Reason: "the service is rolling back" + t.because(s)}, false
	case types.ClusterStatusFailed:
		return finding{Verdict: poll.Failed, Reason: "the cluster has failed" + t.because(s)}, false
	case types.ClusterStatusDeleting:
		return finding{Verdict: poll.Failed, Reason: "the cluster is being deleted"}, false
	default:
		return finding{Unknown: true, Reason: s.progress()}, false
	}
}
