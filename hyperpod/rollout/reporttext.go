package rollout

import (
	"fmt"
	"strings"
)

// String tells the rollout as plain text: how it stands, the waves, the targets, the
// groups of which there is more to say, why targets failed, what is asked, and the
// timeline. Times are in UTC. Of more than 40 targets only those are named that failed,
// are unknown or were taken back or were to be; the others are counted. Of a long timeline
// the middle is left out.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rollout%s: %s\n", quoted(r.Name), r.standing())
	for _, fact := range r.facts() {
		fmt.Fprintf(&b, "  %s\n", fact)
	}
	waves := r.waves()
	section(&b, "waves", waves, "")
	targets, others := r.targets(false)
	section(&b, "targets", targets, others)
	groups, others := r.groups()
	section(&b, "groups", groups, others)
	r.reasonsText(&b)
	r.questionsText(&b)
	if len(r.Timeline) > 0 {
		b.WriteString("\ntimeline\n")
		for _, line := range r.timeline() {
			b.WriteString("  " + line + "\n")
		}
	}
	return b.String()
}

// quoted is a name for people after a space, and nothing without one.
func quoted(name string) string {
	if name = printable(name); name == "" {
		return ""
	}
	return ` "` + name + `"`
}

// section writes a table under a title, and what more there is to say.
func section(b *strings.Builder, title string, t table, others string) {
	if len(t.rows) == 0 && others == "" {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	if len(t.rows) > 0 {
		t.text(b, "  ")
	}
	if others != "" {
		fmt.Fprintf(b, "  %s\n", others)
	}
}

func (r *Report) reasonsText(b *strings.Builder) {
	reasons := r.reasons()
	if len(reasons) == 0 {
		return
	}
	b.WriteString("\nreasons\n")
	for _, g := range reasons {
		wrapped(b, "  ", strings.Join(g.targets, ", ")+": "+g.phase)
		wrapped(b, "    ", g.reason)
	}
}

func (r *Report) questionsText(b *strings.Builder) {
	asks := r.questions()
	if len(asks) == 0 {
		return
	}
	b.WriteString("\nquestions: was the last request accepted?\n")
	for _, i := range asks {
		fmt.Fprintf(b, "  target %d, %s:\n", i, printable(r.Targets[i].where()))
		wrapped(b, "    ", r.Targets[i].Question)
	}
	fmt.Fprintf(b, "  %s\n", howToAnswer)
	for _, a := range answers() {
		fmt.Fprintf(b, "    %-8s  %s\n", a[0], a[1])
	}
}
