package amishare

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryInstanceTypeHasAnArchitecture(t *testing.T) {
	text, err := os.ReadFile("testdata/instance-types.txt")
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		count++
		architecture, ok := architectureOf(line)
		assert.True(t, ok, line)
		// Graviton families end in a g behind their generation; G and GR families,
		// which carry GPUs, begin with one.
		family := strings.Split(line, ".")[1]
		graviton := strings.HasSuffix(family, "g") || strings.HasPrefix(family, "p6e-gb")
		assert.Equal(t, graviton, architecture == types.ArchitectureValuesArm64, line)
	}
	assert.Equal(t, 209, count)
}

func TestUnknownInstanceTypeHasNone(t *testing.T) {
	for _, s := range []string{"", "ml.", "ml.x99.large", "c5"} {
		_, ok := architectureOf(s)
		assert.Equal(t, s == "c5", ok, s)
	}
}
