package amishare_test

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// The tests in this file are named after bugs that other tools for sharing AMIs have
// or had.

// cloud-custodian's `remove: [all]` changes its own list, so that from the second image
// on it wipes every launch permission.
func TestCloudCustodianRemoveAllWipesTheNextImage(t *testing.T) {
	srv := amisharetest.NewServer()
	first, second := addGolden(srv, theirs, others), addGolden(srv, theirs, others)
	sharer := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.AllowPublic = true })
	public := amishare.Everyone()
	for _, id := range []string{first, second} {
		_, err := sharer.Share(t.Context(), id, public)
		require.NoError(t, err)
	}
	for _, id := range []string{first, second} {
		_, err := sharer.Revoke(t.Context(), id, public)
		require.NoError(t, err)
		assert.Equal(t, amishare.Everyone(), public, "the caller's list is the caller's")
	}
	for _, id := range []string{first, second} {
		for _, list := range permissionsOf(t, srv, id) {
			assert.Equal(t, []string{theirs, others}, list)
		}
	}
}

// packer sends both UserIds and LaunchPermission.Add in one request.
func TestPackerSendsBothForms(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, stray)
	_, err := amishare.NewSharer(srv.Client()).Reconcile(t.Context(), id, amishare.Grants{Wanted: amishare.Accounts(theirs), Prune: amishare.Accounts(stray)})
	require.NoError(t, err)
	seen := 0
	for _, call := range srv.Calls() {
		switch in := call.Input.(type) {
		case *ec2.ModifyImageAttributeInput:
			seen++
			assert.Empty(t, slices.Concat(in.UserIds, in.UserGroups, in.OrganizationArns, in.OrganizationalUnitArns))
			assert.Empty(t, in.OperationType)
			assert.Nil(t, in.Attribute)
		case *ec2.ModifySnapshotAttributeInput:
			seen++
			assert.Empty(t, slices.Concat(in.UserIds, in.GroupNames))
			assert.Empty(t, in.OperationType)
			assert.False(t, len(in.CreateVolumePermission.Add) > 0 && len(in.CreateVolumePermission.Remove) > 0, "not both in one call")
		}
	}
	assert.Equal(t, 4, seen)
}

// packer's cleanup after a failed share is empty, and that of its build deregisters the
// AMI.
func TestPackerCleansUpNothingOrEverything(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, stray)
	srv.Faults().Fail("ModifyImageAttribute", 1, denied())
	report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.Error(t, err)
	assert.Equal(t, amishare.SharedAsBefore, report.Outcome)
	for _, list := range permissionsOf(t, srv, id) {
		assert.Equal(t, []string{stray}, list)
	}
	for _, op := range operations(srv) {
		assert.NotRegexp(t, "^(Deregister|Delete|Reset|Disable)", op)
	}
}

// packer#3344, and ansible#57121: the AMI is shared and its snapshots are not, so that
// it cannot be copied.
func TestPackerSharesWithoutSnapshots(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	report, err := amishare.NewAdopter(srv.As(amisharetest.Root(theirs)).Client()).Adopt(t.Context(), amishare.Adoption{Image: id})
	require.NoError(t, err)
	assert.Equal(t, amishare.AdoptDone, report.Stage)
	assert.Equal(t, own, report.SourceOwner)
}

// packer shares in the order of a map: another one each time.
func TestPackerSharesInRandomOrder(t *testing.T) {
	requests := func(to amishare.Principals) []any {
		srv := amisharetest.NewServer()
		snapshot := srv.AddSnapshot(amisharetest.Snapshot{ID: "snap-0123456789abcdef0", Tags: guard})
		img := golden()
		img.ID = image
		img.Mappings = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot}}}
		srv.AddImage(img)
		_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), image, to)
		require.NoError(t, err)
		var inputs []any
		for _, call := range srv.Calls() {
			inputs = append(inputs, call.Input)
		}
		return inputs
	}
	to := append(numbered(0, 600), amishare.Organizations(org)...)
	want := requests(to)
	slices.Reverse(to)
	assert.Equal(t, want, requests(to))
}

// packer#4772 and karpenter#5690: an AMI is shared whose key is not, and instances die
// at launch without a clear error.
func TestPackerSharesWhatAKeyCloses(t *testing.T) {
	srv := amisharetest.NewServer()
	img := golden()
	img.KMSKey = customerKey
	id := srv.AddImage(img)
	_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.ErrorIs(t, err, amishare.ErrUnfit)
	assert.Contains(t, err.Error(), customerKey)
	assert.Empty(t, writes(srv))
}

// Terraform keeps what was done when a later resource fails.
func TestTerraformKeepsHalfAShare(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	calls := 0
	srv.Faults().After(func(_ context.Context, op string, _ any, _ error) {
		if op == "ModifySnapshotAttribute" {
			if calls++; calls == 1 {
				srv.Faults().Fail(op, 1, denied())
			}
		}
	})
	_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, numbered(0, 1000))
	require.Error(t, err)
	for _, list := range permissionsOf(t, srv, id) {
		assert.Empty(t, list)
	}
}

// cloud-custodian removes, then adds, and stops at the first error in between.
func TestCloudCustodianStopsBetweenRemoveAndAdd(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, theirs)
	srv.Faults().Fail("ModifySnapshotAttribute", 1, denied())
	_, err := amishare.NewSharer(srv.Client()).Reconcile(t.Context(), id, amishare.Grants{Wanted: amishare.Accounts(others), Prune: amishare.Accounts(theirs)})
	require.Error(t, err)
	for _, list := range permissionsOf(t, srv, id) {
		assert.Equal(t, []string{theirs}, list, "nobody has lost anything")
	}
}
