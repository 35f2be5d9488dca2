package policy

import (
	"cmp"
	"slices"
)

// Generate returns the smallest identity policy under which the workflows run
// within the scope. It grants what the workflows' own calls need and what HyperPod
// does with the caller's rights on their behalf; [Explain] tells why each action
// is there and what could not be narrowed.
//
// Actions that are scoped alike share a statement, whose Sid says how. Statements
// and lists are sorted: the same input gives the same document.
//
// The policy works whether or not HyperPod's calls carry the keys of forward
// access sessions (aws:CalledVia and its kin), because it is not documented that
// they do, unless [Scope.Strict] demands them. Before it is created a cluster has no
// ARN, so that CreateCluster is always allowed on cluster/*.
//
// The error is a [*ScopeError] that lists everything wrong with the input.
func Generate(scope Scope, workflows ...Workflow) (*Document, error) {
	if err := validate(scope, workflows); err != nil {
		return nil, err
	}
	return document(scope, plan(scope, workflows)), nil
}

// plan returns what the workflows need, each with its workflow.
func plan(s Scope, workflows []Workflow) []planned {
	workflows = slices.Clone(workflows)
	slices.Sort(workflows)
	const usual = 12 // needs of a workflow
	all := make([]planned, 0, usual*len(workflows))
	for _, w := range slices.Compact(workflows) {
		for _, n := range w.needs(s) {
			all = append(all, planned{n, w})
		}
	}
	// What a wider rule of the same action allows needs no statement of its own.
	for i := range all {
		wider, ok := all[i].rule.within(s)
		if ok && slices.ContainsFunc(all, func(p planned) bool { return p.rule == wider && p.action == all[i].action }) {
			all[i].rule = wider
		}
	}
	return all
}

type planned struct {
	need
	workflow Workflow
}

// actionsOf are the actions of each rule, each once.
type actionsOf [ruleCount][]string

func (a *actionsOf) add(r rule, action string) {
	of := &a[r]
	if *of == nil {
		const usual = 8
		*of = make([]string, 0, usual)
	}
	if !slices.Contains(*of, action) {
		*of = append(*of, action)
	}
}

func document(s Scope, all []planned) *Document {
	var actions actionsOf
	for _, p := range all {
		actions.add(p.rule, p.action)
	}
	d := &Document{Version: Version2012, Statements: make([]Statement, 0, ruleCount)}
	for r := range rule(ruleCount) {
		if len(actions[r]) > 0 {
			st := r.statement(s)
			st.Action = values(actions[r])
			d.Statements = append(d.Statements, st)
		}
	}
	slices.SortFunc(d.Statements, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.Action.Items[0], b.Action.Items[0]), cmp.Compare(a.Sid, b.Sid))
	})
	return d
}
