package amisharetest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

const customerKey = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

func users(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%012d", 100000000000+i)
	}
	return ids
}

func launch(ids ...string) []types.LaunchPermission {
	var list []types.LaunchPermission
	for _, id := range ids {
		list = append(list, types.LaunchPermission{UserId: aws.String(id)})
	}
	return list
}

func create(ids ...string) []types.CreateVolumePermission {
	var list []types.CreateVolumePermission
	for _, id := range ids {
		list = append(list, types.CreateVolumePermission{UserId: aws.String(id)})
	}
	return list
}

func everyone() []types.LaunchPermission {
	return []types.LaunchPermission{{Group: types.PermissionGroupAll}}
}

func TestModifyImageAttribute(t *testing.T) {
	org := "arn:aws:organizations::111122223333:organization/o-123example"
	unit := "arn:aws:organizations::111122223333:ou/o-123example/ou-1234-5exampld"
	for name, tt := range map[string]struct {
		image amisharetest.Image
		in    ec2.ModifyImageAttributeInput
		want  []types.LaunchPermission
		code  string
	}{
		"structured add": {
			in:   ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}},
			want: launch(other),
		},
		"flat add": {
			in:   ec2.ModifyImageAttributeInput{Attribute: aws.String("launchPermission"), OperationType: types.OperationTypeAdd, UserIds: []string{other}},
			want: launch(other),
		},
		"flat add of all kinds": {
			in: ec2.ModifyImageAttributeInput{
				OperationType: types.OperationTypeAdd, UserGroups: []string{"all"}, OrganizationArns: []string{org}, OrganizationalUnitArns: []string{unit},
			},
			want: append(everyone(), types.LaunchPermission{OrganizationArn: &org}, types.LaunchPermission{OrganizationalUnitArn: &unit}),
		},
		"both forms at once, as Packer sends them": {
			in: ec2.ModifyImageAttributeInput{
				Attribute: aws.String("launchPermission"), UserIds: []string{other},
				LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)},
			},
			want: launch(other),
		},
		"add and remove": {
			image: amisharetest.Image{SharedWith: []string{"555566667777"}},
			in: ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{
				Add: launch(other), Remove: launch("555566667777"),
			}},
			want: launch(other),
		},
		"flat remove": {
			image: amisharetest.Image{SharedWith: []string{other, "555566667777"}},
			in:    ec2.ModifyImageAttributeInput{OperationType: types.OperationTypeRemove, UserIds: []string{other}},
			want:  launch("555566667777"),
		},
		"add what is there": {
			image: amisharetest.Image{SharedWith: []string{other}},
			in:    ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}},
			want:  launch(other),
		},
		"customer key, to an account": {
			image: amisharetest.Image{KMSKey: customerKey},
			in:    ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}},
			want:  launch(other),
		},
		"customer key, to all": {
			image: amisharetest.Image{KMSKey: customerKey},
			in:    ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: everyone()}},
			code:  "InvalidParameter",
		},
		"aws/ebs": {
			image: amisharetest.Image{KMSKey: amisharetest.AWSManagedKey},
			in:    ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}},
			code:  "InvalidParameter",
		},
		"13 digits": {
			in:   ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other + "6")}},
			code: "InvalidAMIAttributeItemValue",
		},
		"a group but all": {
			in:   ec2.ModifyImageAttributeInput{OperationType: types.OperationTypeAdd, UserGroups: []string{"some"}},
			code: "InvalidAMIAttributeItemValue",
		},
		"an ARN of another kind": {
			in:   ec2.ModifyImageAttributeInput{OperationType: types.OperationTypeAdd, OrganizationArns: []string{unit}},
			code: "InvalidAMIAttributeItemValue",
		},
		"1,000 entities": {
			in:   ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(users(1000)...)}},
			want: launch(users(1000)...),
		},
		"1,001 entities": {
			image: amisharetest.Image{SharedWith: []string{other}},
			in:    ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(users(1000)...)}},
			want:  launch(other), code: "ResourceLimitExceeded",
		},
		"pending": {
			image: amisharetest.Image{State: types.ImageStatePending},
			in:    ec2.ModifyImageAttributeInput{LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}},
			code:  "InvalidAMIID.Unavailable",
		},
		"flat without operation": {
			in:   ec2.ModifyImageAttributeInput{Attribute: aws.String("launchPermission"), UserIds: []string{other}},
			code: "MissingParameter",
		},
		"nothing": {code: "InvalidParameterCombination"},
		"unknown attribute": {
			in: ec2.ModifyImageAttributeInput{Attribute: aws.String("nope")}, code: "InvalidParameterValue",
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(tt.image)
			tt.in.ImageId = &id
			_, err := srv.Client().ModifyImageAttribute(t.Context(), &tt.in)
			assert.Equal(t, tt.code, code(err))
			out, err := srv.Client().DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{
				ImageId: &id, Attribute: types.ImageAttributeNameLaunchPermission,
			})
			require.NoError(t, err)
			assert.ElementsMatch(t, tt.want, out.LaunchPermissions)
		})
	}
}

