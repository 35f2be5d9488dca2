package amisharetest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

func TestDescribeImages(t *testing.T) {
	srv := amisharetest.NewServer()
	names := map[string]string{}
	add := func(name string, img amisharetest.Image) {
		img.Name = name
		names[srv.AddImage(img)] = name
	}
	add("mine", amisharetest.Image{Tags: map[string]string{"AllowSharing": "true"}, Architecture: types.ArchitectureValuesArm64})
	add("mine deprecated", amisharetest.Image{Deprecated: time.Now().Add(-time.Hour)})
	add("mine disabled", amisharetest.Image{State: types.ImageStateDisabled})
	add("shared", amisharetest.Image{Account: other, SharedWith: []string{amisharetest.DefaultAccount}, Tags: map[string]string{"AllowSharing": "true"}})
	add("private", amisharetest.Image{Account: other})
	add("public", amisharetest.Image{Account: other, Public: true})
	add("public deprecated", amisharetest.Image{Account: other, Public: true, Deprecated: time.Now().Add(-time.Hour)})
	add("elsewhere", amisharetest.Image{Region: "us-east-1"})
	mine := []string{"mine", "mine deprecated"}
	for name, tt := range map[string]struct {
		in   ec2.DescribeImagesInput
		want []string
		code string
	}{
		"mine":                     {in: ec2.DescribeImagesInput{Owners: []string{"self"}}, want: mine},
		"mine by id":               {in: ec2.DescribeImagesInput{Owners: []string{amisharetest.DefaultAccount}}, want: mine},
		"mine with disabled":       {in: ec2.DescribeImagesInput{Owners: []string{"self"}, IncludeDisabled: aws.Bool(true)}, want: append([]string{"mine disabled"}, mine...)},
		"another's":                {in: ec2.DescribeImagesInput{Owners: []string{other}}, want: []string{"shared", "public"}},
		"another's and deprecated": {in: ec2.DescribeImagesInput{Owners: []string{other}, IncludeDeprecated: aws.Bool(true)}, want: []string{"shared", "public", "public deprecated"}},
		"shared with me":           {in: ec2.DescribeImagesInput{ExecutableUsers: []string{"self"}}, want: []string{"shared"}},
		"public of another":        {in: ec2.DescribeImagesInput{ExecutableUsers: []string{"all"}, Owners: []string{other}}, want: []string{"public"}},
		"name":                     {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("name", "min?", "shar*")}}, want: []string{"mine", "shared"}},
		"name counts case":         {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("name", "MINE")}}},
		"tag, mine alone":          {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("tag:AllowSharing", "true")}}, want: []string{"mine"}},
		"tag key":                  {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("tag-key", "Allow*")}}, want: []string{"mine"}},
		"two filters":              {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("owner-id", amisharetest.DefaultAccount), filter("architecture", "arm64")}}, want: []string{"mine"}},
		"unknown id by filter":     {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("image-id", "ami-0000000000000000f")}}},
		"unknown id":               {in: ec2.DescribeImagesInput{ImageIds: []string{"ami-0000000000000000f"}}, code: "InvalidAMIID.NotFound"},
		"malformed id":             {in: ec2.DescribeImagesInput{ImageIds: []string{"ami-1"}}, code: "InvalidAMIID.Malformed"},
		"malformed owner":          {in: ec2.DescribeImagesInput{Owners: []string{"4444"}}, code: "InvalidUserID.Malformed"},
		"unknown filter":           {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("nope", "x")}}, code: "InvalidParameterValue"},
		"filter without values":    {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("name")}}, code: "InvalidParameterValue"},
		"200 values":               {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("image-id", slices.Repeat([]string{"x"}, 200)...)}}},
		"201 values":               {in: ec2.DescribeImagesInput{Filters: []types.Filter{filter("image-id", slices.Repeat([]string{"x"}, 201)...)}}, code: "FilterLimitExceeded"},
		"pages with ids":           {in: ec2.DescribeImagesInput{ImageIds: []string{imageID}, MaxResults: aws.Int32(5)}, code: "InvalidParameterCombination"},
		"page too small":           {in: ec2.DescribeImagesInput{MaxResults: aws.Int32(4)}, code: "InvalidParameterValue"},
		"made-up token":            {in: ec2.DescribeImagesInput{NextToken: aws.String("nope")}, code: "InvalidNextToken"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := srv.Client().DescribeImages(t.Context(), &tt.in)
			require.Equal(t, tt.code, code(err))
			if err != nil {
				return
			}
			var got []string
			for _, img := range out.Images {
				got = append(got, names[aws.ToString(img.ImageId)])
			}
			assert.ElementsMatch(t, tt.want, got)
		})
	}
}

