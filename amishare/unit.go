package amishare

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// unit is an AMI of this account with all its snapshots, in the order of its block
// device mappings.
type unit struct {
	image     types.Image
	snapshots []types.Snapshot
}

// ids returns the ids of the AMI and its snapshots, the AMI first.
func (u unit) ids() []string {
	ids := []string{aws.ToString(u.image.ImageId)}
	for _, snap := range u.snapshots {
		ids = append(ids, aws.ToString(snap.SnapshotId))
	}
	return ids
}

// lookUnit looks up what a change is to be made to. Errors are [*ImageError]s that
// unwrap to [ErrImageID], [ErrImageNotFound], [ErrNotOwner], [ErrNoSnapshots],
// [ErrSnapshotNotFound], or what the SDK says.
func lookUnit(ctx context.Context, api API, imageID string) (unit, error) {
	fail := func(resource string, err error) (unit, error) {
		return unit{}, &ImageError{Image: imageID, Resource: resource, Err: service(err)}
	}
	img, err := lookImage(ctx, api, imageID, "self")
	if err != nil {
		return unit{}, err
	}
	ids := snapshotIDs(img)
	if len(ids) == 0 {
		return fail(imageID, ErrNoSnapshots)
	}
	snapshots, err := lookupSnapshots(ctx, api, ids)
	if err != nil {
		return fail(imageID, err)
	}
	found := unit{image: img}
	for _, id := range ids {
		snap, ok := snapshots[id]
		if !ok {
			return fail(id, ErrSnapshotNotFound)
		}
		found.snapshots = append(found.snapshots, snap)
	}
	return found, nil
}

// lookImage looks up an AMI that one of the owners has. Errors are [*ImageError]s that
// unwrap to [ErrImageID], [ErrImageNotFound], [ErrNotOwner], or what the SDK says.
func lookImage(ctx context.Context, api API, imageID string, owners ...string) (types.Image, error) {
	fail := func(err error) (types.Image, error) {
		return types.Image{}, &ImageError{Image: imageID, Resource: imageID, Err: service(err)}
	}
	if err := checkImageID(imageID); err != nil {
		return fail(err)
	}
	images, err := lookupImages(ctx, api, []string{imageID}, owners...)
	if err != nil {
		return fail(err)
	}
	if img, ok := images[imageID]; ok {
		return img, nil
	}
	return fail(whyNotOwn(ctx, api, imageID))
}

// whyNotOwn says why an AMI is not among the account's own.
func whyNotOwn(ctx context.Context, api API, imageID string) error {
	images, err := lookupImages(ctx, api, []string{imageID})
	if err != nil {
		return err
	}
	if img, ok := images[imageID]; ok {
		return fmt.Errorf("%w: %s", ErrNotOwner, aws.ToString(img.OwnerId))
	}
	return ErrImageNotFound
}
