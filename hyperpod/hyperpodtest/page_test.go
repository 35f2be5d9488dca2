package hyperpodtest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestListPagesCountWhatIsEvaluated(t *testing.T) {
	srv := hyperpodtest.NewServer()
	for i := range 25 {
		in := createInput(group("workers", 0))
		in.ClusterName = aws.String(fmt.Sprintf("c%02d", i))
		in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
		create(t, srv, in)
	}
	list := &sagemaker.ListClustersInput{MaxResults: aws.Int32(10), NameContains: aws.String("c24"), SortBy: types.ClusterSortByName}
	var sizes []int
	pages := sagemaker.NewListClustersPaginator(srv, list)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.ClusterSummaries))
	}
	assert.Equal(t, []int{0, 0, 1}, sizes)

	list.SortOrder, list.NameContains = types.SortOrderDescending, nil
	page, err := srv.ListClusters(t.Context(), list)
	require.NoError(t, err)
	assert.Equal(t, "c24", *page.ClusterSummaries[0].ClusterName)
}

// named is a small cluster without nodes.
func named(name string) *sagemaker.CreateClusterInput {
	in := createInput(group("workers", 0))
	in.ClusterName = aws.String(name)
	in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
	return in
}

// What comes or goes between two pages shifts nothing else.
func TestTokensAreStable(t *testing.T) {
	for _, by := range []types.ClusterSortBy{types.ClusterSortByName, types.ClusterSortByCreationTime} {
		for _, order := range []types.SortOrder{types.SortOrderAscending, types.SortOrderDescending} {
			t.Run(fmt.Sprint(by, " ", order), func(t *testing.T) {
				srv := hyperpodtest.NewServer()
				for _, name := range []string{"b", "c", "d", "e", "f", "g"} {
					create(t, srv, named(name))
				}
				page := func(token *string) ([]string, *string) {
					out, err := srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{MaxResults: aws.Int32(2), NextToken: token, SortBy: by, SortOrder: order})
					require.NoError(t, err)
					var names []string
					for _, s := range out.ClusterSummaries {
						names = append(names, *s.ClusterName)
					}
					return names, out.NextToken
				}
				remove := func(name string) {
					_, err := srv.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String(name)})
					require.NoError(t, err)
				}
				want := [][]string{{"b", "c"}, {"d", "e"}, {"f", "g"}}
				if order == types.SortOrderDescending {
					want = [][]string{{"g", "f"}, {"e", "d"}, {"c", "b"}}
				}
				first, next := page(nil)
				assert.Equal(t, want[0], first)
				remove(first[0])
				remove(first[1]) // the very cluster that the token names
				second, next := page(next)
				assert.Equal(t, want[1], second, "what goes shifts nothing")
				create(t, srv, named("a"))
				create(t, srv, named("z"))
				third, _ := page(next)
				assert.Equal(t, want[2], third, "what comes shifts nothing")
			})
		}
	}
}

func TestTokensOfAnotherList(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 3)))
	create(t, srv, named("second"))
	describe(t, srv)
	name := aws.String("train")
	clusters, err := srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{MaxResults: aws.Int32(1)})
	require.NoError(t, err)
	nodes, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: name, MaxResults: aws.Int32(1)})
	require.NoError(t, err)
	refused := func(_ any, err error) {
		t.Helper()
		assert.Equal(t, "ValidationException", code(t, err))
	}
	refused(srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NextToken: nodes.NextToken}))
	refused(srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NextToken: clusters.NextToken, SortBy: types.ClusterSortByName}))
	refused(srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NextToken: clusters.NextToken, SortOrder: types.SortOrderDescending}))
	refused(srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NextToken: aws.String("YXQ6OTk")}))
	refused(srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: name, NextToken: clusters.NextToken}))
	refused(srv.ListClusterEvents(t.Context(), &sagemaker.ListClusterEventsInput{ClusterName: name, NextToken: nodes.NextToken}))
	refused(srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("second"), NextToken: nodes.NextToken}))
}
