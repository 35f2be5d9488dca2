package rollout

import (
	"fmt"
	"strings"
)

// Markdown tells the rollout as [Report.String] does, in GitHub's Markdown, to be pasted
// into a change ticket. What comes from users and from AWS stands in code, where it breaks
// no table and makes no markup, links or mentions.
func (r *Report) Markdown() string {
	var b strings.Builder
	name := code(r.Name)
	if name != "" {
		name = " " + name
	}
	fmt.Fprintf(&b, "## Rollout%s: %s\n\n", name, r.standing())
	for _, fact := range r.facts() {
		fmt.Fprintf(&b, "- %s\n", fact)
	}
	b.WriteString("\n")
	heading(&b, "Waves", r.waves(), "")
	targets, others := r.targets(true)
	heading(&b, "Targets", targets, others)
	groups, others := r.groups()
	heading(&b, "Groups", groups, others)
	r.questionsMarkdown(&b)
	if len(r.Timeline) > 0 {
		text := strings.Join(r.timeline(), "\n")
		fence := strings.Repeat("`", max(3, longestTicks(text)+1))
		fmt.Fprintf(&b, "### Timeline (UTC)\n\n%stext\n%s\n%s\n", fence, text, fence)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// heading writes a table under a heading, and what more there is to say.
func heading(b *strings.Builder, title string, t table, others string) {
	if len(t.rows) == 0 && others == "" {
		return
	}
	fmt.Fprintf(b, "### %s\n\n", title)
	if len(t.rows) > 0 {
		t.markdown(b)
	}
	if others != "" {
		fmt.Fprintf(b, "%s\n\n", others)
	}
}

func (r *Report) questionsMarkdown(b *strings.Builder) {
	asks := r.questions()
	if len(asks) == 0 {
		return
	}
	b.WriteString("### Questions: was the last request accepted?\n\n")
	for _, i := range asks {
		t := &r.Targets[i]
		fmt.Fprintf(b, "- target %d, %s: %s\n", i, code(t.where()), code(t.Question))
	}
	fmt.Fprintf(b, "\n%s\n\n", howToAnswer)
	for _, a := range answers() {
		fmt.Fprintf(b, "- `%s`: %s\n", a[0], a[1])
	}
	b.WriteString("\n")
}
