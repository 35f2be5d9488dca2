package amishare

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// defaultImage is the image that stands for HyperPod's own newest one.
const defaultImage = "default"

// Checker tells whether an AMI is fit and allowed for HyperPod, by looking at it
// and at its snapshots. It only reads, and may be used from many goroutines. It
// satisfies the ImageChecker of package hyperpod.
type Checker struct {
	api  API
	opts Options
}

// NewChecker returns a checker on an EC2 client. The client must be one of the
// cluster's account and Region: AMIs of other accounts are not fit, and an AMI's
// id means nothing elsewhere.
func NewChecker(api API, optFns ...func(*Options)) *Checker {
	return &Checker{api: api, opts: resolve(api, optFns)}
}

// CheckImage checks one image for one use and returns what was found, nothing when
// all is well. The error is not about the image: a call of EC2 failed.
func (c *Checker) CheckImage(ctx context.Context, use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
	report, err := c.Check(ctx, use)
	return report.Findings(), err
}

// Check checks images together: for up to 200 of them one DescribeImages and one
// DescribeSnapshots, and one DescribeImages more for each of at most two generations
// of AMIs that custom ones were made from, the first of which also tells foreign AMIs
// from those that do not exist.
// The image "default" needs no call. The report is never nil; when a call failed,
// the images it would have told about are of [ImageUnknown].
func (c *Checker) Check(ctx context.Context, uses ...hyperpodkit.ImageUse) (*Report, error) {
	report := &Report{Images: make([]ImageReport, len(uses))}
	var ids []string
	for i, use := range uses {
		use.InstanceTypes = slices.Clone(use.InstanceTypes)
		report.Images[i] = ImageReport{Use: use, Findings: []hyperpodkit.Finding{}}
		if imagePattern.MatchString(use.Image) && !slices.Contains(ids, use.Image) {
			ids = append(ids, use.Image)
		}
	}
	seen, err := look(ctx, c.api, ids)
	for i := range report.Images {
		img := &report.Images[i]
		if err != nil && img.Use.Image != defaultImage {
			continue
		}
		j := &judge{opts: &c.opts, use: img.Use, seen: seen, now: time.Now()}
		img.Class = j.image()
		img.Name = aws.ToString(seen.images[img.Use.Image].Name)
		img.Findings = append(img.Findings, j.findings...)
	}
	if err != nil {
		err = fmt.Errorf("amishare: %w", err)
	}
	return report, err
}

// classify tells HyperPod's public AMIs from custom ones by what the developer
// guide gives for finding them: Amazon's alias and the beginning of the name.
func classify(img types.Image) ImageClass {
	if aws.ToString(img.ImageOwnerAlias) == "amazon" && strings.HasPrefix(aws.ToString(img.Name), publicPrefix) {
		return ImagePublic
	}
	return ImageCustom
}
