package amishare

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// API is what checking calls of EC2, all of it read-only: [*ec2.Client] satisfies
// it, and so does a fake that embeds [UnimplementedAPI]. It may grow with a new
// version.
type API interface {
	DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error)
	DescribeSnapshots(context.Context, *ec2.DescribeSnapshotsInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error)
}

// TaggerAPI is what tagging calls of EC2. It may grow with a new version.
type TaggerAPI interface {
	API
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
}

// ErrUnimplemented is what every method of [UnimplementedAPI] returns.
var ErrUnimplemented = errors.New("amishare: operation not implemented by this fake")

// UnimplementedAPI answers every operation of [API] and [TaggerAPI] with
// [ErrUnimplemented]. A fake that embeds it keeps compiling when these grow.
type UnimplementedAPI struct{}

var _ TaggerAPI = UnimplementedAPI{}

// CreateTags returns ErrUnimplemented.
func (UnimplementedAPI) CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeImages returns ErrUnimplemented.
func (UnimplementedAPI) DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeSnapshots returns ErrUnimplemented.
func (UnimplementedAPI) DescribeSnapshots(context.Context, *ec2.DescribeSnapshotsInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	return nil, ErrUnimplemented
}
