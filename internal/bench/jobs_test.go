package bench

import (
	"flag"
	"fmt"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchmath"
)

var rounds = flag.Int("rounds", 1, "how often TestJobs measures every way of doing a job")

const ours = "hyperpodkit"

// TestJobs does each job in every way, and holds calls, lag and duration to README.md.
// CPU and memory are printed, and held by nothing: they depend on the machine, and on
// Go's version.
func TestJobs(t *testing.T) {
	writer := log.Writer()
	t.Cleanup(func() { log.SetOutput(writer) })
	log.SetOutput(io.Discard) // StateChangeConf logs every poll
	var doc strings.Builder
	table := newTableOf(&doc, 2, "job", "by", "calls", "lag", "takes", "CPU", "allocated")
	for _, j := range []job{creating(), rolling(), scaling(), sharing(1), sharing(100), checking(), generating()} {
		results := make([]figures, len(j.ways))
		for range *rounds { // in turns, so that whatever else the machine does falls on all
			for i, w := range j.ways {
				j.round(t, w, &results[i])
			}
		}
		for i, f := range results {
			if i > 0 {
				f.job = "" // it stands above
			}
			table.row(f.cells()...)
		}
		t.Run(j.name, func(t *testing.T) { claim(t, results) })
	}
	table.end()
	doc.WriteString(machine())
	section(t, "jobs", doc.String(), *rounds >= 6, holdJobs)
}

// publishedWorlds is the number of worlds that the table tells of.
const publishedWorlds = 64

// claim holds what this project says of its ways of doing a job.
func claim(t *testing.T, results []figures) {
	our := results[0]
	for _, their := range results[1:] {
		switch {
		case strings.Contains(their.way, "waiters' loop") && worlds == publishedWorlds:
			assert.Less(t, our.lag, their.lag, their.way)
		case strings.Contains(their.way, "StateChangeConf"), strings.Contains(their.way, "backoff"),
			strings.Contains(their.way, "one account a call"), strings.Contains(their.way, "one AMI a call"):
			assert.Less(t, our.calls, their.calls, their.way)
		}
	}
}

func (f figures) cells() []string {
	calls, lag, takes := "–", "–", "–"
	if f.calls > 0 {
		calls, takes = number(f.calls), seconds(f.takes)
	}
	if f.waits {
		lag, takes = seconds(f.lag), minute(f.takes)
	}
	bytes := benchmath.AssumeNothing.Summary(benchmath.NewSample(f.bytes, &benchmath.DefaultThresholds), confidence)
	return []string{f.job, f.way, calls, lag, takes, cpuCell(f.cpu), kilobytes(bytes.Center)}
}

const confidence = 0.95

// cpuCell is the median, and by how much it may be off when the rounds are enough to tell.
func cpuCell(cpu []float64) string {
	s := benchmath.AssumeNothing.Summary(benchmath.NewSample(cpu, &benchmath.DefaultThresholds), confidence)
	cell := fmt.Sprintf("%.2f ms", s.Center*1e3)
	if off := s.PctRangeString(); !strings.Contains(off, "∞") && off != "" {
		cell += " ± " + strings.TrimPrefix(off, "±")
	}
	return cell
}

func kilobytes(n float64) string { return fmt.Sprintf("%.0f kB", n/1e3) }

func minute(d time.Duration) string { return fmt.Sprintf("%.1f min", d.Minutes()) }

// holdJobs holds the means that are no measurements to those that are published, as far
// as jitter lets it.
func holdJobs(t *testing.T, published, now [][]string) {
	for i, row := range now {
		was := published[i]
		require.Equal(t, was[:2], row[:2])
		if row[3] != "–" && worlds < publishedWorlds {
			continue // means of fewer worlds are others
		}
		for column, off := range map[int]float64{2: 0.1, 3: 0.35, 4: 0.1} {
			near(t, was[column], row[column], off, fmt.Sprintf("row %d, %s, column %d", i+1, row[1], column+1))
		}
	}
}