func TestBareImage(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{})
	out, err := srv.Client().DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.Images, 1)
	img := out.Images[0]
	assert.Equal(t, types.ImageStateAvailable, img.State)
	assert.Equal(t, types.ArchitectureValuesX8664, img.Architecture)
	assert.Equal(t, types.DeviceTypeEbs, img.RootDeviceType)
	assert.Equal(t, types.VirtualizationTypeHvm, img.VirtualizationType)
	assert.Equal(t, amisharetest.DefaultAccount, aws.ToString(img.OwnerId))
	assert.False(t, aws.ToBool(img.Public))
	require.Len(t, img.BlockDeviceMappings, 1)
	assert.Equal(t, img.RootDeviceName, img.BlockDeviceMappings[0].DeviceName)
	_, err = time.Parse(time.RFC3339, aws.ToString(img.CreationDate))
	require.NoError(t, err)
	snapshots, err := srv.Client().DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*img.BlockDeviceMappings[0].Ebs.SnapshotId}})
	require.NoError(t, err)
	require.Len(t, snapshots.Snapshots, 1)
	assert.Equal(t, types.SnapshotStateCompleted, snapshots.Snapshots[0].State)
	assert.False(t, aws.ToBool(snapshots.Snapshots[0].Encrypted))
}

func TestPublicImagesAreEverywhere(t *testing.T) {
	srv := amisharetest.NewServer()
	for _, region := range []string{"us-west-2", "eu-central-1"} {
		for _, orchestrator := range []string{"eks", "slurm"} {
			for _, architecture := range []types.ArchitectureValues{types.ArchitectureValuesX8664, types.ArchitectureValuesArm64} {
				out, err := srv.Client(func(o *ec2.Options) { o.Region = region }).DescribeImages(t.Context(), &ec2.DescribeImagesInput{
					Owners:  []string{"amazon"},
					Filters: []types.Filter{filter("name", map[string]string{"eks": "HyperPod EKS *", "slurm": "HyperPod Slurm *"}[orchestrator]), filter("architecture", string(architecture))},
				})
				require.NoError(t, err)
				require.Len(t, out.Images, 1)
				assert.Equal(t, "amazon", aws.ToString(out.Images[0].ImageOwnerAlias))
				assert.Equal(t, amisharetest.PublicImage(region, orchestrator, architecture), aws.ToString(out.Images[0].ImageId))
			}
		}
	}
	assert.Empty(t, amisharetest.PublicImage("us-west-2", "nomad", types.ArchitectureValuesX8664))
}

func TestDescribeSnapshots(t *testing.T) {
	srv := amisharetest.NewServer()
	mine := srv.AddSnapshot(amisharetest.Snapshot{KMSKey: customerKey, Tags: map[string]string{"a": "b"}})
	shared := srv.AddSnapshot(amisharetest.Snapshot{Account: other, SharedWith: []string{amisharetest.DefaultAccount}})
	srv.AddSnapshot(amisharetest.Snapshot{Account: other})
	public := srv.AddSnapshot(amisharetest.Snapshot{Account: other, Public: true})
	for name, tt := range map[string]struct {
		in   ec2.DescribeSnapshotsInput
		want []string
		code string
	}{
		"all I see":      {want: []string{mine, shared, public}},
		"mine":           {in: ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}}, want: []string{mine}},
		"shared with me": {in: ec2.DescribeSnapshotsInput{RestorableByUserIds: []string{"self"}}, want: []string{shared}},
		"public":         {in: ec2.DescribeSnapshotsInput{RestorableByUserIds: []string{"all"}}, want: []string{public}},
		"encrypted":      {in: ec2.DescribeSnapshotsInput{Filters: []types.Filter{filter("encrypted", "true"), filter("status", "completed")}}, want: []string{mine}},
		"tag":            {in: ec2.DescribeSnapshotsInput{Filters: []types.Filter{filter("tag:a", "b")}}, want: []string{mine}},
		"unknown":        {in: ec2.DescribeSnapshotsInput{SnapshotIds: []string{"snap-0000000000000000f"}}, code: "InvalidSnapshot.NotFound"},
		"malformed":      {in: ec2.DescribeSnapshotsInput{SnapshotIds: []string{"snap-1"}}, code: "InvalidSnapshotID.Malformed"},
		"unknown filter": {in: ec2.DescribeSnapshotsInput{Filters: []types.Filter{filter("name", "x")}}, code: "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := srv.Client().DescribeSnapshots(t.Context(), &tt.in)
			require.Equal(t, tt.code, code(err))
			if err != nil {
				return
			}
			var got []string
			for _, snap := range out.Snapshots {
				got = append(got, aws.ToString(snap.SnapshotId))
			}
			assert.ElementsMatch(t, tt.want, got)
		})
	}
}

