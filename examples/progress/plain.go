package progress

import (
	"fmt"
	"io"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// plain remembers what was written last about the cluster and each group of the
// workflows that are under way, so that a look that shows nothing new writes nothing.
type plain map[workflow]map[string]string

// clusterItself is the key of the cluster's own status: no group has an empty name.
const clusterItself = ""

func (p plain) show(w io.Writer, flow workflow, e hyperpod.Event) {
	if text, ok := sentence(e); ok {
		p.line(w, e, text)
		if e.Kind == hyperpod.EventDone || e.Kind == hyperpod.EventFailed {
			delete(p, flow)
		}
		return
	}
	p.change(w, flow, e, clusterItself, "cluster "+word(e.Status))
	for _, g := range e.Groups {
		p.change(w, flow, e, g.Name, fmt.Sprintf("%s %s %s", g.Name, word(g.Status), count(g)))
	}
}

func (p plain) change(w io.Writer, flow workflow, e hyperpod.Event, subject, text string) {
	if p[flow] == nil {
		p[flow] = map[string]string{}
	}
	if p[flow][subject] != text {
		p[flow][subject] = text
		p.line(w, e, text)
	}
}

func (plain) line(w io.Writer, e hyperpod.Event, text string) {
	_, _ = fmt.Fprintf(w, "%s  %s\n", title(e), text) // progress that cannot be shown stops no workflow
}
