package amishare

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

var regionPattern = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$`)

// RuleEncryptionByDefault is that the account's encryption by default leaves the copy usable.
const RuleEncryptionByDefault = "encryption-by-default"

// checkAdoption judges what can be judged without a call.
func (a *Adopter) checkAdoption(report *AdoptReport) error {
	if err := checkImageID(report.Source); err != nil {
		return err
	}
	for _, region := range []string{report.Region, report.SourceRegion} {
		if !regionPattern.MatchString(region) {
			return fmt.Errorf("%w: %q; name that of the image in the adoption, and that of the copy in Options when the client has none", ErrRegion, region)
		}
	}
	return nil
}

// judgeSource looks at the AMI that is to be copied, and at what would become of it.
func (a *Adopter) judgeSource(ctx context.Context, report *AdoptReport, adoption Adoption) error {
	from := inRegion{a.api, report.SourceRegion}
	images, err := lookupImages(ctx, from, []string{report.Source})
	if err != nil {
		return err
	}
	img, ok := images[report.Source]
	if !ok {
		return fmt.Errorf("%w in %s: have its owner share it with this account", ErrImageNotFound, report.SourceRegion)
	}
	report.SourceOwner, report.Name = aws.ToString(img.OwnerId), aws.ToString(img.Name)
	if adoption.Name != "" {
		report.Name = adoption.Name
	}
	if err := a.checkForeign(ctx, report, img); err != nil {
		return err
	}
	ids := snapshotIDs(img)
	if len(ids) == 0 {
		return ErrNoSnapshots
	}
	found, err := lookupSnapshots(ctx, from, ids)
	if err != nil {
		return err
	}
	u := unit{image: img}
	for _, id := range ids {
		snap, ok := found[id]
		if !ok {
			return &ImageError{Image: report.Source, Resource: id, Err: fmt.Errorf("%w: it is gone, or the image is shared without it; have its owner share it as well", ErrSnapshotNotFound)}
		}
		u.snapshots = append(u.snapshots, snap)
	}
	// What becomes of the encryption is told below, and the tags are the owner's.
	report.Findings = slices.DeleteFunc(fitness(a.opts.Options, u), func(f hyperpodkit.Finding) bool {
		return f.Rule == RuleEncrypted || f.Rule == RuleManagedKey || f.Rule == RulePublicImage
	})
	if err := a.judgeEncryption(ctx, report, adoption, u); err != nil {
		return err
	}
	return unfit(report.Source, report.Findings)
}

// checkForeign refuses what needs no copy.
func (a *Adopter) checkForeign(ctx context.Context, report *AdoptReport, img types.Image) error {
	if classify(img) == ImagePublic {
		return fmt.Errorf("%w: it is a HyperPod public AMI", ErrAdopted)
	}
	if report.Region != report.SourceRegion {
		return nil
	}
	own, err := lookupImages(ctx, a.api, []string{report.Source}, "self")
	if err == nil && len(own) > 0 {
		err = fmt.Errorf("%w: it belongs to this account, in this Region", ErrAdopted)
	}
	return err
}

// judgeEncryption predicts how the copy will be encrypted: with the key asked for; else,
// when the AMI is encrypted or the account encrypts by default, with the account's
// default key. The key of an encrypted AMI is another account's or another Region's
// here, and does not pass to the copy (EBS User Guide, "Amazon EBS encryption
// examples"; SDK, CopyImageInput.KmsKeyId).
func (a *Adopter) judgeEncryption(ctx context.Context, report *AdoptReport, adoption Adoption, u unit) error {
	byDefault, err := a.api.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
	if err != nil {
		return fmt.Errorf("reading encryption by default: %w", err)
	}
	encrypted := slices.ContainsFunc(u.snapshots, func(s types.Snapshot) bool { return aws.ToBool(s.Encrypted) })
	key, why := adoption.KMSKey, "as asked"
	switch {
	case key != "":
	case encrypted, aws.ToBool(byDefault.EbsEncryptionByDefault):
		out, err := a.api.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
		if err != nil {
			return fmt.Errorf("reading the default key for EBS: %w", err)
		}
		key, why = aws.ToString(out.KmsKeyId), "this account's default key, since the image is encrypted"
		if !encrypted {
			why = "since this account encrypts EBS volumes by default in " + report.Region
		}
	default:
		return nil
	}
	report.KMSKey = key
	find := func(level hyperpodkit.Level, found, fix string) {
		report.Findings = append(report.Findings, hyperpodkit.Finding{Level: level, Rule: RuleEncryptionByDefault, Resource: report.Source, Found: found, Fix: fix})
	}
	switch {
	case strings.HasSuffix(key, "alias/aws/ebs"):
		find(hyperpodkit.Error, "the copy would be encrypted with aws/ebs, "+why+"; an image encrypted with that key cannot be shared with HyperPod",
			"name a customer managed key in KMSKey and set AllowEncrypted; or, for an unencrypted image, turn encryption by default off while it is copied")
	case !a.opts.AllowEncrypted:
		find(hyperpodkit.Error, "the copy would be encrypted with "+key+", "+why,
			"use an unencrypted image, with encryption by default off while it is copied; or, when the key is customer managed and also encrypts the group's root volume, opt in with AllowEncrypted")
	default:
		find(hyperpodkit.Unknown, "the copy will be encrypted with "+key+", "+why+"; whether that key is customer managed cannot be seen from EC2",
			"make sure that it is not aws/ebs, and encrypt the group's root volume with it")
	}
	return nil
}

// judgeCopy applies the rules to the copy, which then lacks nothing but the guard tag.
func (a *Adopter) judgeCopy(ctx context.Context, report *AdoptReport) error {
	u, err := lookUnit(ctx, a.api, report.Image)
	if err != nil {
		return err
	}
	report.found(u.image, report.Resumed)
	report.Untagged = nil
	for i, id := range u.ids() {
		tags := u.image.Tags
		if i > 0 {
			tags = u.snapshots[i-1].Tags
		}
		if a.opts.Guard.Key != "" && !hasTag(tags, a.opts.Guard) {
			report.Untagged = append(report.Untagged, id)
		}
	}
	for _, snap := range u.snapshots {
		if aws.ToBool(snap.Encrypted) {
			report.KMSKey = aws.ToString(snap.KmsKeyId)
		}
	}
	found := fitness(a.opts.Options, u)
	report.Findings = append(report.Findings, found...)
	report.Stage = AdoptDone
	if err := unfit(report.Image, found); err != nil {
		report.Stage = AdoptUnfit
		return err
	}
	return nil
}

// fitness applies the rules of a check that hold for an AMI whatever it is meant for
// and whoever may tag it.
func fitness(opts Options, u unit) []hyperpodkit.Finding {
	opts.Guard = Tag{}
	return judgeUnit(&opts, u, time.Now())
}
