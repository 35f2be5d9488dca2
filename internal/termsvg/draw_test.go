package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDraw(t *testing.T) {
	screen := vt.NewEmulator(30, 5)
	_, err := screen.WriteString("\x1b[1;31mfailed\x1b[0m  <workers>\r\n50%\rall done\r\n\r\n")
	require.NoError(t, err)
	lines := read(screen)
	require.Len(t, lines, 2)
	assert.Equal(t, "failed  <workers>", lines[0].text())
	assert.Equal(t, "all done", lines[1].text())
	picture := draw(lines, 30)
	assert.Contains(t, picture, `fill="#ff7b72" font-weight="bold">failed</text>`)
	assert.Contains(t, picture, `>&lt;workers&gt;</text>`)
	wellFormed(t, picture)
}

func wellFormed(t *testing.T, picture string) {
	t.Helper()
	for in := xml.NewDecoder(strings.NewReader(picture)); ; {
		_, err := in.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.svg")
	require.NoError(t, run(t.Context(), []string{"-from", "^two", "-o", file, "printf", `one\ntwo\nthree\n`}))
	picture, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(picture), ">one<")
	assert.Contains(t, string(picture), ">two<")
	assert.Contains(t, string(picture), ">three<")

	require.NoError(t, run(t.Context(), []string{"-until", "one\ntwo", "-o", file, "sh", "-c", "echo one; echo two; sleep 1000"}))
	require.ErrorContains(t, run(t.Context(), []string{"-until", "^four", "-o", file, "echo", "one"}), "the screen never fitted ^four")
	require.ErrorContains(t, run(t.Context(), []string{"-from", "^four", "-o", file, "echo", "one"}), "no line on the screen fits ^four")
	require.ErrorContains(t, run(t.Context(), []string{"false"}), "exit status 1")
	require.ErrorContains(t, run(t.Context(), nil), "no command")
}
