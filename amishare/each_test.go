package amishare_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

var throttled = &smithy.GenericAPIError{Code: "RequestLimitExceeded", Message: "slow down"}

func ids(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "ami-000000000000000" + string(rune('a'+i/10%6)) + string(rune('0'+i%10))
	}
	return list
}

func TestEachJoinsWhatBecameOfThem(t *testing.T) {
	srv := amisharetest.NewServer()
	good, tagged, missing := srv.AddImage(amisharetest.Image{}), srv.AddImage(golden()), "ami-0123456789abcdef9"
	results, err := amishare.Each(t.Context(), []string{good, missing, tagged, good}, amishare.NewTagger(srv.Client()).TagForSharing)
	require.ErrorIs(t, err, amishare.ErrImageNotFound)
	require.Len(t, results, 3, "one was given twice")
	assert.Equal(t, []string{good, missing, tagged}, []string{results[0].Image, results[1].Image, results[2].Image})
	require.NoError(t, results[0].Err)
	assert.True(t, results[0].Report.Verified)
	require.ErrorIs(t, results[1].Err, amishare.ErrImageNotFound)
	assert.Len(t, results[2].Report.Already, 2)

	assert.Contains(t, results.String(), good+": ok\n  RESOURCE")
	assert.Contains(t, results.String(), missing+": failed: amishare: "+missing+": image not found\n")
	text, err := json.Marshal(results)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"Error":"amishare: ami-0123456789abcdef9: image not found"`)
	assert.NotContains(t, string(text), `"Error":""`)

	results, err = amishare.Each(t.Context(), nil, amishare.NewTagger(srv).TagForSharing)
	require.NoError(t, err)
	assert.Empty(t, results)
}

func TestEachBeginsNothingOnBadInput(t *testing.T) {
	srv := amisharetest.NewServer()
	good := srv.AddImage(amisharetest.Image{})
	results, err := amishare.Each(t.Context(), []string{good, "ami-1", "snap-0123456789abcdef0"}, amishare.NewTagger(srv).TagForSharing)
	require.ErrorIs(t, err, amishare.ErrImageID)
	require.ErrorContains(t, err, "ami-1")
	require.ErrorContains(t, err, "snap-0123456789abcdef0")
	require.Len(t, results, 3)
	require.NoError(t, results[0].Err)
	assert.Empty(t, srv.Calls())
}

func TestEachIsBounded(t *testing.T) {
	for name, tt := range map[string]struct{ set, want int32 }{"by default": {0, 4}, "as asked": {7, 7}, "all there are": {50, 20}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now, most atomic.Int32
				_, err := amishare.Each(t.Context(), ids(20), func(context.Context, string) (int, error) {
					most.Store(max(most.Load(), now.Add(1)))
					time.Sleep(time.Second)
					now.Add(-1)
					return 0, nil
				}, func(o *amishare.EachOptions) { o.Concurrency = int(tt.set) })
				require.NoError(t, err)
				assert.Equal(t, tt.want, most.Load())
			})
		})
	}
}

func TestEachPausesAllWhileOneIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		begun := []time.Duration{}
		start := time.Now()
		refuse := 4
		results, err := amishare.Each(t.Context(), ids(8), func(_ context.Context, id string) (string, error) {
			at := time.Since(start)
			time.Sleep(10 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			begun = append(begun, at)
			if refuse > 0 {
				refuse--
				return "", throttled
			}
			return id, nil
		})
		require.NoError(t, err)
		for _, r := range results {
			assert.Equal(t, r.Image, r.Report)
		}
		require.Len(t, begun, 8+4)
		for i, at := range begun {
			if i < 4 {
				assert.Zero(t, at, "four at a time, all refused")
			} else {
				assert.GreaterOrEqual(t, at, 750*time.Millisecond)
				assert.LessOrEqual(t, at, time.Second+30*time.Millisecond, "four refusals of one moment are one pause")
			}
		}
	})
}

func TestEachGivesUpOnEndlessThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		start := time.Now()
		_, err := amishare.Each(t.Context(), ids(1), func(context.Context, string) (int, error) {
			tries++
			return 0, throttled
		})
		require.ErrorIs(t, err, throttled)
		require.ErrorContains(t, err, ids(1)[0])
		assert.Equal(t, 8, tries)
		assert.Greater(t, time.Since(start), 60*time.Second)
		assert.LessOrEqual(t, time.Since(start), 91*time.Second)
	})
}

func TestEachStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		begun := 0
		results, err := amishare.Each(ctx, ids(3), func(context.Context, string) (int, error) {
			begun++
			cancel(why)
			return begun, nil
		}, func(o *amishare.EachOptions) { o.Concurrency = 1 })
		require.ErrorIs(t, err, why)
		require.NoError(t, results[0].Err)
		require.ErrorIs(t, results[1].Err, why)
		require.ErrorIs(t, results[2].Err, why)
		assert.Equal(t, 1, begun)

		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		start := time.Now()
		_, err = amishare.Each(ctx, ids(1), func(context.Context, string) (int, error) { return 0, throttled })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}
