package amisharetest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// The typed door: the SDK's own signatures, so that a Server satisfies the narrow
// interfaces that a *ec2.Client does. Options of the client have no effect, and
// errors are bare smithy.APIErrors, without the client's wrapping.

// CopyImage is the operation of that name, for the server's principal and Region.
func (s *Server) CopyImage(ctx context.Context, in *ec2.CopyImageInput, _ ...func(*ec2.Options)) (*ec2.CopyImageOutput, error) {
	return invoke(ctx, s, s.self(), "CopyImage", in, copyImage)
}

// CreateTags is the operation of that name, for the server's principal and Region.
func (s *Server) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	return invoke(ctx, s, s.self(), "CreateTags", in, createTags)
}

// DeleteTags is the operation of that name, for the server's principal and Region.
func (s *Server) DeleteTags(ctx context.Context, in *ec2.DeleteTagsInput, _ ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error) {
	return invoke(ctx, s, s.self(), "DeleteTags", in, deleteTags)
}

// DescribeImageAttribute is the operation of that name, for the server's principal and Region.
func (s *Server) DescribeImageAttribute(ctx context.Context, in *ec2.DescribeImageAttributeInput, _ ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error) {
	return invoke(ctx, s, s.self(), "DescribeImageAttribute", in, describeImageAttribute)
}

// DescribeImages is the operation of that name, for the server's principal and Region.
func (s *Server) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return invoke(ctx, s, s.self(), "DescribeImages", in, describeImages)
}

// DescribeSnapshotAttribute is the operation of that name, for the server's principal and Region.
func (s *Server) DescribeSnapshotAttribute(ctx context.Context, in *ec2.DescribeSnapshotAttributeInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotAttributeOutput, error) {
	return invoke(ctx, s, s.self(), "DescribeSnapshotAttribute", in, describeSnapshotAttribute)
}

// DescribeSnapshots is the operation of that name, for the server's principal and Region.
func (s *Server) DescribeSnapshots(ctx context.Context, in *ec2.DescribeSnapshotsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	return invoke(ctx, s, s.self(), "DescribeSnapshots", in, describeSnapshots)
}

// DescribeTags is the operation of that name, for the server's principal and Region.
func (s *Server) DescribeTags(ctx context.Context, in *ec2.DescribeTagsInput, _ ...func(*ec2.Options)) (*ec2.DescribeTagsOutput, error) {
	return invoke(ctx, s, s.self(), "DescribeTags", in, describeTags)
}

// DisableEbsEncryptionByDefault is the operation of that name, for the server's principal and Region.
func (s *Server) DisableEbsEncryptionByDefault(ctx context.Context, in *ec2.DisableEbsEncryptionByDefaultInput, _ ...func(*ec2.Options)) (*ec2.DisableEbsEncryptionByDefaultOutput, error) {
	return invoke(ctx, s, s.self(), "DisableEbsEncryptionByDefault", in, disableEbsEncryptionByDefault)
}

// DisableImageBlockPublicAccess is the operation of that name, for the server's principal and Region.
func (s *Server) DisableImageBlockPublicAccess(ctx context.Context, in *ec2.DisableImageBlockPublicAccessInput, _ ...func(*ec2.Options)) (*ec2.DisableImageBlockPublicAccessOutput, error) {
	return invoke(ctx, s, s.self(), "DisableImageBlockPublicAccess", in, disableImageBlockPublicAccess)
}

// DisableImageDeprecation is the operation of that name, for the server's principal and Region.
func (s *Server) DisableImageDeprecation(ctx context.Context, in *ec2.DisableImageDeprecationInput, _ ...func(*ec2.Options)) (*ec2.DisableImageDeprecationOutput, error) {
	return invoke(ctx, s, s.self(), "DisableImageDeprecation", in, disableImageDeprecation)
}

// DisableSnapshotBlockPublicAccess is the operation of that name, for the server's principal and Region.
func (s *Server) DisableSnapshotBlockPublicAccess(ctx context.Context, in *ec2.DisableSnapshotBlockPublicAccessInput, _ ...func(*ec2.Options)) (*ec2.DisableSnapshotBlockPublicAccessOutput, error) {
	return invoke(ctx, s, s.self(), "DisableSnapshotBlockPublicAccess", in, disableSnapshotBlockPublicAccess)
}

// EnableEbsEncryptionByDefault is the operation of that name, for the server's principal and Region.
func (s *Server) EnableEbsEncryptionByDefault(ctx context.Context, in *ec2.EnableEbsEncryptionByDefaultInput, _ ...func(*ec2.Options)) (*ec2.EnableEbsEncryptionByDefaultOutput, error) {
	return invoke(ctx, s, s.self(), "EnableEbsEncryptionByDefault", in, enableEbsEncryptionByDefault)
}

// EnableImageBlockPublicAccess is the operation of that name, for the server's principal and Region.
func (s *Server) EnableImageBlockPublicAccess(ctx context.Context, in *ec2.EnableImageBlockPublicAccessInput, _ ...func(*ec2.Options)) (*ec2.EnableImageBlockPublicAccessOutput, error) {
	return invoke(ctx, s, s.self(), "EnableImageBlockPublicAccess", in, enableImageBlockPublicAccess)
}

