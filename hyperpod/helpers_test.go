package hyperpod_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

const (
	adminRole = "arn:aws:iam::444455556666:role/Admin"
	eksARN    = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
	goldenAMI = "ami-0123456789abcdef0"
	newAMI    = "ami-0fedcba9876543210"
)

// workersGroup is the AWS page's group, without the storage of its creation example.
func workersGroup(name string, count int32) hyperpod.Group {
	return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlC52xlarge, count).
		WithExecutionRole(adminRole).WithLifecycle("s3://amzn-s3-demo-bucket", "on_create_noop.sh").
		WithImage(goldenAMI).WithThreadsPerCore(1)
}

// pageSpec is the AWS page's cluster.
func pageSpec(count int32) hyperpod.Spec {
	return hyperpod.Spec{
		Groups:       []hyperpod.Group{workersGroup("workers", count).WithEBSVolume(200)},
		Orchestrator: hyperpod.EKS(eksARN),
		VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	}
}

// fast waits without pausing, for an emulator that is done by the next look.
func fast(o *hyperpod.Options) {
	o.Poll.Interval, o.Poll.Timeout = time.Millisecond, 10*time.Second
}

// newCluster returns a handle on a cluster of the page's specification that exists.
func newCluster(t *testing.T, srv *hyperpodtest.Server, count int32) *hyperpod.Cluster {
	t.Helper()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	_, err := c.Create(t.Context(), pageSpec(count))
	require.NoError(t, err)
	return c
}

// sent returns the inputs of an operation that the emulator was asked for.
func sent[I any](srv *hyperpodtest.Server) []*I {
	var inputs []*I
	for _, call := range srv.Calls() {
		if in, ok := call.Input.(*I); ok {
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// mutations are the operations that changed something, in order.
func mutations(srv *hyperpodtest.Server) []string {
	var names []string
	for _, call := range srv.Calls() {
		switch call.Input.(type) {
		case *sagemaker.CreateClusterInput, *sagemaker.UpdateClusterInput, *sagemaker.UpdateClusterSoftwareInput, *sagemaker.DeleteClusterInput:
			names = append(names, call.Operation)
		}
	}
	return names
}

// recorded reads a recorded request as JSON values.
func recorded(t *testing.T, file string) map[string]any {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "testdata", "requests", file))
	require.NoError(t, err)
	return decode(t, body)
}

func encoded(t *testing.T, in smithy.Serializable) map[string]any {
	t.Helper()
	body, err := smwire.Encode(in)
	require.NoError(t, err)
	return decode(t, body)
}

func decode(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(body, &v))
	return v
}

// groupsOf are the instance groups of a request as JSON values.
func groupsOf(t *testing.T, request map[string]any) []map[string]any {
	t.Helper()
	list, ok := request["InstanceGroups"].([]any)
	require.True(t, ok)
	groups := make([]map[string]any, 0, len(list))
	for _, g := range list {
		object, ok := g.(map[string]any)
		require.True(t, ok)
		groups = append(groups, object)
	}
	return groups
}

// scripted is an API whose calls can be replaced one by one.
type scripted struct {
	hyperpod.API
	create   func(context.Context, *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error)
	describe func(context.Context, *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error)
}

func (s scripted) CreateCluster(ctx context.Context, in *sagemaker.CreateClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.CreateClusterOutput, error) {
	if s.create != nil {
		return s.create(ctx, in)
	}
	return s.API.CreateCluster(ctx, in, optFns...)
}

func (s scripted) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	if s.describe != nil {
		return s.describe(ctx, in)
	}
	return s.API.DescribeCluster(ctx, in, optFns...)
}

func describe(t *testing.T, srv *hyperpodtest.Server) *sagemaker.DescribeClusterOutput {
	t.Helper()
	out, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("example-cluster")})
	require.NoError(t, err)
	return out
}

// validation is a refusal of the service that its model does not name.
func validation(message string) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: message}
}
