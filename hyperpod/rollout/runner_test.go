package rollout_test

import (
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func TestARolloutGoesThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 5, hyperpodtest.Realistic)
		spec := f.spec()
		spec.Waves = rollout.Percentages(20, 100)
		x := rollout.NewExecutor(f.clients)
		plan, err := x.Plan(t.Context(), spec)
		require.NoError(t, err)
		report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
		require.NoError(t, err)
		assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
		for _, name := range f.names {
			assert.Equal(t, map[string]string{"workers": newAMI, "login": newAMI}, f.images(name))
		}
		assert.Equal(t, 5, f.calls("UpdateClusterSoftware"))
	})
}

// A request that broke off on its way is sent again once the cluster shows that it did
// not arrive; one whose answer was lost is not.
func TestAConnectionThatBreaksOff(t *testing.T) {
	for name, breaks := range map[string]func(*hyperpodtest.Faults){
		"before the request arrives": func(f *hyperpodtest.Faults) { f.Fail("UpdateClusterSoftware", 2, io.ErrUnexpectedEOF) },
		"before the answer arrives":  func(f *hyperpodtest.Faults) { f.LoseResponse("UpdateClusterSoftware", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, hyperpodtest.Realistic)
				x := rollout.NewExecutor(f.clients)
				plan, err := x.Plan(t.Context(), f.spec())
				require.NoError(t, err)
				breaks(f.srv.Faults())
				report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
				require.NoError(t, err)
				assert.Equal(t, rollout.PhaseRolled, report.Targets[0].Phase, report.Targets[0].Reason)
				assert.Equal(t, newAMI, f.images("train-0")["workers"])
			})
		})
	}
}
