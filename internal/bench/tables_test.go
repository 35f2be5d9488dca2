package bench

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	smithyrand "github.com/aws/smithy-go/rand"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

var update = flag.Bool("update", false, "write the tables into README.md")

const (
	creation = 15 * time.Minute
	software = 45 * time.Minute
)

// repeatable makes the SDK draw the same random numbers every time.
func repeatable(t *testing.T) {
	reader := smithyrand.Reader
	t.Cleanup(func() { smithyrand.Reader = reader })
	smithyrand.Reader = io.Reader(rand.NewChaCha8([32]byte{1}))
}

func TestTables(t *testing.T) {
	repeatable(t)
	var doc strings.Builder
	t.Run("nothing known of the progress", func(t *testing.T) { opaque(t, &doc) })
	t.Run("counts", func(t *testing.T) { counts(t, &doc) })
	t.Run("another duration than assumed", func(t *testing.T) { otherwise(t, &doc) })
	t.Run("deadline", func(t *testing.T) { deadline(t, &doc) })
	publish(t, doc.String())
}

func sdk() Waiting { return SDK(15*time.Second, 2*time.Minute) }

func opaque(t *testing.T, w *strings.Builder) {
	fmt.Fprintf(w, "### Nothing is known of the progress\n\n")
	for _, median := range []time.Duration{creation, software} {
		lines := draw(Opaque, runs, around(median))
		table := newTable(w, fmt.Sprintf("median %v", minutes(median)), "calls", "mean lag", "95 % within", "longest")
		samples := map[string]Sample{}
		for _, way := range []Waiting{
			Ours(median), sdk(), SDK(30*time.Second, time.Hour), Terraform(), Backoff(),
			Fixed(15 * time.Second), Fixed(30 * time.Second), Fixed(time.Minute),
		} {
			s := measure(lines, way, plenty)
			samples[way.Name] = s
			table.row(way.Name, number(s.Calls), seconds(s.Lag), seconds(s.Late), seconds(s.Latest))
		}
		table.end()
		ours, theirs := samples[Ours(median).Name], samples[sdk().Name]
		assert.LessOrEqual(t, ours.Calls, slack*theirs.Calls)
		assert.LessOrEqual(t, ours.Lag.Seconds(), slack*0.6*theirs.Lag.Seconds())
		assert.LessOrEqual(t, ours.Latest, poll.LongestPause+latency)
	}
}

func counts(t *testing.T, w *strings.Builder) {
	fmt.Fprintf(w, "### Counts of instances\n\n")
	for _, median := range []time.Duration{creation, software} {
		table := newTable(w, fmt.Sprintf("median %v", minutes(median)),
			"calls: SDK's loop", "ours, counts unseen", "ours, counts seen", "mean lag: SDK's loop", "ours, counts unseen", "ours, counts seen")
		for _, course := range append([]Course{Steady}, Uneven...) {
			told := draw(course, runs, around(median))
			theirs, unseen, seen := measure(told, sdk(), plenty), measure(Lines{All: told.All}, Ours(median), plenty), measure(told, Ours(median), plenty)
			table.row(course.Name, number(theirs.Calls), number(unseen.Calls), number(seen.Calls),
				seconds(theirs.Lag), seconds(unseen.Lag), seconds(seen.Lag))
			assert.LessOrEqual(t, seen.Calls, slack*theirs.Calls, course.Name)
			assert.LessOrEqual(t, seen.Latest, poll.LongestPause+latency, course.Name)
			if course.Name == Steady.Name {
				assert.LessOrEqual(t, seen.Lag.Seconds(), slack*theirs.Lag.Seconds()/3)
			} else {
				const sampling = 1.01 // the means of so many runs are known to one part in a hundred
				assert.LessOrEqual(t, seen.Lag.Seconds(), slack*sampling*unseen.Lag.Seconds(), course.Name)
			}
		}
		table.end()
	}
}

func otherwise(t *testing.T, w *strings.Builder) {
	fmt.Fprintf(w, "### Half and twice the assumed duration\n\n")
	table := newTable(w, "median: assumed, true", "counts", "calls: SDK's loop", "hyperpodkit", "mean lag: SDK's loop", "hyperpodkit", "longest")
	for _, median := range []time.Duration{creation, software} {
		for _, truth := range []time.Duration{median / 2, 2 * median} {
			for _, course := range []Course{Opaque, Steady} {
				lines := draw(course, runs, around(truth))
				theirs, ours := measure(lines, sdk(), plenty), measure(lines, Ours(median), plenty)
				table.row(minutes(median)+", "+minutes(truth), course.Name, number(theirs.Calls), number(ours.Calls),
					seconds(theirs.Lag), seconds(ours.Lag), seconds(ours.Latest))
				assert.LessOrEqual(t, ours.Latest, poll.LongestPause+latency)
				assert.LessOrEqual(t, ours.Lag.Seconds(), 1.2*theirs.Lag.Seconds())
				assert.LessOrEqual(t, ours.Calls, 1.4*theirs.Calls)
			}
		}
	}
	table.end()
}

func deadline(t *testing.T, w *strings.Builder) {
	fmt.Fprintf(w, "### Reached in the last minute before the deadline\n\n")
	table := newTable(w, "an hour's budget", fmt.Sprintf("missed of %d", runs))
	lines := draw(Opaque, runs, within(59*time.Minute, time.Hour))
	for _, way := range []Waiting{Ours(software), sdk(), Terraform(), Backoff(), Fixed(15 * time.Second), Fixed(time.Minute)} {
		s := measure(lines, way, time.Hour)
		table.row(way.Name, fmt.Sprint(s.Missed))
		if way.Name == Ours(software).Name {
			assert.Zero(t, s.Missed)
		}
	}
	table.end()
}

// published is the number of runs that the tables tell of.
const published = 20_000

// publish holds README.md to the tables, or writes them into it. Floating point
// numbers differ in the last digit between architectures.
func publish(t *testing.T, tables string) {
	const file, mark = "README.md", "<!-- tables -->\n"
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	parts := strings.Split(string(page), mark)
	require.Len(t, parts, 3, "README.md has a mark before and one after the tables")
	if *update {
		parts[1] = tables
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(parts, mark)), 0o644))
	} else if runtime.GOARCH == "amd64" && runs == published {
		assert.Equal(t, parts[1], tables, "run the test with -update")
	}
	t.Log("\n" + tables)
}
