package waiter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// ErrTargetReset is in the tree of every [*TargetResetError].
var ErrTargetReset = errors.New("target count was reset")

// TargetResetError means that a group's target is not the wanted count: the
// service put it back after a failed scale-up or an unmet minimum count, somebody
// else changed it, or the request was never accepted. The group looks healthy in
// all three cases.
type TargetResetError struct {
	// Group is the instance group.
	Group string
	// Wanted is the count waited for, Target and Current what the group has.
	Wanted, Target, Current int32
	// Accepted says that the target was once seen to be the wanted count.
	Accepted bool
}

// Error tells the counts.
func (e *TargetResetError) Error() string {
	if e.Accepted {
		return fmt.Sprintf("group %s: the target count was set to %d after %d was accepted (rolled back, or changed by another request); %d instances now",
			e.Group, e.Target, e.Wanted, e.Current)
	}
	return fmt.Sprintf("group %s: the target count is %d and was never seen to be %d; %d instances now",
		e.Group, e.Target, e.Wanted, e.Current)
}

// Unwrap returns [ErrTargetReset].
func (e *TargetResetError) Unwrap() error { return ErrTargetReset }

// LogValue implements [slog.LogValuer].
func (e *TargetResetError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("group", e.Group), slog.Int("wanted", int(e.Wanted)), slog.Int("target", int(e.Target)),
		slog.Int("current", int(e.Current)), slog.Bool("accepted", e.Accepted),
	)
}

// ClusterStable waits until the cluster is InService and so is each of its groups,
// with as many instances as its target, no active operation and no software update
// under way. On a Continuous cluster the cluster's own status does not tell that.
//
// It judges the state, not what was asked: a cluster is stable too after a
// rollback. [GroupsAtCount] is the wait for a change of counts. It returns the
// last description seen, also together with an error. A group in Failed with
// nothing under way fails the wait once [Options].Lag is over, on a Continuous
// cluster once [Options].Patience is; Degraded is waited on, and so is a node in
// Failure, which HyperPod replaces by itself.
func ClusterStable(ctx context.Context, api ClusterAPI, nameOrARN string, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
	t := newTarget(api, nameOrARN, optFns)
	t.opts.expect(typicalScaling, time.Time{})
	return t.wait(ctx, t.stable())
}

func (t *target) stable() judge {
	return func(_ context.Context, s Snapshot) (finding, error) {
		if f, inService := t.standing(s); !inService {
			return f, nil
		}
		var findings []finding
		for _, g := range s.Groups {
			if g.Status == types.InstanceGroupStatusDeleting {
				findings = append(findings, finding{Reason: g.describe(0)})
				continue
			}
			f := t.complete(g, g.Target, s)
			if f.Verdict == poll.Done && g.updating() {
				f = finding{Reason: fmt.Sprintf("group %s: software update %s%s", g.Name, g.SoftwareUpdate, onDesired(g))}
			}
			findings = append(findings, f)
		}
		return together(findings), nil
	}
}

// GroupsAtCount waits until each of the named groups, restricted ones included,
// is InService with the wanted count of instances and no active operation, and the
// cluster is InService too. It is the wait for a change of counts by
// UpdateCluster, on Continuous and other clusters.
//
// wanted is what was asked, by group name, because the group's own target does
// not keep it: after a failed scale-up, or a minimum count that is not reached in
// three hours, the service sets the target back and the group looks healthy. That
// is a [*TargetResetError]. A group that disappears, is deleted, or still does not
// exist when [Options].Lag is over is [poll.ErrGone]. It returns the last
// description seen, also together with an error.
func GroupsAtCount(ctx context.Context, api ClusterAPI, nameOrARN string, wanted map[string]int32, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
	t := newTarget(api, nameOrARN, optFns)
	judge, err := t.atCounts(wanted)
	if err != nil {
		return nil, err
	}
	t.opts.expect(typicalScaling, time.Time{})
	return t.wait(ctx, judge)
}

func (t *target) atCounts(wanted map[string]int32) (judge, error) {
	if len(wanted) == 0 {
		return nil, errors.New("wait for counts: wanted is empty: name the instance groups and their counts")
	}
	wanted = maps.Clone(wanted)
	names := slices.Sorted(maps.Keys(wanted))
	for _, name := range names {
		if wanted[name] < 0 {
			return nil, fmt.Errorf("wait for counts: wanted[%q] is %d: a count is 0 or more", name, wanted[name])
		}
	}
	seen, accepted := map[string]bool{}, map[string]bool{}
	return func(_ context.Context, s Snapshot) (finding, error) {
		var findings []finding
		for _, name := range names {
			g, exists := s.Group(name)
			seen[name] = seen[name] || exists
			accepted[name] = accepted[name] || exists && g.Target == wanted[name]
			if exists {
				findings = append(findings, t.atCount(g, wanted[name], accepted[name], s))
			} else {
				findings = append(findings, t.missing(name, seen[name]))
			}
		}
		if f, inService := t.standing(s); !inService {
			return f, nil
		}
		return together(findings), nil
	}, nil
}

