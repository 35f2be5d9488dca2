package proof

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// workplace is where workflows run: the site, its servers as the principal of a policy
// sees them, and the AMI that the cluster runs with one that it does not.
type workplace struct {
	site
	hp, root   *hyperpod.Client // root is without a policy, to prepare by
	ec2        *amisharetest.Server
	images     *amisharetest.Server // as root
	old, fresh string
}

// runner runs a workflow once.
type runner struct {
	workflow policy.Workflow
	run      func(*testing.T, workplace) error
}

// runners are all workflows, in an order in which any two can follow one another.
func runners() []runner {
	return []runner{
		{policy.Read, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").Explain(t.Context())
			if err == nil {
				_, err = w.hp.Cluster("train").Describe(t.Context())
			}
			return err
		}},
		{policy.CheckImage, func(t *testing.T, w workplace) error {
			_, err := amishare.NewChecker(w.ec2.Client()).CheckImage(t.Context(), hyperpodkit.ImageUse{Image: w.fresh, Region: "us-west-2"})
			return err
		}},
		{policy.TagForSharing, func(t *testing.T, w workplace) error {
			untagged := w.images.AddImage(amisharetest.Image{})
			_, err := amishare.NewTagger(w.ec2.Client()).TagForSharing(t.Context(), untagged)
			return err
		}},
		{policy.ShareImage, shareDirectly},
		{policy.AuditImages, func(t *testing.T, w workplace) error {
			_, err := w.ec2.Client().DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
			if err != nil {
				return err
			}
			return readPermissions(t, w, w.images.AddImage(amisharetest.Image{}))
		}},
		{policy.AdoptImage, adopt},
		{policy.RetireImage, func(t *testing.T, w workplace) error {
			_, err := w.ec2.Client().EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &w.fresh, DeprecateAt: aws.Time(time.Now().Add(time.Hour))})
			return err
		}},
		{policy.TagClusters, func(t *testing.T, w workplace) error {
			in := w.spec(w.old)
			if in.Tags == nil {
				in.Tags = map[string]string{}
			}
			in.Tags["stage"] = "test"
			_, err := w.hp.Cluster("train").Update(t.Context(), hyperpod.Desired(in))
			return err
		}},
		{policy.RollImage, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").RollImage(t.Context(), hyperpod.Roll{
				Image: hyperpod.AMI(w.fresh), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
			})
			return err
		}},
		{policy.UpdateGroups, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").Update(t.Context(), hyperpod.Scale("workers", 2))
			return err
		}},
		{policy.OperateNodes, func(t *testing.T, w workplace) error {
			for n, err := range w.hp.Cluster("train").Nodes(t.Context()) {
				if err != nil {
					return err
				}
				_, err = w.hp.Cluster("train").RebootNodes(t.Context(), n.Instance)
				return err
			}
			return nil
		}},
		{policy.DeleteCluster, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").Delete(t.Context())
			return err
		}},
		{policy.CreateCluster, func(t *testing.T, w workplace) error {
			// An EKS cluster takes one HyperPod cluster: the other makes room, if it is
			// still there.
			if _, err := w.root.Cluster("train").Delete(t.Context()); err != nil {
				require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
			}
			_, err := w.hp.Cluster("train").Create(t.Context(), w.spec(w.fresh))
			return err
		}},
	}
}

// shareDirectly shares with an account and takes it back, call by call.
func shareDirectly(t *testing.T, w workplace) error {
	if err := readPermissions(t, w, w.fresh); err != nil {
		return err
	}
	snapshot := snapshotOf(t, w, w.fresh)
	with := []ec2types.LaunchPermission{{UserId: aws.String("222233334444")}}
	volumes := []ec2types.CreateVolumePermission{{UserId: aws.String("222233334444")}}
	for _, change := range []struct {
		launch *ec2types.LaunchPermissionModifications
		create *ec2types.CreateVolumePermissionModifications
	}{
		{&ec2types.LaunchPermissionModifications{Add: with}, &ec2types.CreateVolumePermissionModifications{Add: volumes}},
		{&ec2types.LaunchPermissionModifications{Remove: with}, &ec2types.CreateVolumePermissionModifications{Remove: volumes}},
	} {
		if _, err := w.ec2.Client().ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &w.fresh, LaunchPermission: change.launch}); err != nil {
			return err
		}
		if _, err := w.ec2.Client().ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &snapshot, CreateVolumePermission: change.create}); err != nil {
			return err
		}
	}
	return nil
}

func snapshotOf(t *testing.T, w workplace, image string) string {
	t.Helper()
	out, err := w.images.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	require.NoError(t, err)
	return *out.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId
}

func readPermissions(t *testing.T, w workplace, image string) error {
	snapshot := snapshotOf(t, w, image)
	if _, err := w.ec2.Client().DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &image, Attribute: ec2types.ImageAttributeNameLaunchPermission}); err != nil {
		return err
	}
	_, err := w.ec2.Client().DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &snapshot, Attribute: ec2types.SnapshotAttributeNameCreateVolumePermission})
	return err
}

// adopt copies an AMI that another account shares, call by call, with the tags that
// package amishare sets.
func adopt(t *testing.T, w workplace) error {
	const owner = "444455556666"
	theirs := w.images.AddImage(amisharetest.Image{Account: owner, SharedWith: []string{ourAccount}})
	snapshot := snapshotOf(t, w, theirs)
	_, err := w.images.As(amisharetest.Root(owner)).Client().ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{
		SnapshotId: &snapshot, CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{Add: []ec2types.CreateVolumePermission{{UserId: aws.String(ourAccount)}}},
	})
	require.NoError(t, err)
	client := w.ec2.Client()
	if _, err = client.GetEbsEncryptionByDefault(t.Context(), &ec2.GetEbsEncryptionByDefaultInput{}); err != nil {
		return err
	}
	if _, err = client.GetEbsDefaultKmsKeyId(t.Context(), &ec2.GetEbsDefaultKmsKeyIdInput{}); err != nil {
		return err
	}
	var tags []ec2types.Tag
	for _, key := range []string{"adoption", "source-image", "source-region", "source-owner"} {
		tags = append(tags, ec2types.Tag{Key: aws.String("hyperpodkit:" + key), Value: aws.String("x")})
	}
	in := &ec2.CopyImageInput{
		Name: aws.String("golden"), SourceImageId: &theirs, SourceRegion: aws.String("us-west-2"),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeImage, Tags: tags}, {ResourceType: ec2types.ResourceTypeSnapshot, Tags: tags}},
	}
	_, err = client.CopyImage(t.Context(), in)
	return err
}
