package hyperpodtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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

const (
	role   = "arn:aws:iam::111122223333:role/HyperPod"
	eksARN = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
)

func group(name string, count int32, edits ...func(*types.ClusterInstanceGroupSpecification)) types.ClusterInstanceGroupSpecification {
	g := types.ClusterInstanceGroupSpecification{
		InstanceGroupName: aws.String(name), InstanceCount: aws.Int32(count), InstanceType: types.ClusterInstanceTypeMlC52xlarge,
		ExecutionRole: aws.String(role), ImageId: aws.String("ami-0123456789abcdef0"),
		LifeCycleConfig: &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://bucket"), OnCreate: aws.String("on_create.sh")},
	}
	for _, edit := range edits {
		edit(&g)
	}
	return g
}

func createInput(groups ...types.ClusterInstanceGroupSpecification) *sagemaker.CreateClusterInput {
	return &sagemaker.CreateClusterInput{
		ClusterName: aws.String("train"), InstanceGroups: groups, NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
		VpcConfig:    &types.VpcConfig{SecurityGroupIds: []string{"sg-0123456789abcdef0"}, Subnets: []string{"subnet-0123456789abcdef0"}},
		Orchestrator: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String(eksARN)}},
	}
}

func wholeInput(groups ...types.ClusterInstanceGroupSpecification) *sagemaker.CreateClusterInput {
	in := createInput(groups...)
	in.NodeProvisioningMode = ""
	return in
}

func describe(t *testing.T, api hyperpodtest.API) *sagemaker.DescribeClusterOutput {
	t.Helper()
	out, err := api.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	require.NoError(t, err)
	return out
}

func create(t *testing.T, api hyperpodtest.API, in *sagemaker.CreateClusterInput) {
	t.Helper()
	_, err := api.CreateCluster(t.Context(), in)
	require.NoError(t, err)
}

// doors runs a test through both doors of the emulator.
func doors(t *testing.T, test func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API), optFns ...func(*hyperpodtest.Options)) {
	t.Run("typed", func(t *testing.T) {
		srv := hyperpodtest.NewServer(optFns...)
		test(t, srv, srv)
	})
	t.Run("wire", func(t *testing.T) {
		srv := hyperpodtest.NewServer(optFns...)
		test(t, srv, srv.Client())
	})
}

func TestCreateDescribeDelete(t *testing.T) {
	doors(t, func(t *testing.T, _ *hyperpodtest.Server, api hyperpodtest.API) {
		created, err := api.CreateCluster(t.Context(), createInput(group("workers", 2)))
		require.NoError(t, err)
		assert.Regexp(t, `^arn:aws:sagemaker:us-west-2:111122223333:cluster/[a-z0-9]{12}$`, *created.ClusterArn)
		assert.NotContains(t, *created.ClusterArn, "train")

		out := describe(t, api)
		assert.Equal(t, created.ClusterArn, out.ClusterArn)
		assert.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
		require.Len(t, out.InstanceGroups, 1)
		g := out.InstanceGroups[0]
		assert.Equal(t, types.InstanceGroupStatusInservice, g.Status)
		assert.EqualValues(t, 2, *g.CurrentCount)
		assert.EqualValues(t, 2, *g.TargetCount)
		assert.Equal(t, "ami-0123456789abcdef0", *g.CurrentImageId)

		byARN, err := api.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: created.ClusterArn})
		require.NoError(t, err)
		assert.Equal(t, out.InstanceGroups, byARN.InstanceGroups)

		nodes, err := api.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		require.Len(t, nodes.ClusterNodeSummaries, 2)
		node, err := api.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{
			ClusterName: aws.String("train"), NodeId: nodes.ClusterNodeSummaries[1].InstanceId,
		})
		require.NoError(t, err)
		assert.Equal(t, types.ClusterInstanceStatusRunning, node.NodeDetails.InstanceStatus.Status)
		assert.Equal(t, "ami-0123456789abcdef0", *node.NodeDetails.CurrentImageId)

		_, err = api.CreateCluster(t.Context(), createInput(group("workers", 2)))
		var inUse *types.ResourceInUse
		require.ErrorAs(t, err, &inUse)

		_, err = api.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		_, err = api.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		var missing *types.ResourceNotFound
		require.ErrorAs(t, err, &missing)
	})
}

func TestARNIsNotReused(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 0)))
	first := describe(t, srv).ClusterArn
	_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
	require.NoError(t, err)
	_, err = srv.ListClusters(t.Context(), nil)
	require.NoError(t, err)
	create(t, srv, createInput(group("workers", 0)))
	assert.NotEqual(t, first, describe(t, srv).ClusterArn)
}

