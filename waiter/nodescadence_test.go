package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestWaitsForNodesKnowHowLongThingsTake(t *testing.T) {
	const ends = 15 * time.Minute
	waits := map[string]struct {
		before, after types.ClusterInstanceStatus
		wait          func(*testing.T, *fake, func(*waiter.Options)) error
	}{
		"running": {nPending, nRunning, func(t *testing.T, f *fake, optFn func(*waiter.Options)) error {
			_, err := waiter.NodesRunning(t.Context(), f, "train", []string{"i-0", "i-1"}, optFn)
			return err
		}},
		"gone": {nStopping, "", func(t *testing.T, f *fake, optFn func(*waiter.Options)) error {
			_, err := waiter.NodesGone(t.Context(), f, "train", []string{"i-1"}, optFn)
			return err
		}},
	}
	for name, tt := range waits {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.listOne(show{0, "i-1", "", tt.before}, show{ends, "i-1", "", tt.after})
				f.nodePage = 0
				var last poll.Counts
				require.NoError(t, tt.wait(t, f, func(o *waiter.Options) {
					o.Poll.OnPoll = func(_ context.Context, e poll.Event) { last = e.Counts }
				}))
				assert.Less(t, f.lists, 25, "every 15 s would be 61")
				assert.LessOrEqual(t, time.Since(f.born), ends+poll.LongestPause)
				assert.Equal(t, last.Wanted, last.Done)
				assert.Positive(t, last.Wanted)
			})
		})
	}
}