func TestModifySnapshotAttribute(t *testing.T) {
	all := []types.CreateVolumePermission{{Group: types.PermissionGroupAll}}
	for name, tt := range map[string]struct {
		snapshot amisharetest.Snapshot
		in       ec2.ModifySnapshotAttributeInput
		want     []types.CreateVolumePermission
		code     string
	}{
		"structured add": {
			in:   ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(other)}},
			want: create(other),
		},
		"flat add": {
			in: ec2.ModifySnapshotAttributeInput{
				Attribute: types.SnapshotAttributeNameCreateVolumePermission, OperationType: types.OperationTypeAdd, UserIds: []string{other}, GroupNames: []string{"all"},
			},
			want: append(create(other), all...),
		},
		"flat remove": {
			snapshot: amisharetest.Snapshot{SharedWith: []string{other}},
			in:       ec2.ModifySnapshotAttributeInput{OperationType: types.OperationTypeRemove, UserIds: []string{other}},
		},
		"add and remove": {
			in: ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{
				Add: create(other), Remove: create("555566667777"),
			}},
			code: "InvalidParameterCombination",
		},
		"500 modifications": {
			in:   ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(users(500)...)}},
			want: create(users(500)...),
		},
		"501 modifications": {
			in:   ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(users(501)...)}},
			code: "InvalidParameterValue",
		},
		"aws/ebs": {
			snapshot: amisharetest.Snapshot{KMSKey: amisharetest.AWSManagedKey},
			in:       ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(other)}},
			code:     "OperationNotPermitted",
		},
		"customer key, to all": {
			snapshot: amisharetest.Snapshot{KMSKey: customerKey},
			in:       ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: all}},
			code:     "OperationNotPermitted",
		},
		"customer key, to an account": {
			snapshot: amisharetest.Snapshot{KMSKey: customerKey},
			in:       ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(other)}},
			want:     create(other),
		},
		"13 digits": {
			in:   ec2.ModifySnapshotAttributeInput{OperationType: types.OperationTypeAdd, UserIds: []string{other + "6"}},
			code: "InvalidParameterValue",
		},
		"product codes": {
			in: ec2.ModifySnapshotAttributeInput{Attribute: types.SnapshotAttributeNameProductCodes}, code: "InvalidParameterValue",
		},
		"flat without operation": {in: ec2.ModifySnapshotAttributeInput{UserIds: []string{other}}, code: "MissingParameter"},
		"nothing":                {code: "MissingParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddSnapshot(tt.snapshot)
			tt.in.SnapshotId = &id
			_, err := srv.Client().ModifySnapshotAttribute(t.Context(), &tt.in)
			assert.Equal(t, tt.code, code(err))
			out, err := srv.Client().DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{
				SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
			})
			require.NoError(t, err)
			assert.ElementsMatch(t, tt.want, out.CreateVolumePermissions)
		})
	}
}

func TestOnlyTheOwnerModifies(t *testing.T) {
	srv := amisharetest.NewServer()
	shared := srv.AddImage(amisharetest.Image{Account: other, SharedWith: []string{amisharetest.DefaultAccount}})
	private := srv.AddImage(amisharetest.Image{Account: other})
	snapshot := srv.AddSnapshot(amisharetest.Snapshot{Account: other, SharedWith: []string{amisharetest.DefaultAccount}})
	change := &types.LaunchPermissionModifications{Add: launch("555566667777")}
	for id, want := range map[string]string{
		shared: "AuthFailure", private: "InvalidAMIID.NotFound", "ami-xyz": "InvalidAMIID.Malformed", "ami-0000000000000000f": "InvalidAMIID.NotFound",
	} {
		_, err := srv.Client().ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: change})
		assert.Equal(t, want, code(err), id)
		_, err = srv.Client().DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: types.ImageAttributeNameDescription})
		assert.Equal(t, want, code(err), id)
		_, err = srv.Client().ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &id, Attribute: types.ResetImageAttributeNameLaunchPermission})
		assert.Equal(t, want, code(err), id)
	}
	for id, want := range map[string]string{
		snapshot: "AuthFailure", "snap-xyz": "InvalidSnapshotID.Malformed", "snap-0000000000000000f": "InvalidSnapshot.NotFound",
	} {
		_, err := srv.Client().ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{
			SnapshotId: &id, CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: create(other)},
		})
		assert.Equal(t, want, code(err), id)
	}
}

func TestImageAttributes(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{Description: "before", SharedWith: []string{other}})
	for _, in := range []ec2.ModifyImageAttributeInput{
		{Description: &types.AttributeValue{Value: aws.String("structured")}},
		{Attribute: aws.String("description"), Value: aws.String("flat")},
		{ImdsSupport: &types.AttributeValue{Value: aws.String("v2.0")}},
	} {
		in.ImageId = &id
		_, err := srv.Client().ModifyImageAttribute(t.Context(), &in)
		require.NoError(t, err)
	}
	out, err := srv.Client().DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	assert.Equal(t, "flat", aws.ToString(out.Images[0].Description))
	assert.Equal(t, types.ImdsSupportValuesV20, out.Images[0].ImdsSupport)
	for _, attribute := range types.ImageAttributeName("").Values() {
		_, err := srv.Client().DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: attribute})
		if attribute == types.ImageAttributeNameBlockDeviceMapping {
			assert.Equal(t, "AuthFailure", code(err))
		} else {
			require.NoError(t, err, attribute)
		}
	}
	_, err = srv.Client().ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &id, Attribute: types.ResetImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	after, err := srv.Client().DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	assert.Empty(t, after.LaunchPermissions)
}
