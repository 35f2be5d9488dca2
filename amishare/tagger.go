package amishare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

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

// TagReport tells what a [Tagger] did. It prints as a table, and marshals to JSON by
// its members' names.
type TagReport struct {
	// Image is the AMI's id, and Tag the guard.
	Image string
	Tag   Tag
	// Tagged are the ids that EC2 was asked to tag and said that it did.
	Tagged []string
	// Already are the ids that carried the tag before.
	Already []string
	// Verified reports that the AMI and all its snapshots were seen with the tag.
	Verified bool
}

// String returns the report as a table.
func (r *TagReport) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder does not fail, so neither do these.
	_, _ = fmt.Fprintln(w, "RESOURCE\tTAG\tRESULT")
	for _, id := range r.Already {
		_, _ = fmt.Fprintf(w, "%s\t%s\thad it before\n", id, r.Tag)
	}
	result := "set, not seen yet"
	if r.Verified {
		result = "set and verified"
	}
	for _, id := range r.Tagged {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", id, r.Tag, result)
	}
	_ = w.Flush()
	return b.String()
}

// TagForSharing sets the guard tag on an AMI of this account and on each of its
// snapshots, in one call and only where it is missing, and returns when all of
// them are seen to have it. It does not judge whether the AMI is fit: see
// [Checker].
//
// The report is never nil. Errors are [*ImageError]s that unwrap to
// [ErrImageID], [ErrImageNotFound], [ErrNotOwner], [ErrNoSnapshots],
// [ErrSnapshotNotFound] (all before anything was tagged), [ErrNotVerified], or
// what the SDK says.
func (t *Tagger) TagForSharing(ctx context.Context, imageID string) (*TagReport, error) {
	report := &TagReport{Image: imageID, Tag: t.opts.Guard}
	fail := func(resource string, err error) (*TagReport, error) {
		return report, &ImageError{Image: imageID, Resource: resource, Err: service(err)}
	}
	if t.opts.Guard.Key == "" {
		return fail(imageID, errors.New("Options.Guard has no key, so there is nothing to tag with"))
	}
	before, err := t.look(ctx, imageID)
	if err != nil {
		return report, err
	}
	report.Already = before.tagged
	lacking := before.lacking
	if len(lacking) > 0 {
		if _, err := t.api.CreateTags(ctx, &ec2.CreateTagsInput{
			Resources: slices.Clone(lacking),
			Tags:      []types.Tag{{Key: aws.String(t.opts.Guard.Key), Value: aws.String(t.opts.Guard.Value)}},
		}); err != nil {
			return fail(imageID, fmt.Errorf("tagging %s: %w", strings.Join(lacking, ", "), err))
		}
		report.Tagged = lacking
		if err := t.verify(ctx, imageID); err != nil {
			return fail(imageID, err)
		}
	}
	report.Verified = true
	return report, nil
}

// tagState is which of an AMI and its snapshots carry the guard tag, the AMI first.
type tagState struct{ tagged, lacking []string }

// look looks at the AMI and its snapshots, all of which must exist.
func (t *Tagger) look(ctx context.Context, imageID string) (tagState, error) {
	var state tagState
	fail := func(resource string, err error) (tagState, error) {
		return tagState{}, &ImageError{Image: imageID, Resource: resource, Err: service(err)}
	}
	if !imagePattern.MatchString(imageID) {
		return fail(imageID, ErrImageID)
	}
	images, err := lookupImages(ctx, t.api, []string{imageID}, "self")
	if err != nil {
		return fail(imageID, err)
	}
	img, ok := images[imageID]
	if !ok {
		return fail(imageID, t.foreign(ctx, imageID))
	}
	ids := snapshotIDs(img)
	if len(ids) == 0 {
		return fail(imageID, ErrNoSnapshots)
	}
	snapshots, err := lookupSnapshots(ctx, t.api, ids)
	if err != nil {
		return fail(imageID, err)
	}
	state.sort(imageID, img.Tags, t.opts.Guard)
	for _, id := range ids {
		snap, ok := snapshots[id]
		if !ok {
			return fail(id, ErrSnapshotNotFound)
		}
		state.sort(id, snap.Tags, t.opts.Guard)
	}
	return state, nil
}

func (s *tagState) sort(id string, tags []types.Tag, guard Tag) {
	if hasTag(tags, guard) {
		s.tagged = append(s.tagged, id)
	} else {
		s.lacking = append(s.lacking, id)
	}
}

// foreign says why an AMI is not among the account's own.
func (t *Tagger) foreign(ctx context.Context, imageID string) error {
	images, err := lookupImages(ctx, t.api, []string{imageID})
	if err != nil {
		return err
	}
	if img, ok := images[imageID]; ok {
		return fmt.Errorf("%w: %s", ErrNotOwner, aws.ToString(img.OwnerId))
	}
	return ErrImageNotFound
}

// verify waits until all resources are seen with the tag: EC2 shows changes with
// some delay (EC2 Developer Guide, "Eventual consistency").
func (t *Tagger) verify(ctx context.Context, imageID string) error {
	_, err := poll.Wait(ctx, imageID, func(ctx context.Context) (poll.Observation[tagState], error) {
		now, err := t.look(ctx, imageID)
		seen := poll.Observation[tagState]{Value: now, Verdict: poll.Done, Status: "tagged"}
		if len(now.lacking) > 0 {
			seen.Verdict, seen.Status = poll.Pending, "untagged"
			seen.Reason = "no tag " + t.opts.Guard.String() + " on " + strings.Join(now.lacking, ", ")
		}
		return seen, err
	}, func(o *poll.Options) { *o = t.opts.Verify })
	if errors.Is(err, poll.ErrTimeout) {
		return fmt.Errorf("%w: %w", ErrNotVerified, err)
	}
	return err
}
