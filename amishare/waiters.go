package amishare

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// absence is for how long an id may show nothing before it counts as gone: EC2 shows
// what was just made, and what was there all along, with some delay (EC2 Developer
// Guide, "Eventual consistency"; the guide gives no number).
const absence = 2 * time.Minute

// ImageAvailable waits until an AMI is available, such as one that CopyImage has just
// returned, and returns it. It looks every 15 seconds, less often while EC2 throttles,
// for up to four hours unless the options say otherwise; a copy of a large AMI to another Region can take an hour.
//
// An AMI that fails, is disabled or deregistered ends the wait with a
// [*poll.FailedError]; one that shows nothing for two minutes also with
// [poll.ErrGone]. Other errors are [ErrImageID] and those of [poll.Wait].
func ImageAvailable(ctx context.Context, api API, imageID string, optFns ...func(*poll.Options)) (types.Image, error) {
	if err := checkImageID(imageID); err != nil {
		return types.Image{}, &ImageError{Image: imageID, Resource: imageID, Err: err}
	}
	seen := time.Now()
	return poll.Wait(ctx, imageID, func(ctx context.Context) (poll.Observation[types.Image], error) {
		images, err := lookupImages(ctx, api, []string{imageID})
		if err != nil {
			return poll.Observation[types.Image]{}, err
		}
		img, ok := images[imageID]
		if !ok {
			return absent[types.Image](seen), nil
		}
		seen = time.Now()
		obs := poll.Observation[types.Image]{Value: img, Status: string(img.State)}
		if img.StateReason != nil {
			obs.Reason = aws.ToString(img.StateReason.Message)
		}
		switch img.State {
		case types.ImageStateAvailable:
			obs.Verdict = poll.Done
		case types.ImageStatePending, types.ImageStateTransient:
		case types.ImageStateInvalid, types.ImageStateDeregistered, types.ImageStateFailed, types.ImageStateError, types.ImageStateDisabled:
			obs.Verdict = poll.Failed
		default:
			obs.Unknown = true
		}
		return obs, nil
	}, patient(0, 0, optFns))
}

// SnapshotCompleted waits until a snapshot is completed, and returns it, with times and
// errors as [ImageAvailable]; a malformed id is [ErrSnapshotID].
func SnapshotCompleted(ctx context.Context, api API, snapshotID string, optFns ...func(*poll.Options)) (types.Snapshot, error) {
	if err := checkSnapshotID(snapshotID); err != nil {
		return types.Snapshot{}, fmt.Errorf("amishare: %w", err)
	}
	seen := time.Now()
	return poll.Wait(ctx, snapshotID, func(ctx context.Context) (poll.Observation[types.Snapshot], error) {
		snapshots, err := lookupSnapshots(ctx, api, []string{snapshotID})
		if err != nil {
			return poll.Observation[types.Snapshot]{}, err
		}
		snap, ok := snapshots[snapshotID]
		if !ok {
			return absent[types.Snapshot](seen), nil
		}
		seen = time.Now()
		obs := poll.Observation[types.Snapshot]{Value: snap, Status: string(snap.State), Reason: aws.ToString(snap.StateMessage)}
		switch snap.State {
		case types.SnapshotStateCompleted:
			obs.Verdict = poll.Done
		case types.SnapshotStatePending:
			if progress := aws.ToString(snap.Progress); obs.Reason == "" && progress != "" {
				obs.Reason = progress + " done"
			}
		case types.SnapshotStateRecovering:
		case types.SnapshotStateError, types.SnapshotStateRecoverable:
			obs.Verdict = poll.Failed
		default:
			obs.Unknown = true
		}
		return obs, nil
	}, patient(0, 0, optFns))
}

// PermissionVisible waits until principals are shown as having the launch permission of
// an AMI, or the create volume permission of a snapshot: account ids, ARNs of
// organizations and organizational units, or "all". The permissions of a snapshot in
// particular appear late. It looks every two seconds for up to five minutes unless the
// options say otherwise.
//
// A malformed id is [ErrImageID] or [ErrSnapshotID], a malformed principal
// [ErrAccountID], [ErrOrganizationARN] or [ErrUnitARN]; other errors are those of
// [poll.Wait], an AMI or a snapshot that does not exist being a [*poll.StoppedError]
// that unwraps to [ErrImageNotFound] or [ErrSnapshotNotFound].
func PermissionVisible(ctx context.Context, api AuditAPI, id string, principals []string, optFns ...func(*poll.Options)) error {
	wait := permissionWait{id: id, principals: slices.Clone(principals), pending: "not visible", done: "visible", reason: "no permission yet for "}
	return wait.run(ctx, api, optFns)
}

// PermissionGone waits, like [PermissionVisible], until principals are shown no more.
func PermissionGone(ctx context.Context, api AuditAPI, id string, principals []string, optFns ...func(*poll.Options)) error {
	wait := permissionWait{id: id, principals: slices.Clone(principals), gone: true, pending: "visible", done: "gone", reason: "still a permission for "}
	return wait.run(ctx, api, optFns)
}

// permissionWait waits until principals have a permission, or have it no more.
type permissionWait struct {
	id            string
	principals    []string
	gone          bool
	pending, done string // status while some are outstanding, and when none is
	reason        string // of waiting on, before those outstanding
}

func (w permissionWait) run(ctx context.Context, api AuditAPI, optFns []func(*poll.Options)) error {
	read, check := launchPermissions, checkImageID
	if strings.HasPrefix(w.id, "snap-") {
		read, check = volumePermissions, checkSnapshotID
	}
	if err := check(w.id); err != nil {
		return fmt.Errorf("amishare: %w", err)
	}
	if _, err := checkPrincipals(w.principals); err != nil {
		return fmt.Errorf("amishare: %s: %w", w.id, err)
	}
	_, err := poll.Wait(ctx, w.id, func(ctx context.Context) (poll.Observation[struct{}], error) {
		has, err := read(ctx, api, w.id)
		if err != nil {
			return poll.Observation[struct{}]{}, service(err)
		}
		out := slices.DeleteFunc(slices.Clone(w.principals), func(p string) bool { return slices.Contains(has, p) != w.gone })
		if len(out) > 0 {
			return poll.Observation[struct{}]{Status: w.pending, Reason: w.reason + strings.Join(out, ", ")}, nil
		}
		return poll.Observation[struct{}]{Verdict: poll.Done, Status: w.done}, nil
	}, patient(5*time.Minute, 2*time.Second, optFns))
	return err
}

// patient sets the defaults of a wait, of which zero means those of package poll.
func patient(timeout, interval time.Duration, optFns []func(*poll.Options)) func(*poll.Options) {
	return func(o *poll.Options) {
		o.Timeout, o.Interval, o.Tolerate, o.Throttled = timeout, interval, awserr.IsTransient, awserr.IsThrottle
		for _, fn := range optFns {
			fn(o)
		}
	}
}

// absent judges that nothing is shown of what was last seen, or first looked for, then.
func absent[T any](seen time.Time) poll.Observation[T] {
	obs := poll.Observation[T]{Status: "not visible", Reason: "EC2 does not show it"}
	if lasted := time.Since(seen); lasted >= absence {
		obs.Verdict, obs.Err = poll.Failed, poll.ErrGone
		obs.Reason = fmt.Sprintf("EC2 has not shown it for %v", lasted.Round(time.Second))
	}
	return obs
}
