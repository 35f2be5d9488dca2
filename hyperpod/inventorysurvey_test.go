package hyperpod_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestInventoryOfManyPages(t *testing.T) {
	srv := hyperpodtest.NewServer()
	for i := range 5 {
		create(t, srv.Client(), fmt.Sprintf("c%d", i))
	}
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: pagesOfTwo{srv.Client()}}}).Take(t.Context())
	require.NoError(t, err)
	assert.Len(t, list, 5)
}

func TestWhatCannotBeReadEndsNothingElse(t *testing.T) {
	denied := errors.New("denied")
	srv := hyperpodtest.NewServer()
	west, east := clientOf(srv, "111122223333", "us-west-2"), clientOf(srv, "111122223333", "us-east-1")
	for _, name := range []string{"a", "b", "gone", "nodeless", "z"} {
		create(t, west, name)
	}
	create(t, east, "far", workersGroup("workers", 2))
	sources := []hyperpod.InventorySource{
		{Account: "444455556666", Region: "us-west-2", API: hyperpod.UnimplementedAPI{}},
		{API: west},
		{Account: "777788889999"},
		{API: east},
	}
	notFound := &types.ResourceNotFound{Message: aws.String("gone")}
	srv.Faults().Before(func(_ context.Context, _ string, input any) error {
		switch in := input.(type) {
		case *sagemaker.DescribeClusterInput:
			list, err := srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NameContains: aws.String("gone")})
			if err == nil && len(list.ClusterSummaries) > 0 && aws.ToString(list.ClusterSummaries[0].ClusterArn) == *in.ClusterName {
				return notFound
			}
		case *sagemaker.DescribeClusterNodeInput:
			return denied
		case *sagemaker.ListClusterNodesInput:
			list, err := srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NameContains: aws.String("nodeless")})
			if err == nil && len(list.ClusterSummaries) > 0 && aws.ToString(list.ClusterSummaries[0].ClusterArn) == *in.ClusterName {
				return denied
			}
		}
		return nil
	})
	list, err := hyperpod.NewInventory(sources, wants(goldenAMI), func(o *hyperpod.InventoryOptions) { o.Nodes = hyperpod.DescribedNodes }).Take(t.Context())
	require.ErrorIs(t, err, hyperpod.ErrUnimplemented)
	require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
	assert.Equal(t, []string{
		"444455556666 us-west-2 ", "111122223333 us-west-2 a", "111122223333 us-west-2 b", "111122223333 us-west-2 gone",
		"111122223333 us-west-2 nodeless", "111122223333 us-west-2 z", "777788889999  ", "111122223333 us-east-1 far",
	}, names(list))
	for _, c := range list {
		require.Error(t, c.Err)
		var failed *hyperpod.InventoryError
		require.ErrorAs(t, c.Err, &failed)
		switch c.Name {
		case "":
			assert.Equal(t, "ListClusters", failed.Call)
		case "gone":
			require.ErrorIs(t, c.Err, hyperpod.ErrClusterNotFound)
			assert.Empty(t, c.Groups)
		case "nodeless":
			assert.Equal(t, "ListClusterNodes", failed.Call)
			assert.Len(t, c.Groups, 1, "what could be read is told")
		default:
			assert.Equal(t, "DescribeClusterNode", failed.Call)
			assert.NotEmpty(t, failed.Node)
			assert.Len(t, c.Groups[0].Nodes, 2)
			require.NotErrorIs(t, c.Err, hyperpod.ErrClusterNotFound)
		}
	}
	assert.Len(t, list.Drift(), len(list), "what could not be read is not known to be right")
	assert.Contains(t, list.String(), "error: inventory account 444455556666 Region us-west-2: ListClusters: hyperpod: operation not implemented")
}

