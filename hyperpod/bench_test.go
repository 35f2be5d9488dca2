package hyperpod_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// answering is a transport that answers every request with one body, at once.
type answering []byte

func (body answering) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// hundredGroups is a cluster of 100 groups as it is described.
func hundredGroups(b *testing.B) *sagemaker.DescribeClusterOutput {
	b.Helper()
	srv := hyperpodtest.NewServer()
	spec := pageSpec(1)
	spec.Groups = nil
	for i := range 100 {
		spec.Groups = append(spec.Groups, workersGroup(fmt.Sprintf("group-%d", i), 1).WithEBSVolume(100).
			WithKubernetesLabels(map[string]string{"team": "a", "tier": "b"}).
			WithKubernetesTaints(hyperpod.Taint("gpu", "yes", types.ClusterKubernetesTaintEffectNoSchedule)))
	}
	_, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").Create(b.Context(), spec)
	require.NoError(b, err)
	live, err := srv.DescribeCluster(b.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("example-cluster")})
	require.NoError(b, err)
	return live
}

// BenchmarkPlan plans a change of all of 100 groups, from an answer that is there
// already, and compares that with what the SDK needs to read that answer and to write
// the request.
func BenchmarkPlan(b *testing.B) {
	live := hundredGroups(b)
	body, err := smwire.Encode(live)
	require.NoError(b, err)
	client := func(body []byte) *sagemaker.Client {
		return sagemaker.New(sagemaker.Options{Region: "us-west-2", Credentials: aws.AnonymousCredentials{}, HTTPClient: answering(body)})
	}
	reading, writing := client(body), client([]byte("{}"))
	edits := make([]hyperpod.Edit, 0, len(live.InstanceGroups))
	for _, g := range live.InstanceGroups {
		edits = append(edits, hyperpod.Scale(*g.InstanceGroupName, 2))
	}
	ready := hyperpod.New(scripted{describe: func(context.Context, *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		return live, nil
	}}).Cluster("example-cluster")
	plan, err := ready.Plan(b.Context(), edits...)
	require.NoError(b, err)
	in := plan.Input()

	var sdk, ours time.Duration
	for b.Loop() {
		start := time.Now()
		_, err := reading.DescribeCluster(b.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("example-cluster")})
		require.NoError(b, err)
		_, err = writing.UpdateCluster(b.Context(), in)
		require.NoError(b, err)
		middle := time.Now()
		_, err = ready.Plan(b.Context(), edits...)
		require.NoError(b, err)
		sdk += middle.Sub(start)
		ours += time.Since(middle)
	}
	b.ReportMetric(float64(sdk.Microseconds())/float64(b.N), "sdk-µs/op")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "plan-µs/op")
	b.ReportMetric(float64(ours)/float64(sdk), "plan/sdk")
}
