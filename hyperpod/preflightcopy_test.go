package hyperpod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// A checker owns what it is asked about: what it changes reaches no other checker.
func TestCheckersShareNothing(t *testing.T) {
	c := &checks{answer: func(use any) ([]hyperpodkit.Finding, error) {
		switch u := use.(type) {
		case hyperpod.NetworkUse:
			u.Groups[0].Types[0], u.Subnets[0] = "changed", "changed"
		case hyperpod.QuotaUse:
			assert.Equal(t, []string{"ml.c5.2xlarge"}, u.Groups[0].Types)
		}
		return nil, nil
	}}
	hp := hyperpod.New(hyperpodtest.NewServer().Client(), fast, c.all, func(o *hyperpod.Options) { o.Preflights.Concurrency = 1 })
	_, err := hp.Cluster("example-cluster").Create(t.Context(), pageSpec(1))
	require.NoError(t, err)
	assert.NotEmpty(t, c.taken())
}
