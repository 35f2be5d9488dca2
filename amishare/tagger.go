package amishare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Tagger sets the guard tag that allows an AMI to be shared with HyperPod. That is
// an act of its own, for a role of its own: whoever builds, copies or rolls out an
// AMI should not be the one who allows it, so no workflow of this module tags. The
// role needs ec2:CreateTags for the guard's key on images and snapshots, and
// ec2:DescribeImages and ec2:DescribeSnapshots.
type Tagger struct {
	api  TaggerAPI
	opts Options
}

// NewTagger returns a tagger on an EC2 client of the AMIs' account and Region.
func NewTagger(api TaggerAPI, optFns ...func(*Options)) *Tagger {
	return &Tagger{api: api, opts: resolve(api, optFns)}
}

// errNoGuard is about the options, not about the AMI.
var errNoGuard = errors.New("Options.Guard has no key, so there is no tag to set or remove")

// TagForSharing sets the guard tag on an AMI of this account and on each of its
// snapshots, in one call and only where it is missing, and returns when all of
// them are seen to have it. It does not judge whether the AMI is fit: see
// [Checker].
//
// The report is never nil. Each error is an [*ImageError] that unwraps to
// [ErrImageID], [ErrImageNotFound], [ErrNotOwner], [ErrNoSnapshots],
// [ErrSnapshotNotFound] (all before anything was tagged), [ErrNotVerified], or
// what the SDK says.
func (t *Tagger) TagForSharing(ctx context.Context, imageID string) (*TagReport, error) {
	report := &TagReport{Image: imageID, Tag: t.opts.Guard}
	fail := func(err error) (*TagReport, error) {
		return report, &ImageError{Image: imageID, Resource: imageID, Err: service(err)}
	}
	if t.opts.Guard.Key == "" {
		return fail(errNoGuard)
	}
	found, err := lookUnit(ctx, t.api, imageID)
	if err != nil {
		return report, err
	}
	tagged := func(tags []types.Tag) bool { return hasTag(tags, t.opts.Guard) }
	report.Already, report.Changed = t.split(found, tagged)
	if len(report.Changed) > 0 {
		if _, err := t.api.CreateTags(ctx, &ec2.CreateTagsInput{
			Resources: slices.Clone(report.Changed),
			Tags:      []types.Tag{{Key: aws.String(t.opts.Guard.Key), Value: aws.String(t.opts.Guard.Value)}},
		}); err != nil {
			err = fmt.Errorf("tagging %s: %w", strings.Join(report.Changed, ", "), err)
			if refused(err) {
				report.Changed = nil
			}
			return fail(err)
		}
		if err := t.verify(ctx, found, tagged); err != nil {
			return fail(err)
		}
	}
	report.Verified = true
	return report, nil
}

// split divides an AMI and its snapshots by whether their tags are so, the AMI first.
func (t *Tagger) split(u unit, so func([]types.Tag) bool) (yes, no []string) {
	sort := func(id string, tags []types.Tag) {
		if so(tags) {
			yes = append(yes, id)
		} else {
			no = append(no, id)
		}
	}
	sort(aws.ToString(u.image.ImageId), u.image.Tags)
	for _, snap := range u.snapshots {
		sort(aws.ToString(snap.SnapshotId), snap.Tags)
	}
	return yes, no
}

// verify waits until the tags of all resources are seen to be so: EC2 shows changes
// with some delay, and for a while may show neither the change nor the resource (EC2
// Developer Guide, "Eventual consistency").
func (t *Tagger) verify(ctx context.Context, changed unit, so func([]types.Tag) bool) error {
	ids := changed.ids()
	_, err := poll.Wait(ctx, ids[0], func(ctx context.Context) (poll.Observation[struct{}], error) {
		images, err := lookupImages(ctx, t.api, ids[:1], "self")
		if err != nil {
			return poll.Observation[struct{}]{}, err
		}
		snapshots, err := lookupSnapshots(ctx, t.api, ids[1:])
		if err != nil {
			return poll.Observation[struct{}]{}, err
		}
		var waiting []string
		img, ok := images[ids[0]]
		if !ok || !so(img.Tags) {
			waiting = append(waiting, ids[0])
		}
		for _, id := range ids[1:] {
			if snap, ok := snapshots[id]; !ok || !so(snap.Tags) {
				waiting = append(waiting, id)
			}
		}
		if len(waiting) == 0 {
			return poll.Observation[struct{}]{Verdict: poll.Done, Status: "visible"}, nil
		}
		return poll.Observation[struct{}]{
			Status: "not visible",
			Reason: "the change of the tag " + t.opts.Guard.String() + " does not show on " + strings.Join(waiting, ", "),
		}, nil
	}, func(o *poll.Options) { *o = t.opts.Verify })
	if errors.Is(err, poll.ErrTimeout) {
		return fmt.Errorf("%w: %w", ErrNotVerified, err)
	}
	return err
}
