package amishare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func TestShareIsOneUnitInAFixedOrder(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	sharer := amishare.NewSharer(srv.Client())
	_, err := sharer.Share(t.Context(), id, amishare.Accounts(others, theirs))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"DescribeImages", "DescribeSnapshots", "DescribeImageAttribute", "DescribeSnapshotAttribute",
		"ModifySnapshotAttribute", "ModifyImageAttribute", "DescribeSnapshotAttribute", "DescribeImageAttribute",
	}, operations(srv))
	for who, list := range permissionsOf(t, srv, id) {
		assert.Equal(t, []string{theirs, others}, list, who)
	}

	before := len(srv.Calls())
	report, err := sharer.Share(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	assert.Equal(t, amishare.SharedAsWanted, report.Outcome)
	assert.Empty(t, report.Changes)
	assert.Len(t, srv.Calls()[before:], 4, "nothing to change: reads alone")

	before = len(writes(srv))
	_, err = sharer.Revoke(t.Context(), id, amishare.Accounts(theirs, others))
	require.NoError(t, err)
	assert.Equal(t, []string{"ModifyImageAttribute", "ModifySnapshotAttribute"}, writes(srv)[before:], "withdrawn the other way round")
}

// One principal a call takes 2,000 calls.
func TestAThousandAccountsInTenCalls(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, numbered(0, 1000))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(srv.Calls()), 10)
	assert.Len(t, report.Changes, 4)
	for _, call := range srv.Calls() {
		switch in := call.Input.(type) {
		case *ec2.ModifySnapshotAttributeInput:
			assert.Len(t, in.CreateVolumePermission.Add, 500)
			assert.Empty(t, in.CreateVolumePermission.Remove)
		case *ec2.ModifyImageAttributeInput:
			assert.Len(t, in.LaunchPermission.Add, 500)
		}
	}
	for _, list := range permissionsOf(t, srv, id) {
		assert.Len(t, list, 1000)
	}
	_, err = amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.ErrorIs(t, err, amishare.ErrQuota)
	assert.Len(t, writes(srv), 4)
}

func TestShareHealsASnapshotThatWasForgotten(t *testing.T) {
	srv := amisharetest.NewServer()
	img := golden()
	img.SharedWith = []string{theirs}
	id := srv.AddImage(img)
	_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	assert.Equal(t, []string{"ModifySnapshotAttribute"}, writes(srv))
}

func TestOrganizationsGetTheImageAlone(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Organizations(org), amishare.OrganizationalUnits(ou))
	require.NoError(t, err)
	assert.Equal(t, []string{"ModifyImageAttribute"}, writes(srv))
	assert.Equal(t, []string{org, ou}, permissionsOf(t, srv, id)[id])
	assert.Contains(t, rules(report.Findings), "warning "+amishare.RuleSnapshotPrincipal)
	assert.Contains(t, report.String(), "2 of the principals can launch the AMI but not copy it")
}

func TestEveryoneTakesConsent(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Everyone())
	require.ErrorIs(t, err, amishare.ErrPublic)
	assert.Empty(t, srv.Calls())

	allow := func(o *amishare.SharerOptions) { o.AllowPublic = true }
	_, err = amishare.NewSharer(srv.Client(), allow).Share(t.Context(), id, amishare.Everyone())
	require.NoError(t, err)
	for _, list := range permissionsOf(t, srv, id) {
		assert.Equal(t, []string{"all"}, list)
	}
	_, err = amishare.NewSharer(srv.Client()).Revoke(t.Context(), id, amishare.Everyone())
	require.NoError(t, err, "closing takes none")
	for _, list := range permissionsOf(t, srv, id) {
		assert.Empty(t, list)
	}
}

func TestPublicSharesOfEncryptedSnapshotsAreRefused(t *testing.T) {
	srv := amisharetest.NewServer()
	img := golden()
	img.KMSKey = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	id := srv.AddImage(img)
	sharer := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.AllowPublic, o.AllowEncrypted = true, true })
	_, err := sharer.Share(t.Context(), id, amishare.Everyone())
	require.ErrorIs(t, err, amishare.ErrUnfit)
	_, err = sharer.Share(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
}

func TestReconcileKeepsWhatItDidNotExpect(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, stray, theirs)
	sharer := amishare.NewSharer(srv.Client())
	report, err := sharer.Reconcile(t.Context(), id, amishare.Grants{Wanted: amishare.Accounts(theirs, others)})
	require.NoError(t, err)
	snapshot := snapshotsOf(t, srv, id)[0]
	foreign := amishare.Accounts(stray)[0]
	assert.Equal(t, []amishare.Grant{{Resource: id, Principal: foreign}, {Resource: snapshot, Principal: foreign}}, report.Kept)
	assert.Contains(t, report.String(), "the service's own grant may be among them")
	assert.ElementsMatch(t, []string{stray, theirs, others}, permissionsOf(t, srv, id)[id])

	report, err = sharer.Reconcile(t.Context(), id, amishare.Grants{Wanted: amishare.Accounts(theirs, others), Prune: amishare.Accounts(stray)})
	require.NoError(t, err)
	assert.Empty(t, report.Kept)
	assert.Contains(t, rules(report.Findings), "unknown "+amishare.RuleInUse, "nobody was there to ask")
	for _, list := range permissionsOf(t, srv, id) {
		assert.ElementsMatch(t, []string{theirs, others}, list)
	}
	report, err = sharer.Reconcile(t.Context(), id, amishare.Grants{})
	require.NoError(t, err)
	assert.Len(t, report.Kept, 4, "nothing asked for is a look")
}