// GroupsDeleted waits until none of the named groups exists and the cluster is
// InService. A group that never existed is deleted. A group that is no longer
// Deleting, or not yet when [Options].Lag is over, fails the wait. It returns the
// last description seen, also together with an error.
func GroupsDeleted(ctx context.Context, api ClusterAPI, nameOrARN string, names []string, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
	if len(names) == 0 {
		return nil, errors.New("wait for deleted groups: names is empty: name the instance groups")
	}
	names = slices.Clone(names)
	t := newTarget(api, nameOrARN, optFns)
	t.opts.expect(typicalDeletion, time.Time{})
	deleting := map[string]bool{}
	return t.wait(ctx, func(_ context.Context, s Snapshot) (finding, error) {
		var findings []finding
		for _, name := range names {
			g, exists := s.Group(name)
			if !exists {
				continue
			}
			f := finding{Reason: g.describe(0)}
			switch {
			case g.Status == types.InstanceGroupStatusDeleting:
				deleting[name] = true
			case deleting[name] && !g.busy():
				f.Verdict, f.Reason = poll.Failed, fmt.Sprintf("group %s: no longer being deleted, but %s%s", name, g.Status, t.because(s))
			case t.lagged() && !g.busy():
				f.Verdict, f.Reason = poll.Failed, fmt.Sprintf("group %s: not being deleted, but %s%s", name, g.Status, t.because(s))
			}
			findings = append(findings, f)
		}
		if f, inService := t.standing(s); !inService {
			return f, nil
		}
		return together(findings), nil
	})
}

// atCount judges a group against what was asked for.
func (t *target) atCount(g Group, wanted int32, accepted bool, s Snapshot) finding {
	switch {
	case g.Status == types.InstanceGroupStatusDeleting:
		return finding{
			Verdict: poll.Failed, Err: poll.ErrGone,
			Reason: fmt.Sprintf("group %s is being deleted", g.Name),
		}
	case g.Target == wanted:
		return t.complete(g, wanted, s)
	case accepted, t.lagged() && !g.busy():
		reset := &TargetResetError{Group: g.Name, Wanted: wanted, Target: g.Target, Current: g.Current, Accepted: accepted}
		return finding{Verdict: poll.Failed, Err: reset, Reason: reset.Error() + t.because(s)}
	default:
		return finding{Reason: fmt.Sprintf("group %s: the target count is still %d, not yet %d", g.Name, g.Target, wanted)}
	}
}

// missing judges a group that the cluster does not have.
func (t *target) missing(name string, seen bool) finding {
	reason := fmt.Sprintf("group %s does not exist", name)
	if !seen && !t.lagged() {
		return finding{Reason: reason + " yet"}
	}
	return finding{Verdict: poll.Failed, Err: poll.ErrGone, Reason: reason}
}

// complete judges a group whose target is the wanted count.
func (t *target) complete(g Group, wanted int32, s Snapshot) finding {
	f := finding{Reason: g.describe(wanted)}
	atMin := t.opts.AtMinCount && g.Min > 0
	enough := g.Current == wanted && !g.operating() || atMin && g.Current >= g.Min
	switch g.Status {
	case types.InstanceGroupStatusInservice, "":
		if enough && g.inService(s.Continuous) {
			f.Verdict = poll.Done
		}
	case types.InstanceGroupStatusFailed:
		if t.givenUp(g, s) {
			f.Verdict, f.Reason = poll.Failed, f.Reason+t.because(s)
		}
	case types.InstanceGroupStatusCreating, types.InstanceGroupStatusUpdating, types.InstanceGroupStatusDegraded,
		types.InstanceGroupStatusSystemupdating, types.InstanceGroupStatusDeleting:
	default:
		f.Reason += " (a status that this version does not know)"
	}
	return f
}

// together makes one finding of those of the groups: failed when any has failed,
// done when all are done, else pending with what is outstanding.
func together(findings []finding) finding {
	var failed, open []string
	var errs []error
	for _, f := range findings {
		switch f.Verdict {
		case poll.Failed:
			failed = append(failed, f.Reason)
			errs = append(errs, f.Err)
		case poll.Pending:
			open = append(open, f.Reason)
		case poll.Done:
		}
	}
	switch {
	case len(failed) > 0:
		return finding{Verdict: poll.Failed, Reason: strings.Join(failed, "; "), Err: errors.Join(errs...)}
	case len(open) > 0:
		return finding{Reason: strings.Join(open, "; ")}
	default:
		return finding{Verdict: poll.Done}
	}
}
