package amishare

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// Auditor tells how the account's AMIs are shared. It only reads, and may be used from
// many goroutines.
type Auditor struct {
	api  AuditAPI
	opts Options
}

// NewAuditor returns an auditor on an EC2 client of the account and Region to look at.
func NewAuditor(api AuditAPI, optFns ...func(*Options)) *Auditor {
	return &Auditor{api: api, opts: resolve(api, optFns)}
}

// AuditOptions are those of [Auditor.Audit].
type AuditOptions struct {
	// PageSize is how many AMIs are asked for, and held, at a time: 5 to 1000. Zero
	// means 100.
	PageSize int32
	// Concurrency is how many AMIs are looked at side by side. Zero or less means
	// four.
	Concurrency int
}

// ImageAudit is how one AMI is shared. It marshals to JSON by its members' names.
type ImageAudit struct {
	// Image is the AMI's id, and Name its name.
	Image, Name string
	// Created is when the AMI was made.
	Created time.Time
	// Public says that everybody has the launch permission.
	Public bool
	// SharedWith are those who have the launch permission, sorted: account ids, ARNs of
	// organizations and organizational units, and "all". HyperPod's service account is
	// among them once a cluster uses the AMI.
	SharedWith []string
	// Tagged says that the AMI carries the guard tag. False when there is no guard.
	Tagged bool
	// Snapshots are the AMI's, in the order of its block device mappings.
	Snapshots []SnapshotAudit
	// Findings is empty when nothing was found.
	Findings []hyperpodkit.Finding
}

// SnapshotAudit is how a snapshot of an AMI is shared.
type SnapshotAudit struct {
	// ID is the snapshot's id.
	ID string
	// SharedWith are those who have the create volume permission, sorted: account ids
	// and "all".
	SharedWith []string
	// Tagged says that the snapshot carries the guard tag.
	Tagged bool
	// Lacking are those who have the AMI's launch permission and not this one. They can
	// launch the AMI and cannot copy it.
	Lacking []string
	// Beyond are those who have this permission and not the AMI's.
	Beyond []string
}

// String returns the audit as a line for the AMI and one for each finding.
func (a *ImageAudit) String() string {
	shared := "shared with nobody"
	if len(a.SharedWith) > 0 {
		shared = "shared with " + strings.Join(a.SharedWith, ", ")
	}
	lines := []string{strings.TrimSpace(a.Image+" "+a.Name) + ": " + shared}
	for _, f := range a.Findings {
		lines = append(lines, "  "+f.String())
	}
	return strings.Join(lines, "\n")
}

// Audit goes through the AMIs that the account owns and tells of each with whom it and
// its snapshots are shared, and what is odd about that. It asks for a page of AMIs at a
// time, and then for the permissions of each AMI and snapshot, a few at the same time;
// nothing more is asked for when the loop is left. The sequence may be ranged again,
// and then begins anew.
//
// An error that comes with an audit is an [*ImageError] about that AMI, of which the
// audit may know a part; the next AMI follows. An error without one ends the sequence.
func (a *Auditor) Audit(ctx context.Context, optFns ...func(*AuditOptions)) iter.Seq2[*ImageAudit, error] {
	opts := AuditOptions{}
	for _, fn := range optFns {
		fn(&opts)
	}
	if opts.PageSize == 0 {
		opts.PageSize = 100
	}
	return func(yield func(*ImageAudit, error) bool) {
		in := &ec2.DescribeImagesInput{
			Owners: []string{"self"}, IncludeDeprecated: aws.Bool(true), IncludeDisabled: aws.Bool(true),
			MaxResults: aws.Int32(opts.PageSize),
		}
		for {
			out, err := a.api.DescribeImages(ctx, in)
			if err != nil {
				yield(nil, fmt.Errorf("amishare: listing images: %w", err))
				return
			}
			audits, errs, err := a.page(ctx, out.Images, opts.Concurrency)
			if err != nil {
				yield(nil, fmt.Errorf("amishare: %w", err))
				return
			}
			for i := range audits {
				if !yield(audits[i], errs[i]) {
					return
				}
			}
			if aws.ToString(out.NextToken) == "" {
				return
			}
			in.NextToken = out.NextToken
		}
	}
}

// page looks at the AMIs of a page, of which each may bring an error.
func (a *Auditor) page(ctx context.Context, images []types.Image, atATime int) ([]*ImageAudit, []error, error) {
	var ids []string
	for _, img := range images {
		ids = append(ids, snapshotIDs(img)...)
	}
	snapshots, err := lookupSnapshots(ctx, a.api, ids)
	if err != nil {
		return nil, nil, err
	}
	audits := make([]*ImageAudit, len(images))
	errs := together(ctx, len(images), atATime, func(ctx context.Context, i int) error {
		var err error
		audits[i], err = a.image(ctx, images[i], snapshots)
		return err
	})
	for i, img := range images {
		if audits[i] == nil {
			audits[i] = &ImageAudit{Image: aws.ToString(img.ImageId), Name: aws.ToString(img.Name)}
		}
		errs[i] = about(audits[i].Image, errs[i])
	}
	return audits, errs, nil
}

func (a *Auditor) image(ctx context.Context, img types.Image, snapshots map[string]types.Snapshot) (*ImageAudit, error) {
	audit := &ImageAudit{
		Image: aws.ToString(img.ImageId), Name: aws.ToString(img.Name), Created: timeOf(img.CreationDate),
		Tagged: a.tagged(img.Tags), Findings: []hyperpodkit.Finding{},
	}
	fail := func(resource string, err error) (*ImageAudit, error) {
		return audit, &ImageError{Image: audit.Image, Resource: resource, Err: service(err)}
	}
	var err error
	if audit.SharedWith, err = launchPermissions(ctx, a.api, audit.Image); err != nil {
		return fail(audit.Image, err)
	}
	audit.Public = slices.Contains(audit.SharedWith, everyone)
	for _, id := range snapshotIDs(img) {
		snap, ok := snapshots[id]
		if !ok {
			audit.find(hyperpodkit.Error, RuleSnapshotNotFound, id, "is the snapshot of "+audit.Image+" but is not visible to this account; it may have been deleted", "make the AMI anew")
			continue
		}
		with, err := volumePermissions(ctx, a.api, id)
		if err != nil {
			return fail(id, err)
		}
		audit.Snapshots = append(audit.Snapshots, SnapshotAudit{
			ID: id, SharedWith: with, Tagged: a.tagged(snap.Tags),
			Lacking: without(audit.SharedWith, with), Beyond: without(with, audit.SharedWith),
		})
	}
	audit.judge(a.opts.Guard)
	return audit, nil
}

func (a *Auditor) tagged(tags []types.Tag) bool {
	return a.opts.Guard.Key != "" && hasTag(tags, a.opts.Guard)
}

// without returns those of some who are not among others.
func without(some, others []string) []string {
	return slices.DeleteFunc(slices.Clone(some), func(p string) bool { return slices.Contains(others, p) })
}