// Each page is followed by a change: what stays is listed once, whatever comes or goes.
func TestPages(t *testing.T) {
	id := func(n int) string { return fmt.Sprintf("ami-%017d", n) }
	for name, tt := range map[string]struct {
		between func(srv *amisharetest.Server)
		want    []int
	}{
		"nothing happens":         {func(*amisharetest.Server) {}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		"one comes before":        {func(srv *amisharetest.Server) { srv.AddImage(amisharetest.Image{ID: id(0)}) }, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		"one comes after":         {func(srv *amisharetest.Server) { srv.AddImage(amisharetest.Image{ID: id(13)}) }, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
		"one goes before":         {func(srv *amisharetest.Server) { srv.RemoveImage("", id(2)) }, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		"the last of a page goes": {func(srv *amisharetest.Server) { srv.RemoveImage("", id(5)) }, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		"one goes after":          {func(srv *amisharetest.Server) { srv.RemoveImage("", id(6)) }, []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			for _, n := range []int{7, 12, 1, 4, 3, 11, 2, 8, 10, 5, 9, 6} {
				srv.AddImage(amisharetest.Image{ID: id(n)})
			}
			var want, got []string
			for _, n := range tt.want {
				want = append(want, id(n))
			}
			pages := ec2.NewDescribeImagesPaginator(srv.Client(), &ec2.DescribeImagesInput{Owners: []string{"self"}, MaxResults: aws.Int32(5)})
			for pages.HasMorePages() {
				out, err := pages.NextPage(t.Context())
				require.NoError(t, err)
				assert.LessOrEqual(t, len(out.Images), 5)
				for _, img := range out.Images {
					got = append(got, aws.ToString(img.ImageId))
				}
				tt.between(srv)
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestTokensAreTheServersOwn(t *testing.T) {
	srv := amisharetest.NewServer()
	for _, token := range []string{"", "5", "ami-00000000000000001", "%%%"} {
		_, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{NextToken: aws.String(token)})
		assert.Equal(t, "InvalidNextToken", code(err), token)
	}
}

// Every filter finds what it names and, by another value, does not.
func TestFilters(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{
		Name: "golden", Description: "text", SourceImage: imageID, SourceRegion: "us-east-1",
		Change: func(i *types.Image) {
			i.BootMode, i.ImageAllowed, i.Platform = types.BootModeValuesUefi, aws.Bool(true), types.PlatformValuesWindows
			i.SourceInstanceId, i.PublicSsmParameterName = aws.String("i-1"), aws.String("/p")
			i.ImageOwnerAlias = aws.String("aws-marketplace")
			i.CreationDate = aws.String("2026-08-04T07:00:00.000Z")
			i.FreeTierEligible, i.KernelId, i.RamdiskId, i.SriovNetSupport = aws.Bool(true), aws.String("aki-1"), aws.String("ari-1"), aws.String("simple")
			i.ProductCodes = []types.ProductCode{{ProductCodeId: aws.String("code"), ProductCodeType: types.ProductCodeValuesMarketplace}}
			i.StateReason = &types.StateReason{Code: aws.String("Client.Reason"), Message: aws.String("because")}
		},
	})
	seen, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	snapshot := aws.ToString(seen.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId)
	for name, value := range map[string]string{
		"architecture": "x86_64", "boot-mode": "uefi", "creation-date": "2026-08-04T*", "description": "text", "ena-support": "true",
		"free-tier-eligible": "true", "kernel-id": "aki-1", "ramdisk-id": "ari-1", "sriov-net-support": "simple", "product-code": "code",
		"product-code.type": "marketplace", "state-reason-code": "Client.Reason", "state-reason-message": "because",
		"hypervisor": "xen", "image-allowed": "true", "image-id": id, "image-type": "machine", "is-public": "false",
		"manifest-location": "*/golden", "name": "golden", "owner-alias": "aws-marketplace", "owner-id": amisharetest.DefaultAccount,
		"platform": "Windows", "public-ssm-parameter-name": "/p", "root-device-name": "/dev/xvda", "root-device-type": "ebs",
		"source-image-id": imageID, "source-image-region": "us-east-1", "source-instance-id": "i-1", "state": "available",
		"virtualization-type": "hvm", "block-device-mapping.delete-on-termination": "true",
		"block-device-mapping.device-name": "/dev/xvda", "block-device-mapping.encrypted": "false",
		"block-device-mapping.snapshot-id": snapshot, "block-device-mapping.volume-size": "100", "block-device-mapping.volume-type": "gp3",
	} {
		for pattern, want := range map[string]int{value: 1, "not it": 0} {
			out, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{
				Owners: []string{"self"}, Filters: []types.Filter{filter(name, pattern)},
			})
			require.NoError(t, err, name)
			assert.Len(t, out.Images, want, "%s=%s", name, pattern)
		}
	}
	_, err = srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: []types.Filter{filter("block-device-mapping.nope", "x")}})
	assert.Equal(t, "InvalidParameterValue", code(err))

	stored := srv.AddSnapshot(amisharetest.Snapshot{OwnerAlias: "amazon", SizeGiB: 7, Change: func(s *types.Snapshot) {
		s.Description, s.StartTime = aws.String("text"), aws.Time(time.Date(2026, 8, 4, 7, 0, 0, 0, time.UTC))
		s.Progress, s.TransferType = aws.String("80%"), types.TransferTypeTimeBased
	}})
	for name, value := range map[string]string{
		"description": "text", "owner-alias": "amazon", "progress": "80%", "snapshot-id": stored, "start-time": "2026-08-04T*", "transfer-type": "time-based", "volume-size": "7",
	} {
		for pattern, want := range map[string]int{value: 1, "not it": 0} {
			out, err := srv.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{Filters: []types.Filter{filter(name, pattern)}})
			require.NoError(t, err, name)
			assert.Len(t, out.Snapshots, want, "%s=%s", name, pattern)
		}
	}
}
