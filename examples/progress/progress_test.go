package progress_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// of makes an event of a workflow on the cluster train.
func of(op hyperpod.Operation, e hyperpod.Event) hyperpod.Event {
	e.Operation, e.Cluster = op, "train"
	return e
}

func called(call string) hyperpod.Event {
	return hyperpod.Event{Kind: hyperpod.EventCalled, Call: call}
}

func look(status string, groups ...hyperpod.GroupProgress) hyperpod.Event {
	return hyperpod.Event{Kind: hyperpod.EventProgress, Status: status, Groups: groups}
}

func group(name, status string, done, wanted int32) hyperpod.GroupProgress {
	return hyperpod.GroupProgress{Name: name, Status: status, Done: done, Wanted: wanted}
}

var (
	ended  = hyperpod.Event{Kind: hyperpod.EventDone}
	failed = hyperpod.Event{Kind: hyperpod.EventFailed, Err: errors.New("rolled back")}
	warned = hyperpod.Event{Kind: hyperpod.EventFinding, Finding: &hyperpodkit.Finding{Level: hyperpodkit.Warning, Rule: "some-rule", Found: "something is odd"}}
)

func TestPlain(t *testing.T) {
	const update, roll, remove = hyperpod.OperationUpdate, hyperpod.OperationRoll, hyperpod.OperationDelete
	for name, test := range map[string]struct {
		events []hyperpod.Event
		want   []string
	}{
		"a line for each change and not for each look": {
			events: []hyperpod.Event{
				of(update, warned), of(update, called("UpdateCluster")),
				of(update, look("InService", group("workers", "Updating", 2, 4), group("debug", "", 0, 1))),
				of(update, look("InService", group("workers", "Updating", 2, 4), group("debug", "", 0, 1))),
				of(update, look("InService", group("workers", "Updating", 3, 4), group("debug", "Creating", 0, 1))),
				of(update, look("InService", group("workers", "InService", 4, 4), group("debug", "Creating", 0, 1))),
				of(update, ended),
			},
			want: []string{
				"update train  warning: something is odd [some-rule]",
				"update train  called UpdateCluster",
				"update train  cluster InService",
				"update train  workers Updating 2/4",
				"update train  debug - 0/1",
				"update train  workers Updating 3/4",
				"update train  debug Creating 0/1",
				"update train  workers InService 4/4",
				"update train  done",
			},
		},
		"a workflow after another begins anew": {
			events: []hyperpod.Event{
				of(roll, look("SystemUpdating", group("workers", "InProgress", 0, 2))), of(roll, failed),
				of(roll, look("SystemUpdating", group("workers", "InProgress", 0, 2))), of(roll, ended),
			},
			want: []string{
				"roll image on train  cluster SystemUpdating", "roll image on train  workers InProgress 0/2", "roll image on train  failed",
				"roll image on train  cluster SystemUpdating", "roll image on train  workers InProgress 0/2", "roll image on train  done",
			},
		},
		"two at the same time": {
			events: []hyperpod.Event{
				of(update, look("InService", group("workers", "Updating", 0, 2))),
				of(roll, look("InService", group("workers", "InProgress", 0, 2))),
				of(update, look("InService", group("workers", "Updating", 0, 2))),
				of(update, ended),
				of(roll, look("InService", group("workers", "InProgress", 0, 2))),
			},
			want: []string{
				"update train  cluster InService", "update train  workers Updating 0/2",
				"roll image on train  cluster InService", "roll image on train  workers InProgress 0/2",
				"update train  done",
			},
		},
		"a cluster that is only watched": {
			events: []hyperpod.Event{of(0, look("InService", group("workers", "InService", 4, 4)))},
			want:   []string{"train  cluster InService", "train  workers InService 4/4"},
		},
		"what is left of a deletion, and a look that failed": {
			events: []hyperpod.Event{
				of(remove, look("Deleting", group("workers", "Deleting", 2, 0))),
				of(remove, hyperpod.Event{Kind: hyperpod.EventTolerated, Err: errors.New("throttled")}),
				of(remove, ended),
			},
			want: []string{
				"delete train  cluster Deleting", "delete train  workers Deleting 2 left",
				"delete train  looks again after: throttled", "delete train  done",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer // which is no terminal
			r := progress.New(&out)
			for _, e := range test.events {
				r.OnEvent(t.Context(), e)
			}
			assert.Equal(t, test.want, strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"))
		})
	}
}

var (
	color  = regexp.MustCompile(`\x1b\[\d+m`)
	redraw = regexp.MustCompile(`\x1b\[(\d+)A\x1b\[J`)
)

// screen is what a terminal shows in the end: a redrawing goes up some lines and
// clears all from there.
func screen(out string) []string {
	var lines []string
	for line := range strings.Lines(color.ReplaceAllString(out, "")) {
		for m := redraw.FindStringSubmatch(line); m != nil; m = redraw.FindStringSubmatch(line) {
			up := int(m[1][0] - '0') // the tests draw less than ten lines
			lines, line = lines[:len(lines)-up], strings.Replace(line, m[0], "", 1)
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}

// pause is between two events, a little more than a second so that what has elapsed
// is no matter of chance.
const pause = 1100 * time.Millisecond

func TestBars(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode = progress.Bars })
		show := func(op hyperpod.Operation, e hyperpod.Event) {
			r.OnEvent(t.Context(), of(op, e))
			time.Sleep(pause)
		}
		show(hyperpod.OperationUpdate, called("UpdateCluster"))
		show(hyperpod.OperationUpdate, look("InService", group("workers", "Updating", 2, 4)))
		show(hyperpod.OperationUpdate, look("InService", group("workers", "Updating", 2, 4), group("debug", "Creating", 0, 1)))
		show(hyperpod.OperationUpdate, warned)
		show(hyperpod.OperationUpdate, look("InService", group("workers", "InService", 4, 4), group("debug", "InService", 1, 1)))
		show(hyperpod.OperationUpdate, ended)
		show(hyperpod.OperationRoll, look("SystemUpdating", group("workers", "InProgress", 1, 4)))
		show(hyperpod.OperationRoll, failed)
		show(hyperpod.OperationDelete, look("Deleting", group("workers", "Deleting", 3, 0)))
		show(hyperpod.OperationDelete, ended)
		assert.Equal(t, []string{
			"update train  called UpdateCluster",
			"update train  warning: something is odd [some-rule]",
			"update train  workers InService          [======================>] 4/4     00:04",
			"update train  debug   InService          [======================>] 1/1     00:03",
			"update train  done",
			"roll image on train  workers InProgress         [===>            ] 1/4     00:01",
			"roll image on train  failed",
			"delete train  workers gone               [                       ] 0 left  00:01",
			"delete train  done",
		}, screen(out.String()))
		assert.Contains(t, out.String(), "\x1b[33mUpdating ", "yellow under way")
		assert.Contains(t, out.String(), "\x1b[32mInService ", "green when done")
		assert.Contains(t, out.String(), "\x1b[31mInProgress ", "red when failed")
		assert.Contains(t, out.String(), "Deleting          \x1b[0m [======================>] 3 left")
	})
}

func TestBarsOfWorkflowsAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
		on := func(cluster string, e hyperpod.Event) {
			e.Operation, e.Cluster = hyperpod.OperationDelete, cluster
			r.OnEvent(t.Context(), e)
			time.Sleep(pause)
		}
		on("a", look("Deleting", group("workers", "Deleting", 2, 0)))
		on("b", look("Deleting", group("workers", "Deleting", 3, 0)))
		on("a", ended)
		on("b", ended)
		assert.Equal(t, []string{
			"delete a  done",
			"delete a  workers gone               [                           ] 0 left  00:02",
			"delete b  workers gone               [                           ] 0 left  00:02",
			"delete b  done",
		}, screen(out.String()))
		assert.NotRegexp(t, color, out.String())
	})
}

func TestBarsOfAClusterThatIsOnlyWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
		for done := range int32(3) {
			r.OnEvent(t.Context(), of(0, look("SystemUpdating", group("workers", "InProgress", done, 4))))
			time.Sleep(pause)
		}
		r.Stop()
		drawn := out.Len()
		time.Sleep(pause)
		assert.Equal(t, drawn, out.Len(), "drawn after Stop")
		assert.Equal(t, []string{"train  workers InProgress         [==============>               ] 2/4     00:03"}, screen(out.String()))
	})
}

func TestNoColor(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	var out bytes.Buffer
	r := progress.New(&out, func(o *progress.Options) { o.Mode = progress.Bars })
	r.OnEvent(t.Context(), of(hyperpod.OperationUpdate, look("InService", group("workers", "Updating", 2, 4))))
	r.OnEvent(t.Context(), of(hyperpod.OperationUpdate, ended))
	assert.Contains(t, out.String(), "workers Updating")
	assert.NotRegexp(t, color, out.String())
}

// lost is a terminal that has gone.
type lost struct{}

func (lost) Write([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestBarsThatCannotBeDrawnStopNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := progress.New(lost{}, func(o *progress.Options) { o.Mode = progress.Bars })
		for _, e := range []hyperpod.Event{
			called("UpdateCluster"),
			look("InService", group("workers", "Updating", 2, 4)),
			look("InService", group("workers", "Updating", 3, 4), group("debug", "Creating", 0, 1)),
			warned,
			look("InService", group("debug", "Creating", 0, 1)),
			ended,
			look("InService", group("workers", "Updating", 2, 4)),
			failed,
		} {
			r.OnEvent(t.Context(), of(hyperpod.OperationUpdate, e))
			time.Sleep(pause)
		}
	})
}

func TestALookWithoutGroupsDrawsNothing(t *testing.T) {
	var out bytes.Buffer
	r := progress.New(&out, func(o *progress.Options) { o.Mode = progress.Bars })
	for _, e := range []hyperpod.Event{look("Creating"), warned, ended} {
		r.OnEvent(t.Context(), of(hyperpod.OperationCreate, e))
	}
	assert.Equal(t, "create train  warning: something is odd [some-rule]\ncreate train  done\n", out.String())
}
