package hyperpodtest_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestFailures(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		srv.Faults().Fail("CreateCluster", 2, &types.ResourceLimitExceeded{Message: aws.String("no more")})
		for range 2 {
			_, err := api.CreateCluster(t.Context(), createInput(group("workers", 1)))
			var limit *types.ResourceLimitExceeded
			require.ErrorAs(t, err, &limit)
		}
		create(t, api, createInput(group("workers", 1)))
		calls := srv.Calls()
		require.Len(t, calls, 3, "calls that fail are recorded")
		require.Error(t, calls[0].Err)
		assert.NotNil(t, calls[0].Input)
	})
}

// The service's own faults have a status that the SDK retries.
func TestFaultsOfTheServiceAreRetried(t *testing.T) {
	for code, err := range map[string]error{
		"ServiceUnavailable": &smithy.GenericAPIError{Code: "ServiceUnavailable"},
		"InternalFailure":    &smithy.GenericAPIError{Code: "InternalFailure"},
		"no API error":       errors.New("anything"),
	} {
		t.Run(code, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			srv.Faults().Fail("ListClusters", 1, err)
			_, err := srv.Client(func(o *sagemaker.Options) { o.RetryMaxAttempts = 2 }).ListClusters(t.Context(), nil)
			require.NoError(t, err)
			assert.Len(t, srv.Calls(), 2)
		})
	}
}

// The change is made and the answer is lost: the caller sees a broken connection.
func TestLostResponse(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		srv.Faults().LoseResponse("CreateCluster", 1)
		_, err := api.CreateCluster(t.Context(), createInput(group("workers", 1)))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, types.ClusterStatusInservice, describe(t, srv).ClusterStatus)
	})
}

// The SDK's own retry finds the name taken.
func TestLostResponseIsRetried(t *testing.T) {
	srv := hyperpodtest.NewServer()
	srv.Faults().LoseResponse("CreateCluster", 1)
	client := srv.Client(func(o *sagemaker.Options) { o.RetryMaxAttempts = 3 })
	_, err := client.CreateCluster(t.Context(), createInput(group("workers", 1)))
	var taken *types.ResourceInUse
	require.ErrorAs(t, err, &taken)
}

func TestAnswersThatChangeNothing(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		create(t, api, createInput(group("workers", 1)))
		arn := describe(t, srv).ClusterArn
		id := *nodes(t, srv)[0].InstanceId
		srv.Faults().Ignore("", 6)
		name := aws.String("train")
		ctx := t.Context()

		updated, err := api.UpdateCluster(ctx, &sagemaker.UpdateClusterInput{ClusterName: name, InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 5)}})
		require.NoError(t, err)
		assert.Equal(t, arn, updated.ClusterArn)
		_, err = api.UpdateClusterSoftware(ctx, &sagemaker.UpdateClusterSoftwareInput{ClusterName: name, ImageId: aws.String(newer)})
		require.NoError(t, err)
		deleted, err := api.BatchDeleteClusterNodes(ctx, &sagemaker.BatchDeleteClusterNodesInput{ClusterName: name, NodeIds: []string{id}})
		require.NoError(t, err)
		assert.Equal(t, []string{id}, deleted.Successful)
		added, err := api.BatchAddClusterNodes(ctx, &sagemaker.BatchAddClusterNodesInput{ClusterName: name, NodesToAdd: []types.AddClusterNodeSpecification{addNodes("workers", 2)}})
		require.NoError(t, err)
		assert.Len(t, added.Successful, 2)
		_, err = api.AddTags(ctx, &sagemaker.AddTagsInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
		require.NoError(t, err)
		_, err = api.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: name})
		require.NoError(t, err)

		out := describe(t, srv)
		assert.EqualValues(t, 1, *out.InstanceGroups[0].TargetCount)
		assert.Equal(t, golden, *out.InstanceGroups[0].CurrentImageId)
		assert.Equal(t, id, *nodes(t, srv)[0].InstanceId)
	})
}

func TestThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		srv.Faults().Throttle("ListClusters", 2)
		list := func() error { _, err := srv.Client().ListClusters(t.Context(), nil); return err }
		require.NoError(t, list())
		require.NoError(t, list())
		assert.Equal(t, "ThrottlingException", code(t, list()))
		time.Sleep(time.Second)
		require.NoError(t, list())
	})
}

func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		srv.Faults().Delay("ListClusters", time.Minute)
		start := time.Now()
		_, err := srv.ListClusters(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, time.Minute, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = srv.ListClusters(ctx, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// Hooks run with no lock held: they may call the server.
func TestHooks(t *testing.T) {
	srv := hyperpodtest.NewServer()
	refused := errors.New("refused by the hook")
	var after []string
	srv.Faults().Before(func(ctx context.Context, operation string, input any) error {
		if operation != "DeleteCluster" {
			return nil
		}
		in, ok := input.(*sagemaker.DeleteClusterInput)
		require.True(t, ok)
		_, err := srv.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: in.ClusterName})
		require.NoError(t, err)
		return refused
	})
	srv.Faults().After(func(_ context.Context, operation string, _ any, err error) {
		if err != nil {
			after = append(after, operation)
		}
	})
	create(t, srv, createInput(group("workers", 1)))
	_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
	require.ErrorIs(t, err, refused)
	assert.Equal(t, []string{"DeleteCluster"}, after)
	srv.Faults().Clear()
	_, err = srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
	require.NoError(t, err)
}

// The same faults around a client of one's own, without an emulator behind it.
func TestInjectIntoAnyClient(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	var faults hyperpodtest.Faults
	client := srv.Client(func(o *sagemaker.Options) { o.APIOptions = append(o.APIOptions, faults.Inject) })
	faults.Fail("DescribeCluster", 1, &types.ResourceNotFound{Message: aws.String("gone")})
	faults.Ignore("UpdateCluster", 1)
	_, err := client.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	var gone *types.ResourceNotFound
	require.ErrorAs(t, err, &gone)
	_, err = client.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: aws.String("train"), InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 5)}})
	require.NoError(t, err)
	assert.EqualValues(t, 1, *describe(t, client).InstanceGroups[0].TargetCount)
}
