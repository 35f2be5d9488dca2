package hyperpodtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	keyID     = "1234abcd-12ab-34cd-56ef-1234567890ab"
	keyARN    = "arn:aws:kms:us-west-2:111122223333:key/" + keyID
	publicAMI = "ami-0aaaaaaaaaaaaaaaa"
)

// ec2 is an EC2 in which every account owns every AMI but the public one.
type ec2 struct {
	key     string // that encrypts all snapshots
	refuses error  // what the service gets when it looks at an AMI
	region  string // where alone it does; empty means everywhere
}

const service = "999988887777"

func (e *ec2) DescribeImage(_ context.Context, account, region, imageID string) (owner, name, architecture, state string, snapshots []string, err error) {
	if account == service && (e.region == "" || e.region == region) && e.refuses != nil {
		return "", "", "", "", nil, e.refuses
	}
	if imageID == publicAMI {
		return "amazon", "HyperPod Slurm x86_64 AMI", "x86_64", "available", []string{"snap-0"}, nil
	}
	return account, "golden", "x86_64", "available", []string{"snap-1"}, nil
}

func (e *ec2) DescribeSnapshot(context.Context, string, string, string) (kmsKey string, managed bool, err error) {
	return e.key, false, nil
}

func (e *ec2) ShareImage(context.Context, string, string, string, string) error    { return nil }
func (e *ec2) ShareSnapshot(context.Context, string, string, string, string) error { return nil }

// on wires an EC2 to a server and requires the service's own grants.
func on(images *ec2) func(*hyperpodtest.Options) {
	return func(o *hyperpodtest.Options) { o.Images, o.ServiceAccount, o.RequireGrant = images, service, true }
}

var absent = &smithy.GenericAPIError{Code: "InvalidAMIID.NotFound", Message: "The image id does not exist"}

// The service replaces a failed node by itself, and cannot start the new one once its
// own grant was taken away.
func TestReplacementByItselfNeedsTheGrant(t *testing.T) {
	images := new(ec2)
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.FailLifecycle(golden, "EFA start-up failed")
		create(t, srv, createInput(group("workers", 1)))
		after(30 * time.Minute)
		srv.MendLifecycle(golden)
		images.refuses = absent
		after(time.Hour)
		out, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train"), IncludeNodeLogicalIds: aws.Bool(true)})
		require.NoError(t, err)
		for _, n := range out.ClusterNodeSummaries {
			assert.Contains(t, aws.ToString(n.InstanceStatus.Message), "not shared")
		}
		assert.EqualValues(t, 0, *describe(t, srv).InstanceGroups[0].CurrentCount)
		images.refuses = nil
		after(time.Hour)
		assert.EqualValues(t, 1, *describe(t, srv).InstanceGroups[0].CurrentCount, "the grant is back")
	}, on(images))
}

func TestWhatMakesAGrantLost(t *testing.T) {
	tests := []struct {
		name    string
		refuses error
		region  string
		starts  bool
	}{
		{"absent", absent, "", false},
		{"refused", &smithy.GenericAPIError{Code: "UnauthorizedOperation"}, "", false},
		{"throttled", &smithy.GenericAPIError{Code: "RequestLimitExceeded"}, "", true},
		{"out of order", errors.New("no connection"), "", true},
		{"absent in another Region", absent, "eu-west-1", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			images := new(ec2)
			with(t, func(t *testing.T, srv *hyperpodtest.Server) {
				elsewhere := srv.Client(func(o *sagemaker.Options) { o.Region = "eu-west-1" })
				in := createInput(group("workers", 1))
				in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
				create(t, srv, in)
				_, err := elsewhere.CreateCluster(t.Context(), in)
				require.NoError(t, err)
				after(time.Hour)
				images.refuses, images.region = tt.refuses, tt.region
				add := &sagemaker.BatchAddClusterNodesInput{ClusterName: aws.String("train"), NodesToAdd: []types.AddClusterNodeSpecification{addNodes("workers", 1)}}
				_, err = elsewhere.BatchAddClusterNodes(t.Context(), add)
				require.NoError(t, err)
				_, err = srv.BatchAddClusterNodes(t.Context(), add)
				require.NoError(t, err)
				after(time.Hour)
				want := int32(1)
				if tt.starts {
					want = 2
				}
				assert.Equal(t, want, *describe(t, srv).InstanceGroups[0].CurrentCount)
			}, on(images))
		})
	}
}

// A key's id and its ARN name one key.
func TestNamesOfAKey(t *testing.T) {
	tests := []struct {
		name, snapshot, volume string
		same                   bool
	}{
		{"ARN and id", keyARN, keyID, true},
		{"id and ARN", keyID, keyARN, true},
		{"one ARN", keyARN, keyARN, true},
		{"another id", keyARN, "9234abcd-12ab-34cd-56ef-1234567890ab", false},
		{"another account's ARN", keyARN, "arn:aws:kms:us-west-2:444455556666:key/" + keyID, false},
		{"an alias by two names", "arn:aws:kms:us-west-2:111122223333:alias/hyperpod", "alias/hyperpod", true},
		{"an alias, whatever its key", keyARN, "alias/hyperpod", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer(on(&ec2{key: tt.snapshot}))
			root := func(key string) func(*types.ClusterInstanceGroupSpecification) {
				return ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String(key)})
			}
			_, err := srv.CreateCluster(t.Context(), createInput(group("workers", 1, root(tt.volume))))
			if !tt.same {
				assert.ErrorContains(t, err, "is encrypted with")
				return
			}
			require.NoError(t, err)
			describe(t, srv)
			update := &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2, root(tt.snapshot))}}
			update.ClusterName = aws.String("train")
			_, err = srv.UpdateCluster(t.Context(), update)
			require.NoError(t, err, "the other name of the key is no change")
		})
	}
}

// A group on a public AMI of HyperPod is on HyperPod's own image: on Slurm it goes to
// another of them, and to no custom AMI.
func TestSlurmFromPublicToCustom(t *testing.T) {
	srv := hyperpodtest.NewServer(on(new(ec2)))
	in := createInput(group("workers", 1, func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = aws.String(publicAMI) }), group("other", 1, func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = nil }), group("custom", 1))
	in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
	create(t, srv, in)
	describe(t, srv)
	for _, name := range []string{"workers", "other"} {
		err := roll(t, srv, newer, nil, name)
		assert.Equal(t, "ValidationException", code(t, err))
		require.ErrorContains(t, err, "cannot be updated from a HyperPod AMI")
	}
	require.NoError(t, roll(t, srv, newer, nil, "custom"), "from custom to custom")
	describe(t, srv)
	require.NoError(t, roll(t, srv, publicAMI, nil, "other"), "from one of HyperPod's to another")
	describe(t, srv)
	_, err := srv.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{
		ClusterName: aws.String("train"), InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
	})
	require.NoError(t, err, "ImageId is required for custom AMIs only")
	assert.Equal(t, "default", *describe(t, srv).InstanceGroups[0].CurrentImageId)
}
