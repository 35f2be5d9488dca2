package amisharetest

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// The methods in this file make a Server the Images of hyperpodtest: what the
// HyperPod service asks of EC2 with the rights of its caller. They go through the
// same state machine as the two doors, and are recorded as forwarded calls of the
// operations they stand for. Their errors are smithy.APIErrors with EC2's codes.

// DescribeImage returns what an account sees of an AMI in a Region, by
// DescribeImages: the owner's account id, or "amazon" for an image of AWS; name,
// architecture and state; and the ids of the EBS snapshots in its block device
// mappings, the root's first.
func (s *Server) DescribeImage(ctx context.Context, account, region, imageID string) (owner, name, architecture, state string, snapshots []string, err error) {
	out, err := invoke(ctx, s, forwarded(ctx, account, region), "DescribeImages", &ec2.DescribeImagesInput{
		ImageIds: []string{imageID}, IncludeDeprecated: aws.Bool(true), IncludeDisabled: aws.Bool(true),
	}, describeImages)
	if err != nil {
		return "", "", "", "", nil, err
	}
	if len(out.Images) == 0 {
		return "", "", "", "", nil, refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", imageID)
	}
	img := out.Images[0]
	owner = aws.ToString(img.OwnerId)
	if aws.ToString(img.ImageOwnerAlias) == "amazon" {
		owner = "amazon"
	}
	stored := image{Image: img}
	for _, m := range img.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToString(m.DeviceName) == aws.ToString(img.RootDeviceName) {
			snapshots = append(snapshots, aws.ToString(m.Ebs.SnapshotId))
		}
	}
	for _, id := range stored.snapshots() {
		if !slices.Contains(snapshots, id) {
			snapshots = append(snapshots, id)
		}
	}
	return owner, aws.ToString(img.Name), string(img.Architecture), string(img.State), snapshots, nil
}

// DescribeSnapshot tells, by DescribeSnapshots, with which key (its ARN) a snapshot
// is encrypted, and whether that is the AWS managed key for EBS of the snapshot's
// owner. The key is empty when the snapshot is not encrypted.
func (s *Server) DescribeSnapshot(ctx context.Context, account, region, snapshotID string) (kmsKey string, managed bool, err error) {
	out, err := invoke(ctx, s, forwarded(ctx, account, region), "DescribeSnapshots", &ec2.DescribeSnapshotsInput{
		SnapshotIds: []string{snapshotID},
	}, describeSnapshots)
	if err != nil {
		return "", false, err
	}
	if len(out.Snapshots) == 0 {
		return "", false, refuse("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", snapshotID)
	}
	snap := snapshot{Snapshot: out.Snapshots[0]}
	return aws.ToString(snap.KmsKeyId), snap.managed(region), nil
}

// ShareImage gives the account `with` the launch permission, by
// ModifyImageAttribute, acting for account. With nobody, the empty account, it changes
// nothing and tells whether account may do so, by a dry run.
func (s *Server) ShareImage(ctx context.Context, account, region, imageID, with string) error {
	with, dry := recipient(account, with)
	_, err := invoke(ctx, s, forwarded(ctx, account, region), "ModifyImageAttribute", &ec2.ModifyImageAttributeInput{
		ImageId: aws.String(imageID), DryRun: dry,
		LaunchPermission: &types.LaunchPermissionModifications{
			Add: []types.LaunchPermission{{UserId: aws.String(with)}},
		},
	}, modifyImageAttribute)
	return unlessDry(err)
}

// ShareSnapshot gives the account `with` the create volume permission, by
// ModifySnapshotAttribute, acting for account. With nobody it is a dry run, as that of
// ShareImage.
func (s *Server) ShareSnapshot(ctx context.Context, account, region, snapshotID, with string) error {
	with, dry := recipient(account, with)
	_, err := invoke(ctx, s, forwarded(ctx, account, region), "ModifySnapshotAttribute", &ec2.ModifySnapshotAttributeInput{
		SnapshotId: aws.String(snapshotID), DryRun: dry,
		CreateVolumePermission: &types.CreateVolumePermissionModifications{
			Add: []types.CreateVolumePermission{{UserId: aws.String(with)}},
		},
	}, modifySnapshotAttribute)
	return unlessDry(err)
}

// recipient is with whom something is shared. In a dry run, which is one with nobody, the
// account itself stands in for the recipient.
func recipient(account, with string) (userID string, dry *bool) {
	if with == "" {
		return account, aws.Bool(true)
	}
	return with, nil
}

// unlessDry is the error of a call, but for the one by which a dry run succeeds.
func unlessDry(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "DryRunOperation" {
		return nil
	}
	return err
}

// forwarded is who an emulated service calls as: the principal whose call it answers,
// with the keys of forward access sessions unless the context says otherwise, or else
// the root of the account.
func forwarded(ctx context.Context, account, region string) caller {
	c, ok := emul.Forwarded(ctx)
	if !ok || c.Principal.Account() != account {
		c = emul.Caller{Principal: emul.Root(account, region), Via: service, Keys: true}
	}
	c.Region = region
	return act(c)
}

// service is the principal name of the service that HyperPod is a part of.
const service = "sagemaker.amazonaws.com"