// EnableImageDeprecation is the operation of that name, for the server's principal and Region.
func (s *Server) EnableImageDeprecation(ctx context.Context, in *ec2.EnableImageDeprecationInput, _ ...func(*ec2.Options)) (*ec2.EnableImageDeprecationOutput, error) {
	return invoke(ctx, s, s.self(), "EnableImageDeprecation", in, enableImageDeprecation)
}

// EnableSnapshotBlockPublicAccess is the operation of that name, for the server's principal and Region.
func (s *Server) EnableSnapshotBlockPublicAccess(ctx context.Context, in *ec2.EnableSnapshotBlockPublicAccessInput, _ ...func(*ec2.Options)) (*ec2.EnableSnapshotBlockPublicAccessOutput, error) {
	return invoke(ctx, s, s.self(), "EnableSnapshotBlockPublicAccess", in, enableSnapshotBlockPublicAccess)
}

// GetEbsDefaultKmsKeyId is the operation of that name, for the server's principal and Region.
func (s *Server) GetEbsDefaultKmsKeyId(ctx context.Context, in *ec2.GetEbsDefaultKmsKeyIdInput, _ ...func(*ec2.Options)) (*ec2.GetEbsDefaultKmsKeyIdOutput, error) {
	return invoke(ctx, s, s.self(), "GetEbsDefaultKmsKeyId", in, getEbsDefaultKmsKeyId)
}

// GetEbsEncryptionByDefault is the operation of that name, for the server's principal and Region.
func (s *Server) GetEbsEncryptionByDefault(ctx context.Context, in *ec2.GetEbsEncryptionByDefaultInput, _ ...func(*ec2.Options)) (*ec2.GetEbsEncryptionByDefaultOutput, error) {
	return invoke(ctx, s, s.self(), "GetEbsEncryptionByDefault", in, getEbsEncryptionByDefault)
}

// GetImageBlockPublicAccessState is the operation of that name, for the server's principal and Region.
func (s *Server) GetImageBlockPublicAccessState(ctx context.Context, in *ec2.GetImageBlockPublicAccessStateInput, _ ...func(*ec2.Options)) (*ec2.GetImageBlockPublicAccessStateOutput, error) {
	return invoke(ctx, s, s.self(), "GetImageBlockPublicAccessState", in, getImageBlockPublicAccessState)
}

// GetSnapshotBlockPublicAccessState is the operation of that name, for the server's principal and Region.
func (s *Server) GetSnapshotBlockPublicAccessState(ctx context.Context, in *ec2.GetSnapshotBlockPublicAccessStateInput, _ ...func(*ec2.Options)) (*ec2.GetSnapshotBlockPublicAccessStateOutput, error) {
	return invoke(ctx, s, s.self(), "GetSnapshotBlockPublicAccessState", in, getSnapshotBlockPublicAccessState)
}

// ModifyEbsDefaultKmsKeyId is the operation of that name, for the server's principal and Region.
func (s *Server) ModifyEbsDefaultKmsKeyId(ctx context.Context, in *ec2.ModifyEbsDefaultKmsKeyIdInput, _ ...func(*ec2.Options)) (*ec2.ModifyEbsDefaultKmsKeyIdOutput, error) {
	return invoke(ctx, s, s.self(), "ModifyEbsDefaultKmsKeyId", in, modifyEbsDefaultKmsKeyId)
}

// ModifyImageAttribute is the operation of that name, for the server's principal and Region.
func (s *Server) ModifyImageAttribute(ctx context.Context, in *ec2.ModifyImageAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error) {
	return invoke(ctx, s, s.self(), "ModifyImageAttribute", in, modifyImageAttribute)
}

// ModifySnapshotAttribute is the operation of that name, for the server's principal and Region.
func (s *Server) ModifySnapshotAttribute(ctx context.Context, in *ec2.ModifySnapshotAttributeInput, _ ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error) {
	return invoke(ctx, s, s.self(), "ModifySnapshotAttribute", in, modifySnapshotAttribute)
}

// ResetEbsDefaultKmsKeyId is the operation of that name, for the server's principal and Region.
func (s *Server) ResetEbsDefaultKmsKeyId(ctx context.Context, in *ec2.ResetEbsDefaultKmsKeyIdInput, _ ...func(*ec2.Options)) (*ec2.ResetEbsDefaultKmsKeyIdOutput, error) {
	return invoke(ctx, s, s.self(), "ResetEbsDefaultKmsKeyId", in, resetEbsDefaultKmsKeyId)
}

// ResetImageAttribute is the operation of that name, for the server's principal and Region.
func (s *Server) ResetImageAttribute(ctx context.Context, in *ec2.ResetImageAttributeInput, _ ...func(*ec2.Options)) (*ec2.ResetImageAttributeOutput, error) {
	return invoke(ctx, s, s.self(), "ResetImageAttribute", in, resetImageAttribute)
}

// ResetSnapshotAttribute is the operation of that name, for the server's principal and Region.
func (s *Server) ResetSnapshotAttribute(ctx context.Context, in *ec2.ResetSnapshotAttributeInput, _ ...func(*ec2.Options)) (*ec2.ResetSnapshotAttributeOutput, error) {
	return invoke(ctx, s, s.self(), "ResetSnapshotAttribute", in, resetSnapshotAttribute)
}
