package policy_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// TestActionTable compares the package's table to the reference that it was made
// from.
func TestActionTable(t *testing.T) {
	t.Parallel()
	var reference struct {
		Actions []struct {
			Action, Access, Source string
			ConditionKeys          []string
			OtherResourceTypes     int
			Resources              []struct {
				Type, ARN     string
				Required      bool
				ConditionKeys []string
			}
		}
	}
	data, err := os.ReadFile("testdata/iam-actions.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &reference))
	require.NotEmpty(t, reference.Actions)
	for _, want := range reference.Actions {
		got, ok := policy.LookupAction(want.Action)
		require.True(t, ok, want.Action)
		assert.Equal(t, want.Action, got.Name)
		assert.Equal(t, want.Access, got.Access, want.Action)
		assert.ElementsMatch(t, want.ConditionKeys, got.Keys, want.Action)
		assert.Equal(t, want.OtherResourceTypes > 0, got.MoreResources, want.Action)
		require.Len(t, got.Resources, len(want.Resources), want.Action)
		for i, r := range want.Resources {
			assert.Equal(t, policy.ResourceType{Name: r.Type, ARN: r.ARN, Required: r.Required, Keys: r.ConditionKeys}, got.Resources[i], want.Action)
		}
		// The copy and its date are the same on both sides.
		copied, _, _ := strings.Cut(want.Source, " (")
		assert.Contains(t, got.Source.Name, copied, want.Action)
		assert.Contains(t, want.Source, got.Source.Date, want.Action)
	}
}

// Each action that is granted is in the reference.
func TestGrantedActionsAreInTheReference(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/iam-actions.json")
	require.NoError(t, err)
	for name, s := range scopes() {
		for _, action := range actionsOf(generate(t, s, workflows()...)) {
			assert.True(t, strings.Contains(string(data), `"action": "`+action+`"`), "%s: %s", name, action) //nolint:testifylint // the data is too long to print
		}
	}
}

func TestLookupAction(t *testing.T) {
	t.Parallel()
	a, ok := policy.LookupAction("SAGEMAKER:createcluster")
	require.True(t, ok)
	a.Keys[0], a.Resources[0].Keys[0] = "changed", "changed"
	again, _ := policy.LookupAction("sagemaker:CreateCluster")
	assert.NotContains(t, again.Keys, "changed")
	assert.NotContains(t, again.Resources[0].Keys, "changed")
	_, ok = policy.LookupAction("sagemaker:DescribeCluterNode")
	assert.False(t, ok)
}
