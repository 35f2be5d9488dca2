package waiter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestGroupsDeleted(t *testing.T) {
	login, workers := group("login", gInService, 1, 1), group("workers", gInService, 4, 4)
	gone := group("workers", gDeleting, 4, 0)
	for name, tt := range map[string]struct {
		timeline []moment
		is       error
		says     string
		after    time.Duration
	}{
		"deleted": {
			[]moment{at(0, cluster(inService, login, workers)), at(time.Minute, cluster(inService, login, gone)), at(9*time.Minute, cluster(inService, login))},
			nil, "", 9 * time.Minute,
		},
		"the cluster is busy a little longer": {
			[]moment{at(0, plain(cluster(updating, login, gone))), at(5*time.Minute, plain(cluster(updating, login))), at(9*time.Minute, plain(cluster(inService, login)))},
			nil, "", 9 * time.Minute,
		},
		"put back by a rollback": {
			[]moment{at(0, plain(cluster(updating, login, gone))), at(time.Minute, plain(cluster(rolling, login, workers))), at(9*time.Minute, plain(cluster(inService, login, workers)))},
			poll.ErrFailed, "no longer being deleted", 9 * time.Minute,
		},
		"never begun": {
			[]moment{at(0, cluster(inService, login, workers))},
			poll.ErrFailed, "not being deleted", 2 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(tt.timeline...)
				_, err := waiter.GroupsDeleted(t.Context(), f, "train", []string{"workers"}, exact)
				require.ErrorIs(t, err, tt.is)
				if tt.is != nil {
					require.ErrorContains(t, err, tt.says)
				}
				assert.Equal(t, tt.after, time.Since(f.born))
			})
		})
	}
}
