package hyperpod_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// answeredAt is a service's refusal as it comes over the wire, with the service's time.
func answeredAt(at time.Time, err error) error {
	header := http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusBadRequest, Header: header}}, Err: err}
}

// takenName is an API on which the name is taken by what first creates, and whose clock
// differs from ours. The cluster that has the name was created some time before the request.
func takenName(srv *hyperpodtest.Server, skew, before time.Duration, first func(*sagemaker.CreateClusterInput)) scripted {
	var created time.Time
	return scripted{
		API: srv.Client(),
		create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
			created = time.Now().Add(skew - before)
			other := *in
			if first != nil {
				first(&other)
			}
			if _, err := srv.CreateCluster(ctx, &other); err != nil {
				return nil, err
			}
			time.Sleep(2 * time.Second)
			_, err := srv.CreateCluster(ctx, in)
			return nil, answeredAt(time.Now().Add(skew), err)
		},
		describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := srv.DescribeCluster(ctx, in)
			if err == nil && !created.IsZero() {
				out.CreationTime = aws.Time(created)
			}
			return out, err
		},
	}
}

// Whose a cluster is, is told by the service's clock: ours may be wrong.
func TestALostCreationIsFoundByTheServicesClock(t *testing.T) {
	for _, tt := range []struct {
		name         string
		skew, before time.Duration
		ours         bool
	}{
		{"same clock", 0, 0, true},
		{"our clock ahead", -10 * time.Minute, 0, true},
		{"our clock behind", 10 * time.Minute, 0, true},
		{"same clock, somebody else's", 0, 5 * time.Second, false},
		{"our clock ahead, somebody else's", -10 * time.Minute, 5 * time.Second, false},
		{"our clock behind, somebody else's", 10 * time.Minute, 5 * time.Second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := hyperpod.New(takenName(hyperpodtest.NewServer(), tt.skew, tt.before, nil)).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
				if tt.ours {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, hyperpod.ErrClusterExists)
				var sdk *types.ResourceInUse
				require.ErrorAs(t, err, &sdk)
			})
		})
	}
}

// A cluster is ours when it has all that was asked; what was left to the service may be
// anything.
func TestALostCreationIsComparedWhole(t *testing.T) {
	scaling := &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeEnable, AutoScalerType: types.ClusterAutoScalerTypeKarpenter}
	fsx := func(size int32) *types.ClusterRestrictedInstanceGroupsConfig {
		return &types.ClusterRestrictedInstanceGroupsConfig{SharedEnvironmentConfig: &types.ClusterSharedEnvironmentConfig{
			FSxLustreConfig:         &types.FSxLustreConfig{SizeInGiB: aws.Int32(size), PerUnitStorageThroughput: aws.Int32(125)},
			FSxLustreDeletionPolicy: "Keep",
		}}
	}
	for _, tt := range []struct {
		name  string
		spec  func(*hyperpod.Spec)
		other func(*sagemaker.CreateClusterInput)
		ours  bool
	}{
		{"autoscaling", func(s *hyperpod.Spec) { s.AutoScaling, s.ClusterRole = scaling, adminRole }, func(in *sagemaker.CreateClusterInput) { in.AutoScaling = nil }, false},
		{"role", func(s *hyperpod.Spec) { s.ClusterRole = adminRole }, func(in *sagemaker.CreateClusterInput) { in.ClusterRole = aws.String(adminRole + "2") }, false},
		{"storage", func(s *hyperpod.Spec) {
			s.TieredStorage = &types.ClusterTieredStorageConfig{Mode: types.ClusterConfigModeEnable, InstanceMemoryAllocationPercentage: aws.Int32(30)}
		}, func(in *sagemaker.CreateClusterInput) {
			in.TieredStorageConfig = &types.ClusterTieredStorageConfig{Mode: types.ClusterConfigModeEnable, InstanceMemoryAllocationPercentage: aws.Int32(20)}
		}, false},
		{"storage not described yet", func(s *hyperpod.Spec) {
			s.TieredStorage = &types.ClusterTieredStorageConfig{Mode: types.ClusterConfigModeEnable}
		}, func(in *sagemaker.CreateClusterInput) { in.TieredStorageConfig = nil }, true},
		{"restricted environment", func(s *hyperpod.Spec) { s.RestrictedGroupsConfig = fsx(12000) }, func(in *sagemaker.CreateClusterInput) { in.RestrictedInstanceGroupsConfig = fsx(24000) }, false},
		{"mode", func(*hyperpod.Spec) {}, func(in *sagemaker.CreateClusterInput) { in.NodeProvisioningMode = "" }, false},
		{"one group more", func(*hyperpod.Spec) {}, func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups = append(slices.Clone(in.InstanceGroups), workersGroup("more", 1).Spec())
		}, false},
		{"order of subnets", func(s *hyperpod.Spec) { s.VPC.Subnets = []string{"subnet-1", "subnet-2"} }, func(in *sagemaker.CreateClusterInput) {
			in.VpcConfig = &types.VpcConfig{Subnets: []string{"subnet-2", "subnet-1"}, SecurityGroupIds: in.VpcConfig.SecurityGroupIds}
		}, true},
		{"left to the service", func(*hyperpod.Spec) {}, func(in *sagemaker.CreateClusterInput) { in.NodeRecovery = types.ClusterNodeRecoveryNone }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				spec := pageSpec(1)
				tt.spec(&spec)
				_, err := hyperpod.New(takenName(hyperpodtest.NewServer(), 0, 0, tt.other)).Cluster("example-cluster").Create(t.Context(), spec)
				if tt.ours {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, hyperpod.ErrClusterExists)
			})
		})
	}
}

// When nobody can look, nobody says whose the cluster is.
func TestALostCreationThatCannotBeLookedAt(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 1)
	denied := errors.New("denied")
	api := scripted{API: srv.Client(), describe: func(context.Context, *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		return nil, denied
	}}
	report, err := hyperpod.New(api, fast).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
	require.ErrorIs(t, err, denied)
	require.NotErrorIs(t, err, hyperpod.ErrClusterExists)
	var sdk *types.ResourceInUse
	require.ErrorAs(t, err, &sdk)
	assert.True(t, report.Unknown)
}
