package proof

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every behaviour that FIDELITY.md claims names the tests that hold it; each of them
// must exist.
func TestFidelityNamesTestsThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "FIDELITY.md"))
	require.NoError(t, err)
	tests := existingTests(t, root)
	name := regexp.MustCompile(`^([a-z]+)\.(Test\w+|Fuzz\w+)$`)
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) != 3 || strings.TrimSpace(cells[2]) == "test" || strings.HasPrefix(cells[0], "-") {
			continue
		}
		rows++
		for cited := range strings.SplitSeq(cells[2], ",") {
			cited = strings.TrimSpace(cited)
			assert.Regexp(t, name, cited, "row %q", strings.TrimSpace(cells[0]))
			assert.True(t, tests[cited], "row %q names %s, which does not exist", strings.TrimSpace(cells[0]), cited)
		}
		assert.NotEmpty(t, strings.TrimSpace(cells[1]), "row %q has no source", strings.TrimSpace(cells[0]))
	}
	assert.GreaterOrEqual(t, rows, 40)
}

// existingTests are the tests of the tree, by package and name.
func existingTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	found := map[string]bool{}
	require.NoError(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declaration.FindAllSubmatch(source, -1) {
			found[filepath.Base(filepath.Dir(path))+"."+string(m[1])] = true
		}
		return nil
	}))
	return found
}
