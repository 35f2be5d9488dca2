package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// groups is the table of the groups of which there is more to say than of their target,
// and what to say of those that it leaves out.
func (r *Report) groups() (table, string) {
	t := table{head: []column{
		foreign("Cluster"), foreign("Group"), ours("Nodes"), foreign("Image"), foreign("New group"), ours("Outcome"), foreign("Detail"),
	}}
	counts := map[string]int{}
	for i := range r.Targets {
		target := &r.Targets[i]
		for _, g := range target.Groups {
			outcome := g.Outcome
			if outcome == "" && target.troubled() {
				outcome = "not known"
			}
			switch say := g.say(target); {
			case say == sayNothing, say == sayOfTrouble && r.large():
			case say == sayWhereShort && r.large():
				counts[outcome]++
			default:
				t.add(target.Cluster, g.Name, fmt.Sprint(g.Nodes), fromTo(g.Before, g.Image), g.New, outcome, g.Detail)
			}
		}
	}
	var rest []string
	for outcome, n := range counts {
		rest = append(rest, fmt.Sprintf("%s %s", counted(n, "group"), cmp.Or(outcome, "to be replaced")))
	}
	if len(rest) == 0 {
		return t, ""
	}
	slices.Sort(rest)
	return t, "not listed: " + strings.Join(rest, ", ")
}

// telling is how much there is to say of a group.
type telling uint8

const (
	sayNothing    telling = iota
	sayOfTrouble          // left out of a large report: the group itself is well
	sayWhereShort         // counted in a large report
	sayAlways
)

// say tells how much there is to say of a group of the target.
func (g *GroupReport) say(t *TargetReport) telling {
	switch g.Outcome {
	case hyperpod.OutcomeOnImage.String(), hyperpod.OutcomeUnchanged.String():
		if t.troubled() {
			return sayOfTrouble
		}
		return g.sayNew()
	case "":
		if t.troubled() {
			return sayAlways
		}
		return g.sayNew()
	case hyperpod.OutcomeTakenBack.String():
		switch {
		case t.troubled():
			return sayAlways
		case g.Detail == "":
			return sayNothing // the target says it
		default:
			return sayWhereShort
		}
	case hyperpod.OutcomeUnproven.String(), outcomeReplaced:
		return sayWhereShort
	default:
		return sayAlways
	}
}

func (g *GroupReport) sayNew() telling {
	if g.New != "" {
		return sayWhereShort
	}
	return sayNothing
}
