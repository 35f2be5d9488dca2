package rollout_test

import (
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
