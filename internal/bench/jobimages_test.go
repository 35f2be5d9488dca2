package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// sharedAMI is to be shared with accounts, together with its snapshot.
type sharedAMI struct {
	srv             *amisharetest.Server
	client          *ec2.Client
	image, snapshot string
	accounts        []string
}

var guard = map[string]string{"AllowSharing": "true"}

func newSharedAMI(accounts int) *sharedAMI {
	srv := amisharetest.NewServer()
	s := &sharedAMI{srv: srv, client: srv.Client()}
	s.snapshot = srv.AddSnapshot(amisharetest.Snapshot{Tags: guard})
	s.image = srv.AddImage(amisharetest.Image{Tags: guard, Mappings: []types.BlockDeviceMapping{
		{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(s.snapshot)}},
	}})
	for i := range accounts {
		s.accounts = append(s.accounts, fmt.Sprintf("%012d", 222200000000+i))
	}
	return s
}

func (s *sharedAMI) attempt(t *testing.T, do func(context.Context) error) attempt {
	s.srv.Faults().Delay("", latency)
	return attempt{
		do:    do,
		calls: func() int { return len(s.srv.Calls()) },
		check: func() {
			with, err := s.imageAccounts(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, s.accounts, with)
			with, err = s.snapshotAccounts(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, s.accounts, with)
		},
	}
}

func (s *sharedAMI) shareImage(ctx context.Context, accounts ...string) error {
	var add []types.LaunchPermission
	for _, a := range accounts {
		add = append(add, types.LaunchPermission{UserId: aws.String(a)})
	}
	_, err := s.client.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{
		ImageId: aws.String(s.image), Attribute: aws.String("launchPermission"), LaunchPermission: &types.LaunchPermissionModifications{Add: add},
	})
	return err
}

func (s *sharedAMI) shareSnapshot(ctx context.Context, accounts ...string) error {
	var add []types.CreateVolumePermission
	for _, a := range accounts {
		add = append(add, types.CreateVolumePermission{UserId: aws.String(a)})
	}
	_, err := s.client.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{
		SnapshotId: aws.String(s.snapshot), Attribute: types.SnapshotAttributeNameCreateVolumePermission,
		CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: add},
	})
	return err
}

func (s *sharedAMI) imageAccounts(ctx context.Context) ([]string, error) {
	out, err := s.client.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{
		ImageId: aws.String(s.image), Attribute: types.ImageAttributeNameLaunchPermission,
	})
	if err != nil {
		return nil, err
	}
	var with []string
	for _, p := range out.LaunchPermissions {
		with = append(with, aws.ToString(p.UserId))
	}
	return with, nil
}

func (s *sharedAMI) snapshotAccounts(ctx context.Context) ([]string, error) {
	out, err := s.client.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: aws.String(s.snapshot), Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	if err != nil {
		return nil, err
	}
	var with []string
	for _, p := range out.CreateVolumePermissions {
		with = append(with, aws.ToString(p.UserId))
	}
	return with, nil
}

// imageAndRead and snapshotAndRead are what the resources of Terraform's AWS provider
// do: they grant one account, and read all grants to find it among them.
func (s *sharedAMI) imageAndRead(ctx context.Context, account string) error {
	if err := s.shareImage(ctx, account); err != nil {
		return err
	}
	with, err := s.imageAccounts(ctx)
	return found(with, account, err)
}

func (s *sharedAMI) snapshotAndRead(ctx context.Context, account string) error {
	if err := s.shareSnapshot(ctx, account); err != nil {
		return err
	}
	with, err := s.snapshotAccounts(ctx)
	return found(with, account, err)
}

func found(with []string, account string, err error) error {
	if err == nil && !slices.Contains(with, account) {
		return fmt.Errorf("the grant of %s does not show", account)
	}
	return err
}

