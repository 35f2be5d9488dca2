package amishare

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// The tags by which an adopted AMI and its snapshots tell where they come from.
const (
	// TagAdoption has the id of the adoption, the same for the same [Adoption].
	TagAdoption = "hyperpodkit:adoption"
	// TagSourceImage has the id of the AMI that was copied.
	TagSourceImage = "hyperpodkit:source-image"
	// TagSourceRegion has the Region that it was copied from.
	TagSourceRegion = "hyperpodkit:source-region"
	// TagSourceOwner has the account that it was copied from.
	TagSourceOwner = "hyperpodkit:source-owner"
)

// inRegion looks in another Region than the client's own.
type inRegion struct {
	API
	region string
}

func (r inRegion) there(o *ec2.Options) { o.Region = r.region }

func (r inRegion) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return r.API.DescribeImages(ctx, in, append(optFns, r.there)...)
}

func (r inRegion) DescribeSnapshots(ctx context.Context, in *ec2.DescribeSnapshotsInput, optFns ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	return r.API.DescribeSnapshots(ctx, in, append(optFns, r.there)...)
}

// id is the same for the same adoption.
func (a Adoption) id(sourceRegion string) string {
	h := sha256.Sum256([]byte(strings.Join([]string{a.Image, sourceRegion, a.Name, a.KMSKey}, "\n")))
	return hex.EncodeToString(h[:16])
}

// copies are those that an adoption has made before.
type copies struct {
	usable *types.Image
	failed int
}

// copies finds them by their tag. The oldest usable one is it, should there be more.
func (a *Adopter) copies(ctx context.Context, report *AdoptReport, adoption Adoption) (copies, error) {
	var all []types.Image
	in := &ec2.DescribeImagesInput{
		Filters:           []types.Filter{{Name: aws.String("tag:" + TagAdoption), Values: []string{adoption.id(report.SourceRegion)}}},
		Owners:            []string{"self"},
		IncludeDeprecated: aws.Bool(true), IncludeDisabled: aws.Bool(true),
	}
	for {
		out, err := a.api.DescribeImages(ctx, in)
		if err != nil {
			return copies{}, fmt.Errorf("looking for a copy made before: %w", err)
		}
		all = append(all, out.Images...)
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	slices.SortFunc(all, func(a, b types.Image) int {
		return cmp.Or(cmp.Compare(aws.ToString(a.CreationDate), aws.ToString(b.CreationDate)), cmp.Compare(aws.ToString(a.ImageId), aws.ToString(b.ImageId)))
	})
	var found copies
	for i := range all {
		switch {
		case copyFailed(all[i].State):
			found.failed++
		case found.usable == nil:
			found.usable = &all[i]
		}
	}
	return found, nil
}

func copyFailed(state types.ImageState) bool {
	switch state {
	case types.ImageStateFailed, types.ImageStateError, types.ImageStateInvalid, types.ImageStateDeregistered:
		return true
	case types.ImageStatePending, types.ImageStateAvailable, types.ImageStateTransient, types.ImageStateDisabled:
		return false
	default:
		return false
	}
}

// copy asks for the copy. Copies of it that have failed before count into the client
// token, which would bring back the first of them otherwise.
func (a *Adopter) copy(ctx context.Context, report *AdoptReport, adoption Adoption, failed int) error {
	id := adoption.id(report.SourceRegion)
	tags := []types.Tag{
		{Key: aws.String(TagAdoption), Value: aws.String(id)},
		{Key: aws.String(TagSourceImage), Value: aws.String(report.Source)},
		{Key: aws.String(TagSourceRegion), Value: aws.String(report.SourceRegion)},
		{Key: aws.String(TagSourceOwner), Value: aws.String(report.SourceOwner)},
	}
	in := &ec2.CopyImageInput{
		Name:          aws.String(report.Name),
		SourceImageId: aws.String(report.Source),
		SourceRegion:  aws.String(report.SourceRegion),
		ClientToken:   aws.String(id + "-" + strconv.Itoa(failed)),
		Description:   aws.String("Copy of " + report.Source + " in " + report.SourceRegion),
		TagSpecifications: []types.TagSpecification{
			{ResourceType: types.ResourceTypeImage, Tags: slices.Clone(tags)},
			{ResourceType: types.ResourceTypeSnapshot, Tags: slices.Clone(tags)},
		},
	}
	if adoption.KMSKey != "" {
		in.Encrypted, in.KmsKeyId = aws.Bool(true), aws.String(adoption.KMSKey)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before the copy: %w", context.Cause(ctx))
	}
	out, err := a.api.CopyImage(ctx, in)
	if err != nil {
		if !refused(err) {
			report.Stage = AdoptUnknown
		}
		return fmt.Errorf("copying: %w", err)
	}
	report.Image, report.Stage = aws.ToString(out.ImageId), AdoptCopying
	return nil
}

// wait waits until the copy is available.
func (a *Adopter) wait(ctx context.Context, report *AdoptReport) error {
	_, err := poll.Wait(ctx, report.Image, func(ctx context.Context) (poll.Observation[types.Image], error) {
		return a.observe(ctx, report)
	}, func(o *poll.Options) { *o = a.opts.Wait })
	if err != nil {
		return &ImageError{Image: report.Source, Resource: report.Image, Err: service(err)}
	}
	return nil
}

// observe looks at the copy once. One that EC2 does not show yet is pending.
func (a *Adopter) observe(ctx context.Context, report *AdoptReport) (poll.Observation[types.Image], error) {
	images, err := lookupImages(ctx, a.api, []string{report.Image}, "self")
	if err != nil {
		return poll.Observation[types.Image]{}, err
	}
	img, ok := images[report.Image]
	if !ok {
		return poll.Observation[types.Image]{Status: "not visible", Reason: "EC2 has answered with this id and does not show it; the copy may have been deregistered, and a copy by another name is another copy"}, nil
	}
	report.found(img, report.Resumed)
	seen := poll.Observation[types.Image]{Value: img, Status: string(img.State)}
	switch {
	case img.State == types.ImageStateAvailable:
		seen.Verdict = poll.Done
	case img.State == types.ImageStateDisabled || copyFailed(img.State):
		report.Stage = AdoptFailed
		seen.Verdict, seen.Err = poll.Failed, ErrCopyFailed
		if img.StateReason != nil {
			seen.Reason = aws.ToString(img.StateReason.Message)
		}
	case img.State == types.ImageStatePending:
		seen.Reason, err = a.progress(ctx, report.Snapshots)
	default:
		seen.Unknown = true
	}
	return seen, err
}

// progress tells how far the snapshots of a copy have come.
func (a *Adopter) progress(ctx context.Context, ids []string) (string, error) {
	found, err := lookupSnapshots(ctx, a.api, ids)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, id := range ids {
		if snap, ok := found[id]; ok && aws.ToString(snap.Progress) != "" {
			parts = append(parts, id+" "+*snap.Progress)
		}
	}
	return strings.Join(parts, ", "), nil
}

// imageError says which AMI an error is about, unless it says so itself.
func imageError(image string, err error) error {
	if _, ok := errors.AsType[*ImageError](err); ok {
		return err
	}
	return &ImageError{Image: image, Resource: image, Err: service(err)}
}
