package waiter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// What a [*SoftwareError] holds: ErrNotUpdated always, and the error of each outcome
// that one of its groups has. That of [SoftwareRolledBack] is [ErrRolledBack].
var (
	ErrNotUpdated = errors.New("software not updated")
	// ErrUpdateFailed stands for [SoftwareFailed].
	ErrUpdateFailed = errors.New("the software update failed")
	// ErrIncomplete stands for [SoftwareIncomplete].
	ErrIncomplete = errors.New("the software update left nodes behind")
	// ErrNeverStarted stands for [SoftwareNeverStarted].
	ErrNeverStarted = errors.New("the software update never started")
	// ErrSuperseded stands for [SoftwareSuperseded].
	ErrSuperseded = errors.New("the software update was superseded")
)

var errNoGroups = errors.New("wait for a software update: Update.Groups is empty: name the instance groups that were updated")

// Update says what was asked of UpdateClusterSoftware.
type Update struct {
	// Groups are the instance groups that were to be updated. They must be named;
	// restricted groups cannot be updated.
	Groups []string
	// Image is the requested AMI id, or "default". Empty means "default".
	Image string
	// ReleaseVersion is the requested release version of a HyperPod-managed AMI.
	// Empty means none was asked for.
	ReleaseVersion string
	// Before is a description of the cluster from just before the request. It
	// tells an old status from a new one, because a group keeps the final status
	// of its last update until the next one starts, and an image that another
	// update brought from one that was there. Nil means the first description that
	// the wait sees: a final status that was there by then is believed only where
	// images or nodes bear it out.
	Before *sagemaker.DescribeClusterOutput
	// BeforeNodes are nodes as ListClusterNodes showed them before the request. One
	// of them counts as updated when the service gives it a later time than then,
	// and as left behind when it does not, whatever any clock says. Nodes that are
	// not among them are judged by Requested. Nil is allowed.
	BeforeNodes []types.ClusterNodeSummary
	// Requested is when the request was sent, by the caller's clock. Nodes that
	// were updated or launched later count as updated, and those that were not
	// count as left behind. Zero means the start of the wait, with one
	// difference: a node that was updated before that proves nothing.
	//
	// The service's times are by its own clock. How far that is from the caller's
	// is taken from the Date of the answer that brought Before, or else of the
	// wait's first answer, as the SDK keeps it in ResultMetadata; it is exact to
	// about a second, on the early side. An answer without it, such as that of a
	// fake, is taken to be of the same clock: a caller's clock that is wrong then
	// needs BeforeNodes.
	Requested time.Time
}

// SoftwareOutcome is how a software update ended for one group.
type SoftwareOutcome uint8

const (
	// SoftwareUndecided means that the wait ended before the update did.
	SoftwareUndecided SoftwareOutcome = iota
	// SoftwareSucceeded means that the group runs what was asked for.
	SoftwareSucceeded
	// SoftwareUnproven means that nothing speaks against success, but that the
	// service reports too little to tell. It is not an error.
	SoftwareUnproven
	// SoftwareRolledBack means that the old image is back, whatever the status says.
	SoftwareRolledBack
	// SoftwareFailed means that the update failed and was not put back cleanly.
	SoftwareFailed
	// SoftwareIncomplete means that the update is over and nodes are left on the
	// old image, for example because of a disruption budget.
	SoftwareIncomplete
	// SoftwareNeverStarted means that no sign of the update was seen.
	SoftwareNeverStarted
	// SoftwareSuperseded means that the group is now meant to run something that
	// neither was asked for nor was there before.
	SoftwareSuperseded
)

// String returns the outcome in words, such as "rolled back".
func (o SoftwareOutcome) String() string {
	switch o {
	case SoftwareUndecided:
		return "undecided"
	case SoftwareSucceeded:
		return "succeeded"
	case SoftwareUnproven:
		return "unproven"
	case SoftwareRolledBack:
		return "rolled back"
	case SoftwareFailed:
		return "failed"
	case SoftwareIncomplete:
		return "incomplete"
	case SoftwareNeverStarted:
		return "never started"
	case SoftwareSuperseded:
		return "superseded"
	default:
		return "invalid"
	}
}

