package amishare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	customerKey = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	theirKey    = "arn:aws:kms:us-west-2:444455556666:key/0987dcba-09fe-87dc-65ba-ab0987654321"
)

// addForeign puts an AMI of another account into the server, shared with this one and
// tagged there for sharing.
func addForeign(srv *amisharetest.Server, region, key string) string {
	snapshot := srv.AddSnapshot(amisharetest.Snapshot{Account: theirs, Region: region, SharedWith: []string{own}, Tags: guard, KMSKey: key})
	return srv.AddImage(amisharetest.Image{
		Account: theirs, Region: region, Name: "golden", SharedWith: []string{own}, Tags: guard,
		Mappings: []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot}}},
	})
}

func copiesIn(t *testing.T, srv *amisharetest.Server) []types.Image {
	t.Helper()
	srv.Faults().Clear()
	out, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err)
	return out.Images
}

func TestAdoptAcrossAccountsAndRegions(t *testing.T) {
	for _, region := range []string{amisharetest.DefaultRegion, "us-east-1"} {
		t.Run(region, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = 10 * time.Minute })
				id := addForeign(srv, region, "")
				var progress []string
				report, err := amishare.NewAdopter(srv.Client(), func(o *amishare.AdoptOptions) {
					o.Wait.OnPoll = func(_ context.Context, e poll.Event) { progress = append(progress, e.Status+" "+e.Reason) }
				}).Adopt(t.Context(), amishare.Adoption{Image: id, Region: region})
				require.NoError(t, err)
				assert.Equal(t, amishare.AdoptDone, report.Stage)
				assert.Equal(t, theirs, report.SourceOwner)
				assert.Equal(t, append([]string{report.Image}, report.Snapshots...), report.Untagged)
				assert.Contains(t, progress[1], "pending snap-")
				assert.Contains(t, progress[20], "%")

				copied := copiesIn(t, srv)
				require.Len(t, copied, 1)
				assert.Equal(t, "golden", *copied[0].Name)
				want := map[string]string{
					amishare.TagSourceImage: id, amishare.TagSourceRegion: region, amishare.TagSourceOwner: theirs,
				}
				snaps, err := srv.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: report.Snapshots})
				require.NoError(t, err)
				for _, tags := range [][]types.Tag{copied[0].Tags, snaps.Snapshots[0].Tags} {
					got := map[string]string{}
					for _, tag := range tags {
						got[*tag.Key] = *tag.Value
					}
					assert.Len(t, got[amishare.TagAdoption], 32)
					delete(got, amishare.TagAdoption)
					assert.Equal(t, want, got, "and never the guard")
				}

				again, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id, Region: region})
				require.NoError(t, err)
				assert.True(t, again.Resumed)
				assert.Equal(t, report.Image, again.Image)
				assert.Equal(t, report.SourceOwner, again.SourceOwner)
				assert.Equal(t, []string{"CopyImage"}, writes(srv))

				other, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id, Region: region, Name: "platinum"})
				require.NoError(t, err)
				assert.NotEqual(t, report.Image, other.Image, "another adoption")
			})
		})
	}
}

// An AMI of the account's own needs a copy for another Region, and a client without a
// Region has to be told where it is.
func TestAdoptMyOwnOfAnotherRegion(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{Region: "us-east-1", Name: "golden"})
	adoption := amishare.Adoption{Image: id, Region: "us-east-1"}
	report, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), adoption)
	require.NoError(t, err)
	assert.Equal(t, own, report.SourceOwner)
	_, err = amishare.NewAdopter(srv).Adopt(t.Context(), adoption)
	require.ErrorIs(t, err, amishare.ErrRegion)
}

