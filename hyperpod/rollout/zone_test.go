package rollout_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// A journal may come to a machine that has not the time zones of the one before.
func TestAMachineWithoutTheZoneDoesNotWaitForever(t *testing.T) {
	for name, windows := range map[string]func(s *rollout.State, w []rollout.Window){
		"of the rollout": func(s *rollout.State, w []rollout.Window) { s.Settings.Windows = w },
		"of a target":    func(s *rollout.State, w []rollout.Window) { s.Targets[2].Windows = w },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnder(t, nil)
				windows(&u.plan.State, []rollout.Window{{Zone: "Mars/Olympus", Start: "22:00", Duration: time.Hour}})
				state := u.plan.State
				require.NoError(t, u.store.Append(t.Context(), rollout.Entry{
					Number: 1, Time: time.Now().UTC(), Snapshot: &state, Changes: []rollout.Change{{Kind: rollout.ChangeBegun}},
				}, 0))
				before := u.state()
				report, err := u.runner.Resume(t.Context())
				require.ErrorContains(t, err, "unknown time zone Mars/Olympus")
				require.ErrorContains(t, err, "import time/tzdata")
				assert.NotNil(t, report)
				assert.Equal(t, before, u.state(), "whoever runs it meanwhile was not stopped")
			})
		})
	}
}

// Where nothing has to begin any more no window counts.
func TestARolloutThatHasEndedNeedsNoZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, nil)
		state := u.plan.State
		state.Settings.Windows = []rollout.Window{{Zone: "Mars/Olympus", Start: "22:00", Duration: time.Hour}}
		require.NoError(t, u.store.Append(t.Context(), rollout.Entry{
			Number: 1, Time: time.Now().UTC(), Snapshot: &state, Changes: []rollout.Change{{Kind: rollout.ChangeBegun}, {Kind: rollout.ChangeEnded}},
		}, 0))
		_, err := u.runner.Resume(t.Context())
		require.ErrorIs(t, err, rollout.ErrFailed)
	})
}
