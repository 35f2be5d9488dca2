package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Explanation tells of a generated policy why it is as it is.
type Explanation struct {
	// Grants has one element for each action of each statement, in the order of
	// the document.
	Grants []Grant
	// Limits is what could not be narrowed.
	Limits []Limit
	// Verify is what to look up in CloudTrail before the policy is relied on. Only
	// strict policies have it.
	Verify []Verification
}

// Grant is an action of a generated policy.
type Grant struct {
	// Action is the IAM action.
	Action string
	// Access is its access level, such as "Write".
	Access string
	// Sid names the statement that allows it.
	Sid string
	// Why is what the action is for, as a clause.
	Why string
	// Workflows are those that need it.
	Workflows []Workflow
	// Sources are where that need is written down.
	Sources []Source
}

// Limit is a right that is wider than the workflows need, because no condition
// key or no known fact can narrow it.
type Limit struct {
	// Actions are the actions concerned, sorted.
	Actions []string
	// Why is what their holder can do beyond the workflows, why it cannot be
	// narrowed, and what helps instead.
	Why string
}

// Explain returns the reasons behind the policy that [Generate] returns for the
// same input. Its errors are the same.
func Explain(scope Scope, workflows ...Workflow) (*Explanation, error) {
	if err := validate(scope, workflows); err != nil {
		return nil, err
	}
	all := plan(scope, workflows)
	return &Explanation{Grants: grants(scope, all), Limits: limits(scope, all), Verify: Assumptions(document(scope, all))}, nil
}

func grants(s Scope, all []planned) []Grant {
	var out []Grant
	for _, p := range all {
		sid := p.rule.statement(s).Sid
		i := slices.IndexFunc(out, func(g Grant) bool { return g.Action == p.action && g.Sid == sid })
		if i < 0 {
			a, _ := LookupAction(p.action)
			out, i = append(out, Grant{Action: p.action, Access: a.Access, Sid: sid, Why: p.why}), len(out)
		}
		g := &out[i]
		if !strings.Contains(g.Why, p.why) {
			g.Why += "; " + p.why
		}
		if !slices.Contains(g.Workflows, p.workflow) {
			g.Workflows = append(g.Workflows, p.workflow)
		}
		if !slices.Contains(g.Sources, *p.source) {
			g.Sources = append(g.Sources, *p.source)
		}
	}
	order := map[string]int{}
	for i, st := range document(s, all).Statements {
		order[st.Sid] = i
	}
	slices.SortFunc(out, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(order[a.Sid], order[b.Sid]), cmp.Compare(a.Action, b.Action))
	})
	return out
}

// String returns the explanation as text: a table of grants with their sources
// numbered, then the sources, then the limits.
func (e *Explanation) String() string {
	var sources []Source
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACTION\tSTATEMENT\tWORKFLOWS\tWHY\tSOURCES")
	for _, g := range e.Grants {
		fmt.Fprintf(w, "%s\t%s\t", g.Action, g.Sid)
		for i, wf := range g.Workflows {
			if i > 0 {
				fmt.Fprint(w, ", ")
			}
			fmt.Fprint(w, wf)
		}
		fmt.Fprintf(w, "\t%s\t", g.Why)
		for _, src := range g.Sources {
			i := slices.Index(sources, src)
			if i < 0 {
				sources, i = append(sources, src), len(sources)
			}
			fmt.Fprintf(w, "[%d]", i+1)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // A strings.Builder takes everything.
	b.WriteString("\nSources\n")
	for i, src := range sources {
		fmt.Fprintf(&b, "[%d] %v\n", i+1, src)
	}
	if len(e.Limits) > 0 {
		b.WriteString("\nNot narrowed\n")
	}
	for _, l := range e.Limits {
		fmt.Fprintf(&b, "- %s: %s\n", strings.Join(l.Actions, ", "), l.Why)
	}
	if len(e.Verify) > 0 {
		b.WriteString("\nVerify first\n")
	}
	for _, v := range e.Verify {
		fmt.Fprintf(&b, "- %s on %s: in CloudTrail, %s of these calls is %s; %s\n", v.Key, strings.Join(v.Actions, ", "), v.Field, v.Wanted, v.Assumes)
	}
	return b.String()
}
