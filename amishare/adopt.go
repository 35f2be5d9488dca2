package amishare

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// AdoptOptions are those of an [Adopter].
type AdoptOptions struct {
	// Options say which tag is the guard, and whether an encrypted copy is accepted.
	Options
	// Wait says how long to wait for a copy; its OnPoll is told of the progress. The
	// constructor sets a timeout of one hour and a poll every 15 seconds.
	Wait poll.Options
}

// Adopter copies AMIs that others have shared with this account, or that it has in
// another Region, to where its clusters are: HyperPod takes custom AMIs of the
// cluster's account only (SDK, ClusterInstanceGroupSpecification.ImageId), so an AMI
// that is merely shared will not do.
//
// Its role needs ec2:CopyImage, ec2:CreateTags with ec2:CreateAction=CopyImage,
// ec2:DescribeImages, DescribeSnapshots, GetEbsEncryptionByDefault and
// GetEbsDefaultKmsKeyId, and for an encrypted source or copy what the Amazon EBS User
// Guide lists under "Requirements for Amazon EBS encryption" on its keys; EC2 asks for
// that while it copies, so that the copy fails without.
type Adopter struct {
	api  AdopterAPI
	opts AdoptOptions
}

// NewAdopter returns an adopter on an EC2 client of the account and the Region that the
// copies are for.
func NewAdopter(api AdopterAPI, optFns ...func(*AdoptOptions)) *Adopter {
	opts := AdoptOptions{Options: resolve(api, nil)}
	opts.Wait = poll.Options{Timeout: time.Hour, Interval: 15 * time.Second, Tolerate: opts.Verify.Tolerate}
	for _, fn := range optFns {
		fn(&opts)
	}
	return &Adopter{api: api, opts: opts}
}

// Adoption says what to copy.
type Adoption struct {
	// Image is the AMI's id.
	Image string
	// Region is where the AMI is. Empty means the client's own.
	Region string
	// Name is that of the copy. Empty means the AMI's own.
	Name string
	// KMSKey is a customer managed key to encrypt the copy with: id, alias or ARN.
	// Empty leaves the encryption to the AMI and to the account's settings. It takes
	// [Options.AllowEncrypted].
	KMSKey string
}

// Adopt copies an AMI and its snapshots into the client's account and Region, waits
// until the copy is available, and checks it. It looks first whether the copy would be
// fit for HyperPod, above all at encryption by default: a copy that comes out
// encrypted with aws/ebs can never be shared with the service (EC2 User Guide, "Share
// an AMI with specific AWS accounts").
//
// The copy and its snapshots carry tags that tell where they come from ([TagAdoption]
// and others), and neither the guard tag nor any other tag of the AMI: allowing the copy
// to be shared with HyperPod is the act of another role, which the report asks for.
//
// Call it again after a failure, or in another process, to go on: it finds the copy
// that it has made for the same [Adoption], and asks for one with the same client token
// otherwise, so there is no second copy. A copy that has failed is made anew.
//
// The report is never nil. Each error is an [*ImageError]. It unwraps, before anything was
// copied, to [ErrImageID], [ErrRegion], [ErrImageNotFound], [ErrNoSnapshots],
// [ErrSnapshotNotFound] for a snapshot that the AMI's owner has not shared,
// [ErrAdopted] for an AMI that is the account's own in this Region, [ErrUnfit], or what
// the SDK says; and afterwards to [ErrCopyFailed], [ErrUnfit], or the errors of package
// poll.
func (a *Adopter) Adopt(ctx context.Context, adoption Adoption) (*AdoptReport, error) {
	report := &AdoptReport{
		Source: adoption.Image, SourceRegion: cmp.Or(adoption.Region, a.opts.Region), Region: a.opts.Region, Guard: a.opts.Guard,
	}
	fail := func(err error) (*AdoptReport, error) { return report, imageError(adoption.Image, err) }
	if err := a.checkAdoption(report); err != nil {
		return fail(err)
	}
	copies, err := a.copies(ctx, report, adoption)
	if err != nil {
		return fail(err)
	}
	if copies.usable != nil {
		report.found(*copies.usable, true)
	} else {
		if err := a.judgeSource(ctx, report, adoption); err != nil {
			return fail(err)
		}
		if err := a.copy(ctx, report, adoption, copies.failed); err != nil {
			return fail(err)
		}
	}
	if err := a.wait(ctx, report); err != nil {
		return fail(err)
	}
	if err := a.judgeCopy(ctx, report); err != nil {
		return fail(err)
	}
	return report, nil
}

// found takes over what is known of the copy.
func (r *AdoptReport) found(img types.Image, before bool) {
	r.Image, r.Name, r.Resumed = aws.ToString(img.ImageId), aws.ToString(img.Name), before
	r.Stage = AdoptCopying
	if ids := snapshotIDs(img); len(ids) > 0 {
		r.Snapshots = ids
	}
	for _, t := range img.Tags {
		if aws.ToString(t.Key) == TagSourceOwner {
			r.SourceOwner = aws.ToString(t.Value)
		}
	}
}
