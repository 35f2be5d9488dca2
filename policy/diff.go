package policy

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Difference is what two documents allow differently.
type Difference struct {
	// Removed is what the old document allows and the new one does not, Added the
	// other way round.
	Removed, Added []Gap
}

// Gap is a part of one document that the other does not surely cover.
type Gap struct {
	// Part is the action and resource, and where they stand.
	Part
	// Conditions are the tests of the statement, one each, as operator, key and values.
	Conditions []string
	// Witness is a request that the one document allows and the other does not. Nil when
	// none was found: the two may mean the same in other words.
	Witness *Request
}

// Empty reports whether each document surely allows what the other does.
func (d Difference) Empty() bool { return len(d.Removed)+len(d.Added) == 0 }

// Diff tells what before allows that after does not, and the other way round, by
// action, resource and condition, each with a request that shows it where one is found.
// Both are taken as identity policies. The error is a [*DocumentError].
func Diff(before, after *Document) (Difference, error) {
	var d Difference
	for _, way := range []struct {
		wide, narrow *Document
		gaps         *[]Gap
	}{{after, before, &d.Removed}, {before, after, &d.Added}} {
		c, err := newComparison(way.wide, way.narrow)
		if err != nil {
			return Difference{}, err
		}
		for _, g := range c.narrow.grants {
			if !c.covered(g) {
				*way.gaps = append(*way.gaps, Gap{Part: g.place(), Conditions: conditionLines(g.raw.Condition), Witness: c.witness(g)})
			}
		}
	}
	return d, nil
}

func conditionLines(c Condition) []string {
	var lines []string
	for _, o := range c {
		for _, k := range o.Keys {
			lines = append(lines, fmt.Sprintf("%s %s %s", o.Name, k.Name, strings.Join(k.Values.Items, ", ")))
		}
	}
	return lines
}

// String prints the difference as a table in plain text, a line for each part: what is
// gone with a minus, what is new with a plus, and a question mark behind the sign where
// no request was found that shows it.
func (d Difference) String() string {
	if d.Empty() {
		return "no difference\n"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, way := range []struct {
		sign string
		gaps []Gap
	}{{"-", d.Removed}, {"+", d.Added}} {
		for _, g := range way.gaps {
			sign := way.sign
			if g.Witness == nil {
				sign += "?"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", sign, g.Action, g.Resource, strings.Join(g.Conditions, "; "))
		}
	}
	_ = w.Flush() // a strings.Builder takes everything
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
