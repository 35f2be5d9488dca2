package progress

import (
	"fmt"
	"io"
	"maps"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// bars draws a bar for each group of the workflows that wait. The container lives
// from the first bar to the end of the last workflow that has one, so that nothing
// is drawn between workflows.
type bars struct {
	w         io.Writer
	color     bool
	container *mpb.Progress // nil while there is no bar
	rows      map[workflow]map[string]*row
	hidden    map[workflow]int // how many groups have no bar, for want of room
	whole     *whole           // the bar of a rollout, nil when there is none
}

// mostRows is how many bars of groups a rollout draws at the same time. It may have
// hundreds of groups under way.
const mostRows = 16

// row is one group's bar. What it shows is read by the goroutine that draws.
type row struct {
	bar    *mpb.Bar // nil when it could not be drawn
	now    atomic.Pointer[hyperpod.GroupProgress]
	result atomic.Int32 // verdict
	most   int32        // instances seen at most, the length of a bar that shrinks
}

type verdict = int32

const (
	underWay verdict = iota
	done
	failed
)

func (b *bars) show(flow workflow, e hyperpod.Event) {
	switch e.Kind {
	case hyperpod.EventProgress:
		b.look(flow, e)
		return
	case hyperpod.EventDone:
		b.end(flow, done)
	case hyperpod.EventFailed:
		b.end(flow, failed)
	case hyperpod.EventFinding, hyperpod.EventCalled, hyperpod.EventTolerated, hyperpod.EventUndo:
	}
	text, _ := sentence(e)
	w := b.w
	if b.container != nil {
		w = b.container // puts lines above the bars
	}
	_, _ = fmt.Fprintf(w, "%s  %s\n", title(e), text) // progress that cannot be shown stops no workflow
}

// look brings a workflow's bars up to date. A group that is no longer there is gone.
func (b *bars) look(flow workflow, e hyperpod.Event) {
	seen := map[string]bool{}
	delete(b.hidden, flow)
	name := title(e)
	if b.whole != nil {
		name = e.Cluster // leaves more room: the lines above say what is done
	}
	for _, g := range e.Groups {
		seen[g.Name] = true
		r := b.rows[flow][g.Name]
		if r == nil && b.whole != nil && b.drawn() >= mostRows {
			b.hidden[flow]++
			continue
		}
		if r == nil {
			r = b.newRow(flow, name, g)
		}
		r.update(g)
	}
	for name, r := range b.rows[flow] {
		if !seen[name] {
			r.gone()
		}
	}
	b.count()
}

// count says beside the rollout's bar how many groups have none.
func (b *bars) count() {
	if b.whole == nil {
		return
	}
	var n int64
	for _, groups := range b.hidden {
		n += int64(groups)
	}
	b.whole.hidden.Store(n)
}

// drawn is how many groups have a bar.
func (b *bars) drawn() int {
	n := 0
	for _, rows := range b.rows {
		n += len(rows)
	}
	return n
}

// draw makes the container of the bars, if there is none.
func (b *bars) draw() {
	if b.container == nil {
		b.container = mpb.New(mpb.WithOutput(b.w), mpb.ForceTTY(), mpb.WithAutoRefresh())
	}
}

func (b *bars) newRow(flow workflow, name string, g hyperpod.GroupProgress) *row {
	b.draw()
	if b.rows[flow] == nil {
		b.rows[flow] = map[string]*row{}
	}
	r := &row{}
	r.now.Store(&g)
	b.rows[flow][g.Name] = r
	// A total of zero keeps a bar from ending by itself when a group has its
	// instances and the workflow still waits. The error says that the output has
	// failed: then there is no bar.
	r.bar, _ = b.container.Add(0, style().Build(),
		mpb.PrependDecorators(
			decor.Name(name+"  "+g.Name, decor.WCSyncSpaceR),
			decor.Meta(show(func() string { return word(r.now.Load().Status) }, statusColumns), b.paint(r)),
		),
		mpb.AppendDecorators(
			show(func() string { return count(*r.now.Load()) }, countColumns),
			decor.Elapsed(decor.ET_STYLE_MMSS),
		),
	)
	return r
}

func style() mpb.BarStyleComposer {
	return mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]")
}

// show is a text beside a bar that may change.
func show(text func() string, columns int) decor.Decorator {
	return decor.Any(func(decor.Statistics) string { return text() }, decor.WC{W: columns, C: decor.DindentRight | decor.DextraSpace})
}

// Columns that keep the bars below each other as their words change: the longest
// status is RollbackInProgress.
const (
	statusColumns = 18
	countColumns  = 8
)

func (r *row) update(g hyperpod.GroupProgress) {
	r.now.Store(&g)
	r.most = max(r.most, g.Done, g.Wanted)
	length := g.Wanted
	if length < g.Done || length == 0 {
		length = r.most
	}
	if r.bar != nil {
		r.bar.SetTotal(int64(length), false)
		r.bar.SetCurrent(int64(g.Done))
	}
}

func (r *row) gone() {
	r.update(hyperpod.GroupProgress{Name: r.now.Load().Name, Status: "gone"})
}

// end draws a workflow's bars for the last time, and closes the container when no
// other workflow has any.
func (b *bars) end(flow workflow, result verdict) {
	rows := b.rows[flow]
	delete(b.rows, flow)
	delete(b.hidden, flow)
	b.count()
	for _, r := range rows {
		r.result.Store(result)
		if flow.operation == hyperpod.OperationDelete && result == done {
			r.gone()
		}
		if r.bar != nil {
			r.bar.Abort(false) // leaves it as it is: completing it would fill it
		}
	}
	b.close()
}

// clear takes the bars of a cluster's workflows away.
func (b *bars) clear(p place) {
	for flow, rows := range b.rows {
		if flow.place != p {
			continue
		}
		for _, r := range rows {
			if r.bar != nil {
				r.bar.Abort(true)
			}
		}
		delete(b.rows, flow)
	}
	maps.DeleteFunc(b.hidden, func(flow workflow, _ int) bool { return flow.place == p })
	b.count()
}

// close closes the container when there is no bar in it any more.
func (b *bars) close() {
	if b.container != nil && len(b.rows) == 0 && b.whole == nil {
		b.container.Wait()
		b.container = nil
	}
}

// paint colours a status by how its workflow ended, or as under way.
func (b *bars) paint(r *row) func(string) string {
	return func(text string) string {
		if !b.color {
			return text
		}
		color := 33 // yellow
		switch r.result.Load() {
		case done:
			color = 32 // green
		case failed:
			color = 31 // red
		case underWay:
		}
		return fmt.Sprintf("\x1b[%dm%s\x1b[0m", color, text)
	}
}
