package hyperpod

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String prints the plan as plain text: what is sent, the groups with what they run and
// where an undo would take them, and what was found.
func (p *RollPlan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "roll %s onto cluster %s (%s)\n", p.Image, p.Cluster, p.ARN)
	if p.Empty() {
		b.WriteString("  nothing to do: no group is to be rolled\n")
	} else {
		fmt.Fprintf(&b, "  %s\n", p.manner())
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "  GROUP\tNODES\tOUT AT ONCE\tRUNS\tUNDO")
		for _, g := range p.Groups {
			fmt.Fprintf(w, "  %s\t%d\t%d\t%s\t%s\n", g.Name, g.Nodes, g.Out, g.runs(), g.undo())
		}
		_ = w.Flush() // a strings.Builder takes everything
	}
	for _, g := range p.Left {
		fmt.Fprintf(&b, "  left: group %s, %s\n", g.Name, g.Outcome)
	}
	for _, f := range p.Findings {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	return trimLines(b.String())
}

// manner tells how the groups are rolled.
func (p *RollPlan) manner() string {
	d := p.Deployment
	manner := "groups together"
	if p.OneByOne {
		manner = "one group after another"
	}
	if d.Batch.sized() {
		manner += fmt.Sprintf(", %s at a time", d.Batch)
	} else {
		manner += ", all nodes of a group at once"
	}
	if d.RollbackBatch.sized() {
		manner += fmt.Sprintf(", rolled back %s at a time", d.RollbackBatch)
	}
	if d.WaitInterval > 0 {
		manner += fmt.Sprintf(", %s between batches", d.WaitInterval)
	}
	if len(d.Alarms) > 0 {
		manner += ", watching " + strings.Join(d.Alarms, ", ")
	}
	return manner
}

func (g RollGroup) runs() string {
	runs := ImageVersion{ID: g.CurrentImage, Release: g.CurrentRelease}
	if wants := (ImageVersion{ID: g.DesiredImage, Release: g.DesiredRelease}); wants != runs {
		return fmt.Sprintf("%s -> %s", runs, wants)
	}
	return runs.String()
}

func (g RollGroup) undo() string {
	switch {
	case g.Back == (Image{}):
		return "not possible"
	case g.BackNote != "":
		return g.Back.String() + ", not exact"
	default:
		return g.Back.String()
	}
}