// used says what uses an AMI.
type used []string

func (u used) ImageInUse(context.Context, string) ([]string, error) { return u, nil }

func TestNothingIsRemovedWhileTheImageIsUsed(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, theirs)
	sharer := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.InUse = used{"cluster train"} })
	_, err := sharer.Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.ErrorIs(t, err, amishare.ErrInUse)
	assert.Contains(t, err.Error(), "cluster train")
	_, err = sharer.Reconcile(t.Context(), id, amishare.Grants{Prune: amishare.Accounts(theirs)})
	require.ErrorIs(t, err, amishare.ErrInUse)
	assert.Empty(t, writes(srv))

	_, err = sharer.Revoke(t.Context(), id, amishare.Accounts(others))
	require.NoError(t, err, "there is nothing to remove")

	// The undo of a share is exempt: what it removes was never there.
	srv.Faults().Fail("ModifyImageAttribute", 1, denied())
	report, err := sharer.Share(t.Context(), id, amishare.Accounts(others))
	require.Error(t, err)
	assert.Equal(t, amishare.SharedAsBefore, report.Outcome)

	cannotTell := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.InUse = uses{err: denied()} })
	_, err = cannotTell.Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.ErrorContains(t, err, "UnauthorizedOperation")
	assert.NotContains(t, writes(srv)[3:], "ModifySnapshotAttribute", "not known is not unused")

	unused := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.InUse = used{} })
	_, err = unused.Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
}

func TestSnapshotPermissionsThatShowLateAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.SnapshotPermissionLag = 9 * time.Second })
		id := addGolden(srv)
		began := time.Now()
		report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
		require.NoError(t, err)
		assert.Equal(t, amishare.SharedAsWanted, report.Outcome)
		assert.GreaterOrEqual(t, time.Since(began), 9*time.Second)
	})
}

// A failure while the first write does not show yet is undone nevertheless.
func TestWhatDoesNotShowYetIsUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.SnapshotPermissionLag = 9 * time.Second })
		id := addGolden(srv)
		srv.Faults().Fail("ModifyImageAttribute", 1, denied())
		report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
		require.Error(t, err)
		assert.Equal(t, amishare.SharedAsBefore, report.Outcome)
		time.Sleep(time.Minute)
		for _, list := range permissionsOf(t, srv, id) {
			assert.Empty(t, list)
		}
	})
}

func TestUndoKeepsWhatOthersGrantedMeanwhile(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	granted := false
	srv.Faults().Before(func(ctx context.Context, op string, _ any) error {
		if op != "ModifyImageAttribute" || granted {
			return nil
		}
		granted = true
		if err := srv.ShareSnapshot(ctx, own, amisharetest.DefaultRegion, snapshotsOf(t, srv, id)[0], stray); err != nil {
			return err
		}
		return denied()
	})
	report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.Error(t, err)
	assert.Equal(t, amishare.SharedAsBefore, report.Outcome)
	assert.Equal(t, []string{stray}, permissionsOf(t, srv, id)[snapshotsOf(t, srv, id)[0]])
}

func TestPlansAreValues(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, stray)
	sharer := amishare.NewSharer(srv.Client())
	grants := amishare.Grants{Wanted: amishare.Accounts(theirs), Prune: amishare.Accounts(stray)}
	plan, err := sharer.PlanReconcile(t.Context(), id, grants)
	require.NoError(t, err)
	assert.Empty(t, writes(srv))
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	var loaded amishare.SharePlan
	require.NoError(t, json.Unmarshal(text, &loaded))
	assert.Equal(t, plan, &loaded)

	report, err := sharer.Apply(t.Context(), &loaded)
	require.NoError(t, err)
	assert.Equal(t, amishare.SharedAsWanted, report.Outcome)
	report, err = sharer.Apply(t.Context(), &loaded)
	require.ErrorIs(t, err, amishare.ErrStale)
	assert.Equal(t, amishare.SharedNothing, report.Outcome)

	for _, make := range []func() (*amishare.SharePlan, error){
		func() (*amishare.SharePlan, error) {
			return sharer.PlanShare(t.Context(), id, amishare.Accounts(others))
		},
		func() (*amishare.SharePlan, error) {
			return sharer.PlanRevoke(t.Context(), id, amishare.Accounts(theirs))
		},
	} {
		plan, err := make()
		require.NoError(t, err)
		assert.Len(t, plan.Changes, 2)
	}
}

func TestReportsLog(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("shared", "report", report)
	assert.Contains(t, b.String(), `report.outcome="as wanted"`)
	assert.Contains(t, b.String(), `report.changes.`+id+`="grant 444455556666: made"`)
	text, err := json.Marshal(report)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"State":"made"`)
	assert.Contains(t, string(text), `"Outcome":"as wanted"`)
}

func TestMoreThanOneSnapshot(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{Mappings: []types.BlockDeviceMapping{
		{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{}},
		{DeviceName: aws.String("/dev/sdb"), Ebs: &types.EbsBlockDevice{}},
	}, Tags: guard, SnapshotTags: guard, SharedWith: []string{theirs}})
	sharer := amishare.NewSharer(srv.Client())
	_, err := sharer.Share(t.Context(), id, amishare.Accounts(others))
	require.ErrorIs(t, err, amishare.ErrUnfit, "HyperPod takes the root volume alone")
	_, err = sharer.Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err, "what is unfit can be withdrawn")
}
