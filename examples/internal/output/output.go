// Package output holds what an example prints to a file in its testdata.
package output

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

var update = flag.Bool("update", false, "write the outputs anew, and fail where one differs")

// Check runs an example and compares what it prints with testdata/output.txt. Time is that
// of a bubble, so that it prints the same each time.
func Check(t *testing.T, run func(context.Context, io.Writer) error) {
	t.Helper()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		if err := run(t.Context(), &out); err != nil {
			t.Fatalf("%v, after it had printed:\n%s", err, out.String())
		}
	})
	got := out.String()
	file := filepath.Join("testdata", "output.txt")
	want, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	t.Errorf("it prints:\n%s\nand should print:\n%s", got, want)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
