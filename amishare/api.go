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

// AuditAPI is what telling with whom AMIs are shared calls of EC2, all of it
// read-only. It may grow with a new version.
type AuditAPI interface {
	API
	DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error)
	DescribeSnapshotAttribute(context.Context, *ec2.DescribeSnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotAttributeOutput, error)
}

// TaggerAPI is what tagging calls of EC2. It may grow with a new version.
type TaggerAPI interface {
	AuditAPI
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
	DeleteTags(context.Context, *ec2.DeleteTagsInput, ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error)
}

// RetirerAPI is what retiring calls of EC2. It may grow with a new version.
type RetirerAPI interface {
	API
	EnableImageDeprecation(context.Context, *ec2.EnableImageDeprecationInput, ...func(*ec2.Options)) (*ec2.EnableImageDeprecationOutput, error)
}

// InUse tells what still needs an AMI. Package hyperpod satisfies it.
type InUse interface {
	// ImageInUse returns what needs the AMI, a line for each use that a person can
	// read, such as "cluster train, instance group workers: current image". Nothing
	// means that the AMI is unused; an error means that it could not be told, or not
	// in full: uses that come with it are uses nevertheless.
	ImageInUse(ctx context.Context, imageID string) ([]string, error)
}

// ErrUnimplemented is what every method of [UnimplementedAPI] returns.
var ErrUnimplemented = errors.New("amishare: operation not implemented by this fake")

// UnimplementedAPI answers every operation of this package's interfaces to EC2 with
// [ErrUnimplemented]. A fake that embeds it keeps compiling when these grow.
type UnimplementedAPI struct{}

var (
	_ TaggerAPI  = UnimplementedAPI{}
	_ RetirerAPI = UnimplementedAPI{}
)

// CreateTags returns ErrUnimplemented.
func (UnimplementedAPI) CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	return nil, ErrUnimplemented
}

// DeleteTags returns ErrUnimplemented.
func (UnimplementedAPI) DeleteTags(context.Context, *ec2.DeleteTagsInput, ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeImageAttribute returns ErrUnimplemented.
func (UnimplementedAPI) DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeImages returns ErrUnimplemented.
func (UnimplementedAPI) DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeSnapshotAttribute returns ErrUnimplemented.
func (UnimplementedAPI) DescribeSnapshotAttribute(context.Context, *ec2.DescribeSnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotAttributeOutput, error) {
	return nil, ErrUnimplemented
}

// DescribeSnapshots returns ErrUnimplemented.
func (UnimplementedAPI) DescribeSnapshots(context.Context, *ec2.DescribeSnapshotsInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	return nil, ErrUnimplemented
}

// EnableImageDeprecation returns ErrUnimplemented.
func (UnimplementedAPI) EnableImageDeprecation(context.Context, *ec2.EnableImageDeprecationInput, ...func(*ec2.Options)) (*ec2.EnableImageDeprecationOutput, error) {
	return nil, ErrUnimplemented
}
