package amisharetest

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

var (
	imageID    = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	snapshotID = regexp.MustCompile(`^snap-([0-9a-f]{8}|[0-9a-f]{17})$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	orgARN     = regexp.MustCompile(`^arn:[a-z-]+:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$`)
	unitARN    = regexp.MustCompile(`^arn:[a-z-]+:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}$`)
)

// image returns an AMI that the caller sees.
func (r *request) image(id string) (*image, error) {
	if !imageID.MatchString(id) {
		return nil, refuse("InvalidAMIID.Malformed", `Invalid id: "%s" (expecting "ami-...")`, id)
	}
	img, ok := r.here().images[id]
	if !ok || !img.visibleTo(r.account) {
		return nil, refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
	}
	return img, nil
}

// ownImage returns an AMI that the caller owns. EC2 says AuthFailure for one that
// the caller only sees.
func (r *request) ownImage(id *string) (*image, error) {
	if id == nil {
		return nil, missing("ImageId")
	}
	img, err := r.image(*id)
	if err != nil {
		return nil, err
	}
	if aws.ToString(img.OwnerId) != r.account {
		return nil, refuse("AuthFailure", "Not authorized for image:%s", *id)
	}
	return img, nil
}

// snapshot returns a snapshot that the caller sees.
func (r *request) snapshot(id string) (*snapshot, error) {
	if !snapshotID.MatchString(id) {
		return nil, refuse("InvalidSnapshotID.Malformed", `Invalid id: "%s" (expecting "snap-...")`, id)
	}
	snap, ok := r.here().snapshots[id]
	if !ok || !r.sees(snap) {
		return nil, refuse("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id)
	}
	return snap, nil
}

// ownSnapshot returns a snapshot that the caller owns. That EC2 says AuthFailure
// for one the caller only sees is inferred from what it says for AMIs.
func (r *request) ownSnapshot(id *string) (*snapshot, error) {
	if id == nil {
		return nil, missing("SnapshotId")
	}
	snap, err := r.snapshot(*id)
	if err != nil {
		return nil, err
	}
	if aws.ToString(snap.OwnerId) != r.account {
		return nil, refuse("AuthFailure", "Not authorized for snapshot:%s", *id)
	}
	return snap, nil
}

// tagged returns the tags of any resource that the caller sees.
func (r *request) tagged(id string) (tags, error) {
	switch {
	case strings.HasPrefix(id, "ami-"):
		img, err := r.image(id)
		if err != nil {
			return nil, err
		}
		return img.tags, nil
	case strings.HasPrefix(id, "snap-"):
		snap, err := r.snapshot(id)
		if err != nil {
			return nil, err
		}
		return snap.tags, nil
	default:
		return nil, refuse("InvalidID", "The ID '%s' is not valid", id)
	}
}

func (r *request) here() *region { return r.server.region(r.region) }
