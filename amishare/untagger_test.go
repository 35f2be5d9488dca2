package amishare_test

import (
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
)

// shareWith gives an AMI's launch permission, and its snapshots' create volume
// permission, to accounts.
func shareWith(t *testing.T, srv *amisharetest.Server, id string, onImage, onSnapshot []string) {
	t.Helper()
	if len(onImage) > 0 {
		_, err := srv.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{
			ImageId: aws.String(id), OperationType: types.OperationTypeAdd, Attribute: aws.String("launchPermission"), UserIds: onImage,
		})
		require.NoError(t, err)
	}
	if len(onSnapshot) > 0 {
		_, err := srv.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{
			SnapshotId: aws.String(snapshotOf(t, srv, id)), OperationType: types.OperationTypeAdd,
			Attribute: types.SnapshotAttributeNameCreateVolumePermission, UserIds: onSnapshot,
		})
		require.NoError(t, err)
	}
}

func snapshotOf(t *testing.T, srv *amisharetest.Server, id string) string {
	t.Helper()
	out, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	return *out.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId
}

func TestUntag(t *testing.T) {
	for name, tt := range map[string]struct {
		tags, snapshotTags map[string]string
		changed, already   int
		left               []string
	}{
		"both":             {guard, guard, 2, 0, nil},
		"the image":        {guard, nil, 1, 1, nil},
		"the snapshot":     {nil, guard, 1, 1, nil},
		"neither":          {nil, nil, 0, 2, nil},
		"other tags stay":  {map[string]string{"AllowSharing": "true", "Name": "golden"}, guard, 2, 0, []string{"Name"}},
		"another value":    {map[string]string{"AllowSharing": "no"}, nil, 0, 2, []string{"AllowSharing"}},
		"differs by case":  {map[string]string{"allowsharing": "true", "AllowSharing": "True"}, nil, 1, 1, nil},
		"case on one only": {guard, map[string]string{"allowsharing": "true"}, 2, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(amisharetest.Image{Tags: tt.tags, SnapshotTags: tt.snapshotTags})
			report, err := amishare.NewTagger(srv.Client()).Untag(t.Context(), id)
			require.NoError(t, err)
			assert.True(t, report.Verified)
			assert.True(t, report.Removed)
			assert.Len(t, report.Changed, tt.changed)
			assert.Len(t, report.Already, tt.already)
			out, err := srv.DescribeTags(t.Context(), &ec2.DescribeTagsInput{})
			require.NoError(t, err)
			var left []string
			for _, tag := range out.Tags {
				left = append(left, *tag.Key)
			}
			assert.Equal(t, tt.left, left)
		})
	}
}

func TestUntagRefusesWhileOthersHavePermissions(t *testing.T) {
	const service, other, third = "444455556666", "555566667777", "666677778888"
	for name, tt := range map[string]struct {
		image, snapshot []string
		remaining       []string
		on              string
		want            []string
	}{
		"nobody":                         {},
		"on the image":                   {image: []string{other, service}, on: "ami-", want: []string{service, other}},
		"on the snapshot alone":          {snapshot: []string{other}, on: "snap-", want: []string{other}},
		"one of two may remain":          {image: []string{service, other}, remaining: []string{service}, on: "ami-", want: []string{other}},
		"all of them may remain":         {image: []string{service}, snapshot: []string{service}, remaining: []string{service}},
		"one who has none may remain":    {image: []string{other}, remaining: []string{third}, on: "ami-", want: []string{other}},
		"another has the snapshot alone": {image: []string{service}, snapshot: []string{service, other}, remaining: []string{service}, on: "snap-", want: []string{other}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(golden())
			shareWith(t, srv, id, tt.image, tt.snapshot)
			report, err := amishare.NewTagger(srv).Untag(t.Context(), id, func(o *amishare.UntagOptions) { o.Remaining = tt.remaining })
			if tt.want == nil {
				require.NoError(t, err)
				assert.Contains(t, report.String(), "removed and verified")
				return
			}
			require.ErrorIs(t, err, amishare.ErrSharedStill)
			var shared *amishare.SharedStillError
			require.ErrorAs(t, err, &shared)
			assert.Contains(t, shared.Resource, tt.on)
			assert.Equal(t, tt.want, shared.Principals)
			assert.Contains(t, err.Error(), tt.want[0])
			assert.Empty(t, report.Changed)
			assert.NotContains(t, operations(srv), "DeleteTags")
		})
	}
}

func TestUntagRefusesBadInput(t *testing.T) {
	srv := amisharetest.NewServer()
	foreign := srv.AddImage(amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}})
	for id, want := range map[string]error{
		"arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0": amishare.ErrImageID,
		"ami-0123456789abcdef9":                              amishare.ErrImageNotFound,
		foreign:                                              amishare.ErrNotOwner,
	} {
		_, err := amishare.NewTagger(srv).Untag(t.Context(), id)
		require.ErrorIs(t, err, want)
	}
	calls := len(srv.Calls())
	for principal, want := range map[string]error{
		"4444555566667":                        amishare.ErrAccountID,
		"arn:aws:iam::444455556666:role/share": amishare.ErrOrganizationARN,
	} {
		_, err := amishare.NewTagger(srv).Untag(t.Context(), srv.AddImage(golden()), func(o *amishare.UntagOptions) { o.Remaining = []string{principal} })
		require.ErrorIs(t, err, want)
		var about *amishare.ImageError
		require.ErrorAs(t, err, &about)
		assert.Equal(t, principal, about.Resource)
	}
	assert.Len(t, srv.Calls(), calls)
	_, err := amishare.NewTagger(srv, func(o *amishare.Options) { o.Guard = amishare.Tag{} }).Untag(t.Context(), foreign)
	require.ErrorContains(t, err, "Options.Guard has no key")
	assert.NotContains(t, operations(srv), "DeleteTags")
}

func TestUntagTellsWhatFailed(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "no"}
	for _, operation := range []string{"DescribeImages", "DescribeSnapshots", "DescribeImageAttribute", "DescribeSnapshotAttribute", "DeleteTags"} {
		t.Run(operation, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(golden())
			srv.Faults().Fail(operation, 1, denied)
			report, err := amishare.NewTagger(srv).Untag(t.Context(), id)
			require.ErrorIs(t, err, denied)
			assert.False(t, report.Verified)
		})
	}
	t.Run("answers and changes nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(golden())
			srv.Faults().Ignore("DeleteTags", 1)
			began := time.Now()
			report, err := amishare.NewTagger(srv).Untag(t.Context(), id)
			require.ErrorIs(t, err, amishare.ErrNotVerified)
			assert.Equal(t, time.Minute, time.Since(began))
			assert.Contains(t, report.String(), "removed, not seen yet")
		})
	})
}