// The bodies that the AWS CLI sends for the AWS page's four commands are answered,
// each once the cluster is in service again.
func TestRecordedBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		for _, step := range []struct{ file, operation string }{
			{"1-create-cluster.json", "CreateCluster"},
			{"2-update-cluster-software.json", "UpdateClusterSoftware"},
			{"3-update-cluster-scale.json", "UpdateCluster"},
			{"4-update-cluster-add-group.json", "UpdateCluster"},
		} {
			body, err := os.ReadFile(filepath.Join("..", "..", "testdata", "requests", step.file))
			require.NoError(t, err)
			status, answer := post(srv, step.operation, string(body))
			require.Equal(t, http.StatusOK, status, "%s: %s", step.file, answer)
			assert.Contains(t, answer, `"ClusterArn":"arn:aws:sagemaker:`)
			assert.Eventually(t, func() bool {
				_, answer := post(srv, "DescribeCluster", `{"ClusterName":"example-cluster"}`)
				return strings.Contains(answer, `"ClusterStatus":"InService"`) && !strings.Contains(answer, `"Scaling"`)
			}, 3*time.Hour, time.Minute)
		}
		_, answer := post(srv, "DescribeCluster", `{"ClusterName":"example-cluster"}`)
		var out struct {
			InstanceGroups []struct {
				InstanceGroupName      string
				TargetCount            int
				CurrentImageId         string
				InstanceStorageConfigs []any
			}
		}
		require.NoError(t, json.Unmarshal([]byte(answer), &out))
		require.Len(t, out.InstanceGroups, 2)
		assert.Equal(t, 2, out.InstanceGroups[0].TargetCount)
		assert.Len(t, out.InstanceGroups[0].InstanceStorageConfigs, 1, "scaling without storage keeps what the group had")
		assert.Equal(t, 1, out.InstanceGroups[1].TargetCount)
		assert.Equal(t, "ami-0123456789abcdef0", out.InstanceGroups[1].CurrentImageId)
	})
}

// The page's newer examples with customer managed keys are answered too.
func TestRecordedBodiesWithKeys(t *testing.T) {
	srv := hyperpodtest.NewServer()
	for _, step := range []struct{ file, operation string }{
		{"5-create-cluster-kms.json", "CreateCluster"},
		{"6-update-cluster-scale-kms.json", "UpdateCluster"},
	} {
		body, err := os.ReadFile(filepath.Join("..", "..", "testdata", "requests", step.file))
		require.NoError(t, err)
		status, answer := post(srv, step.operation, string(body))
		require.Equal(t, http.StatusOK, status, "%s: %s", step.file, answer)
	}
}

func post(srv http.Handler, operation, body string) (status int, answer string) {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewBufferString(body))
	r.Header.Set("X-Amz-Target", "SageMaker."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	raw, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(raw)
}

func TestWireErrors(t *testing.T) {
	srv := hyperpodtest.NewServer()
	tests := []struct{ name, operation, body, code, says string }{
		{"unknown operation", "CreateHyperCluster", `{}`, "UnknownOperationException", "CreateHyperCluster"},
		{"no JSON", "DescribeCluster", `{`, "SerializationException", ""},
		{"unknown member", "DescribeCluster", `{"ClusterName":"c","Colour":1}`, "SerializationException", "Colour"},
		{"unknown member of a structure", "CreateCluster", `{"ClusterName":"c","InstanceGroups":[{"Colour":1}]}`, "SerializationException", "InstanceGroups[0].Colour"},
		{"time out of range", "ListClusters", `{"CreationTimeAfter":1e308}`, "SerializationException", "CreationTimeAfter"},
		{"missing member", "DescribeCluster", `{}`, "ValidationException", "1 validation error detected: Value at 'clusterName' failed to satisfy constraint: Member must not be null"},
		{"range", "ListClusters", `{"MaxResults":101}`, "ValidationException", "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100"},
		{"nested path", "UpdateClusterSoftware", `{"ClusterName":"c","InstanceGroups":[{"InstanceGroupName":"_"}]}`, "ValidationException", "'instanceGroups.1.member.instanceGroupName'"},
		{"not found", "DescribeCluster", `{"ClusterName":"c"}`, "ResourceNotFound", "c could not be found"},
		{"bad token", "ListClusters", `{"NextToken":"7"}`, "ValidationException", "NextToken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, answer := post(srv, tt.operation, tt.body)
			assert.Equal(t, http.StatusBadRequest, status)
			assert.Contains(t, answer, `"__type":"`+tt.code+`"`)
			assert.Contains(t, answer, tt.says)
		})
	}
}

func TestIdentityFromTheSignature(t *testing.T) {
	srv := hyperpodtest.NewServer()
	signed := srv.Client(func(o *sagemaker.Options) {
		o.Region = "eu-central-1"
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "444455556666", SecretAccessKey: "secret"}, nil
		})
	})
	in := createInput(group("workers", 1))
	create(t, signed, in)
	assert.Contains(t, *describe(t, signed).ClusterArn, ":eu-central-1:444455556666:")
	_, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	require.Error(t, err, "another account does not see the cluster")
	calls := srv.Calls()
	require.Len(t, calls, 3)
	assert.Equal(t, "444455556666", calls[0].Account)
	assert.Equal(t, in, calls[0].Input)
	require.Error(t, calls[2].Err)
}

func TestCallsAreCopies(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	in, ok := srv.Calls()[0].Input.(*sagemaker.CreateClusterInput)
	require.True(t, ok)
	*in.ClusterName = "changed"
	again, ok := srv.Calls()[0].Input.(*sagemaker.CreateClusterInput)
	require.True(t, ok)
	assert.Equal(t, "train", *again.ClusterName)
}

func TestCallsAreKeptUpToALimit(t *testing.T) {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.MaxCalls = 3 })
	for range 10 {
		_, err := srv.ListClusters(t.Context(), nil)
		require.NoError(t, err)
	}
	_, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("none")})
	require.Error(t, err)
	calls := srv.Calls()
	require.Len(t, calls, 3)
	assert.Equal(t, "DescribeCluster", calls[2].Operation)
}

func code(t *testing.T, err error) string {
	t.Helper()
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	return api.ErrorCode()
}

func TestUnsignedClientOfAnotherRegion(t *testing.T) {
	srv := hyperpodtest.NewServer()
	client := srv.Client(func(o *sagemaker.Options) { o.Region = "us-east-1" })
	create(t, client, createInput(group("workers", 1)))
	assert.Contains(t, *describe(t, client).ClusterArn, ":us-east-1:111122223333:")
}
