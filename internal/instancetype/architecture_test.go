package instancetype_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/internal/instancetype"
)

func TestEveryInstanceTypeHasAnArchitecture(t *testing.T) {
	for _, value := range types.ClusterInstanceType("").Values() {
		architecture, ok := instancetype.Architecture(string(value))
		assert.True(t, ok, value)
		// Graviton families end in a g behind their generation; G and GR families,
		// which carry GPUs, begin with one.
		family := strings.Split(string(value), ".")[1]
		graviton := strings.HasSuffix(family, "g") || strings.HasPrefix(family, "p6e-gb")
		assert.Equal(t, graviton, architecture == instancetype.ARM64, value)
	}
}

func TestUnknownInstanceTypeHasNone(t *testing.T) {
	for _, s := range []string{"", "ml.", "ml.x99.large", "c5"} {
		_, ok := instancetype.Architecture(s)
		assert.Equal(t, s == "c5", ok, s)
	}
}
