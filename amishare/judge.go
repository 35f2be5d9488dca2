package amishare

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/instancetype"
)

// judge applies the rules to one image for one use.
type judge struct {
	opts     *Options
	use      hyperpodkit.ImageUse
	seen     sight
	now      time.Time
	findings []hyperpodkit.Finding
}

func (j *judge) find(level hyperpodkit.Level, rule, resource, found, fix string) {
	j.findings = append(j.findings, hyperpodkit.Finding{
		Level: level, Rule: rule, Resource: resource, Path: j.use.Path, Found: found, Fix: fix,
	})
}

// image judges the image by the rules of its class.
func (j *judge) image() ImageClass {
	if j.use.Image == defaultImage {
		return ImageDefault
	}
	if j.use.Region != "" && j.opts.Region != "" && j.use.Region != j.opts.Region {
		j.find(hyperpodkit.Error, RuleRegion, j.use.Image,
			fmt.Sprintf("was looked up in %s, but the cluster is in %s", j.opts.Region, j.use.Region),
			"check with a client of the cluster's Region: an AMI id means something in one Region only")
		return ImageUnknown
	}
	if !imagePattern.MatchString(j.use.Image) {
		j.find(hyperpodkit.Error, RuleImageID, j.use.Image, fmt.Sprintf("%q is neither %q nor an AMI id", j.use.Image, defaultImage),
			`give "default", or "ami-" and 8 to 17 hexadecimal digits`)
		return ImageUnknown
	}
	if img, ok := j.seen.images[j.use.Image]; ok {
		if classify(img) == ImagePublic {
			j.fit(img)
			j.public(img)
			return ImagePublic
		}
		if aws.ToString(img.ImageOwnerAlias) == "amazon" {
			j.notOwner(img)
			return ImageCustom
		}
		j.fit(img)
		j.custom(img)
		return ImageCustom
	}
	if img, ok := j.seen.others[j.use.Image]; ok {
		j.notOwner(img)
		return ImageCustom
	}
	j.find(hyperpodkit.Error, RuleImageNotFound, j.use.Image, "does not exist in this Region, or is not visible to this account",
		"correct the id, or check with a client of the cluster's account and Region")
	return ImageUnknown
}

func (j *judge) notOwner(img types.Image) {
	owner := aws.ToString(img.OwnerId)
	if alias := aws.ToString(img.ImageOwnerAlias); alias != "" {
		owner += " (" + alias + ")"
	}
	j.find(hyperpodkit.Error, RuleOwner, j.use.Image, "belongs to account "+owner+" and not to the cluster's",
		"copy it into the cluster's account with CopyImage and use the copy")
}

// fit applies the rules that hold for public and custom AMIs alike.
func (j *judge) fit(img types.Image) {
	if img.State != types.ImageStateAvailable {
		j.find(hyperpodkit.Error, RuleState, j.use.Image, fmt.Sprintf("is in state %q", img.State), "use an AMI in state \"available\"")
	}
	if when, err := time.Parse(time.RFC3339, aws.ToString(img.DeprecationTime)); err == nil && !when.After(j.now) {
		j.find(hyperpodkit.Warning, RuleDeprecated, j.use.Image, "has been deprecated since "+when.Format(time.DateOnly), "move to a newer AMI")
	}
	j.architecture(img)
}

func (j *judge) architecture(img types.Image) {
	for _, instanceType := range j.use.InstanceTypes {
		wants, ok := instancetype.Architecture(instanceType)
		switch {
		case !ok:
			j.find(hyperpodkit.Warning, RuleArchitecture, j.use.Image,
				fmt.Sprintf("is for %s; the architecture of %s is not known here", img.Architecture, instanceType),
				"make sure that they match")
		case wants != string(img.Architecture):
			j.find(hyperpodkit.Error, RuleArchitecture, j.use.Image,
				fmt.Sprintf("is for %s, but %s is %s", img.Architecture, instanceType, wants), fmt.Sprintf("use an AMI for %s", wants))
		}
	}
}

func (j *judge) public(img types.Image) {
	if img.ImageAllowed != nil && !*img.ImageAllowed {
		j.find(hyperpodkit.Warning, RuleAllowed, j.use.Image, "does not meet the account's Allowed AMIs criteria",
			"when that setting is enabled and not in audit mode, allow the AMI")
	}
	j.line(img, hyperpodkit.Error)
}
