package poll_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestJitterShortensThePauseWithinItsBounds(t *testing.T) {
	for name, tt := range map[string]struct{ jitter, least float64 }{
		"default": {0, 1 - poll.DefaultJitter}, "half": {0.5, 0.5}, "none": {-1, 1}, "more than all": {7, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const interval = time.Hour
				r := newResource(1000 * time.Hour)
				_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) {
					o.Interval, o.Jitter, o.Timeout = interval, tt.jitter, -1
				})
				require.NoError(t, err)
				shortest, longest := interval, time.Duration(0)
				for i := 1; i < len(r.polls); i++ {
					pause := r.polls[i] - r.polls[i-1]
					shortest, longest = min(shortest, pause), max(longest, pause)
				}
				assert.LessOrEqual(t, longest, interval)
				assert.GreaterOrEqual(t, shortest, time.Duration(tt.least*float64(interval)))
				if tt.least < 1 {
					assert.Less(t, shortest, longest, "pauses differ")
				}
			})
		})
	}
}
