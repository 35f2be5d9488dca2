package waiter_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestThrottlingWidensThePauseBetweenLists(t *testing.T) {
	const s = time.Second
	for name, tt := range map[string]struct {
		interval time.Duration
		want     []time.Duration
	}{
		"by default":       {0, []time.Duration{30 * s, 60 * s, 120 * s, 180 * s, 180 * s, 120 * s, 60 * s, 30 * s, 15 * s, 15 * s}},
		"a fixed interval": {20 * s, slices.Repeat([]time.Duration{20 * s}, 10)},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := newAccount()
				for _, name := range names("c", 5) {
					a.will(name, inService, time.Hour)
				}
				lists := 0
				a.listErr = func() error {
					if lists++; lists <= 5 {
						return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
					}
					return nil
				}
				f := waiter.NewFleet(func(o *waiter.Options) { o.Poll.Interval, o.Poll.Jitter = tt.interval, -1 })
				f.Add(a, names("c", 5)...)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				require.ErrorIs(t, f.InService(ctx), poll.ErrTimeout)
				require.Greater(t, len(a.at), len(tt.want))
				var pauses []time.Duration
				for i, at := range a.at[1:] {
					pauses = append(pauses, at.Sub(a.at[i]))
				}
				assert.Equal(t, tt.want, pauses[:len(tt.want)])
			})
		})
	}
}
