package amishare

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// everyone is the group that makes an AMI or a snapshot public.
const everyone = string(types.PermissionGroupAll)

// launchPermissions returns, sorted, who may launch an AMI: account ids, ARNs of
// organizations and of organizational units, and "all".
func launchPermissions(ctx context.Context, api AuditAPI, imageID string) ([]string, error) {
	out, err := api.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{
		ImageId: aws.String(imageID), Attribute: types.ImageAttributeNameLaunchPermission,
	})
	if err != nil {
		return nil, err
	}
	principals := []string{}
	for _, p := range out.LaunchPermissions {
		principals = append(principals, cmp.Or(aws.ToString(p.UserId), aws.ToString(p.OrganizationArn),
			aws.ToString(p.OrganizationalUnitArn), string(p.Group)))
	}
	slices.Sort(principals)
	return slices.Compact(principals), nil
}

// volumePermissions returns, sorted, who may create volumes of a snapshot: account
// ids and "all". Snapshots cannot be shared with organizations.
func volumePermissions(ctx context.Context, api AuditAPI, snapshotID string) ([]string, error) {
	out, err := api.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: aws.String(snapshotID), Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	if err != nil {
		return nil, err
	}
	principals := []string{}
	for _, p := range out.CreateVolumePermissions {
		principals = append(principals, cmp.Or(aws.ToString(p.UserId), string(p.Group)))
	}
	slices.Sort(principals)
	return slices.Compact(principals), nil
}
