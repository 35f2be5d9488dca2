package amishare_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const image = "ami-0123456789abcdef0"

func TestTagForSharing(t *testing.T) {
	for name, tt := range map[string]struct {
		tags, snapshotTags map[string]string
		tagged, already    int
		calls              []string
	}{
		"neither is tagged":    {nil, nil, 2, 0, []string{"DescribeImages", "DescribeSnapshots", "CreateTags", "DescribeImages", "DescribeSnapshots"}},
		"the image is":         {guard, nil, 1, 1, []string{"DescribeImages", "DescribeSnapshots", "CreateTags", "DescribeImages", "DescribeSnapshots"}},
		"both are":             {guard, guard, 0, 2, []string{"DescribeImages", "DescribeSnapshots"}},
		"a near miss is there": {map[string]string{"AllowSharing": "True"}, guard, 1, 1, []string{"DescribeImages", "DescribeSnapshots", "CreateTags", "DescribeImages", "DescribeSnapshots"}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			img := golden()
			img.ID, img.Tags, img.SnapshotTags = image, tt.tags, tt.snapshotTags
			srv.AddImage(img)
			report, err := amishare.NewTagger(srv.Client()).TagForSharing(t.Context(), image)
			require.NoError(t, err)
			assert.True(t, report.Verified)
			assert.Len(t, report.Changed, tt.tagged)
			assert.Len(t, report.Already, tt.already)
			assert.Equal(t, tt.calls, operations(srv))
			findings, err := amishare.NewChecker(srv.Client()).CheckImage(t.Context(), hyperpodkit.ImageUse{Image: image})
			require.NoError(t, err)
			assert.Empty(t, findings)
			_, err = json.Marshal(report)
			require.NoError(t, err)
		})
	}
}

func TestTagForSharingRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		image amisharetest.Image
		id    string
		opts  func(*amishare.Options)
		want  error
	}{
		"malformed id":        {id: "ami-xyz", want: amishare.ErrImageID},
		"unknown image":       {id: "ami-0123456789abcdef9", want: amishare.ErrImageNotFound},
		"private, foreign":    {image: amisharetest.Image{Account: "444455556666"}, want: amishare.ErrImageNotFound},
		"shared, foreign":     {image: amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}}, want: amishare.ErrNotOwner},
		"public HyperPod AMI": {id: amisharetest.PublicImage("us-west-2", "eks", types.ArchitectureValuesX8664), want: amishare.ErrNotOwner},
		"no snapshots":        {image: amisharetest.Image{Mappings: []types.BlockDeviceMapping{}}, want: amishare.ErrNoSnapshots},
		"snapshot is gone": {image: amisharetest.Image{Mappings: []types.BlockDeviceMapping{{
			DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String("snap-0123456789abcdef9")},
		}}}, want: amishare.ErrSnapshotNotFound},
		"no guard": {opts: func(o *amishare.Options) { o.Guard = amishare.Tag{} }},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(tt.image)
			if tt.id != "" {
				id = tt.id
			}
			opts := func(*amishare.Options) {}
			if tt.opts != nil {
				opts = tt.opts
			}
			report, err := amishare.NewTagger(srv.Client(), opts).TagForSharing(t.Context(), id)
			var about *amishare.ImageError
			require.ErrorAs(t, err, &about)
			assert.Equal(t, id, about.Image)
			assert.True(t, strings.HasPrefix(err.Error(), "amishare: "+id+": "), err)
			assert.Equal(t, 1, strings.Count(err.Error(), "amishare: "), err)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
			assert.Equal(t, id, report.Image)
			assert.False(t, report.Verified)
			assert.NotContains(t, operations(srv), "CreateTags")
		})
	}
}

// late loses tags, or the image, between the first look and the call.
type late struct {
	*amisharetest.Server
	createTags func() error
}

func (l late) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	if err := l.createTags(); err != nil {
		return nil, err
	}
	return l.Server.CreateTags(ctx, in)
}

func TestTagForSharingUnwrapsToBothTheSentinelAndTheServicesWord(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(golden())
	untagged := srv.AddImage(amisharetest.Image{})
	_, err := amishare.NewTagger(late{srv, func() error { srv.RemoveImage("", untagged); return nil }}).TagForSharing(t.Context(), untagged)
	require.ErrorIs(t, err, amishare.ErrImageNotFound)
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, "InvalidAMIID.NotFound", api.ErrorCode())

	denied := &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "no"}
	report, err := amishare.NewTagger(late{srv, func() error { return denied }}).TagForSharing(t.Context(), srv.AddImage(amisharetest.Image{}))
	require.ErrorIs(t, err, denied)
	assert.Empty(t, report.Changed, "what was refused was not set")
	assert.NotContains(t, report.String(), "set")

	report, err = amishare.NewTagger(late{srv, func() error { return denied }}).TagForSharing(t.Context(), id)
	require.NoError(t, err, "nothing was missing")
	assert.True(t, report.Verified)
}

// blind takes tags and shows them late, or never.
type blind struct {
	*amisharetest.Server
	from time.Time
}

func (b blind) DescribeSnapshots(ctx context.Context, in *ec2.DescribeSnapshotsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	out, err := b.Server.DescribeSnapshots(ctx, in)
	if err == nil && time.Now().Before(b.from) {
		for i := range out.Snapshots {
			out.Snapshots[i].Tags = nil
		}
	}
	return out, err
}

func TestTagForSharingWaitsUntilTheTagIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := srv.AddImage(amisharetest.Image{})
		began := time.Now()
		report, err := amishare.NewTagger(blind{srv, began.Add(7 * time.Second)}).TagForSharing(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, report.Verified)
		assert.GreaterOrEqual(t, time.Since(began), 7*time.Second)
		assert.Less(t, time.Since(began), 10*time.Second)
	})
}

// forgetful does not show an image that it has shown before, for a while.
type forgetful struct {
	*amisharetest.Server
	tagged bool
	until  time.Time
}

func (f *forgetful) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	f.tagged = true
	return f.Server.CreateTags(ctx, in)
}

func (f *forgetful) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	if f.tagged && time.Now().Before(f.until) {
		return &ec2.DescribeImagesOutput{}, nil
	}
	return f.Server.DescribeImages(ctx, in)
}

func TestTagForSharingRidesOutAnImageThatDoesNotShowForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := srv.AddImage(amisharetest.Image{})
		report, err := amishare.NewTagger(&forgetful{Server: srv, until: time.Now().Add(5 * time.Second)}).TagForSharing(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, report.Verified)

		id = srv.AddImage(amisharetest.Image{})
		_, err = amishare.NewTagger(&forgetful{Server: srv, until: time.Now().Add(time.Hour)}).TagForSharing(t.Context(), id)
		require.ErrorIs(t, err, amishare.ErrNotVerified)
		assert.Equal(t, 1, strings.Count(err.Error(), "amishare: "), err)
	})
}

func TestTagForSharingSaysThatATagIsNotSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := srv.AddImage(amisharetest.Image{})
		report, err := amishare.NewTagger(blind{srv, time.Now().Add(time.Hour)}).TagForSharing(t.Context(), id)
		require.ErrorIs(t, err, amishare.ErrNotVerified)
		require.ErrorIs(t, err, poll.ErrTimeout)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "the change of the tag AllowSharing=true does not show on snap-")
		assert.False(t, report.Verified)
		assert.Len(t, report.Changed, 2)
		assert.Contains(t, report.String(), "set, not seen yet")
	})
}
