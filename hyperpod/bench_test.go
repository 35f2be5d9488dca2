package hyperpod_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
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
// the request. The medians are reported, and the ratio of ours to the SDK's.
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

	medians := takeTurns(b,
		func() error {
			_, err := ready.Plan(b.Context(), edits...)
			return err
		},
		func() error {
			if _, err := reading.DescribeCluster(b.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("example-cluster")}); err != nil {
				return err
			}
			_, err := writing.UpdateCluster(b.Context(), in)
			return err
		},
	)
	b.ReportMetric(medians[0]/1e3, "plan-µs")
	b.ReportMetric(medians[1]/1e3, "sdk-µs")
	b.ReportMetric(medians[0]/medians[1], "plan/sdk")
}

// takeTurns runs contestants in turns, so that whatever else the machine does falls on
// all of them, and returns the median of each one's times in nanoseconds.
func takeTurns(b *testing.B, contestants ...func() error) []float64 {
	b.Helper()
	times := make([][]time.Duration, len(contestants))
	for b.Loop() {
		for i, run := range contestants {
			start := time.Now()
			err := run()
			times[i] = append(times[i], time.Since(start))
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	medians := make([]float64, len(contestants))
	for i := range times {
		slices.Sort(times[i])
		medians[i] = float64(times[i][len(times[i])/2])
	}
	return medians
}
