package amishare

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// BaseImage is one of HyperPod's public AMIs, from which custom ones are built.
type BaseImage struct {
	// ID and Name are the AMI's.
	ID, Name string
	// Line is what the name tells.
	Line Line
	// Build is the stamp at the end of the name, such as "2025080407". Empty when the
	// name has none.
	Build string
	// Created is when the AMI was made, zero when EC2 does not tell.
	Created time.Time
	// Deprecated is when the AMI is or was deprecated. Zero means never.
	Deprecated time.Time
}

// String returns the id and the name.
func (b BaseImage) String() string { return b.ID + " (" + b.Name + ")" }

// Base returns the newest of HyperPod's public AMIs of a line that is available and
// not deprecated, in the client's Region. It looks for them as the developer guide
// does ("Get the base AMI"): by the owner alias amazon and the name.
//
// Newer is what was created later; of two created at one moment, the one with the
// greater build stamp; then the greater name, then the greater id. So the answer is
// the same in whatever order EC2 lists them.
//
// Errors unwrap to [ErrLine], before any call; to [ErrNoBase]; or to what the SDK
// says.
func Base(ctx context.Context, api API, line Line) (BaseImage, error) {
	all, err := listBases(ctx, api, line)
	if err != nil {
		return BaseImage{}, fmt.Errorf("amishare: %w", err)
	}
	newest, ok := newestCurrent(all)
	if !ok {
		return BaseImage{}, fmt.Errorf("amishare: %w: none of %d named %q is available and not deprecated", ErrNoBase, len(all), line.String()+" …")
	}
	return newest, nil
}

// newestCurrent returns the newest that is not deprecated of bases in order.
func newestCurrent(all []BaseImage) (BaseImage, bool) {
	now := time.Now()
	for _, b := range slices.Backward(all) {
		if b.Deprecated.IsZero() || b.Deprecated.After(now) {
			return b, true
		}
	}
	return BaseImage{}, false
}

// listBases returns the line's available AMIs, deprecated ones included, the oldest
// first.
func listBases(ctx context.Context, api API, line Line) ([]BaseImage, error) {
	if err := line.check(); err != nil {
		return nil, err
	}
	in := &ec2.DescribeImagesInput{
		Owners: []string{"amazon"},
		Filters: []types.Filter{
			{Name: aws.String("name"), Values: []string{Line{Orchestrator: line.Orchestrator}.prefix() + "*"}},
			{Name: aws.String("architecture"), Values: []string{line.Architecture}},
			{Name: aws.String("state"), Values: []string{string(types.ImageStateAvailable)}},
		},
		IncludeDeprecated: aws.Bool(true),
		MaxResults:        aws.Int32(maxPage),
	}
	var all []BaseImage
	for {
		out, err := api.DescribeImages(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w", line, err)
		}
		for _, img := range out.Images {
			if b := baseOf(img); classify(img) == ImagePublic && line.holds(b.Line) {
				all = append(all, b)
			}
		}
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	slices.SortFunc(all, older)
	return all, nil
}

// prefix is how the names of an orchestrator's AMIs begin.
func (l Line) prefix() string { return publicPrefix + orchestratorName(l.Orchestrator) + " " }

// holds reports whether an AMI that EC2 says is of the line's architecture, and whose
// name tells the rest, is of the line.
func (l Line) holds(is Line) bool {
	return is.Orchestrator == l.Orchestrator && is.Kubernetes == l.Kubernetes && (l.OS == "" || is.OS == l.OS)
}

func baseOf(img types.Image) BaseImage {
	b := BaseImage{ID: aws.ToString(img.ImageId), Name: aws.ToString(img.Name)}
	b.Line, b.Build = lineOf(b.Name)
	b.Line.Architecture = string(img.Architecture)
	b.Created = timeOf(img.CreationDate)
	b.Deprecated = timeOf(img.DeprecationTime)
	return b
}

// timeOf reads a time of EC2's, and returns zero for none.
func timeOf(s *string) time.Time {
	t, err := time.Parse(time.RFC3339, aws.ToString(s))
	if err != nil {
		return time.Time{}
	}
	return t
}

// older orders bases as told at [Base]. Stamps are decimal numbers.
func older(a, b BaseImage) int {
	return cmp.Or(
		a.Created.Compare(b.Created),
		cmp.Compare(len(a.Build), len(b.Build)), strings.Compare(a.Build, b.Build),
		strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID),
	)
}
