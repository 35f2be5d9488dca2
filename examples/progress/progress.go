// Package progress shows the events of package hyperpod's workflows, and of rollouts over
// many clusters, to a person. On a terminal each instance group has a bar, and what checks
// found and calls did stands in lines above; anywhere else there is one plain line for
// each change.
//
//	r := progress.New(os.Stdout)
//	hp := hyperpod.New(client, func(o *hyperpod.Options) { o.OnEvent = r.OnEvent })
//
// The library itself draws nothing and depends on no terminal: it only tells its
// events. This package is one way to show them, and is there to copy.
package progress

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Mode says how a [Renderer] shows progress.
type Mode uint8

const (
	// Auto shows bars where the writer is a terminal, and plain lines elsewhere.
	Auto Mode = iota
	// Plain writes lines.
	Plain
	// Bars draws bars, 80 columns wide where the writer is no terminal.
	Bars
)

// Options configure a [Renderer]. The zero value works.
type Options struct {
	// Mode is how to show progress. Zero means [Auto].
	Mode Mode
	// NoColor leaves colour out of the bars. It is set at the start when the
	// environment has a NO_COLOR that is not empty. Plain lines have no colour.
	NoColor bool
}

// Renderer shows the events of workflows, of several after each other or at the
// same time. Make one with [New].
type Renderer struct {
	mu    sync.Mutex
	w     io.Writer
	bars  *bars // nil in plain mode
	plain plain
	names names
	busy  map[place]string // what was told of targets that something is in the way of
	told  told
	why   why
}

// New makes a renderer that writes to w. What else is written to w meanwhile
// disturbs the bars: write it before a workflow or after.
func New(w io.Writer, optFns ...func(*Options)) *Renderer {
	o := Options{NoColor: os.Getenv("NO_COLOR") != ""}
	for _, fn := range optFns {
		fn(&o)
	}
	r := &Renderer{w: w, plain: plain{}, names: names{}, busy: map[place]string{}, told: told{}, why: why{}}
	if o.Mode == Bars || o.Mode == Auto && isTerminal(w) {
		r.bars = &bars{w: w, color: !o.NoColor, rows: map[workflow]map[string]*row{}, hidden: map[workflow]int{}}
	}
	return r
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// OnEvent shows one event. It is made for hyperpod.Options.OnEvent, and forgets a
// workflow at its last event.
//
// How a workflow failed is left to its caller, who has the report and the error.
func (r *Renderer) OnEvent(_ context.Context, e hyperpod.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.show(workflow{operation: e.Operation, place: place{cluster: e.Cluster}}, e)
}

// Stop leaves the bars as they are and forgets all workflows. Those that tell their last
// event need none: it is for a cluster that is only watched, by events without an
// Operation.
func (r *Renderer) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.plain)
	if r.bars == nil {
		return
	}
	for flow := range r.bars.rows {
		r.bars.end(flow, underWay)
	}
}

func (r *Renderer) show(flow workflow, e hyperpod.Event) {
	if r.bars != nil {
		r.bars.show(flow, e)
	} else {
		r.plain.show(r.w, flow, e)
	}
}

// workflow is what an event belongs to, as far as the event tells.
type workflow struct {
	operation hyperpod.Operation
	place     place
}

// place is where a cluster is. Account and Region are known in rollouts.
type place struct{ account, region, cluster string }

// title says what an event belongs to. One that is only watched belongs to no workflow.
func title(e hyperpod.Event) string {
	if e.Operation == 0 {
		return e.Cluster
	}
	return e.Operation.String() + " " + e.Cluster
}

// sentence says what happened, for the events that are told in a line of their own.
func sentence(e hyperpod.Event) (text string, ok bool) {
	switch e.Kind {
	case hyperpod.EventFinding:
		return e.Finding.String(), true
	case hyperpod.EventCalled:
		return "called " + e.Call, true
	case hyperpod.EventTolerated:
		return fmt.Sprintf("looks again after: %v", e.Err), true
	case hyperpod.EventDone:
		return "done", true
	case hyperpod.EventFailed:
		return "failed", true
	case hyperpod.EventUndo:
		return fmt.Sprintf("takes back what it did after: %v", e.Err), true
	case hyperpod.EventProgress:
		return "", false
	default:
		return e.Kind.String(), true
	}
}

// count is how far a group is.
func count(g hyperpod.GroupProgress) string {
	if g.Wanted == 0 {
		return fmt.Sprintf("%d left", g.Done)
	}
	return fmt.Sprintf("%d/%d", g.Done, g.Wanted)
}

// word is a group's status, which a group may not have yet.
func word(status string) string {
	if status == "" {
		return "-"
	}
	return status
}
