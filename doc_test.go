package hyperpodkit_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
)

func TestFindingString(t *testing.T) {
	tests := []struct {
		name string
		f    hyperpodkit.Finding
		want string
	}{
		{"all", hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: "r", Path: "A[0].B", Resource: "ami-1", Found: "bad", Fix: "mend it"}, "error: A[0].B (ami-1): bad; mend it [r]"},
		{"path only", hyperpodkit.Finding{Level: hyperpodkit.Warning, Path: "A", Found: "odd"}, "warning: A: odd"},
		{"resource only", hyperpodkit.Finding{Resource: "ami-1", Found: "cannot tell"}, "unknown: ami-1: cannot tell"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, tt.f.String()) })
	}
	assert.Equal(t, "invalid", hyperpodkit.Level(9).String())
}

func TestFindingAsJSON(t *testing.T) {
	out, err := json.Marshal(hyperpodkit.Finding{Level: hyperpodkit.Warning, Rule: "r"})
	require.NoError(t, err)
	assert.Contains(t, string(out), `"Level":"warning"`)
}
