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

func east(o *ec2.Options) { o.Region = "us-east-1" }

// see returns an AMI and its root snapshot as a client sees them.
func see(t *testing.T, client *ec2.Client, id string) (types.Image, types.Snapshot) {
	t.Helper()
	images, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	snapshots, err := client.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{
		SnapshotIds: []string{*images.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId},
	})
	require.NoError(t, err)
	return images.Images[0], snapshots.Snapshots[0]
}

func TestCopyImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = 10 * time.Minute })
		source := srv.AddImage(amisharetest.Image{
			Name: "golden", Description: "old", SharedWith: []string{other}, Deprecated: time.Now().Add(time.Hour), OwnerAlias: "self",
			Tags: map[string]string{"Team": "ml", "Stage": "beta", "aws:made-by": "a service"}, SnapshotTags: map[string]string{"AllowSharing": "true"},
		})
		client := srv.Client(east)
		out, err := client.CopyImage(t.Context(), &ec2.CopyImageInput{
			SourceImageId: &source, SourceRegion: aws.String("us-west-2"), Name: aws.String("golden-east"), CopyImageTags: aws.Bool(true),
			TagSpecifications: []types.TagSpecification{
				{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: aws.String("Stage"), Value: aws.String("prod")}}},
				{ResourceType: types.ResourceTypeSnapshot, Tags: []types.Tag{{Key: aws.String("Source"), Value: &source}}},
			},
		})
		require.NoError(t, err)

		time.Sleep(5 * time.Minute)
		img, snap := see(t, client, *out.ImageId)
		assert.Equal(t, types.ImageStatePending, img.State)
		assert.Equal(t, types.SnapshotStatePending, snap.State)
		assert.Equal(t, "50%", *snap.Progress)
		_, err = client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: out.ImageId, LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}})
		assert.Equal(t, "InvalidAMIID.Unavailable", code(err))

		time.Sleep(6 * time.Minute)
		img, snap = see(t, client, *out.ImageId)
		assert.Equal(t, types.ImageStateAvailable, img.State)
		assert.Equal(t, "golden-east", *img.Name)
		assert.Nil(t, img.Description)
		assert.Equal(t, []string{source, "us-west-2"}, []string{*img.SourceImageId, *img.SourceImageRegion})
		assert.Nil(t, img.DeprecationTime)
		assert.Nil(t, img.ImageOwnerAlias)
		assert.Equal(t, []types.Tag{{Key: aws.String("Stage"), Value: aws.String("prod")}, {Key: aws.String("Team"), Value: aws.String("ml")}}, img.Tags)
		assert.Equal(t, []types.Tag{{Key: aws.String("Source"), Value: &source}}, snap.Tags)
		assert.Equal(t, types.SnapshotStateCompleted, snap.State)
		assert.Equal(t, "100%", *snap.Progress)
		assert.Equal(t, 10*time.Minute, snap.CompletionTime.Sub(*snap.StartTime))
		assert.False(t, *snap.Encrypted)
		_, err = srv.As(amisharetest.Root(other)).Client(east).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*out.ImageId}})
		assert.Equal(t, "InvalidAMIID.NotFound", code(err), "permissions are not copied")
		_, err = srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*out.ImageId}})
		assert.Equal(t, "InvalidAMIID.NotFound", code(err), "the copy is in the other Region")
	})
}

func TestACopyIsThereAtOnceByDefault(t *testing.T) {
	srv := docServer()
	out, err := srv.CopyImage(t.Context(), &ec2.CopyImageInput{SourceImageId: aws.String(imageID), SourceRegion: aws.String("us-west-2"), Name: aws.String("copy")})
	require.NoError(t, err)
	img, snap := see(t, srv.Client(), *out.ImageId)
	assert.Equal(t, types.ImageStateAvailable, img.State)
	assert.Equal(t, types.SnapshotStateCompleted, snap.State)
	assert.NotEqual(t, snapshotID, *snap.SnapshotId)
}

