package bench

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// section holds a part of README.md, which stands between two marks of its name, to a
// table. With -update it is written, when it was measured well enough for that. A nil
// hold leaves it alone.
func section(t *testing.T, name, text string, good bool, hold func(t *testing.T, published, now [][]string)) {
	t.Helper()
	mark := "<!-- " + name + " -->\n"
	const file = "README.md"
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	parts := strings.Split(string(page), mark)
	require.Len(t, parts, 3, "README.md has a mark before and one after the %s", name)
	t.Log("\n" + text)
	switch {
	case *update && good:
		parts[1] = text
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(parts, mark)), 0o644))
	case hold != nil:
		published, now := rows(parts[1]), rows(text)
		require.Len(t, now, len(published), "README.md has other rows; it says how to make them anew")
		hold(t, published, now)
	}
}

// rows are the cells of a table in Markdown, without its head.
func rows(text string) [][]string {
	var rows [][]string
	body := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "|---"):
			body = true
		case !strings.HasPrefix(line, "|"):
			body = false
		case body:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

// near holds the number that a cell begins with to a published one, by a part of it.
func near(t *testing.T, published, now string, off float64, what string) {
	t.Helper()
	was, is := leading(t, published), leading(t, now)
	assert.InDelta(t, was, is, off*was+0.2, "%s: README.md has %s, and now it is %s", what, published, now)
}

// leading is the number that a cell begins with. A dash is none.
func leading(t *testing.T, cell string) float64 {
	t.Helper()
	text, _, _ := strings.Cut(cell, " ")
	if text == "–" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return n
}
