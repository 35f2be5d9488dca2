package hyperpodtest_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// Fifty goroutines of mixed calls, through both doors, on shared and own clusters. The
// bubble ends clean: the emulator has no goroutine of its own.
func TestManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Speed = 100 })
		create(t, srv, createInput(group("workers", 3)))
		var all sync.WaitGroup
		worked := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		for i := range 50 {
			all.Go(func() {
				var api hyperpodtest.API = srv
				if i%2 == 0 {
					api = srv.Client()
				}
				ctx, own := t.Context(), fmt.Sprintf("own-%02d", i)
				in := createInput(group("workers", 2))
				in.ClusterName, in.Orchestrator = aws.String(own), &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
				_, err := api.CreateCluster(ctx, in)
				worked(err)
				for range 20 {
					time.Sleep(10 * time.Second)
					for _, name := range []string{own, "train"} {
						_, err = api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(name)})
						worked(err)
						_, err = api.ListClusterNodes(ctx, &sagemaker.ListClusterNodesInput{ClusterName: aws.String(name)})
						worked(err)
						// These may be refused while another runs.
						_, _ = api.UpdateCluster(ctx, &sagemaker.UpdateClusterInput{ClusterName: aws.String(name), InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", int32(i%5))}})
						_, _ = api.UpdateClusterSoftware(ctx, &sagemaker.UpdateClusterSoftwareInput{ClusterName: aws.String(name), ImageId: aws.String(newer)})
					}
					_, err = api.ListClusters(ctx, &sagemaker.ListClustersInput{MaxResults: aws.Int32(7)})
					worked(err)
					srv.SetAlarm("a", i%2 == 0)
					_ = srv.Calls()
				}
				_, _ = api.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: aws.String(own)})
			})
		}
		all.Wait()
		time.Sleep(time.Hour)
		assert.Equal(t, types.ClusterStatusInservice, describe(t, srv).ClusterStatus)
	})
}

// Whatever is sent is answered: with success or with an error of the service's kind.
func FuzzServeHTTP(f *testing.F) {
	for _, seed := range []struct{ operation, body string }{
		{"CreateCluster", `{"ClusterName":"train","InstanceGroups":[{"InstanceGroupName":"g","InstanceCount":1,"InstanceType":"ml.c5.large","ExecutionRole":"arn:aws:iam::111122223333:role/r"}]}`},
		{"CreateCluster", `{"ClusterName":"train","InstanceGroups":[null]}`},
		{"CreateCluster", `{"ClusterName":"train","InstanceGroups":[{"InstanceStorageConfigs":[{}],"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":1e300}}}]}`},
		{"UpdateCluster", `{"ClusterName":"seed","InstanceGroups":[{"InstanceGroupName":"workers","InstanceCount":0,"ExecutionRole":"arn:aws:iam::111122223333:role/HyperPod"}]}`},
		{"UpdateCluster", `{"ClusterName":"seed","InstanceGroupsToDelete":["workers",null]}`},
		{"UpdateClusterSoftware", `{"ClusterName":"seed","ImageId":"default","DeploymentConfig":{"RollingUpdatePolicy":{}}}`},
		{"ListClusters", `{"NextToken":"YXQ6OTk","CreationTimeAfter":-1.5,"MaxResults":100}`},
		{"ListClusters", `{"CreationTimeAfter":1e308,"CreationTimeBefore":-1e308}`},
		{"ListClusterNodes", `{"ClusterName":"seed","SortBy":"NAME","SortOrder":"Descending"}`},
		{"BatchAddClusterNodes", `{"ClusterName":"seed","NodesToAdd":[{"InstanceGroupName":"workers","IncrementTargetCountBy":1}],"ClientToken":"t"}`},
		{"BatchDeleteClusterNodes", `{"ClusterName":"seed","NodeLogicalIds":["x1"]}`},
		{"AddTags", `{"ResourceArn":"arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl","Tags":[{"Key":"k"}]}`},
		{"StartClusterHealthCheck", `{"ClusterName":"seed","DeepHealthCheckConfigurations":[{}]}`},
		{"DescribeClusterEvent", `{"ClusterName":"seed","EventId":"x"}`},
	} {
		f.Add(seed.operation, seed.body)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		srv := hyperpodtest.NewServer()
		in := createInput(group("workers", 1))
		in.ClusterName = aws.String("seed")
		create(t, srv, in)
		status, answer := post(srv, operation, body)
		if status != http.StatusOK && status != http.StatusBadRequest {
			t.Fatalf("%s %s: status %d, %s", operation, body, status, answer)
		}
		_, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("seed")})
		if operation != "DeleteCluster" {
			require.NoError(t, err)
		}
	})
}
