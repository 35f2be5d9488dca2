package amisharetest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// calls are the operations, each as it succeeds on the AMI of docServer.
func calls(t *testing.T) map[string]func(api operations, dry *bool) error {
	t.Helper()
	ctx := t.Context()
	image, snapshot := aws.String(imageID), aws.String(snapshotID)
	tags := []types.Tag{{Key: aws.String("Team"), Value: aws.String("ml")}}
	ids := []string{imageID, snapshotID}
	return map[string]func(api operations, dry *bool) error{
		"CopyImage": func(api operations, dry *bool) error {
			_, err := api.CopyImage(ctx, &ec2.CopyImageInput{
				DryRun: dry, SourceImageId: image, SourceRegion: aws.String("us-west-2"), Name: aws.String("copy"),
			})
			return err
		},
		"CreateTags": func(api operations, dry *bool) error {
			_, err := api.CreateTags(ctx, &ec2.CreateTagsInput{DryRun: dry, Resources: ids, Tags: tags})
			return err
		},
		"DeleteTags": func(api operations, dry *bool) error {
			_, err := api.DeleteTags(ctx, &ec2.DeleteTagsInput{DryRun: dry, Resources: ids, Tags: tags})
			return err
		},
		"DescribeImageAttribute": func(api operations, dry *bool) error {
			_, err := api.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{DryRun: dry, ImageId: image, Attribute: types.ImageAttributeNameLaunchPermission})
			return err
		},
		"DescribeImages": func(api operations, dry *bool) error {
			_, err := api.DescribeImages(ctx, &ec2.DescribeImagesInput{DryRun: dry, ImageIds: ids[:1]})
			return err
		},
		"DescribeSnapshotAttribute": func(api operations, dry *bool) error {
			_, err := api.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{DryRun: dry, SnapshotId: snapshot, Attribute: types.SnapshotAttributeNameCreateVolumePermission})
			return err
		},
		"DescribeSnapshots": func(api operations, dry *bool) error {
			_, err := api.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{DryRun: dry})
			return err
		},
		"DescribeTags": func(api operations, dry *bool) error {
			_, err := api.DescribeTags(ctx, &ec2.DescribeTagsInput{DryRun: dry})
			return err
		},
		"DisableEbsEncryptionByDefault": func(api operations, dry *bool) error {
			_, err := api.DisableEbsEncryptionByDefault(ctx, &ec2.DisableEbsEncryptionByDefaultInput{DryRun: dry})
			return err
		},
		"DisableImageBlockPublicAccess": func(api operations, dry *bool) error {
			_, err := api.DisableImageBlockPublicAccess(ctx, &ec2.DisableImageBlockPublicAccessInput{DryRun: dry})
			return err
		},
		"DisableImageDeprecation": func(api operations, dry *bool) error {
			_, err := api.DisableImageDeprecation(ctx, &ec2.DisableImageDeprecationInput{DryRun: dry, ImageId: image})
			return err
		},
		"DisableSnapshotBlockPublicAccess": func(api operations, dry *bool) error {
			_, err := api.DisableSnapshotBlockPublicAccess(ctx, &ec2.DisableSnapshotBlockPublicAccessInput{DryRun: dry})
			return err
		},
		"EnableEbsEncryptionByDefault": func(api operations, dry *bool) error {
			_, err := api.EnableEbsEncryptionByDefault(ctx, &ec2.EnableEbsEncryptionByDefaultInput{DryRun: dry})
			return err
		},
		"EnableImageBlockPublicAccess": func(api operations, dry *bool) error {
			_, err := api.EnableImageBlockPublicAccess(ctx, &ec2.EnableImageBlockPublicAccessInput{DryRun: dry, ImageBlockPublicAccessState: types.ImageBlockPublicAccessEnabledStateBlockNewSharing})
			return err
		},
		"EnableImageDeprecation": func(api operations, dry *bool) error {
			_, err := api.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{DryRun: dry, ImageId: image, DeprecateAt: aws.Time(time.Now().AddDate(1, 0, 0))})
			return err
		},
		"EnableSnapshotBlockPublicAccess": func(api operations, dry *bool) error {
			_, err := api.EnableSnapshotBlockPublicAccess(ctx, &ec2.EnableSnapshotBlockPublicAccessInput{DryRun: dry, State: types.SnapshotBlockPublicAccessStateBlockAllSharing})
			return err
		},
		"GetEbsDefaultKmsKeyId": func(api operations, dry *bool) error {
			_, err := api.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{DryRun: dry})
			return err
		},
		"GetEbsEncryptionByDefault": func(api operations, dry *bool) error {
			_, err := api.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{DryRun: dry})
			return err
		},
		"GetImageBlockPublicAccessState": func(api operations, dry *bool) error {
			_, err := api.GetImageBlockPublicAccessState(ctx, &ec2.GetImageBlockPublicAccessStateInput{DryRun: dry})
			return err
		},
		"GetSnapshotBlockPublicAccessState": func(api operations, dry *bool) error {
			_, err := api.GetSnapshotBlockPublicAccessState(ctx, &ec2.GetSnapshotBlockPublicAccessStateInput{DryRun: dry})
			return err
		},
		"ModifyEbsDefaultKmsKeyId": func(api operations, dry *bool) error {
			_, err := api.ModifyEbsDefaultKmsKeyId(ctx, &ec2.ModifyEbsDefaultKmsKeyIdInput{DryRun: dry, KmsKeyId: aws.String(customerKey)})
			return err
		},
		"ModifyImageAttribute": func(api operations, dry *bool) error {
			_, err := api.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{DryRun: dry, ImageId: image, LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}})
			return err
		},
		"ModifySnapshotAttribute": func(api operations, dry *bool) error {
			_, err := api.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{DryRun: dry, SnapshotId: snapshot, CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(other)}})
			return err
		},
		"ResetEbsDefaultKmsKeyId": func(api operations, dry *bool) error {
			_, err := api.ResetEbsDefaultKmsKeyId(ctx, &ec2.ResetEbsDefaultKmsKeyIdInput{DryRun: dry})
			return err
		},
		"ResetImageAttribute": func(api operations, dry *bool) error {
			_, err := api.ResetImageAttribute(ctx, &ec2.ResetImageAttributeInput{DryRun: dry, ImageId: image, Attribute: types.ResetImageAttributeNameLaunchPermission})
			return err
		},
		"ResetSnapshotAttribute": func(api operations, dry *bool) error {
			_, err := api.ResetSnapshotAttribute(ctx, &ec2.ResetSnapshotAttributeInput{DryRun: dry, SnapshotId: snapshot, Attribute: types.SnapshotAttributeNameCreateVolumePermission})
			return err
		},
	}
}