// What was adopted and then tagged is what HyperPod takes.
func TestAdoptedAndTaggedIsFit(t *testing.T) {
	srv := amisharetest.NewServer()
	report, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: addForeign(srv, "", "")})
	require.NoError(t, err)
	_, err = amishare.NewTagger(srv.Client()).TagForSharing(t.Context(), report.Image)
	require.NoError(t, err)
	check, err := amishare.NewChecker(srv.Client()).Check(t.Context(), hyperpodkit.ImageUse{Image: report.Image})
	require.NoError(t, err)
	assert.True(t, check.OK(), check)
}

func TestAdoptLooksAtEncryptionFirst(t *testing.T) {
	byDefault := func(t *testing.T, srv *amisharetest.Server, key string) {
		t.Helper()
		_, err := srv.EnableEbsEncryptionByDefault(t.Context(), &ec2.EnableEbsEncryptionByDefaultInput{})
		require.NoError(t, err)
		if key != "" {
			_, err = srv.ModifyEbsDefaultKmsKeyId(t.Context(), &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: aws.String(key)})
			require.NoError(t, err)
		}
	}
	for name, tt := range map[string]struct {
		defaults   bool
		defaultKey string
		imageKey   string
		region     string
		asked      string
		allow      bool
		refused    string
		key        string
	}{
		"nothing is encrypted":                 {},
		"by default with aws/ebs":              {defaults: true, refused: "turn encryption by default off"},
		"by default with aws/ebs, allowed":     {defaults: true, allow: true, refused: "cannot be shared with HyperPod"},
		"by default with a customer key":       {defaults: true, defaultKey: customerKey, refused: "opt in with AllowEncrypted"},
		"and allowed":                          {defaults: true, defaultKey: customerKey, allow: true, key: customerKey},
		"the key asked for wins":               {defaults: true, asked: customerKey, allow: true, key: customerKey},
		"a key asked for and not allowed":      {asked: customerKey, refused: "opt in with AllowEncrypted"},
		"aws/ebs asked for":                    {asked: "alias/aws/ebs", allow: true, refused: "cannot be shared with HyperPod"},
		"an encrypted image":                   {imageKey: theirKey, refused: "name a customer managed key in KMSKey and set AllowEncrypted"},
		"an encrypted image, allowed":          {imageKey: theirKey, allow: true, refused: "cannot be shared with HyperPod"},
		"an encrypted image, with a key":       {imageKey: theirKey, asked: customerKey, allow: true, key: customerKey},
		"an encrypted image, with a default":   {imageKey: theirKey, defaults: true, defaultKey: customerKey, allow: true, key: customerKey},
		"an encrypted image of another Region": {imageKey: customerKey, region: "us-east-1", allow: true, refused: "cannot be shared with HyperPod"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := addForeign(srv, tt.region, tt.imageKey)
			if tt.defaults {
				byDefault(t, srv, tt.defaultKey)
			}
			adopter := amishare.NewAdopter(srv.Client(), func(o *amishare.AdoptOptions) { o.AllowEncrypted = tt.allow })
			report, err := adopter.Adopt(t.Context(), amishare.Adoption{Image: id, Region: tt.region, KMSKey: tt.asked})
			if tt.refused != "" {
				require.ErrorIs(t, err, amishare.ErrUnfit)
				assert.Contains(t, err.Error(), tt.refused)
				assert.Empty(t, writes(srv))
				assert.Equal(t, amishare.AdoptNothing, report.Stage)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.key, report.KMSKey)
			snaps, err := srv.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: report.Snapshots})
			require.NoError(t, err)
			assert.Equal(t, tt.key, aws.ToString(snaps.Snapshots[0].KmsKeyId))
		})
	}
}

