package rollout_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// What a step has found belongs to nobody once another runner has taken the rollout over:
// in the journal that step is lost.
func TestARunnerThatWasReplacedWritesNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, nil, func(o *rollout.Options) {
			o.Before = func(ctx context.Context, _ rollout.Visit) error {
				<-ctx.Done() // and has come to its end all the same
				return nil
			}
		})
		u.run(t.Context())
		time.Sleep(time.Second)
		_, number, err := rollout.Load(t.Context(), u.store)
		require.NoError(t, err)
		taken := rollout.Entry{Number: number + 1, Time: time.Now(), Runner: "another", Changes: []rollout.Change{{Kind: rollout.ChangeTaken}}}
		require.NoError(t, u.store.Append(t.Context(), taken, number))
		time.Sleep(2 * time.Minute) // it looks at the journal once a minute
		synctest.Wait()
		require.ErrorIs(t, u.err, rollout.ErrTakenOver)
		_, last, err := rollout.Load(t.Context(), u.store)
		require.NoError(t, err, "the journal can be read")
		assert.Equal(t, taken.Number, last)
	})
}
