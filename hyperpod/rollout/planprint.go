package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit"
)

// String prints the plan as plain text: what it takes by [Plan.Estimate], how targets are
// changed, the waves with every target, its groups and their images, the rules that the
// rollout keeps, and what the checks found.
func (p *Plan) String() string {
	var b strings.Builder
	s := &p.State
	e := p.Estimate()
	fmt.Fprintf(&b, "plan of rollout%s: %s in %s, %s to be replaced\n", quoted(s.Name),
		counted(len(s.Targets), "target"), counted(len(s.Waves), "wave"), counted(e.Nodes, "node"))
	fmt.Fprintf(&b, "  takes about %s, %s and %s\n", roughly(e.Duration), counted(e.Mutating, "changing call"), counted(e.Reading, "reading call"))
	if more := s.unreckoned(); len(more) > 0 {
		fmt.Fprintf(&b, "  not reckoned in: %s\n", strings.Join(more, ", "))
	}
	hows, letters := s.hows()
	b.WriteString("\nhow\n")
	for i, how := range hows {
		mark := ""
		if len(hows) > 1 {
			mark = letter(i) + "  "
		}
		fmt.Fprintf(&b, "  %s%s\n", mark, how)
	}
	for w := range s.Waves {
		p.wave(&b, w, letters)
	}
	b.WriteString("\nrules\n")
	rules := table{head: []column{ours(""), ours("")}}
	for _, rule := range s.rules() {
		rules.add(rule[0], rule[1])
	}
	rules.text(&b, "  ")
	if len(p.Findings) > 0 {
		b.WriteString("\nfound\n")
		for _, f := range alike(p.Findings) {
			b.WriteString("  " + printable(f) + "\n")
		}
	}
	return b.String()
}

// letter marks a way of changing targets.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return fmt.Sprint(i + 1)
}

// wave writes one wave with its targets.
func (p *Plan) wave(b *strings.Builder, w int, letters []string) {
	s := &p.State
	wave := &s.Waves[w]
	t := table{head: []column{
		foreign("Cluster"), foreign("Account"), foreign("Region"), foreign("Groups"), ours("Nodes"), ours("Out at once"), foreign("Image"), ours("How"),
	}}
	targets, nodes := 0, 0
	for i := range s.Targets {
		if target := &s.Targets[i]; target.Wave == w {
			targets++
			nodes += s.planRows(&t, target, letters[target.Strategy])
		}
	}
	fmt.Fprintf(b, "\nwave %s: %s, %s", printable(wave.Name), counted(targets, "target"), counted(nodes, "node"))
	work := s.waveTime(w, 1)
	switch {
	case !work.changes:
		b.WriteString(", nothing to do")
	case wave.Bake > 0:
		fmt.Fprintf(b, ", about %s and a bake of %s", roughly(work.takes), exactly(wave.Bake))
	default:
		fmt.Fprintf(b, ", about %s", roughly(work.takes))
	}
	if wave.Approval && w > 0 {
		b.WriteString(", once it is approved")
	}
	b.WriteString("\n")
	t.text(b, "  ")
}

// planRows adds a target's rows: one for the groups that go from one image to another
// together, and one for those that are skipped. It returns how many nodes are replaced.
func (s *State) planRows(t *table, target *TargetState, how string) int {
	type row struct {
		images     string
		skip       bool
		groups     []string
		nodes, out int
	}
	var rows []*row
	strategy := s.strategy(target)
	replaced := 0
	for i := range target.Groups {
		g := &target.Groups[i]
		images := fromTo(g.ran(), g.Image)
		at := slices.IndexFunc(rows, func(r *row) bool { return r.images == images && r.skip == g.Skip })
		if at < 0 {
			at = len(rows)
			rows = append(rows, &row{images: images, skip: g.Skip})
		}
		r := rows[at]
		r.groups = append(r.groups, g.Name)
		r.nodes += int(g.Nodes)
		switch {
		case g.Skip:
			continue
		case strategy.OneByOne && strategy.Replace == nil:
			r.out = max(r.out, int(g.Out))
		case strategy.Replace == nil:
			r.out += int(g.Out)
		}
		replaced += int(g.Nodes)
	}
	cluster, account, region := target.Cluster, target.Account, target.Region
	for _, r := range rows {
		out, does := "", how
		if r.out > 0 {
			out = fmt.Sprint(r.out)
		}
		if r.skip {
			does = "skipped, runs it already"
		}
		t.add(cluster, account, region, strings.Join(r.groups, ", "), fmt.Sprint(r.nodes), out, r.images, does)
		cluster, account, region = "", "", ""
	}
	return replaced
}

// alike are findings as lines, those that differ in their place alone as one.
func alike(findings []hyperpodkit.Finding) []string {
	const most = 3
	var lines []string
	var kinds []hyperpodkit.Finding
	places := map[hyperpodkit.Finding][]string{}
	for _, f := range findings {
		place := f.Resource
		if place == "" {
			place = f.Path
		}
		f.Resource, f.Path = "", ""
		if _, known := places[f]; !known {
			kinds = append(kinds, f)
		}
		places[f] = append(places[f], place)
	}
	slices.SortStableFunc(kinds, func(a, b hyperpodkit.Finding) int { return cmp.Compare(b.Level, a.Level) })
	for _, kind := range kinds {
		at := places[kind]
		kind.Resource = strings.Join(at[:min(most, len(at))], ", ")
		if more := len(at) - most; more > 0 {
			kind.Resource += fmt.Sprintf(" and %d more", more)
		}
		lines = append(lines, kind.String())
	}
	return lines
}