func TestCopyOfASharedImage(t *testing.T) {
	for name, tt := range map[string]struct {
		image    amisharetest.Image
		snapshot amisharetest.Snapshot
		code     string
	}{
		"private":          {code: "InvalidAMIID.NotFound"},
		"the AMI alone":    {image: amisharetest.Image{SharedWith: []string{other}}, code: "InvalidRequest"},
		"public AMI alone": {image: amisharetest.Image{Public: true}, code: "InvalidRequest"},
		"both":             {image: amisharetest.Image{SharedWith: []string{other}}, snapshot: amisharetest.Snapshot{SharedWith: []string{other}}},
		"public both":      {image: amisharetest.Image{Public: true}, snapshot: amisharetest.Snapshot{Public: true}},
		"not available":    {image: amisharetest.Image{SharedWith: []string{other}, State: types.ImageStateDisabled}, snapshot: amisharetest.Snapshot{SharedWith: []string{other}}, code: "InvalidAMIID.Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			tt.snapshot.ID, tt.image.ID = snapshotID, imageID
			tt.image.Mappings = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(snapshotID)}}}
			srv.AddSnapshot(tt.snapshot)
			srv.AddImage(tt.image)
			theirs := srv.As(amisharetest.Root(other)).Client(east)
			out, err := theirs.CopyImage(t.Context(), &ec2.CopyImageInput{SourceImageId: aws.String(imageID), SourceRegion: aws.String("us-west-2"), Name: aws.String("copy")})
			require.Equal(t, tt.code, code(err))
			if tt.code == "" {
				img, snap := see(t, theirs, *out.ImageId)
				assert.Equal(t, []string{other, other}, []string{*img.OwnerId, *snap.OwnerId})
			}
		})
	}
}

func TestCopyRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ec2.CopyImageInput)
		code   string
	}{
		"no source":           {func(in *ec2.CopyImageInput) { in.SourceImageId = nil }, "MissingParameter"},
		"no Region":           {func(in *ec2.CopyImageInput) { in.SourceRegion = nil }, "MissingParameter"},
		"no name":             {func(in *ec2.CopyImageInput) { in.Name = nil }, "MissingParameter"},
		"short name":          {func(in *ec2.CopyImageInput) { in.Name = aws.String("ab") }, "InvalidAMIName.Malformed"},
		"name of other signs": {func(in *ec2.CopyImageInput) { in.Name = aws.String("golden:1") }, "InvalidAMIName.Malformed"},
		"Region of its own":   {func(in *ec2.CopyImageInput) { in.SourceRegion = aws.String("here") }, "InvalidParameterValue"},
		"another Region":      {func(in *ec2.CopyImageInput) { in.SourceRegion = aws.String("eu-west-1") }, "InvalidAMIID.NotFound"},
		"malformed id":        {func(in *ec2.CopyImageInput) { in.SourceImageId = aws.String("ami-1") }, "InvalidAMIID.Malformed"},
		"key alone":           {func(in *ec2.CopyImageInput) { in.KmsKeyId = aws.String(customerKey) }, "InvalidParameterDependency"},
		"tags on an instance": {func(in *ec2.CopyImageInput) {
			in.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeInstance}}
		}, "InvalidParameterValue"},
		"reserved tag": {func(in *ec2.CopyImageInput) {
			in.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: aws.String("aws:x")}}}}
		}, "InvalidParameterValue"},
		"Outpost": {func(in *ec2.CopyImageInput) {
			in.DestinationOutpostArn = aws.String("arn:aws:outposts:us-west-2:111122223333:outpost/op-1")
		}, "UnsupportedOperation"},
		"its snapshot deleted": {func(in *ec2.CopyImageInput) { in.SourceImageId = aws.String("ami-0123456789abcdef1") }, "InvalidSnapshot.NotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := docServer()
			srv.AddImage(amisharetest.Image{ID: "ami-0123456789abcdef1", Mappings: []types.BlockDeviceMapping{{
				DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String("snap-0123456789abcdef1")},
			}}})
			in := &ec2.CopyImageInput{SourceImageId: aws.String(imageID), SourceRegion: aws.String("us-west-2"), Name: aws.String("copy")}
			tt.change(in)
			_, err := srv.CopyImage(t.Context(), in)
			assert.Equal(t, tt.code, code(err))
		})
	}
}

func TestCopyWithAClientToken(t *testing.T) {
	srv, ctx := docServer(), t.Context()
	in := ec2.CopyImageInput{SourceImageId: aws.String(imageID), SourceRegion: aws.String("us-west-2"), Name: aws.String("copy"), ClientToken: aws.String("once")}
	first, err := srv.CopyImage(ctx, &in)
	require.NoError(t, err)
	again, err := srv.CopyImage(ctx, &in)
	require.NoError(t, err)
	assert.Equal(t, first.ImageId, again.ImageId)
	elsewhere, err := srv.Client(east).CopyImage(ctx, &in)
	require.NoError(t, err)
	assert.NotEqual(t, first.ImageId, elsewhere.ImageId, "tokens are of a Region")
	in.DryRun = aws.Bool(true)
	_, err = srv.CopyImage(ctx, &in)
	assert.Equal(t, "DryRunOperation", code(err))
	in.DryRun, in.Name = nil, aws.String("another")
	_, err = srv.CopyImage(ctx, &in)
	assert.Equal(t, "IdempotentParameterMismatch", code(err))
	in.ClientToken = nil
	third, err := srv.CopyImage(ctx, &in)
	require.NoError(t, err)
	assert.NotEqual(t, first.ImageId, third.ImageId)
	fourth, err := srv.CopyImage(ctx, &in)
	require.NoError(t, err)
	assert.NotEqual(t, third.ImageId, fourth.ImageId)
	out, err := srv.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err)
	assert.Len(t, out.Images, 4)
}

