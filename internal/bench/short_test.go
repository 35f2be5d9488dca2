package bench

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShort holds the short table, which is for pages that do not need all of it, to that
// of README.md: each of its rows is there, from the job to how long it takes.
func TestShort(t *testing.T) {
	long := map[[5]string]bool{}
	for _, row := range jobRows(t, "README.md") {
		long[row] = true
	}
	short := jobRows(t, "testdata/short.md")
	require.NotEmpty(t, short)
	for _, row := range short {
		assert.True(t, long[row], "%q is not in README.md: take the row from there", row)
	}
}

// jobRows are the first columns of a table of jobs, each with its job.
func jobRows(t *testing.T, file string) [][5]string {
	t.Helper()
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	var jobs [][5]string
	job := ""
	for _, row := range rows(string(page)) {
		if len(row) < 5 {
			continue
		}
		if row[0] != "" {
			job = row[0]
		}
		jobs = append(jobs, [5]string{job, row[1], row[2], row[3], row[4]})
	}
	return jobs
}
