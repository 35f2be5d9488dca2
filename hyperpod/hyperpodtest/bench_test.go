package hyperpodtest_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// fill makes clusters of 4 groups of 8 nodes each, all in service.
func fill(tb testing.TB, srv *hyperpodtest.Server, clusters int) {
	tb.Helper()
	for i := range clusters {
		in := createInput(group("a", 8), group("b", 8), group("c", 8), group("d", 8))
		in.ClusterName = aws.String(fmt.Sprintf("cluster-%05d", i))
		in.Orchestrator.Eks.ClusterArn = aws.String(fmt.Sprintf("arn:aws:eks:us-west-2:111122223333:cluster/eks-%05d", i))
		_, err := srv.CreateCluster(tb.Context(), in)
		require.NoError(tb, err)
	}
	_, err := srv.ListClusters(tb.Context(), nil)
	require.NoError(tb, err)
}

func keepingFewCalls(o *hyperpodtest.Options) { o.MaxCalls = 1000 }

// BenchmarkMemory reports what 10,000 clusters and one of 6,758 nodes take.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		srv := hyperpodtest.NewServer(keepingFewCalls)
		fill(b, srv, 10_000)
		big := createInput(group("workers", 6758))
		_, err := srv.CreateCluster(b.Context(), big)
		require.NoError(b, err)
		_, err = srv.ListClusters(b.Context(), nil)
		require.NoError(b, err)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB")
		runtime.KeepAlive(srv)
	}
}

// BenchmarkReads reports what a page of a list and a description cost with few and with
// many clusters.
func BenchmarkReads(b *testing.B) {
	for _, clusters := range []int{100, 10_000} {
		srv := hyperpodtest.NewServer(keepingFewCalls)
		fill(b, srv, clusters)
		middle := aws.String(fmt.Sprintf("cluster-%05d", clusters/2))
		b.Run(fmt.Sprintf("List/%d", clusters), func(b *testing.B) {
			for b.Loop() {
				_, err := srv.ListClusters(b.Context(), &sagemaker.ListClustersInput{MaxResults: aws.Int32(100)})
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("ListByName/%d", clusters), func(b *testing.B) {
			for b.Loop() {
				_, err := srv.ListClusters(b.Context(), &sagemaker.ListClustersInput{MaxResults: aws.Int32(100), SortBy: types.ClusterSortByName, SortOrder: types.SortOrderDescending})
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("Describe/%d", clusters), func(b *testing.B) {
			for b.Loop() {
				_, err := srv.DescribeCluster(b.Context(), &sagemaker.DescribeClusterInput{ClusterName: middle})
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkWire reports what the wire door adds to a description.
func BenchmarkWire(b *testing.B) {
	srv := hyperpodtest.NewServer(keepingFewCalls)
	fill(b, srv, 1)
	client := srv.Client()
	for b.Loop() {
		_, err := client.DescribeCluster(b.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("cluster-00000")})
		require.NoError(b, err)
	}
}
