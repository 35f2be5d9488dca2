package amishare_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func copyServer(t *testing.T) (srv *amisharetest.Server, img string) {
	t.Helper()
	srv = amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = 10 * time.Minute })
	out, err := srv.CopyImage(t.Context(), &ec2.CopyImageInput{
		Name: aws.String("copy"), SourceImageId: aws.String(srv.AddImage(golden())), SourceRegion: aws.String("us-west-2"),
	})
	require.NoError(t, err)
	return srv, *out.ImageId
}

func TestImageAvailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, id := copyServer(t)
		began := time.Now()
		img, err := amishare.ImageAvailable(t.Context(), srv.Client(), id)
		require.NoError(t, err)
		assert.Equal(t, types.ImageStateAvailable, img.State)
		assert.InDelta(t, 10*time.Minute, time.Since(began), float64(15*time.Second))
	})
}

func TestSnapshotCompleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, id := copyServer(t)
		began := time.Now()
		reasons := map[string]bool{}
		snap, err := amishare.SnapshotCompleted(t.Context(), srv, snapshotOf(t, srv, id), func(o *poll.Options) {
			o.OnPoll = func(_ context.Context, e poll.Event) { reasons[e.Reason] = true }
		})
		require.NoError(t, err)
		assert.Equal(t, types.SnapshotStateCompleted, snap.State)
		assert.InDelta(t, 10*time.Minute, time.Since(began), float64(15*time.Second))
		assert.Contains(t, reasons, "0% done")
	})
}

func TestWaitsForStates(t *testing.T) {
	for state, want := range map[string]error{
		"available": nil, "pending": poll.ErrTimeout, "transient": poll.ErrTimeout, "newfangled": poll.ErrTimeout,
		"invalid": poll.ErrFailed, "deregistered": poll.ErrFailed, "failed": poll.ErrFailed, "error": poll.ErrFailed, "disabled": poll.ErrFailed,
	} {
		t.Run("image "+state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := amisharetest.NewServer()
				id := srv.AddImage(amisharetest.Image{State: types.ImageState(state), Change: func(i *types.Image) {
					i.StateReason = &types.StateReason{Message: aws.String("because")}
				}})
				began := time.Now()
				img, err := amishare.ImageAvailable(t.Context(), srv, id)
				require.ErrorIs(t, err, want)
				assert.Equal(t, state, string(img.State))
				if err != nil {
					assert.Contains(t, err.Error(), state)
					assert.Contains(t, err.Error(), "because")
				}
				if errors.Is(want, poll.ErrTimeout) {
					assert.Equal(t, poll.DefaultTimeout, time.Since(began))
				}
			})
		})
	}
	for state, want := range map[string]error{
		"completed": nil, "pending": poll.ErrTimeout, "recovering": poll.ErrTimeout, "newfangled": poll.ErrTimeout,
		"error": poll.ErrFailed, "recoverable": poll.ErrFailed,
	} {
		t.Run("snapshot "+state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := amisharetest.NewServer()
				id := srv.AddSnapshot(amisharetest.Snapshot{State: types.SnapshotState(state)})
				snap, err := amishare.SnapshotCompleted(t.Context(), srv, id)
				require.ErrorIs(t, err, want)
				assert.Equal(t, state, string(snap.State))
			})
		})
	}
}

func TestWaitsForWhatDoesNotShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		const id = "ami-0123456789abcdef9"
		began := time.Now()
		_, err := amishare.ImageAvailable(t.Context(), srv, id)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorIs(t, err, poll.ErrGone)
		assert.InDelta(t, 2*time.Minute, time.Since(began), float64(15*time.Second))
		_, err = amishare.SnapshotCompleted(t.Context(), srv, "snap-0123456789abcdef9")
		require.ErrorIs(t, err, poll.ErrGone)

		time.AfterFunc(time.Minute, func() { srv.AddImage(amisharetest.Image{ID: id, State: types.ImageStatePending}) })
		time.AfterFunc(10*time.Minute, func() { srv.RemoveImage("", id) })
		time.AfterFunc(11*time.Minute, func() { srv.AddImage(amisharetest.Image{ID: id}) })
		_, err = amishare.ImageAvailable(t.Context(), srv, id)
		require.NoError(t, err, "it shows, is hidden for a minute, and shows again")
	})
}

func TestPermissionVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.SnapshotPermissionLag = 30 * time.Second })
		id := srv.AddImage(golden())
		snapshot := snapshotOf(t, srv, id)
		shareWith(t, srv, id, []string{"444455556666", "555566667777"}, []string{"444455556666"})
		began := time.Now()
		require.NoError(t, amishare.PermissionVisible(t.Context(), srv, id, []string{"444455556666", "555566667777"}))
		assert.Zero(t, time.Since(began), "an image shows its permissions at once here")
		require.NoError(t, amishare.PermissionGone(t.Context(), srv, id, []string{"666677778888"}))
		assert.Zero(t, time.Since(began))
		require.NoError(t, amishare.PermissionVisible(t.Context(), srv, snapshot, []string{"444455556666"}))
		assert.InDelta(t, 30*time.Second, time.Since(began), float64(2*time.Second))

		_, err := srv.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{
			SnapshotId: &snapshot, OperationType: types.OperationTypeRemove,
			Attribute: types.SnapshotAttributeNameCreateVolumePermission, UserIds: []string{"444455556666"},
		})
		require.NoError(t, err)
		began = time.Now()
		require.NoError(t, amishare.PermissionGone(t.Context(), srv, snapshot, []string{"444455556666"}))
		assert.InDelta(t, 30*time.Second, time.Since(began), float64(2*time.Second))

		began = time.Now()
		err = amishare.PermissionVisible(t.Context(), srv, snapshot, []string{"666677778888", "444455556666"})
		require.ErrorIs(t, err, poll.ErrTimeout)
		require.ErrorContains(t, err, "no permission yet for 666677778888, 444455556666")
		assert.Equal(t, 5*time.Minute, time.Since(began))
		err = amishare.PermissionGone(t.Context(), srv, id, []string{"555566667777", "666677778888"})
		require.ErrorContains(t, err, `in status "visible": still a permission for 555566667777 `)
		var status string
		require.NoError(t, amishare.PermissionGone(t.Context(), srv, id, []string{"666677778888"}, func(o *poll.Options) {
			o.OnPoll = func(_ context.Context, e poll.Event) { status = e.Status }
		}))
		assert.Equal(t, "gone", status)
	})
}

func TestWaitsRefuseAndRideOut(t *testing.T) {
	srv := amisharetest.NewServer()
	_, err := amishare.ImageAvailable(t.Context(), srv, "snap-0123456789abcdef0")
	require.ErrorIs(t, err, amishare.ErrImageID)
	_, err = amishare.SnapshotCompleted(t.Context(), srv, "ami-0123456789abcdef0")
	require.ErrorIs(t, err, amishare.ErrSnapshotID)
	require.ErrorIs(t, amishare.PermissionVisible(t.Context(), srv, "vol-0123456789abcdef0", nil), amishare.ErrImageID)
	require.ErrorIs(t, amishare.PermissionVisible(t.Context(), srv, "snap-1", nil), amishare.ErrSnapshotID)
	require.ErrorIs(t, amishare.PermissionGone(t.Context(), srv, "snap-0123456789abcdef0", []string{"4444555566667"}), amishare.ErrAccountID)
	assert.Empty(t, srv.Calls())

	err = amishare.PermissionVisible(t.Context(), srv, "ami-0123456789abcdef9", nil)
	require.ErrorIs(t, err, poll.ErrStopped)
	require.ErrorIs(t, err, amishare.ErrImageNotFound)

	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := srv.AddImage(golden())
		srv.Faults().Fail("", 2, &smithy.GenericAPIError{Code: "RequestLimitExceeded"})
		began := time.Now()
		_, err := amishare.ImageAvailable(t.Context(), srv, id, func(o *poll.Options) { o.Jitter = -1 })
		require.NoError(t, err)
		assert.Equal(t, (30+60)*time.Second, time.Since(began), "throttling widens the pause")
		srv.Faults().Fail("", 1, &smithy.GenericAPIError{Code: "UnauthorizedOperation"})
		_, err = amishare.ImageAvailable(t.Context(), srv, id)
		require.ErrorIs(t, err, poll.ErrStopped)
	})
}
