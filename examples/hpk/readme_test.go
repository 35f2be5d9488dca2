package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite what the README says that commands print, and fail")

// The README says what each of its commands prints, standard error included.
func TestREADME(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	dir, err := os.Getwd()
	require.NoError(t, err)
	scratch := t.TempDir()
	require.NoError(t, os.CopyFS(scratch+"/testdata", os.DirFS("testdata")))
	t.Chdir(scratch)

	blocks := 0
	mended := regexp.MustCompile("(?s)```console\n(.*?)```").ReplaceAllStringFunc(string(page), func(block string) string {
		blocks++
		line, says, _ := strings.Cut(strings.TrimPrefix(block, "```console\n"), "\n")
		command, ok := strings.CutPrefix(line, "$ hpk ")
		require.True(t, ok, line)
		prints := ""
		synctest.Test(t, func(t *testing.T) {
			toDate()
			var both bytes.Buffer
			run(t.Context(), words(command), &app{out: &both, errs: &both, stage: seed})
			prints = both.String()
		})
		assert.Equal(t, strings.TrimSuffix(says, "```"), prints, line)
		return "```console\n" + line + "\n" + prints + "```"
	})
	assert.NotZero(t, blocks)
	if *update {
		require.NoError(t, os.WriteFile(dir+"/README.md", []byte(mended), 0o600))
	}
}
