package proof

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const (
	serviceAccount = "999988887777"
	customerKey    = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

var _ hyperpodtest.Images = (*amisharetest.Server)(nil)

// emulators are the two emulators, wired to one another.
func emulators() (*hyperpodtest.Server, *amisharetest.Server) {
	images := amisharetest.NewServer()
	return hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images, o.ServiceAccount = images, serviceAccount }), images
}

func spec(image string) hyperpod.Spec {
	return hyperpod.Spec{
		Groups: []hyperpod.Group{hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 1).
			WithExecutionRole("arn:aws:iam::111122223333:role/HyperPod").WithImage(image)},
		Orchestrator: hyperpod.EKS(eksARN),
		VPC:          hyperpod.VPC{Subnets: []string{"subnet-1"}, SecurityGroups: []string{"sg-1"}},
	}
}

// grants are the accounts that may launch an AMI, and those that may make volumes of
// its snapshots.
func grants(t *testing.T, images *amisharetest.Server, id string) (launch, volume []string) {
	t.Helper()
	client := images.Client()
	permissions, err := client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: aws.String(id), Attribute: ec2types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	for _, p := range permissions.LaunchPermissions {
		launch = append(launch, aws.ToString(p.UserId))
	}
	described, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	require.NoError(t, err)
	for _, m := range described.Images[0].BlockDeviceMappings {
		snapshot, err := client.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: m.Ebs.SnapshotId, Attribute: ec2types.SnapshotAttributeNameCreateVolumePermission})
		require.NoError(t, err)
		for _, p := range snapshot.CreateVolumePermissions {
			volume = append(volume, aws.ToString(p.UserId))
		}
	}
	return launch, volume
}

// A cluster call that names a custom AMI shares it and its snapshot with the service's
// account, with the caller's rights.
func TestClusterCallsShareTheAMI(t *testing.T) {
	srv, images := emulators()
	first, second, third := images.AddImage(amisharetest.Image{}), images.AddImage(amisharetest.Image{}), images.AddImage(amisharetest.Image{})
	c := hyperpod.New(srv.Client()).Cluster("train")

	_, err := c.Create(t.Context(), spec(first))
	require.NoError(t, err)
	_, err = c.RollImage(t.Context(), hyperpod.Roll{
		Image: hyperpod.AMI(second), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
	})
	require.NoError(t, err)
	_, err = c.Update(t.Context(), hyperpod.AddGroup(spec(third).Groups[0].WithName("more")))
	require.NoError(t, err)
	for _, id := range []string{first, second, third} {
		launch, volume := grants(t, images, id)
		assert.Equal(t, []string{serviceAccount}, launch)
		assert.Equal(t, []string{serviceAccount}, volume)
	}
	for _, call := range images.Calls() {
		if call.Operation == "ModifyImageAttribute" || call.Operation == "ModifySnapshotAttribute" {
			assert.True(t, call.Forwarded, "the service calls with the caller's rights")
		}
	}
}

// HyperPod's own images are neither owned nor shared, and "default" is not looked up.
func TestImagesThatNeedNoSharing(t *testing.T) {
	srv, images := emulators()
	client := hyperpod.New(srv.Client())
	in := spec("default")
	_, err := client.Cluster("managed").Create(t.Context(), in)
	require.NoError(t, err)
	assert.Empty(t, images.Calls())

	in = spec(amisharetest.PublicImage("us-west-2", "eks", ec2types.ArchitectureValuesX8664))
	in.Orchestrator = hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/second-eks")
	_, err = client.Cluster("public").Create(t.Context(), in)
	require.NoError(t, err)
	for _, call := range images.Calls() {
		assert.Equal(t, "DescribeImages", call.Operation)
	}
}

