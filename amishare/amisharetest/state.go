package amisharetest

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// region is what one Region holds, of all accounts.
type region struct {
	images    map[string]*image
	snapshots map[string]*snapshot
}

// image is an AMI as stored. Tags and Public of the embedded struct are unused:
// both depend on more than the image.
type image struct {
	types.Image
	grants grants // to launch it
	tags   tags
}

// snapshot is an EBS snapshot as stored; Tags of the embedded struct is unused.
type snapshot struct {
	types.Snapshot
	grants grants // to create volumes of it
	stale  []stalePermissions
	tags   tags
}

// stalePermissions are what was before a change, and is shown until a time.
type stalePermissions struct {
	until  time.Time
	grants grants
}

// shown returns the permissions as they show at a time.
func (s *snapshot) shown(now time.Time) grants {
	for _, old := range s.stale {
		if now.Before(old.until) {
			return old.grants
		}
	}
	return s.grants
}

// permit changes the permissions, which show after a lag.
func (s *snapshot) permit(after grants, now time.Time, lag time.Duration) {
	s.stale = slices.DeleteFunc(s.stale, func(old stalePermissions) bool { return !now.Before(old.until) })
	if lag > 0 {
		s.stale = append(s.stale, stalePermissions{now.Add(lag), s.grants})
	}
	s.grants = after
}

// tags holds an account's tags on a resource. Tags do not travel with a share:
// each account sees its own only (EC2 User Guide, "Tag your Amazon EC2 resources"
// and "Share an AMI with specific AWS accounts").
type tags map[string]map[string]string

func (t tags) of(account string) []types.Tag {
	own := t[account]
	list := make([]types.Tag, 0, len(own))
	for _, key := range slices.Sorted(maps.Keys(own)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(own[key])})
	}
	return list
}

func (t tags) set(account, key, value string) {
	if t[account] == nil {
		t[account] = map[string]string{}
	}
	t[account][key] = value
}

func (i *image) visibleTo(account string) bool {
	return aws.ToString(i.OwnerId) == account || i.grants.public() || i.grants.to(account)
}

// seenBy returns the image as DescribeImages shows it to an account.
func (i *image) seenBy(account string) types.Image {
	view := deep.Copy(i.Image)
	view.Public = aws.Bool(i.grants.public())
	view.Tags = i.tags.of(account)
	return view
}

func (i *image) snapshots() []string {
	var ids []string
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && m.NoDevice == nil && aws.ToString(m.Ebs.SnapshotId) != "" {
			ids = append(ids, *m.Ebs.SnapshotId)
		}
	}
	return ids
}

// sees reports whether the caller may see and use a snapshot. The owner's account can
// treat public ones as private.
func (r *request) sees(s *snapshot) bool {
	owner := aws.ToString(s.OwnerId)
	return owner == r.account || s.grants.to(r.account) ||
		s.grants.public() && r.server.settingsOf(owner, r.region).blockSnapshots != types.SnapshotBlockPublicAccessStateBlockAllSharing
}

// seenBy returns the snapshot as DescribeSnapshots shows it to an account.
func (s *snapshot) seenBy(account string) types.Snapshot {
	view := deep.Copy(s.Snapshot)
	view.Tags = s.tags.of(account)
	return view
}

// managed reports whether the snapshot is encrypted with its owner's aws/ebs key.
func (s *snapshot) managed(region string) bool {
	return aws.ToBool(s.Encrypted) && aws.ToString(s.KmsKeyId) == ManagedKey(aws.ToString(s.OwnerId), region)
}
