package amishare

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// DefaultImage is the image that stands for HyperPod's own newest one.
const DefaultImage = "default"

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

// Check checks images together: one DescribeImages and one DescribeSnapshots for
// up to 200 of them, one more DescribeImages when some are not this account's, and
// one for each of at most two generations of AMIs that custom ones were made from.
// The image "default" needs no call. The report is never nil; when a call failed,
// the images it would have told about are of [ClassUnknown].
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
	seen, err := c.look(ctx, ids)
	for i := range report.Images {
		img := &report.Images[i]
		if err != nil && img.Use.Image != DefaultImage {
			continue
		}
		j := &judge{opts: &c.opts, use: img.Use, seen: seen, now: time.Now()}
		img.Class = j.image()
		img.Name = aws.ToString(seen.images[img.Use.Image].Name)
		img.Findings = append(img.Findings, j.findings...)
	}
	return report, err
}

// sight is what EC2 showed for a check.
type sight struct {
	// images holds this account's and Amazon's AMIs, foreign those of others.
	images, foreign map[string]types.Image
	snapshots       map[string]types.Snapshot
	// bases are the AMIs that custom ones were made from, two generations back.
	bases map[string]types.Image
}

func (c *Checker) look(ctx context.Context, ids []string) (sight, error) {
	var s sight
	var err error
	// The owners tell this account's AMIs from those shared with it, without a call
	// to ask which account this is.
	if s.images, err = lookupImages(ctx, c.api, ids, "self", "amazon"); err != nil {
		return sight{}, err
	}
	absent := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := s.images[id]; return ok })
	if s.foreign, err = lookupImages(ctx, c.api, absent); err != nil {
		return sight{}, err
	}
	var snapshots []string
	for _, id := range ids {
		if img, ok := s.images[id]; ok && classify(img) == ClassCustom {
			snapshots = append(snapshots, snapshotIDs(img)...)
		}
	}
	if s.snapshots, err = lookupSnapshots(ctx, c.api, snapshots); err != nil {
		return sight{}, err
	}
	s.bases, err = c.lookBases(ctx, s.images)
	if err != nil {
		return sight{}, err
	}
	return s, nil
}

// generations is how far back the origin of an AMI is followed.
const generations = 2

func (c *Checker) lookBases(ctx context.Context, images map[string]types.Image) (map[string]types.Image, error) {
	bases := map[string]types.Image{}
	from := images
	for range generations {
		next, unknown := map[string]types.Image{}, []string{}
		for _, id := range slices.Sorted(maps.Keys(from)) {
			base := aws.ToString(from[id].SourceImageId)
			if base == "" || classify(from[id]) != ClassCustom {
				continue
			}
			if img, ok := images[base]; ok {
				next[base] = img
			} else if !slices.Contains(unknown, base) {
				unknown = append(unknown, base)
			}
		}
		found, err := lookupImages(ctx, c.api, unknown)
		if err != nil {
			return nil, err
		}
		maps.Copy(next, found)
		maps.Copy(bases, next)
		from = next
	}
	return bases, nil
}

// classify tells HyperPod's public AMIs from custom ones by what the developer
// guide gives for finding them: Amazon's alias and the beginning of the name.
func classify(img types.Image) Class {
	if aws.ToString(img.ImageOwnerAlias) == "amazon" && strings.HasPrefix(aws.ToString(img.Name), "HyperPod ") {
		return ClassPublic
	}
	return ClassCustom
}

// orchestratorOf returns "eks" or "slurm" for the name of a HyperPod public AMI,
// and nothing for any other.
func orchestratorOf(img types.Image) string {
	name := aws.ToString(img.Name)
	switch {
	case classify(img) != ClassPublic:
		return ""
	case strings.HasPrefix(name, "HyperPod EKS "):
		return "eks"
	case strings.HasPrefix(name, "HyperPod Slurm "):
		return "slurm"
	default:
		return ""
	}
}
