package amishare_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

const (
	own    = amisharetest.DefaultAccount
	theirs = "444455556666"
	others = "555566667777"
	stray  = "999988887777"
	org    = "arn:aws:organizations::111122223333:organization/o-abcdefghij"
	ou     = "arn:aws:organizations::111122223333:ou/o-abcdefghij/ou-abcd-12345678"
)

// permissions are with whom an AMI and its snapshots are shared, by resource.
type permissions map[string][]string

// permissionsOf reads them as they are, with no fault in the way.
func permissionsOf(t *testing.T, srv *amisharetest.Server, image string) permissions {
	t.Helper()
	srv.Faults().Clear()
	found := permissions{image: {}}
	launch, err := srv.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: aws.String(image), Attribute: types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	for _, p := range launch.LaunchPermissions {
		for _, id := range []*string{p.UserId, p.OrganizationArn, p.OrganizationalUnitArn, aws.String(string(p.Group))} {
			if aws.ToString(id) != "" {
				found[image] = append(found[image], *id)
			}
		}
	}
	for _, id := range snapshotsOf(t, srv, image) {
		found[id] = []string{}
		create, err := srv.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: aws.String(id), Attribute: types.SnapshotAttributeNameCreateVolumePermission})
		require.NoError(t, err)
		for _, p := range create.CreateVolumePermissions {
			found[id] = append(found[id], aws.ToString(p.UserId)+string(p.Group))
		}
	}
	return found
}

func snapshotsOf(t *testing.T, srv *amisharetest.Server, image string) []string {
	t.Helper()
	out, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	require.NoError(t, err)
	var ids []string
	for _, m := range out.Images[0].BlockDeviceMappings {
		ids = append(ids, aws.ToString(m.Ebs.SnapshotId))
	}
	return ids
}

// addGolden puts an AMI into the server whose snapshot is shared with the same accounts.
func addGolden(srv *amisharetest.Server, sharedWith ...string) string {
	img := golden()
	snapshot := srv.AddSnapshot(amisharetest.Snapshot{Tags: guard, SharedWith: sharedWith})
	img.Mappings = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot}}}
	img.SharedWith = sharedWith
	return srv.AddImage(img)
}

func writes(srv *amisharetest.Server) []string {
	list := []string{}
	for _, op := range operations(srv) {
		switch op {
		case "ModifyImageAttribute", "ModifySnapshotAttribute", "CopyImage", "CreateTags":
			list = append(list, op)
		}
	}
	return list
}

func numbered(from, n int) amishare.Principals {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = accountNumber(from + i)
	}
	return amishare.Accounts(ids...)
}
