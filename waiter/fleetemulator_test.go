package waiter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func createOn(t *testing.T, srv *hyperpodtest.Server, name string, instances int32) {
	t.Helper()
	_, err := srv.CreateCluster(t.Context(), &sagemaker.CreateClusterInput{
		ClusterName: &name, NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
		InstanceGroups: []types.ClusterInstanceGroupSpecification{{
			InstanceGroupName: aws.String("workers"), InstanceCount: &instances, InstanceType: types.ClusterInstanceTypeMlC52xlarge,
			ExecutionRole: aws.String("arn:aws:iam::111122223333:role/execution"), ImageId: aws.String(amiA),
			LifeCycleConfig: &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://bucket"), OnCreate: aws.String("on_create.sh")},
		}},
		VpcConfig: &types.VpcConfig{SecurityGroupIds: []string{"sg-0123456789abcdef0"}, Subnets: []string{"subnet-0123456789abcdef0"}},
		Orchestrator: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{
			ClusterArn: aws.String("arn:aws:eks:us-west-2:111122223333:cluster/" + name),
		}},
	})
	require.NoError(t, err)
}

// A fleet's life on the emulator: created, scaled, updated and deleted, with a day's
// waiting in between.
func TestAFleetOnTheEmulator(t *testing.T) {
	bubble(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		all := names("train", 12)
		for _, name := range all {
			createOn(t, srv, name, 2)
		}
		f := waiter.NewFleet(func(o *waiter.Options) { o.Limiter = waiter.NewLimiter(5, 5) })
		f.Add(srv.Client(), all...)
		require.NoError(t, f.InService(t.Context()))
		require.NoError(t, f.Wait(t.Context(), waiter.GoalStable()))

		before := map[string]*sagemaker.DescribeClusterOutput{}
		for _, name := range all {
			out, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &name})
			require.NoError(t, err)
			before[name] = out
			_, err = srv.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{
				ClusterName: &name, ImageId: aws.String(amiB),
				InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
			})
			require.NoError(t, err)
		}
		requested := time.Now()
		updates := 0
		for r, err := range f.Each(t.Context(), waiter.GoalUpdated(func(name string) waiter.Update {
			return waiter.Update{Groups: []string{"workers"}, Image: amiB, Before: before[name], Requested: requested}
		})) {
			require.NoError(t, err)
			require.Len(t, r.Software, 1)
			assert.Equal(t, waiter.SoftwareSucceeded, r.Software[0].Outcome)
			updates++
		}
		assert.Equal(t, len(all), updates)

		for _, name := range all {
			_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: &name})
			require.NoError(t, err)
		}
		require.NoError(t, f.Deleted(t.Context()))
		for _, name := range all {
			_, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &name})
			require.Error(t, err, "%s exists", name)
		}
	})
}

func TestAFleetThatLosesItsConnectionGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		for i := range 5 {
			createOn(t, srv, fmt.Sprintf("c-%05d", i), 1)
		}
		srv.Faults().LoseResponse("ListClusters", 5)
		srv.Faults().LoseResponse("DescribeCluster", 5)
		srv.Faults().Throttle("", 0.1)
		f := waiter.NewFleet()
		f.Add(srv.Client(), names("c", 5)...)
		require.NoError(t, f.InService(t.Context()))
	})
}
