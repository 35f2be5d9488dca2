package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/examples/internal/readme"
)

// README.md shows what the story prints.
func TestREADME(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		var out, errs bytes.Buffer
		require.Zero(t, run(t.Context(), nil, console{out: &out, err: &errs}), &errs)
		require.NoError(t, readme.Printed(string(page), "quickstart", out.String()))
	})
}
