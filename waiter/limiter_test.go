package waiter_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func TestALimiterServesABurstAndThenTheRateInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := waiter.NewLimiter(2, 3)
		began := time.Now()
		var at []time.Duration
		var order []int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 7 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if l.Wait(t.Context()) != nil {
					t.Error("given up")
				}
				mu.Lock()
				defer mu.Unlock()
				at, order = append(at, time.Since(began).Round(100*time.Millisecond)), append(order, i)
			})
		}
		all.Wait()
		ms := time.Millisecond
		assert.Equal(t, []time.Duration{0, 0, 0, 500 * ms, 1000 * ms, 1500 * ms, 2000 * ms}, at)
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6}, order)
		time.Sleep(time.Hour)
		for range 3 {
			require.NoError(t, l.Wait(t.Context()))
		}
		assert.Less(t, time.Since(began), time.Hour+3*time.Second, "the bucket is full again")
	})
}

func TestAWaitThatIsGivenUpTakesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := waiter.NewLimiter(1, 1)
		require.NoError(t, l.Wait(t.Context()))
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { assert.ErrorIs(t, l.Wait(ctx), context.DeadlineExceeded) })
		}
		all.Wait()
		require.NoError(t, l.Wait(t.Context()))
		assert.Equal(t, time.Second, time.Since(began).Round(time.Millisecond))
		require.ErrorIs(t, l.Wait(ctx), context.DeadlineExceeded, "a context that has ended is not served")
	})
}

func TestALimiterThatLimitsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		began := time.Now()
		for _, l := range []*waiter.Limiter{nil, {}, waiter.NewLimiter(0, 5), waiter.NewLimiter(-1, 1)} {
			for range 100 {
				require.NoError(t, l.Wait(t.Context()))
			}
		}
		assert.Zero(t, time.Since(began))
	})
}

func TestSingleWaitsShareALimiter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newAccount()
		l := waiter.NewLimiter(2, 1)
		var all sync.WaitGroup
		for _, name := range names("c", 100) {
			a.will(name, inService, time.Minute)
			all.Go(func() {
				_, err := waiter.ClusterInService(t.Context(), a, name, func(o *waiter.Options) { o.Limiter = l })
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.Equal(t, 2, a.figures(0, 1).perSecond)
	})
}

func TestWaitsForNodesShareALimiter(t *testing.T) {
	for name, wait := range map[string]func(*testing.T, *account, string, func(*waiter.Options)) error{
		"running": func(t *testing.T, a *account, name string, optFn func(*waiter.Options)) error {
			_, err := waiter.NodesRunning(t.Context(), a, name, []string{"i-0"}, optFn)
			return err
		},
		"gone": func(t *testing.T, a *account, name string, optFn func(*waiter.Options)) error {
			_, err := waiter.NodesGone(t.Context(), a, name, []string{"i-9"}, optFn)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a, l := newAccount(), waiter.NewLimiter(2, 1)
				var all sync.WaitGroup
				for _, name := range names("c", 20) {
					a.will(name, inService, time.Minute)
					all.Go(func() {
						assert.NoError(t, wait(t, a, name, func(o *waiter.Options) { o.Limiter = l }))
					})
				}
				all.Wait()
				assert.Equal(t, 2, a.figures(0, 1).perSecond)
			})
		})
	}
}

// attempts counts the attempts of a client that retries.
type attempts struct {
	inner interface {
		Do(*http.Request) (*http.Response, error)
	}
	at []time.Time
}

func (a *attempts) Do(r *http.Request) (*http.Response, error) {
	a.at = append(a.at, time.Now())
	return a.inner.Do(r)
}

func TestRetriesOfTheClientCountToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		srv.Faults().Fail("DescribeCluster", 2, &smithy.GenericAPIError{Code: "ThrottlingException"})
		var sent *attempts
		client := srv.Client(func(o *sagemaker.Options) {
			sent = &attempts{inner: o.HTTPClient}
			o.HTTPClient, o.RetryMaxAttempts = sent, 3
		})
		l := waiter.NewLimiter(0.1, 1)
		err := waiter.ClusterDeleted(t.Context(), client, "train", func(o *waiter.Options) { o.Limiter = l })
		require.NoError(t, err)
		require.Len(t, sent.at, 3)
		for i, at := range sent.at[1:] {
			assert.GreaterOrEqual(t, at.Sub(sent.at[i]), 9999*time.Millisecond)
		}
	})
}

// A poll of a software update asks the cluster, its nodes and some nodes by themselves. It
// comes to its end however long each call has to wait for its turn.
func TestAPollOfSeveralCallsHasItsTurns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(moment{out: bare(inProgress)}, moment{from: minute, out: bare(succeeded)})
		f.nodes = always(nodes(f, fresh...))
		l := waiter.NewLimiter(1.0/360, 1) // more seconds than a call may take
		update := waiter.Update{Groups: []string{"workers"}, Image: amiB, Requested: f.born}
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", update, exact, func(o *waiter.Options) { o.Limiter = l })
		require.NoError(t, err)
		assert.Equal(t, waiter.SoftwareSucceeded.String(), result.Groups[0].Outcome.String(), result.Groups[0].Reason)
		assert.Less(t, time.Since(f.born), time.Hour)
	})
}

// A connection that is lost is given up all the same.
func TestALimitedCallIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(moment{out: cluster(inService)})
		calls := 0
		api := lostOnce{f, &calls}
		_, err := waiter.ClusterInService(t.Context(), api, "train", exact, func(o *waiter.Options) {
			o.Limiter, o.Poll.PollTimeout = waiter.NewLimiter(1, 1), time.Minute
		})
		require.NoError(t, err)
		assert.Equal(t, 2, calls)
		assert.Less(t, time.Since(f.born), 2*time.Minute)
	})
}

// lostOnce never answers the first call.
type lostOnce struct {
	waiter.ClusterAPI
	calls *int
}

func (l lostOnce) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	if *l.calls++; *l.calls == 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return l.ClusterAPI.DescribeCluster(ctx, in, optFns...)
}
