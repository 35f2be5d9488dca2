package hyperpodtest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// denies is a principal that may do everything but one action under a condition.
func denies(t *testing.T, action, resource, condition string) hyperpodtest.Principal {
	t.Helper()
	return principal(t, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Effect":"Deny","Action":%q,"Resource":%q,"Condition":%s}]}`, action, resource, condition))
}

// A restricted group's role gets an access entry as any other does, and loses it.
func TestRolesOfRestrictedGroups(t *testing.T) {
	const restrictedRole = "arn:aws:iam::111122223333:role/Restricted"
	in := createInput(group("workers", 1))
	in.RestrictedInstanceGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
		ExecutionRole:     aws.String(restrictedRole),
		EnvironmentConfig: &types.EnvironmentConfig{FSxLustreConfig: &types.FSxLustreConfig{SizeInGiB: aws.Int32(12000), PerUnitStorageThroughput: aws.Int32(125)}},
	}}
	update := &sagemaker.UpdateClusterInput{ClusterName: in.ClusterName, RestrictedInstanceGroups: in.RestrictedInstanceGroups}
	about := fmt.Sprintf(`{"ArnEquals":{"eks:principalArn":%q}}`, restrictedRole)
	for _, tt := range []struct{ operation, action string }{
		{"CreateCluster", "eks:CreateAccessEntry"},
		{"CreateCluster", "eks:AssociateAccessPolicy"},
		{"UpdateCluster", "eks:CreateAccessEntry"},
		{"DeleteCluster", "eks:DeleteAccessEntry"},
	} {
		t.Run(tt.operation+" "+tt.action, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			view := srv.As(denies(t, tt.action, "*", about))
			var err error
			switch tt.operation {
			case "CreateCluster":
				_, err = view.CreateCluster(t.Context(), in)
			case "UpdateCluster":
				create(t, srv, in)
				_, err = view.UpdateCluster(t.Context(), update)
			default:
				create(t, srv, in)
				_, err = view.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: in.ClusterName})
			}
			require.ErrorContains(t, err, tt.action)
		})
	}
}

// A software update takes the keys of the groups that it is about, and no others.
func TestSoftwareUpdateNeedsTheKeysOfItsGroups(t *testing.T) {
	encrypted := func(key string) func(*types.ClusterInstanceGroupSpecification) {
		return ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(100), VolumeKmsKeyId: aws.String("arn:aws:kms:us-west-2:111122223333:key/" + key)})
	}
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1, encrypted("open")), group("login", 1, encrypted("closed"))))
	view := srv.As(denies(t, "kms:CreateGrant", "arn:aws:kms:us-west-2:111122223333:key/closed", `{"Bool":{"aws:ViaAWSService":"true"}}`))
	require.NoError(t, roll(t, view, newer, nil, "workers"))
	for _, names := range [][]string{{"login"}, {"workers", "login"}, nil} {
		require.ErrorContains(t, roll(t, view, newer, nil, names...), "key/closed", "%v", names)
	}
}

// Nodes that are added have volumes, and these keys.
func TestAddedNodesNeedTheKeysOfTheirGroups(t *testing.T) {
	encrypted := func(key string) func(*types.ClusterInstanceGroupSpecification) {
		return ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(100), VolumeKmsKeyId: aws.String("arn:aws:kms:us-west-2:111122223333:key/" + key)})
	}
	for _, action := range []string{"kms:CreateGrant", "kms:DescribeKey"} {
		srv := hyperpodtest.NewServer()
		create(t, srv, createInput(group("workers", 1, encrypted("open")), group("login", 1, encrypted("closed"))))
		view := srv.As(denies(t, action, "arn:aws:kms:us-west-2:111122223333:key/closed", `{"Bool":{"aws:ViaAWSService":"true"}}`))
		add := func(group string) error {
			_, err := view.BatchAddClusterNodes(t.Context(), &sagemaker.BatchAddClusterNodesInput{
				ClusterName: aws.String("train"), NodesToAdd: []types.AddClusterNodeSpecification{{InstanceGroupName: aws.String(group), IncrementTargetCountBy: aws.Int32(1)}},
			})
			return err
		}
		require.NoError(t, add("workers"))
		require.ErrorContains(t, add("login"), action)
	}
}

// What a policy sees of the keys of volumes.
func TestKeysOfVolumes(t *testing.T) {
	for _, tt := range []struct{ name, region, key, resource, via string }{
		{"ARN", "us-west-2", "arn:aws:kms:us-west-2:444455556666:key/1234abcd", "arn:aws:kms:us-west-2:444455556666:key/1234abcd", "sagemaker.us-west-2.amazonaws.com"},
		{"id", "us-west-2", "1234abcd", "arn:aws:kms:us-west-2:111122223333:key/1234abcd", "sagemaker.us-west-2.amazonaws.com"},
		{"alias", "us-west-2", "alias/volumes", "arn:aws:kms:us-west-2:111122223333:alias/volumes", "sagemaker.us-west-2.amazonaws.com"},
		{"China", "cn-north-1", "1234abcd", "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd", "sagemaker.cn-north-1.amazonaws.com.cn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := createInput(group("workers", 1, ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(100), VolumeKmsKeyId: aws.String(tt.key)})))
			only := func(resource, via string) hyperpodtest.Principal {
				return principal(t, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
					{"Effect":"Allow","NotAction":"kms:*","Resource":"*"},
					{"Effect":"Allow","Action":"kms:*","Resource":%q,"Condition":{"StringEquals":{"kms:ViaService":%q}}}]}`, resource, via))
			}
			srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Region = tt.region })
			_, err := srv.As(only(tt.resource+"x", tt.via)).CreateCluster(t.Context(), in)
			require.ErrorContains(t, err, "kms:")
			_, err = srv.As(only(tt.resource, "ec2."+tt.via)).CreateCluster(t.Context(), in)
			require.ErrorContains(t, err, "kms:")
			create(t, srv.As(only(tt.resource, tt.via)), in)
		})
	}
}