func TestAPageThatFailsKeepsTheOnesBefore(t *testing.T) {
	srv := hyperpodtest.NewServer()
	for i := range 3 {
		create(t, srv.Client(), fmt.Sprintf("c%d", i))
	}
	pages := 0
	srv.Faults().Before(func(_ context.Context, operation string, _ any) error {
		if operation == "ListClusters" {
			if pages++; pages > 1 {
				return errors.New("denied")
			}
		}
		return nil
	})
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: pagesOfTwo{srv.Client()}}}).Take(t.Context())
	require.Error(t, err)
	assert.Len(t, list, 3, "two clusters and the source that could not be listed to its end")
	assert.Empty(t, list[2].Name)
}

func TestInventoryCallsSomeAtATime(t *testing.T) {
	for name, tt := range map[string]struct{ concurrency, want int }{"by default": {0, 8}, "one": {1, 1}, "three": {3, 3}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				running, most := 0, 0
				api := &fixed{clusters: 20, describe: func(context.Context, string) error {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return nil
				}}
				list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: api}, {API: api}}, func(o *hyperpod.InventoryOptions) {
					o.Concurrency = tt.concurrency
				}).Take(t.Context())
				require.NoError(t, err)
				assert.Len(t, list, 40)
				assert.Equal(t, tt.want, most)
			})
		})
	}
}

// The bubble fails a test that leaves a goroutine behind.
func TestBreakingOffStopsTheCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		described, cut := 0, 0
		api := &fixed{clusters: 50, describe: func(ctx context.Context, name string) error {
			mu.Lock()
			described++
			mu.Unlock()
			if name == "c00" {
				return nil
			}
			select {
			case <-time.After(time.Hour):
				return nil
			case <-ctx.Done():
				mu.Lock()
				cut++
				mu.Unlock()
				return ctx.Err()
			}
		}}
		began := time.Now()
		for c, err := range hyperpod.NewInventory([]hyperpod.InventorySource{{API: api}}).Clusters(t.Context()) {
			require.NoError(t, err)
			assert.Equal(t, "c00", c.Name)
			synctest.Wait() // others are under way
			break
		}
		assert.Zero(t, time.Since(began), "nobody waited for them")
		assert.Positive(t, cut)
		assert.Less(t, described, 20, "only some are begun ahead")
	})
}

func TestAContextThatEndsEndsTheInventory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		api := &fixed{clusters: 5, describe: func(ctx context.Context, name string) error {
			if name < "c02" {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: api, Region: "us-west-2"}}).Take(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, list, 2, "those that were read before")
		assert.Equal(t, "inventory: context deadline exceeded", err.Error())
	})
}

func TestAContextThatHasEndedIsAlwaysTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 { // whether anything is begun at all is left to chance
		list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: &fixed{}, Region: "us-west-2"}}).Take(ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, list)
	}
}

func TestOnlySomeClustersAreReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var described atomic.Int32
		api := &fixed{clusters: 50, describe: func(context.Context, string) error {
			described.Add(1)
			return nil
		}}
		for _, err := range hyperpod.NewInventory([]hyperpod.InventorySource{{API: api}}).Clusters(t.Context()) {
			require.NoError(t, err)
			synctest.Wait()
			break
		}
		assert.Less(t, described.Load(), int32(12))
	})
}

// Lists come in the service's largest pages, and a node that has gone since it was listed
// is no failure.
func TestInventoryOfANodeThatIsGone(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train")
	gone := true
	srv.Faults().Before(func(_ context.Context, op string, _ any) error {
		if op == "DescribeClusterNode" && gone {
			gone = false
			return &types.ResourceNotFound{}
		}
		return nil
	})
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}}, func(o *hyperpod.InventoryOptions) {
		o.Nodes, o.Concurrency = hyperpod.DescribedNodes, 1
	}).Take(t.Context())
	require.NoError(t, err)
	assert.Len(t, list[0].Groups[0].Nodes, 1)
	assert.EqualValues(t, 100, *sent[sagemaker.ListClustersInput](srv)[0].MaxResults)
	for _, in := range sent[sagemaker.ListClusterNodesInput](srv) {
		assert.EqualValues(t, 100, *in.MaxResults)
	}
}
