package hyperpod

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String prints the plan as a diff in plain text.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan for cluster %s (%s)\n", p.handle.name, p.arn)
	if p.Empty() {
		b.WriteString("  nothing to do: the cluster is as asked\n")
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range p.changes {
		switch c.Kind {
		case GroupAdded:
			fmt.Fprintf(w, "  + group %s\n", c.Group)
		case GroupDeleted:
			fmt.Fprintf(w, "  - group %s, with its %s\n", c.Group, counted(c.Instances, "instance"))
		case GroupChanged:
			fmt.Fprintf(w, "  ~ group %s\n", c.Group)
		case ClusterChanged:
			fmt.Fprintln(w, "  ~ cluster")
		case TagsChanged:
			fmt.Fprintln(w, "  ~ tags")
		}
		for _, f := range c.Fields {
			switch {
			case f.Before == "":
				fmt.Fprintf(w, "      + %s\t%s\n", f.Path, f.After)
			case f.After == "":
				fmt.Fprintf(w, "      - %s\t%s\n", f.Path, f.Before)
			default:
				fmt.Fprintf(w, "      ~ %s\t%s -> %s\n", f.Path, f.Before, f.After)
			}
		}
	}
	_ = w.Flush() // a strings.Builder takes everything
	for _, roll := range p.rolls {
		fmt.Fprintf(&b, "  not part of this plan: roll %s onto %s\n", roll.Image, strings.Join(roll.Groups.names, ", "))
	}
	for _, f := range p.findings {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	return trimLines(b.String())
}

// counted writes a number with its noun.
func counted(n int32, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