func TestClusterCallsRefuseUnfitAMIs(t *testing.T) {
	tests := []struct {
		name  string
		image amisharetest.Image
		says  string
	}{
		{"another account's", amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}}, "owned by 444455556666"},
		{"not yet available", amisharetest.Image{State: ec2types.ImageStatePending}, "state pending"},
		{"encrypted by aws/ebs", amisharetest.Image{KMSKey: amisharetest.AWSManagedKey}, "is encrypted with"},
		{"encrypted by another key than the root volume", amisharetest.Image{KMSKey: customerKey}, "is encrypted with"},
		{"more volumes than the root", amisharetest.Image{Mappings: []ec2types.BlockDeviceMapping{
			{DeviceName: aws.String("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{}}, {DeviceName: aws.String("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{}},
		}}, "2 EBS snapshots"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, images := emulators()
			_, err := hyperpod.New(srv.Client()).Cluster("train").Create(t.Context(), spec(images.AddImage(tt.image)))
			require.ErrorContains(t, err, tt.says)
		})
	}
	t.Run("unknown", func(t *testing.T) {
		srv, _ := emulators()
		_, err := hyperpod.New(srv.Client()).Cluster("train").Create(t.Context(), spec("ami-00000000000000000"))
		require.ErrorContains(t, err, "InvalidAMIID.NotFound")
	})
}

// An AMI encrypted by a customer managed key runs where the root volume has that key.
func TestEncryptedAMIWithTheRootVolumesKey(t *testing.T) {
	srv, images := emulators()
	in := spec(images.AddImage(amisharetest.Image{KMSKey: customerKey}))
	in.Groups[0] = in.Groups[0].WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
		s.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{
			Value: types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String(customerKey)},
		}}
	})
	_, err := hyperpod.New(srv.Client()).Cluster("train").Create(t.Context(), in)
	require.NoError(t, err)
}

// A call that answers and changes nothing refuses what is refused: an AMI that is unfit,
// and a caller that may not share it. It shares nothing.
func TestIgnoredCallsRefuseAsEver(t *testing.T) {
	create := func(t *testing.T, srv *hyperpodtest.Server, image string) error {
		t.Helper()
		srv.Faults().Ignore("CreateCluster", 1)
		_, err := srv.CreateCluster(t.Context(), &sagemaker.CreateClusterInput{
			ClusterName: aws.String("train"), InstanceGroups: []types.ClusterInstanceGroupSpecification{{
				InstanceGroupName: aws.String("workers"), InstanceType: types.ClusterInstanceTypeMlC52xlarge, InstanceCount: aws.Int32(1),
				ExecutionRole: aws.String("arn:aws:iam::111122223333:role/HyperPod"), ImageId: aws.String(image),
			}},
		})
		return err
	}
	unfit := map[string]amisharetest.Image{
		"another account's": {Account: "444455556666", SharedWith: []string{"111122223333"}},
		"encrypted":         {KMSKey: amisharetest.AWSManagedKey},
	}
	for name, image := range unfit {
		t.Run(name, func(t *testing.T) {
			srv, images := emulators()
			require.ErrorContains(t, create(t, srv, images.AddImage(image)), "ValidationException")
		})
	}
	for _, action := range []string{"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"} {
		t.Run(action, func(t *testing.T) {
			srv, images := emulators()
			doc, err := policy.Decode([]byte(`{"Version":"2012-10-17","Statement":[
				{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`))
			require.NoError(t, err)
			set, err := policy.Compile(doc)
			require.NoError(t, err)
			srv = srv.As(hyperpodtest.Principal{ARN: "arn:aws:iam::111122223333:role/Builder", Policies: policy.Policies{Identity: set}})
			require.ErrorContains(t, create(t, srv, images.AddImage(amisharetest.Image{})), "is not authorized to perform: "+action)
		})
	}
	t.Run("nothing is shared", func(t *testing.T) {
		srv, images := emulators()
		id := images.AddImage(amisharetest.Image{})
		require.NoError(t, create(t, srv, id))
		launch, volume := grants(t, images, id)
		assert.Empty(t, launch)
		assert.Empty(t, volume)
	})
}
