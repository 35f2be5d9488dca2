package readme_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/examples/internal/readme"
)

const small = "# Page\n\n<!-- code: one -->\n```go\na()\n```\n\n```sh ci\nls\n```\n<!-- output: two -->\n```text\nfirst, after 3s\n...\nlast\n```\n"

func TestBlocks(t *testing.T) {
	blocks := readme.Blocks(small)
	require.Len(t, blocks, 3)
	assert.Equal(t, []string{"go", "sh", "text"}, []string{blocks[0].Language, blocks[1].Language, blocks[2].Language})
	assert.Equal(t, []string{"code", "one", "a()\n"}, []string{blocks[0].Kind, blocks[0].Name, blocks[0].Text})
	assert.Empty(t, blocks[1].Kind)
	assert.Equal(t, "ls\n", small[blocks[1].Start:blocks[1].End])
}

func TestPrinted(t *testing.T) {
	for name, test := range map[string]struct {
		block, printed string
		want           string // in the error; empty for none
	}{
		"as shown":         {"two", "before\nfirst, after 3s\nlast\n", ""},
		"another duration": {"two", "first, after 1.5s\nbetween\nlast\nafter\n", ""},
		"another order":    {"two", "last\nfirst, after 3s\n", `"\nlast\n" was not printed`},
		"a line's part":    {"two", "first, after 3s\nat last\n", `"\nlast\n" was not printed`},
		"no such block":    {"one", "a()\n", "no block below <!-- output: one -->"},
	} {
		t.Run(name, func(t *testing.T) {
			err := readme.Printed(small, test.block, test.printed)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
		})
	}
}
