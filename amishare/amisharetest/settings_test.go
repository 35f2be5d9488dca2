package amisharetest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func TestEncryptionByDefault(t *testing.T) {
	srv, ctx := amisharetest.NewServer(), t.Context()
	get := func(client *ec2.Client) (bool, string) {
		on, err := client.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
		require.NoError(t, err)
		key, err := client.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
		require.NoError(t, err)
		return *on.EbsEncryptionByDefault, *key.KmsKeyId
	}
	check := func(client *ec2.Client, wantOn bool, wantKey string) {
		t.Helper()
		on, key := get(client)
		assert.Equal(t, wantOn, on)
		assert.Equal(t, wantKey, key)
	}
	client := srv.Client()
	check(client, false, "alias/aws/ebs")
	on, err := client.EnableEbsEncryptionByDefault(ctx, nil)
	require.NoError(t, err)
	assert.True(t, *on.EbsEncryptionByDefault)
	key, err := client.ModifyEbsDefaultKmsKeyId(ctx, &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: aws.String("1234abcd-12ab-34cd-56ef-1234567890ab")})
	require.NoError(t, err)
	assert.Equal(t, customerKey, *key.KmsKeyId)
	check(client, true, customerKey)
	check(srv.Client(east), false, "alias/aws/ebs")
	check(srv.As(amisharetest.Root(other)).Client(), false, "alias/aws/ebs")
	reset, err := client.ResetEbsDefaultKmsKeyId(ctx, nil)
	require.NoError(t, err)
	assert.Equal(t, amisharetest.ManagedKey(amisharetest.DefaultAccount, "us-west-2"), *reset.KmsKeyId)
	off, err := client.DisableEbsEncryptionByDefault(ctx, nil)
	require.NoError(t, err)
	assert.False(t, *off.EbsEncryptionByDefault)
	check(client, false, "alias/aws/ebs")
	_, err = srv.ModifyEbsDefaultKmsKeyId(ctx, nil)
	assert.Equal(t, "MissingParameter", code(err))
}

func TestImageBlockPublicAccess(t *testing.T) {
	for name, initial := range map[string]bool{"off": false, "on": true} {
		t.Run(name, func(t *testing.T) {
			srv, ctx := docServer(func(o *amisharetest.Options) { o.BlockPublicAccess = initial }), t.Context()
			states := map[bool]string{true: "block-new-sharing", false: "unblocked"}
			check := func(want bool) {
				t.Helper()
				state, err := srv.GetImageBlockPublicAccessState(ctx, nil)
				require.NoError(t, err)
				assert.Equal(t, states[want], *state.ImageBlockPublicAccessState)
				assert.Equal(t, types.ManagedByAccount, state.ManagedBy)
				_, err = srv.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{ImageId: aws.String(imageID), LaunchPermission: &types.LaunchPermissionModifications{Add: everyone()}})
				assert.Equal(t, want, code(err) == "OperationNotPermitted", "%v", err)
			}
			check(initial)
			on, err := srv.EnableImageBlockPublicAccess(ctx, &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: types.ImageBlockPublicAccessEnabledStateBlockNewSharing})
			require.NoError(t, err)
			assert.Equal(t, types.ImageBlockPublicAccessEnabledStateBlockNewSharing, on.ImageBlockPublicAccessState)
			check(true)
			east, err := srv.Client(east).GetImageBlockPublicAccessState(ctx, nil)
			require.NoError(t, err)
			assert.Equal(t, states[initial], *east.ImageBlockPublicAccessState)
			off, err := srv.DisableImageBlockPublicAccess(ctx, nil)
			require.NoError(t, err)
			assert.Equal(t, types.ImageBlockPublicAccessDisabledStateUnblocked, off.ImageBlockPublicAccessState)
			check(false)
			_, err = srv.EnableImageBlockPublicAccess(ctx, nil)
			assert.Equal(t, "MissingParameter", code(err))
			_, err = srv.EnableImageBlockPublicAccess(ctx, &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: "some"})
			assert.Equal(t, "InvalidParameterValue", code(err))
		})
	}
}