func TestEncryptionOfACopy(t *testing.T) {
	const (
		west, other = "us-west-2", "us-east-1"
		byID        = "1234abcd-12ab-34cd-56ef-1234567890ab"
	)
	managed := func(region string) string { return amisharetest.ManagedKey(amisharetest.DefaultAccount, region) }
	for name, tt := range map[string]struct {
		key       string // of the source
		foreign   bool   // the source is another account's
		byDefault bool
		defaultTo string
		in        ec2.CopyImageInput
		region    string
		want      string
	}{
		"unencrypted":                            {region: west},
		"asked for":                              {region: west, in: ec2.CopyImageInput{Encrypted: aws.Bool(true)}, want: managed(west)},
		"asked for, with a key":                  {region: west, in: ec2.CopyImageInput{Encrypted: aws.Bool(true), KmsKeyId: aws.String(byID)}, want: customerKey},
		"asked for, with an alias":               {region: west, in: ec2.CopyImageInput{Encrypted: aws.Bool(true), KmsKeyId: aws.String("alias/gold")}, want: "arn:aws:kms:us-west-2:111122223333:alias/gold"},
		"asked for, with a default key":          {region: west, defaultTo: customerKey, in: ec2.CopyImageInput{Encrypted: aws.Bool(true)}, want: customerKey},
		"by default":                             {region: west, byDefault: true, want: managed(west)},
		"by default, with the default key":       {region: west, byDefault: true, defaultTo: customerKey, want: customerKey},
		"by default, declined":                   {region: west, byDefault: true, in: ec2.CopyImageInput{Encrypted: aws.Bool(false)}, want: managed(west)},
		"by default, elsewhere":                  {region: other, byDefault: true},
		"encrypted source":                       {region: west, key: customerKey, want: customerKey},
		"encrypted source, declined":             {region: west, key: customerKey, in: ec2.CopyImageInput{Encrypted: aws.Bool(false)}, want: customerKey},
		"encrypted source, encrypting":           {region: west, key: customerKey, in: ec2.CopyImageInput{Encrypted: aws.Bool(true)}, want: managed(west)},
		"encrypted source, into another Region":  {region: other, key: customerKey, want: managed(other)},
		"aws/ebs source, with a key":             {region: west, key: amisharetest.AWSManagedKey, in: ec2.CopyImageInput{Encrypted: aws.Bool(true), KmsKeyId: aws.String(customerKey)}, want: customerKey},
		"encrypted source, encrypted by default": {region: west, key: customerKey, byDefault: true, want: customerKey},
		"another's encrypted source":             {region: west, key: customerKey, foreign: true, want: managed(west)},
		"another's, with the default key":        {region: west, key: byID, foreign: true, defaultTo: customerKey, want: customerKey},
	} {
		t.Run(name, func(t *testing.T) {
			srv, ctx := amisharetest.NewServer(), t.Context()
			source := srv.AddImage(amisharetest.Image{KMSKey: tt.key})
			if tt.foreign {
				snapshot := srv.AddSnapshot(amisharetest.Snapshot{Account: "444455556666", SharedWith: []string{amisharetest.DefaultAccount}, KMSKey: tt.key})
				source = srv.AddImage(amisharetest.Image{
					Account: "444455556666", SharedWith: []string{amisharetest.DefaultAccount},
					Mappings: []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot}}},
				})
			}
			if tt.byDefault {
				_, err := srv.EnableEbsEncryptionByDefault(ctx, nil)
				require.NoError(t, err)
			}
			if tt.defaultTo != "" {
				_, err := srv.ModifyEbsDefaultKmsKeyId(ctx, &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: &tt.defaultTo})
				require.NoError(t, err)
			}
			client := srv.Client(func(o *ec2.Options) { o.Region = tt.region })
			tt.in.SourceImageId, tt.in.SourceRegion, tt.in.Name = &source, aws.String(west), aws.String("copy")
			out, err := client.CopyImage(ctx, &tt.in)
			require.NoError(t, err)
			img, snap := see(t, client, *out.ImageId)
			assert.Equal(t, tt.want, aws.ToString(snap.KmsKeyId))
			assert.Equal(t, tt.want != "", *snap.Encrypted)
			assert.Equal(t, tt.want != "", *img.BlockDeviceMappings[0].Ebs.Encrypted)
		})
	}
}