// tenAtATime runs tasks as Terraform does by default.
func tenAtATime(tasks []func() error) error {
	errs := make([]error, len(tasks))
	var running sync.WaitGroup
	slots := make(chan struct{}, 10)
	for i, task := range tasks {
		slots <- struct{}{}
		running.Go(func() {
			errs[i] = task()
			<-slots
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

func sharing(accounts int) job {
	j := job{name: fmt.Sprintf("share an AMI and its snapshot with %d accounts", accounts), worlds: imageWorlds}
	if accounts == 1 {
		j.name = "share an AMI and its snapshot with 1 account"
	}
	add := func(name string, do func(ctx context.Context, s *sharedAMI) error) {
		j.ways = append(j.ways, way{name, func(t *testing.T, _ *rand.Rand) attempt {
			s := newSharedAMI(accounts)
			return s.attempt(t, func(ctx context.Context) error { return do(ctx, s) })
		}})
	}
	add(ours, func(ctx context.Context, s *sharedAMI) error {
		_, err := amishare.NewSharer(s.client).Share(ctx, s.image, amishare.Accounts(s.accounts...))
		return err
	})
	add("SDK, all accounts in a call, nothing checked or read back", func(ctx context.Context, s *sharedAMI) error {
		if err := s.shareSnapshot(ctx, s.accounts...); err != nil {
			return err
		}
		return s.shareImage(ctx, s.accounts...)
	})
	if accounts == 1 {
		return j
	}
	add("SDK, one account a call", func(ctx context.Context, s *sharedAMI) error {
		for _, a := range s.accounts {
			if err := s.shareSnapshot(ctx, a); err != nil {
				return err
			}
			if err := s.shareImage(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	add("SDK, one account a call and a look at it, 10 at a time, as Terraform", func(ctx context.Context, s *sharedAMI) error {
		var tasks []func() error
		for _, a := range s.accounts {
			tasks = append(tasks, func() error { return s.snapshotAndRead(ctx, a) }, func() error { return s.imageAndRead(ctx, a) })
		}
		return tenAtATime(tasks)
	})
	return j
}

const checked = 100

// checking looks at AMIs before a cluster uses them.
func checking() job {
	j := job{name: fmt.Sprintf("check %d AMIs", checked), worlds: imageWorlds}
	add := func(name string, do func(ctx context.Context, client *ec2.Client, ids []string) error) {
		j.ways = append(j.ways, way{name, func(*testing.T, *rand.Rand) attempt {
			srv := amisharetest.NewServer()
			source := amisharetest.PublicImage(amisharetest.DefaultRegion, "eks", types.ArchitectureValuesX8664)
			var ids []string
			for range checked {
				ids = append(ids, srv.AddImage(amisharetest.Image{Tags: guard, SnapshotTags: guard, SourceImage: source}))
			}
			srv.Faults().Delay("", latency)
			client := srv.Client()
			return attempt{
				do:    func(ctx context.Context) error { return do(ctx, client, ids) },
				calls: func() int { return len(srv.Calls()) },
				check: func() {},
			}
		}})
	}
	add(ours+", all rules", func(ctx context.Context, client *ec2.Client, ids []string) error {
		var uses []hyperpodkit.ImageUse
		for _, id := range ids {
			uses = append(uses, hyperpodkit.ImageUse{Image: id})
		}
		report, err := amishare.NewChecker(client).Check(ctx, uses...)
		if err == nil && !report.OK() {
			err = errors.New("the AMIs should be fit")
		}
		return err
	})
	add("SDK, all AMIs in a call: state and tags only", fit)
	add("SDK, one AMI a call: state and tags only", func(ctx context.Context, client *ec2.Client, ids []string) error {
		for _, id := range ids {
			if err := fit(ctx, client, []string{id}); err != nil {
				return err
			}
		}
		return nil
	})
	return j
}

// fit is a check as it is written by hand: AMIs are available, and they and their
// snapshots are tagged.
func fit(ctx context.Context, client *ec2.Client, ids []string) error {
	images, err := client.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: ids})
	if err != nil {
		return err
	}
	var snapshots []string
	for _, image := range images.Images {
		if image.State != types.ImageStateAvailable || !guarded(image.Tags) {
			return fmt.Errorf("%s is not fit", *image.ImageId)
		}
		for _, m := range image.BlockDeviceMappings {
			if m.Ebs != nil {
				snapshots = append(snapshots, *m.Ebs.SnapshotId)
			}
		}
	}
	out, err := client.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: snapshots})
	if err != nil {
		return err
	}
	for _, snapshot := range out.Snapshots {
		if snapshot.State != types.SnapshotStateCompleted || !guarded(snapshot.Tags) {
			return fmt.Errorf("%s is not fit", *snapshot.SnapshotId)
		}
	}
	return nil
}

func guarded(tags []types.Tag) bool {
	return slices.ContainsFunc(tags, func(t types.Tag) bool { return *t.Key == "AllowSharing" && *t.Value == guard["AllowSharing"] })
}
