package temporalroll

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// What a part says now counts, not what its fleet has heard of it before.
func TestProgressIsThatOfTheParts(t *testing.T) {
	c := mocks.NewClient(t)
	answers := func(id, name string, value any) {
		c.On("QueryWorkflow", mock.Anything, id, "", name).Return(encoded{value}, nil)
	}
	answers("golden", QueryFleet, FleetState{Waves: make([]rollout.Wave, 2), Parts: []PartState{
		{Part: Part{ID: "a", Targets: []int{0, 1}}, Started: true, Progress: PartProgress{Totals: rollout.Totals{Wave: 1, Targets: 2, Active: 2}}},
		{Part: Part{ID: "b", Targets: []int{2}}, Started: true, Lost: "terminated", Progress: PartProgress{Totals: rollout.Totals{Wave: 0, Targets: 1, Failed: 1, Done: 1}}},
		{Part: Part{ID: "c", Targets: []int{3, 4}}},
	}})
	answers("a", QueryProgress, rollout.Totals{Wave: 1, Targets: 2, Done: 2})
	totals, err := Progress(t.Context(), c, "golden")
	require.NoError(t, err)
	assert.Equal(t, rollout.Totals{Wave: 1, Waves: 2, Targets: 5, Done: 3, Failed: 1}, totals)
}

// encoded is an answer as it comes over the wire.
type encoded struct{ value any }

func (e encoded) HasValue() bool { return true }

func (e encoded) Get(into any) error {
	payload, err := converter.GetDefaultDataConverter().ToPayload(e.value)
	if err != nil {
		return err
	}
	return converter.GetDefaultDataConverter().FromPayload(payload, into)
}