func TestAdoptRefusesBadInput(t *testing.T) {
	shared := []string{own}
	for name, tt := range map[string]struct {
		image  amisharetest.Image
		id     string
		region string
		want   error
		nocall bool
	}{
		"malformed id":  {id: "ami-xyz", want: amishare.ErrImageID, nocall: true},
		"no Region":     {region: "Oregon", want: amishare.ErrRegion, nocall: true},
		"unknown image": {id: "ami-0123456789abcdef9", want: amishare.ErrImageNotFound},
		"not shared":    {image: amisharetest.Image{Account: theirs}, want: amishare.ErrImageNotFound},
		// Sharing the image and forgetting its snapshot.
		"snapshot is not shared": {image: amisharetest.Image{Account: theirs, SharedWith: shared}, want: amishare.ErrSnapshotNotFound},
		"no snapshots":           {image: amisharetest.Image{Account: theirs, SharedWith: shared, Mappings: []types.BlockDeviceMapping{}}, want: amishare.ErrNoSnapshots},
		"my own, here":           {want: amishare.ErrAdopted},
		"HyperPod's own":         {id: amisharetest.PublicImage(amisharetest.DefaultRegion, "eks", types.ArchitectureValuesX8664), want: amishare.ErrAdopted},
		"pending":                {image: amisharetest.Image{Account: theirs, SharedWith: shared, State: types.ImageStatePending}, want: amishare.ErrSnapshotNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(tt.image)
			if tt.id != "" {
				id = tt.id
			}
			report, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id, Region: tt.region})
			require.ErrorIs(t, err, tt.want)
			about, ok := errors.AsType[*amishare.ImageError](err)
			require.True(t, ok)
			assert.Equal(t, id, about.Image)
			if errors.Is(err, amishare.ErrSnapshotNotFound) {
				assert.Contains(t, about.Resource, "snap-")
				assert.Contains(t, err.Error(), "have its owner share it as well")
			}
			assert.Equal(t, amishare.AdoptNothing, report.Stage)
			assert.NotEmpty(t, report.String())
			assert.Empty(t, writes(srv))
			if tt.nocall {
				assert.Empty(t, srv.Calls())
			}
		})
	}
}

func TestAnUnfitImageIsNotAdopted(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addForeign(srv, "", "")
	srv.ChangeImage("", id, func(i *types.Image) { i.State = types.ImageStateDisabled })
	_, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id})
	require.ErrorIs(t, err, amishare.ErrUnfit)
	assert.Empty(t, writes(srv))
}

func TestAFailedCopyIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = time.Minute })
		id := addForeign(srv, "", "")
		srv.Faults().After(func(_ context.Context, op string, _ any, _ error) {
			if op != "CopyImage" {
				return
			}
			for _, img := range copiesInQuietly(srv) {
				srv.ChangeImage("", img, func(i *types.Image) {
					i.State, i.StateReason = types.ImageStateFailed, &types.StateReason{Message: aws.String("the key is disabled")}
				})
			}
		})
		adopter := amishare.NewAdopter(srv.Client())
		report, err := adopter.Adopt(t.Context(), amishare.Adoption{Image: id})
		require.ErrorIs(t, err, amishare.ErrCopyFailed)
		require.ErrorIs(t, err, poll.ErrFailed)
		assert.Contains(t, err.Error(), "the key is disabled")
		assert.Equal(t, amishare.AdoptFailed, report.Stage)
		failed := report.Image

		srv.Faults().Clear()
		report, err = adopter.Adopt(t.Context(), amishare.Adoption{Image: id})
		require.NoError(t, err)
		assert.NotEqual(t, failed, report.Image)
		assert.False(t, report.Resumed)
	})
}

// copiesInQuietly returns the ids of the account's own AMIs and leaves the hooks.
func copiesInQuietly(srv *amisharetest.Server) []string {
	var list []string
	out, err := srv.As(amisharetest.Root(own)).DescribeImages(context.Background(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	if err != nil {
		return nil
	}
	for _, img := range out.Images {
		list = append(list, *img.ImageId)
	}
	return list
}

func TestAdoptReportsLog(t *testing.T) {
	srv := amisharetest.NewServer()
	report, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: addForeign(srv, "", "")})
	require.NoError(t, err)
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("adopted", "report", report)
	assert.Contains(t, b.String(), "report.stage=done")
	text, err := json.Marshal(report)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"Stage":"done"`)
}
