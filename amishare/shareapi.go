package amishare

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// SharerAPI is what a [Sharer] calls of EC2. It may grow with a new version.
type SharerAPI interface {
	AuditAPI
	ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error)
	ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error)
}

// AdopterAPI is what an [Adopter] calls of EC2. It may grow with a new version.
type AdopterAPI interface {
	API
	CopyImage(context.Context, *ec2.CopyImageInput, ...func(*ec2.Options)) (*ec2.CopyImageOutput, error)
	GetEbsDefaultKmsKeyId(context.Context, *ec2.GetEbsDefaultKmsKeyIdInput, ...func(*ec2.Options)) (*ec2.GetEbsDefaultKmsKeyIdOutput, error)
	GetEbsEncryptionByDefault(context.Context, *ec2.GetEbsEncryptionByDefaultInput, ...func(*ec2.Options)) (*ec2.GetEbsEncryptionByDefaultOutput, error)
}

var (
	_ SharerAPI  = UnimplementedAPI{}
	_ AdopterAPI = UnimplementedAPI{}
)

// CopyImage returns ErrUnimplemented.
func (UnimplementedAPI) CopyImage(context.Context, *ec2.CopyImageInput, ...func(*ec2.Options)) (*ec2.CopyImageOutput, error) {
	return nil, ErrUnimplemented
}

// GetEbsDefaultKmsKeyId returns ErrUnimplemented.
func (UnimplementedAPI) GetEbsDefaultKmsKeyId(context.Context, *ec2.GetEbsDefaultKmsKeyIdInput, ...func(*ec2.Options)) (*ec2.GetEbsDefaultKmsKeyIdOutput, error) {
	return nil, ErrUnimplemented
}

// GetEbsEncryptionByDefault returns ErrUnimplemented.
func (UnimplementedAPI) GetEbsEncryptionByDefault(context.Context, *ec2.GetEbsEncryptionByDefaultInput, ...func(*ec2.Options)) (*ec2.GetEbsEncryptionByDefaultOutput, error) {
	return nil, ErrUnimplemented
}

// ModifyImageAttribute returns ErrUnimplemented.
func (UnimplementedAPI) ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error) {
	return nil, ErrUnimplemented
}

// ModifySnapshotAttribute returns ErrUnimplemented.
func (UnimplementedAPI) ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error) {
	return nil, ErrUnimplemented
}
