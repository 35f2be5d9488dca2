package amisharetest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func describeImages(r *request, in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, func(), error) {
	if err := r.allow("DescribeImages"); err != nil {
		return nil, nil, err
	}
	if err := checkPaging(in.MaxResults, in.NextToken, in.ImageIds, "ImageId"); err != nil {
		return nil, nil, err
	}
	if err := checkFilters(in.Filters, func(name string) ([]string, bool) { return imageValues(&types.Image{}, name) }); err != nil {
		return nil, nil, err
	}
	owners, err := r.accounts(in.Owners, "amazon", "aws-marketplace", "aws-backup-vault")
	if err != nil {
		return nil, nil, err
	}
	executable, err := r.accounts(in.ExecutableUsers, "all")
	if err != nil {
		return nil, nil, err
	}
	for _, id := range in.ImageIds {
		if _, err := r.image(id); err != nil {
			return nil, nil, err
		}
	}
	found := []types.Image{}
	for id, img := range r.here().images {
		if !img.visibleTo(r.account) || !r.lists(img, in) ||
			len(in.ImageIds) > 0 && !slices.Contains(in.ImageIds, id) ||
			!ownedBy(owners, img.OwnerId, img.ImageOwnerAlias) || !img.grants.toAny(executable) {
			continue
		}
		view := img.seenBy(r.account)
		if matches(in.Filters, func(name string) ([]string, bool) { return imageValues(&view, name) }) {
			found = append(found, view)
		}
	}
	found, next, err := page(found, func(i types.Image) string { return *i.ImageId }, in.MaxResults, in.NextToken)
	return &ec2.DescribeImagesOutput{Images: found, NextToken: next}, nil, err
}

// lists applies the two flags: without them only owners see deprecated AMIs, and
// nobody sees disabled ones (SDK, DescribeImagesInput).
func (r *request) lists(img *image, in *ec2.DescribeImagesInput) bool {
	if img.State == types.ImageStateDisabled && !aws.ToBool(in.IncludeDisabled) {
		return false
	}
	if aws.ToBool(in.IncludeDeprecated) || aws.ToString(img.OwnerId) == r.account || img.DeprecationTime == nil {
		return true
	}
	at, err := time.Parse(time.RFC3339, *img.DeprecationTime)
	return err != nil || at.After(r.now)
}

func describeSnapshots(r *request, in *ec2.DescribeSnapshotsInput) (*ec2.DescribeSnapshotsOutput, func(), error) {
	if err := r.allow("DescribeSnapshots"); err != nil {
		return nil, nil, err
	}
	if err := checkPaging(in.MaxResults, in.NextToken, in.SnapshotIds, "SnapshotId"); err != nil {
		return nil, nil, err
	}
	if err := checkFilters(in.Filters, func(name string) ([]string, bool) { return snapshotValues(&types.Snapshot{}, name) }); err != nil {
		return nil, nil, err
	}
	owners, err := r.accounts(in.OwnerIds, "amazon")
	if err != nil {
		return nil, nil, err
	}
	restorable, err := r.accounts(in.RestorableByUserIds, "all")
	if err != nil {
		return nil, nil, err
	}
	for _, id := range in.SnapshotIds {
		if _, err := r.snapshot(id); err != nil {
			return nil, nil, err
		}
	}
	found := []types.Snapshot{}
	for id, snap := range r.here().snapshots {
		if !r.sees(snap) || len(in.SnapshotIds) > 0 && !slices.Contains(in.SnapshotIds, id) ||
			!ownedBy(owners, snap.OwnerId, snap.OwnerAlias) || !snap.grants.toAny(restorable) {
			continue
		}
		view := snap.seenBy(r.account)
		if matches(in.Filters, func(name string) ([]string, bool) { return snapshotValues(&view, name) }) {
			found = append(found, view)
		}
	}
	found, next, err := page(found, func(s types.Snapshot) string { return *s.SnapshotId }, in.MaxResults, in.NextToken)
	return &ec2.DescribeSnapshotsOutput{Snapshots: found, NextToken: next}, nil, err
}

// accounts resolves "self" and refuses what is neither an account id nor one of
// the aliases.
func (r *request) accounts(wanted []string, aliases ...string) ([]string, error) {
	resolved := make([]string, 0, len(wanted))
	for _, w := range wanted {
		switch {
		case w == "self":
			resolved = append(resolved, r.account)
		case accountID.MatchString(w) || slices.Contains(aliases, w):
			resolved = append(resolved, w)
		default:
			return nil, refuse("InvalidUserID.Malformed", `Invalid user id: "%s"`, w)
		}
	}
	return resolved, nil
}

func ownedBy(owners []string, id, alias *string) bool {
	return len(owners) == 0 || slices.Contains(owners, aws.ToString(id)) ||
		alias != nil && slices.Contains(owners, *alias)
}
