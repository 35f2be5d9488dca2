package amisharetest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// The typed door: the SDK's own signatures, so that a Server satisfies the narrow
// interfaces that a *ec2.Client does. Options of the client have no effect, and
// errors are bare smithy.APIErrors, without the client's wrapping.

// CreateTags is the operation of that name, for the server's account and Region.
func (s *Server) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	return invoke(ctx, s, s.root(), "CreateTags", in, createTags)
}

// DeleteTags is the operation of that name, for the server's account and Region.
func (s *Server) DeleteTags(ctx context.Context, in *ec2.DeleteTagsInput, _ ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error) {
	return invoke(ctx, s, s.root(), "DeleteTags", in, deleteTags)
}

// DescribeImageAttribute is the operation of that name, for the server's account and Region.
func (s *Server) DescribeImageAttribute(ctx context.Context, in *ec2.DescribeImageAttributeInput, _ ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error) {
	return invoke(ctx, s, s.root(), "DescribeImageAttribute", in, describeImageAttribute)
}

// DescribeImages is the operation of that name, for the server's account and Region.
func (s *Server) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return invoke(ctx, s, s.root(), "DescribeImages", in, describeImages)
}

// DescribeSnapshotAttribute is the operation of that name, for the server's account and Region.
func (s *Server) DescribeSnapshotAttribute(ctx context.Context, in *ec2.DescribeSnapshotAttributeInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotAttributeOutput, error) {
	return invoke(ctx, s, s.root(), "DescribeSnapshotAttribute", in, describeSnapshotAttribute)
}

// DescribeSnapshots is the operation of that name, for the server's account and Region.
func (s *Server) DescribeSnapshots(ctx context.Context, in *ec2.DescribeSnapshotsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	return invoke(ctx, s, s.root(), "DescribeSnapshots", in, describeSnapshots)
}

// DescribeTags is the operation of that name, for the server's account and Region.
func (s *Server) DescribeTags(ctx context.Context, in *ec2.DescribeTagsInput, _ ...func(*ec2.Options)) (*ec2.DescribeTagsOutput, error) {
	return invoke(ctx, s, s.root(), "DescribeTags", in, describeTags)
}

// ModifyImageAttribute is the operation of that name, for the server's account and Region.
func (s *Server) ModifyImageAttribute(ctx context.Context, in *ec2.ModifyImageAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error) {
	return invoke(ctx, s, s.root(), "ModifyImageAttribute", in, modifyImageAttribute)
}

// ModifySnapshotAttribute is the operation of that name, for the server's account and Region.
func (s *Server) ModifySnapshotAttribute(ctx context.Context, in *ec2.ModifySnapshotAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error) {
	return invoke(ctx, s, s.root(), "ModifySnapshotAttribute", in, modifySnapshotAttribute)
}

// ResetImageAttribute is the operation of that name, for the server's account and Region.
func (s *Server) ResetImageAttribute(ctx context.Context, in *ec2.ResetImageAttributeInput, _ ...func(*ec2.Options)) (*ec2.ResetImageAttributeOutput, error) {
	return invoke(ctx, s, s.root(), "ResetImageAttribute", in, resetImageAttribute)
}
