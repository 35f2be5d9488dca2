package nearest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestName(t *testing.T) {
	names := []string{"OnCreate", "OnInitComplete", "EbsVolumeConfig", "ml.p5.48xlarge", "Key"}
	for text, want := range map[string]string{
		"OnCreat": "OnCreate", "onCreate": "OnCreate", "EBSVolumeConfig": "EbsVolumeConfig", "ml.p5.48xlrge": "ml.p5.48xlarge",
		"Kez": "Key", "Kxz": "", "Nonsense": "", "": "", strings.Repeat("x", 101): "",
	} {
		assert.Equal(t, want, Name(text, names), text)
	}
	assert.Equal(t, "b", Name("b", []string{"a", "b", "B"}), "of names as near the first")
	assert.Empty(t, Name("a", nil))

	types := []string{"ml.p5.48xlarge", "ml.p5e.48xlarge", "ml.g5.large"}
	for text, want := range map[string]string{
		"ml.p5.48xlarge": "ml.p5.48xlarge", "p5.48xlarge": "ml.p5.48xlarge", "ml.p5e.48xlarg": "ml.p5e.48xlarge", "ml.G5.large": "ml.g5.large", "large": "",
	} {
		assert.Equal(t, want, Name(text, types), text)
	}
}