// MarshalText encodes the outcome as its words.
func (o SoftwareOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// err is the error that stands for the outcome, nil when there is none.
func (o SoftwareOutcome) err() error {
	switch o {
	case SoftwareRolledBack:
		return ErrRolledBack
	case SoftwareFailed:
		return ErrUpdateFailed
	case SoftwareIncomplete:
		return ErrIncomplete
	case SoftwareNeverStarted:
		return ErrNeverStarted
	case SoftwareSuperseded:
		return ErrSuperseded
	case SoftwareUndecided, SoftwareSucceeded, SoftwareUnproven:
		return nil
	default:
		return nil
	}
}

// acceptable reports whether the outcome is no error.
func (o SoftwareOutcome) acceptable() bool { return o == SoftwareSucceeded || o == SoftwareUnproven }

// GroupSoftware is how the update ended for one group, and why we think so.
type GroupSoftware struct {
	// Group is the instance group.
	Group string
	// Outcome is the judgement, Reason what it rests on, as a clause without a
	// final stop.
	Outcome SoftwareOutcome
	Reason  string
	// SupersededBy is the image or release version that the group is meant to run
	// instead. Set with [SoftwareSuperseded] only.
	SupersededBy string
	// NotUpdated are the instance ids of nodes that were found on the old image,
	// sorted. It need not be complete: the group's own count decides.
	NotUpdated []string
}

// SoftwareResult is what [SoftwareUpdated] found.
type SoftwareResult struct {
	// Cluster is the last description seen, nil when there was none.
	Cluster *sagemaker.DescribeClusterOutput
	// Groups has one element for each of [Update].Groups, in the same order.
	Groups []GroupSoftware
}

// SoftwareError is the detail of a failed [SoftwareUpdated].
type SoftwareError struct {
	// Groups are the groups that neither succeeded nor are unproven.
	Groups []GroupSoftware
}

// Error tells each group with its outcome and the reason.
func (e *SoftwareError) Error() string {
	parts := make([]string, len(e.Groups))
	for i, g := range e.Groups {
		parts[i] = fmt.Sprintf("group %s: %s: %s", g.Group, g.Outcome, g.Reason)
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns [ErrNotUpdated] and the error of each outcome that a group has.
func (e *SoftwareError) Unwrap() []error {
	errs := []error{ErrNotUpdated}
	for _, g := range e.Groups {
		if err := g.Outcome.err(); err != nil && !slices.Contains(errs, err) {
			errs = append(errs, err)
		}
	}
	return errs
}

// LogValue implements [slog.LogValuer].
func (e *SoftwareError) LogValue() slog.Value {
	var groups []slog.Attr
	for _, g := range e.Groups {
		groups = append(groups, slog.String(g.Group, g.Outcome.String()+": "+g.Reason))
	}
	return slog.GroupValue(slog.GroupAttrs("groups", groups...))
}

// SoftwareUpdated waits until the software update has ended for every named group,
// and judges each by its images and nodes, not by the status word alone:
//
//   - A status from before the request is not believed. See [Update].Before.
//   - The images of a group change places when it is rolled back, and are both
//     the old one afterwards; that is [SoftwareRolledBack], also where the service
//     calls it Failed or Succeeded. RollbackComplete on a group that has come to run
//     the requested image is of another update.
//   - A group is done when both its images are the requested one and as many
//     running instances have it (TargetStateCount) as the group has instances.
//   - Where images say nothing, because the cluster is not Continuous (none are
//     reported) or the group went from "default" to "default", an update that was
//     seen to run, the nodes' release version and the time of their last software
//     update decide; with none of these it is [SoftwareUnproven].
//   - The image of a single node is asked for at the end only, and only for nodes
//     that nothing else proves updated. One that is neither the requested nor an
//     old image is no evidence: during an update the service shows its own copy
//     of the AMI there.
//
// A HyperPod public AMI that the service reports as "default" is judged by the
// nodes. That cluster and group statuses behave so is in part observation: AWS
// documents the sequence of the status words and the change of places
// (ClusterInstanceGroupDetails).
//
// The result is never nil. The error is nil when each group has succeeded or is
// unproven; otherwise a [*poll.FailedError] that unwraps to a [*SoftwareError].
// The wait follows the ARN as [ClusterInService] does.
func SoftwareUpdated(ctx context.Context, api SoftwareAPI, nameOrARN string, update Update, optFns ...func(*Options)) (*SoftwareResult, error) {
	if len(update.Groups) == 0 {
		return &SoftwareResult{}, errNoGroups
	}
	w := newSoftwareWait(api, newTarget(api, nameOrARN, optFns), update)
	w.target.opts.expect(typicalSoftware, update.Requested)
	out, err := w.target.wait(ctx, w.judge)
	return &SoftwareResult{Cluster: out, Groups: w.outcomes}, err
}
