package amishare_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const motoImage = "ami-0123456789abcdef0"

// motoImages are what moto is started with, in every Region.
const motoImages = `[{
	"ami_id": "ami-0123456789abcdef0", "name": "golden", "owner_id": "123456789012", "public": false,
	"architecture": "x86_64", "virtualization_type": "hvm", "state": "available", "image_type": "machine",
	"root_device_type": "ebs", "root_device_name": "/dev/xvda"
}]`

// motoServer starts moto, an emulator of AWS by others, on a free port, and returns a
// client of it.
func motoServer(t *testing.T) *ec2.Client {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not on the PATH: TestChangesThatAreOnlyAnsweredAreCaught tests the same on this module's emulator")
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	images := filepath.Join(t.TempDir(), "images.json")
	require.NoError(t, os.WriteFile(images, []byte(motoImages), 0o600))
	server := exec.CommandContext(t.Context(), path, "-H", "127.0.0.1", "-p", port)
	server.Env = append(os.Environ(), "MOTO_AMIS_PATH="+images)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	_, err = poll.Wait(t.Context(), address, func(ctx context.Context) (poll.Observation[struct{}], error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return poll.Observation[struct{}]{}, err
		}
		return poll.Observation[struct{}]{Verdict: poll.Done}, conn.Close()
	}, func(o *poll.Options) {
		o.Timeout, o.Interval = 20*time.Second, 100*time.Millisecond
		o.Tolerate = func(error) bool { return true }
	})
	if err != nil {
		t.Skip("moto_server is on the PATH and does not start: ", err)
	}
	return ec2.New(ec2.Options{
		Region: "us-west-2", BaseEndpoint: aws.String("http://" + address),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// The whole path against moto, which answers that it has changed the permissions of a
// snapshot and has not: sharing says so, and takes back what it did to the AMI.
func TestMoto(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process")
	}
	t.Parallel()
	client := motoServer(t)
	sharer := amishare.NewSharer(client, func(o *amishare.SharerOptions) {
		o.Verify.Timeout, o.Verify.Interval = time.Second, 100*time.Millisecond
	})
	_, err := sharer.Share(t.Context(), motoImage, amishare.Accounts(theirs))
	require.ErrorIs(t, err, amishare.ErrUnfit, "nothing is tagged")
	tagged, err := amishare.NewTagger(client).TagForSharing(t.Context(), motoImage)
	require.NoError(t, err)
	assert.Len(t, tagged.Changed, 2)
	_, err = amishare.NewChecker(client).Check(t.Context(), hyperpodkit.ImageUse{Image: motoImage})
	require.NoError(t, err)

	report, err := sharer.Share(t.Context(), motoImage, amishare.Accounts(theirs))
	require.ErrorIs(t, err, amishare.ErrNotVerified)
	assert.Contains(t, err.Error(), "the change does not show on snap-")
	assert.Equal(t, amishare.SharedAsBefore, report.Outcome)
	now, err := sharer.PlanReconcile(t.Context(), motoImage, amishare.Grants{})
	require.NoError(t, err)
	assert.Empty(t, now.Kept, "the launch permission was taken back")

	// What does not touch the snapshot works.
	report, err = sharer.Share(t.Context(), motoImage, amishare.Organizations(org))
	require.NoError(t, err)
	assert.Equal(t, amishare.SharedAsWanted, report.Outcome)
	report, err = sharer.Revoke(t.Context(), motoImage, amishare.Organizations(org))
	require.NoError(t, err)
	assert.Equal(t, amishare.SharedAsWanted, report.Outcome)

	// moto's copies have a root device of an instance store and keep no tags.
	adopted, err := amishare.NewAdopter(client).Adopt(t.Context(), amishare.Adoption{Image: motoImage, Region: "us-east-1"})
	require.ErrorIs(t, err, amishare.ErrUnfit)
	assert.Contains(t, rules(adopted.Findings), "error "+amishare.RuleRootDevice)
	assert.Equal(t, amishare.AdoptUnfit, adopted.Stage)
}

// The same without moto.
func TestChangesThatAreOnlyAnsweredAreCaught(t *testing.T) {
	for _, op := range []string{"ModifySnapshotAttribute", "ModifyImageAttribute"} {
		synctest.Test(t, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := addGolden(srv)
			srv.Faults().Ignore(op, -1)
			report, err := amishare.NewSharer(srv.Client()).Share(t.Context(), id, amishare.Accounts(theirs))
			require.ErrorIs(t, err, amishare.ErrNotVerified)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, amishare.SharedAsBefore, report.Outcome)
			for _, list := range permissionsOf(t, srv, id) {
				assert.Empty(t, list)
			}
		})
	}
}
