package amishare

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// UntagOptions are those of [Tagger.Untag].
type UntagOptions struct {
	// Remaining are the principals whose permissions on the AMI or its snapshots may
	// stay: account ids, ARNs of organizations and organizational units, or "all".
	// Empty means that there must be none.
	Remaining []string
}

// SharedStillError tells who still has permissions that were not to remain. It unwraps
// to [ErrSharedStill].
type SharedStillError struct {
	// Resource is the id of the AMI or the snapshot.
	Resource string
	// Principals are account ids, ARNs or "all", sorted.
	Principals []string
}

// Error names the principals and says what to do.
func (e *SharedStillError) Error() string {
	return fmt.Sprintf("%v with %s: revoke that first, since without the tag a guarded policy refuses to; or name in Remaining what is to stay",
		ErrSharedStill, strings.Join(e.Principals, ", "))
}

// Unwrap returns ErrSharedStill.
func (e *SharedStillError) Unwrap() error { return ErrSharedStill }

// LogValue implements [slog.LogValuer].
func (e *SharedStillError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("resource", e.Resource), slog.Any("principals", e.Principals))
}

// Untag removes the guard tag from an AMI of this account and from each of its
// snapshots, in one call and only where it is, and returns when none of them is seen
// to have it. With it goes what only differs from it in case, which a policy may take
// for the guard. Removing the tag revokes nothing that is shared already, and makes
// revoking impossible where policies ask for the tag. So Untag refuses while anybody
// has permissions on the AMI or a snapshot whom [UntagOptions.Remaining] does not name;
// HyperPod's own service account is among them once a cluster uses the AMI, and looks
// like any other.
//
// Beside what [Tagger] names it needs ec2:DeleteTags for the guard's key in any case,
// ec2:DescribeImageAttribute and ec2:DescribeSnapshotAttribute.
//
// The report is never nil. Each error is an [*ImageError] that unwraps to [ErrImageID],
// [ErrImageNotFound], [ErrNotOwner], [ErrNoSnapshots], [ErrSnapshotNotFound],
// [ErrAccountID], [ErrOrganizationARN] or [ErrUnitARN] for a malformed Remaining,
// [ErrSharedStill] with a [*SharedStillError] (all before anything was changed),
// [ErrNotVerified], or what the SDK says.
func (t *Tagger) Untag(ctx context.Context, imageID string, optFns ...func(*UntagOptions)) (*TagReport, error) {
	var opts UntagOptions
	for _, fn := range optFns {
		fn(&opts)
	}
	report := &TagReport{Image: imageID, Tag: t.opts.Guard, Removed: true}
	fail := func(resource string, err error) (*TagReport, error) {
		return report, &ImageError{Image: imageID, Resource: resource, Err: service(err)}
	}
	if t.opts.Guard.Key == "" {
		return fail(imageID, errNoGuard)
	}
	if principal, err := checkPrincipals(opts.Remaining); err != nil {
		return fail(principal, err)
	}
	found, err := lookUnit(ctx, t.api, imageID)
	if err != nil {
		return report, err
	}
	if resource, err := t.unshared(ctx, found, opts.Remaining); err != nil {
		return fail(resource, err)
	}
	var tags []types.Tag
	report.Changed, report.Already = t.split(found, func(has []types.Tag) bool {
		like := likeGuard(has, t.opts.Guard)
		tags = append(tags, like...)
		return len(like) > 0
	})
	if len(report.Changed) > 0 {
		if _, err := t.api.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: slices.Clone(report.Changed), Tags: distinct(tags)}); err != nil {
			err = fmt.Errorf("untagging %s: %w", strings.Join(report.Changed, ", "), err)
			if refused(err) {
				report.Changed = nil
			}
			return fail(imageID, err)
		}
		if err := t.verify(ctx, found, func(has []types.Tag) bool { return len(likeGuard(has, t.opts.Guard)) == 0 }); err != nil {
			return fail(imageID, err)
		}
	}
	report.Verified = true
	return report, nil
}

// unshared returns an error, with the resource it is about, when others than those
// that may remain have permissions.
func (t *Tagger) unshared(ctx context.Context, of unit, remaining []string) (string, error) {
	for i, id := range of.ids() {
		ask := volumePermissions
		if i == 0 {
			ask = launchPermissions
		}
		principals, err := ask(ctx, t.api, id)
		if err != nil {
			return id, err
		}
		principals = slices.DeleteFunc(principals, func(p string) bool { return slices.Contains(remaining, p) })
		if len(principals) > 0 {
			return id, &SharedStillError{Resource: id, Principals: principals}
		}
	}
	return "", nil
}

// likeGuard returns those tags that are the guard but for case.
func likeGuard(tags []types.Tag, guard Tag) []types.Tag {
	var like []types.Tag
	for _, tag := range tags {
		if strings.EqualFold(aws.ToString(tag.Key), guard.Key) && strings.EqualFold(aws.ToString(tag.Value), guard.Value) {
			like = append(like, types.Tag{Key: aws.String(aws.ToString(tag.Key)), Value: aws.String(aws.ToString(tag.Value))})
		}
	}
	return like
}

// distinct returns each tag once, in order of key and value.
func distinct(tags []types.Tag) []types.Tag {
	slices.SortFunc(tags, func(a, b types.Tag) int {
		return strings.Compare(*a.Key+"\x00"+*a.Value, *b.Key+"\x00"+*b.Value)
	})
	return slices.CompactFunc(tags, func(a, b types.Tag) bool { return *a.Key == *b.Key && *a.Value == *b.Value })
}
