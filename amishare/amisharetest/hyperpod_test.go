package amisharetest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// images has the methods of hyperpodtest's Images, on builtin types.
type images interface {
	DescribeImage(ctx context.Context, account, region, imageID string) (owner, name, architecture, state string, snapshots []string, err error)
	DescribeSnapshot(ctx context.Context, account, region, snapshotID string) (kmsKey string, managed bool, err error)
	ShareImage(ctx context.Context, account, region, imageID, with string) error
	ShareSnapshot(ctx context.Context, account, region, snapshotID, with string) error
}

var _ images = (*amisharetest.Server)(nil)

func TestTheServiceSharesAnImage(t *testing.T) {
	const service = "555566667777"
	srv, ctx := amisharetest.NewServer(), t.Context()
	id := srv.AddImage(amisharetest.Image{Account: other, Region: "us-east-1", Name: "golden", Mappings: []types.BlockDeviceMapping{
		{DeviceName: aws.String("/dev/sdb"), Ebs: &types.EbsBlockDevice{}},
		{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{}},
	}})
	owner, name, architecture, state, snapshots, err := srv.DescribeImage(ctx, other, "us-east-1", id)
	require.NoError(t, err)
	assert.Equal(t, []string{other, "golden", "x86_64", "available"}, []string{owner, name, architecture, state})
	require.Len(t, snapshots, 2)
	out, err := srv.As(amisharetest.Root(other)).Client(func(o *ec2.Options) { o.Region = "us-east-1" }).DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	assert.Equal(t, aws.ToString(out.Images[0].BlockDeviceMappings[1].Ebs.SnapshotId), snapshots[0], "the root comes first")

	require.NoError(t, srv.ShareImage(ctx, other, "us-east-1", id, service))
	require.NoError(t, srv.ShareSnapshot(ctx, other, "us-east-1", snapshots[0], service))
	_, _, _, _, _, err = srv.DescribeImage(ctx, service, "us-east-1", id)
	require.NoError(t, err)
	_, _, err = srv.DescribeSnapshot(ctx, service, "us-east-1", snapshots[0])
	require.NoError(t, err)
	_, _, err = srv.DescribeSnapshot(ctx, service, "us-east-1", snapshots[1])
	assert.Equal(t, "InvalidSnapshot.NotFound", code(err))
	_, _, _, _, _, err = srv.DescribeImage(ctx, other, "us-west-2", id)
	assert.Equal(t, "InvalidAMIID.NotFound", code(err))

	var forwarded int
	for _, call := range srv.Calls() {
		if call.Forwarded {
			forwarded++
			assert.NotNil(t, call.Input)
		}
	}
	assert.Equal(t, 7, forwarded)
}

func TestTheServiceSeesKeys(t *testing.T) {
	srv, ctx := amisharetest.NewServer(), t.Context()
	for name, tt := range map[string]struct {
		key, want string
		managed   bool
		image     string
		snapshot  string
	}{
		"unencrypted":      {},
		"customer managed": {key: customerKey, want: customerKey},
		"aws/ebs": {
			key: amisharetest.AWSManagedKey, want: amisharetest.ManagedKey(amisharetest.DefaultAccount, "us-west-2"), managed: true,
			image: "InvalidParameter", snapshot: "OperationNotPermitted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := srv.AddImage(amisharetest.Image{KMSKey: tt.key})
			_, _, _, _, snapshots, err := srv.DescribeImage(ctx, amisharetest.DefaultAccount, "us-west-2", id)
			require.NoError(t, err)
			key, managed, err := srv.DescribeSnapshot(ctx, amisharetest.DefaultAccount, "us-west-2", snapshots[0])
			require.NoError(t, err)
			assert.Equal(t, tt.want, key)
			assert.Equal(t, tt.managed, managed)
			assert.Equal(t, tt.image, code(srv.ShareImage(ctx, amisharetest.DefaultAccount, "us-west-2", id, other)))
			assert.Equal(t, tt.snapshot, code(srv.ShareSnapshot(ctx, amisharetest.DefaultAccount, "us-west-2", snapshots[0], other)))
		})
	}
}

func TestTheServiceSeesAPublicImage(t *testing.T) {
	srv := amisharetest.NewServer()
	id := amisharetest.PublicImage("eu-west-1", "slurm", types.ArchitectureValuesArm64)
	owner, name, architecture, _, _, err := srv.DescribeImage(t.Context(), other, "eu-west-1", id)
	require.NoError(t, err)
	assert.Equal(t, "amazon", owner)
	assert.Contains(t, name, "HyperPod Slurm arm64 ")
	assert.Equal(t, "arm64", architecture)
}

func TestStateIsChangedFromOutside(t *testing.T) {
	srv, ctx := amisharetest.NewServer(), t.Context()
	id := srv.AddImage(amisharetest.Image{})
	assert.True(t, srv.ChangeImage("", id, func(i *types.Image) { i.State = types.ImageStateFailed }))
	_, _, _, state, snapshots, err := srv.DescribeImage(ctx, amisharetest.DefaultAccount, "us-west-2", id)
	require.NoError(t, err)
	assert.Equal(t, "failed", state)
	assert.True(t, srv.RemoveSnapshot("", snapshots[0]))
	assert.False(t, srv.RemoveSnapshot("", snapshots[0]))
	assert.True(t, srv.RemoveImage("", id))
	assert.False(t, srv.RemoveImage("", id))
	assert.False(t, srv.ChangeImage("", id, func(*types.Image) { t.Error("changed nothing") }))
}