func TestSnapshotBlockPublicAccess(t *testing.T) {
	srv, ctx := docServer(), t.Context()
	public := srv.AddSnapshot(amisharetest.Snapshot{Public: true})
	theirs := srv.As(amisharetest.Root(other))
	check := func(want types.SnapshotBlockPublicAccessState, blocks, hides bool) {
		t.Helper()
		state, err := srv.GetSnapshotBlockPublicAccessState(ctx, nil)
		require.NoError(t, err)
		assert.Equal(t, want, state.State)
		_, err = srv.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{SnapshotId: aws.String(snapshotID), OperationType: types.OperationTypeAdd, GroupNames: []string{"all"}})
		assert.Equal(t, blocks, code(err) == "OperationNotPermitted", "%v", err)
		_, err = theirs.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{public}})
		assert.Equal(t, hides, code(err) == "InvalidSnapshot.NotFound", "%v", err)
	}
	set := func(state types.SnapshotBlockPublicAccessState) {
		t.Helper()
		out, err := srv.EnableSnapshotBlockPublicAccess(ctx, &ec2.EnableSnapshotBlockPublicAccessInput{State: state})
		require.NoError(t, err)
		assert.Equal(t, state, out.State)
	}
	check(types.SnapshotBlockPublicAccessStateUnblocked, false, false)
	set(types.SnapshotBlockPublicAccessStateBlockNewSharing)
	check(types.SnapshotBlockPublicAccessStateBlockNewSharing, true, false)
	set(types.SnapshotBlockPublicAccessStateBlockAllSharing)
	check(types.SnapshotBlockPublicAccessStateBlockAllSharing, true, true)
	off, err := srv.DisableSnapshotBlockPublicAccess(ctx, nil)
	require.NoError(t, err)
	assert.Equal(t, types.SnapshotBlockPublicAccessStateUnblocked, off.State)
	check(types.SnapshotBlockPublicAccessStateUnblocked, false, false)
	for state, want := range map[types.SnapshotBlockPublicAccessState]string{
		"": "MissingParameter", types.SnapshotBlockPublicAccessStateUnblocked: "InvalidParameterValue", "some": "InvalidParameterValue",
	} {
		_, err = srv.EnableSnapshotBlockPublicAccess(ctx, &ec2.EnableSnapshotBlockPublicAccessInput{State: state})
		assert.Equal(t, want, code(err))
	}
}

func TestImageDeprecation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ctx := docServer(), t.Context()
		public := srv.AddImage(amisharetest.Image{Public: true, Created: time.Now().AddDate(-1, 0, 0)})
		theirs := srv.AddImage(amisharetest.Image{Account: other, SharedWith: []string{amisharetest.DefaultAccount}})
		now := time.Now()
		for name, tt := range map[string]struct {
			id   string
			at   time.Time
			code string
		}{
			"soon":                {imageID, now.Add(90 * time.Second), ""},
			"in ten years":        {imageID, now.AddDate(10, 0, 0), ""},
			"later":               {imageID, now.AddDate(10, 0, 1), "InvalidParameterValue"},
			"in the past":         {imageID, now.Add(-time.Hour), "InvalidParameterValue"},
			"public, in a year":   {public, now.AddDate(1, 0, 0), ""},
			"public, later":       {public, now.AddDate(1, 0, 1), "InvalidParameterValue"},
			"of another account":  {theirs, now.AddDate(1, 0, 0), "AuthFailure"},
			"there is no such id": {"ami-0123456789abcdef9", now.AddDate(1, 0, 0), "InvalidAMIID.NotFound"},
		} {
			out, err := srv.Client().EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &tt.id, DeprecateAt: &tt.at})
			assert.Equal(t, tt.code, code(err), name)
			if tt.code == "" {
				assert.True(t, *out.Return, name)
			}
		}
		_, err := srv.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: aws.String(imageID)})
		assert.Equal(t, "MissingParameter", code(err))
		_, err = srv.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: aws.String(imageID), DeprecateAt: aws.Time(now.Add(10*time.Minute + 31*time.Second))})
		require.NoError(t, err)
		img, _ := see(t, srv.Client(), imageID)
		assert.Equal(t, now.Add(11*time.Minute).UTC().Format("2006-01-02T15:04:05.000Z"), *img.DeprecationTime, "to the nearest minute")
		off, err := srv.Client().DisableImageDeprecation(ctx, &ec2.DisableImageDeprecationInput{ImageId: aws.String(imageID)})
		require.NoError(t, err)
		assert.True(t, *off.Return)
		img, _ = see(t, srv.Client(), imageID)
		assert.Nil(t, img.DeprecationTime)
		_, err = srv.DisableImageDeprecation(ctx, &ec2.DisableImageDeprecationInput{ImageId: &theirs})
		assert.Equal(t, "AuthFailure", code(err))
	})
}

func TestSnapshotPermissionsShowAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ctx := docServer(func(o *amisharetest.Options) { o.SnapshotPermissionLag, o.Speed = time.Minute, 2 }), t.Context()
		shown := func() []string {
			out, err := srv.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{SnapshotId: aws.String(snapshotID), Attribute: types.SnapshotAttributeNameCreateVolumePermission})
			require.NoError(t, err)
			ids := []string{}
			for _, p := range out.CreateVolumePermissions {
				ids = append(ids, *p.UserId)
			}
			return ids
		}
		grant := func(id string) {
			_, err := srv.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{SnapshotId: aws.String(snapshotID), OperationType: types.OperationTypeAdd, UserIds: []string{id}})
			require.NoError(t, err)
		}
		grant(other)
		assert.Empty(t, shown())
		_, err := srv.As(amisharetest.Root(other)).DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{snapshotID}})
		require.NoError(t, err, "the grant itself counts at once")
		time.Sleep(20 * time.Second)
		grant("555566667777")
		time.Sleep(10 * time.Second)
		assert.Equal(t, []string{other}, shown(), "30 seconds are a minute at this speed")
		time.Sleep(20 * time.Second)
		assert.Equal(t, []string{other, "555566667777"}, shown())
		_, err = srv.ResetSnapshotAttribute(ctx, &ec2.ResetSnapshotAttributeInput{SnapshotId: aws.String(snapshotID), Attribute: types.SnapshotAttributeNameCreateVolumePermission})
		require.NoError(t, err)
		assert.Len(t, shown(), 2)
		time.Sleep(30 * time.Second)
		assert.Empty(t, shown())
	})
}

func TestResetSnapshotAttribute(t *testing.T) {
	for name, tt := range map[string]struct {
		in   ec2.ResetSnapshotAttributeInput
		code string
	}{
		"reset":              {ec2.ResetSnapshotAttributeInput{SnapshotId: aws.String(snapshotID), Attribute: types.SnapshotAttributeNameCreateVolumePermission}, ""},
		"no attribute":       {ec2.ResetSnapshotAttributeInput{SnapshotId: aws.String(snapshotID)}, "MissingParameter"},
		"no id":              {ec2.ResetSnapshotAttributeInput{Attribute: types.SnapshotAttributeNameCreateVolumePermission}, "MissingParameter"},
		"another attribute":  {ec2.ResetSnapshotAttributeInput{SnapshotId: aws.String(snapshotID), Attribute: types.SnapshotAttributeNameProductCodes}, "InvalidParameterValue"},
		"of another account": {ec2.ResetSnapshotAttributeInput{SnapshotId: aws.String("snap-0123456789abcdef1"), Attribute: types.SnapshotAttributeNameCreateVolumePermission}, "AuthFailure"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			srv.AddSnapshot(amisharetest.Snapshot{ID: snapshotID, SharedWith: []string{other}})
			srv.AddSnapshot(amisharetest.Snapshot{ID: "snap-0123456789abcdef1", Account: other, Public: true})
			_, err := srv.ResetSnapshotAttribute(t.Context(), &tt.in)
			assert.Equal(t, tt.code, code(err))
			_, err = srv.As(amisharetest.Root(other)).DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{snapshotID}})
			assert.Equal(t, tt.code == "", code(err) == "InvalidSnapshot.NotFound", "%v", err)
		})
	}
}
