package poll_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		r := newResource(25 * time.Minute)
		for _, at := range []time.Duration{500 * time.Millisecond, 20 * time.Minute, 25 * time.Minute} {
			time.AfterFunc(at, func() { wake <- struct{}{} })
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Hour), func(o *poll.Options) { o.Wake = wake })
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, time.Second, 20 * time.Minute, 25 * time.Minute}, r.polls,
			"the first second of a pause is kept, the rest ends when woken")
	})
}

func TestAFloodOfWakesIsNoFloodOfPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1000)
		for range cap(wake) {
			wake <- struct{}{}
		}
		r := newResource(10 * time.Second)
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Hour), func(o *poll.Options) { o.Wake = wake })
		require.NoError(t, err)
		assert.Len(t, r.polls, 11)
	})
}

func TestAClosedWakeChannelDoesNotWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{})
		close(wake)
		r := newResource(90 * time.Minute)
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Hour), func(o *poll.Options) { o.Wake = wake })
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, time.Hour, 2 * time.Hour}, r.polls)
	})
}
