package amishare

import (
	"errors"
	"log/slog"

	"github.com/aws/smithy-go"
)

var (
	// ErrImageNotFound means that the AMI does not exist, or is not visible to the
	// account, in the client's Region.
	ErrImageNotFound = errors.New("image not found")
	// ErrImageID means that an id does not have the form of an AMI id.
	ErrImageID = errors.New("not an AMI id")
	// ErrSnapshotID means that an id does not have the form of a snapshot's id.
	ErrSnapshotID = errors.New("not a snapshot id")
	// ErrAccountID means that an id does not have the form of an account's id.
	ErrAccountID = errors.New("not an account id")
	// ErrOrganizationARN means that an ARN is not that of an organization.
	ErrOrganizationARN = errors.New("not the ARN of an organization")
	// ErrUnitARN means that an ARN is not that of an organizational unit.
	ErrUnitARN = errors.New("not the ARN of an organizational unit")
	// ErrNotOwner means that the AMI belongs to another account.
	ErrNotOwner = errors.New("image belongs to another account")
	// ErrNoSnapshots means that the AMI has no EBS snapshots, as one backed by an
	// instance store.
	ErrNoSnapshots = errors.New("image has no snapshots")
	// ErrSnapshotNotFound means that a snapshot of the AMI does not exist, or is not
	// visible to the account.
	ErrSnapshotNotFound = errors.New("snapshot not found")
	// ErrSharedStill means that others still have permissions on an AMI or on one of
	// its snapshots.
	ErrSharedStill = errors.New("still shared")
	// ErrInUse means that something still needs the AMI.
	ErrInUse = errors.New("image is in use")
	// ErrLine means that a [Line] does not say which HyperPod AMIs are meant.
	ErrLine = errors.New("not a line of HyperPod AMIs")
	// ErrNoBase means that there is no HyperPod public AMI of a [Line].
	ErrNoBase = errors.New("no such HyperPod AMI")
	// ErrBaseUnknown means that EC2 does not tell which HyperPod public AMI an AMI was
	// made from.
	ErrBaseUnknown = errors.New("base is unknown")
	// ErrNotVerified means that EC2 took a change and did not show it in time.
	ErrNotVerified = errors.New("change is not visible")
)

// ImageError is what went wrong with an AMI, or with something that belongs to it.
type ImageError struct {
	// Image is the AMI's id.
	Image string
	// Resource is the id of what the error is about: the AMI or a snapshot.
	Resource string
	// Err is what went wrong. It unwraps to one of the package's sentinels, to the
	// SDK's error, or to both.
	Err error
}

// Error names the AMI and, when it is another, the resource.
func (e *ImageError) Error() string {
	s := "amishare: " + e.Image
	if e.Resource != "" && e.Resource != e.Image {
		s += ": " + e.Resource
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *ImageError) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer].
func (e *ImageError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("image", e.Image), slog.String("resource", e.Resource), slog.String("error", e.Err.Error()))
}

// service adds the sentinel that goes with an error code of EC2's.
func service(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode() {
	case "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable":
		return &coded{sentinel: ErrImageNotFound, err: err}
	case "InvalidAMIID.Malformed":
		return &coded{sentinel: ErrImageID, err: err}
	case "InvalidSnapshot.NotFound":
		return &coded{sentinel: ErrSnapshotNotFound, err: err}
	default:
		return err
	}
}

// coded is a service error that also is one of the package's sentinels.
type coded struct{ sentinel, err error }

func (e *coded) Error() string   { return e.err.Error() }
func (e *coded) Unwrap() []error { return []error{e.sentinel, e.err} }
