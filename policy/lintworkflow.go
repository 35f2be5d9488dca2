package policy

import (
	"fmt"
	"slices"
)

// CheckOptions say what a document is for. Their zero value says nothing, and then no
// action is missing.
type CheckOptions struct {
	// Workflows are those that the document is to allow. Each action that one of them
	// needs and that no statement allows is a finding: their own, and those that
	// HyperPod takes with the caller's rights, which a call does not show.
	Workflows []Workflow
	// Scope decides which actions the workflows need, by its Clusters, Orchestrator, Tags,
	// Sources and KMSKeys. The rest of it may be empty. Without an orchestrator no action
	// of EKS is needed, without keys none of KMS.
	Scope Scope
}

// missing tells of the actions that the workflows need and that nothing allows.
func (l *linter) missing(o CheckOptions) {
	workflows := slices.Clone(o.Workflows)
	slices.Sort(workflows)
	seen := map[string]bool{}
	for _, w := range slices.Compact(workflows) {
		for _, n := range w.needs(o.Scope) {
			if seen[n.action] || l.allows(n.action) {
				continue
			}
			seen[n.action] = true
			l.add(LintError, "HYPERPOD_MISSING_ACTION", "", fmt.Sprintf("%v needs %s, and no statement allows it: %s (%v)", w, n.action, n.why, n.source),
				"add the statement that Generate has for it")
		}
	}
}

// allows tells whether an action is allowed on anything at all.
func (l *linter) allows(action string) bool {
	about := func(s Statement) bool {
		named := func(v string) bool { return matchesAction(v, action) }
		return s.Action.Present() && slices.ContainsFunc(s.Action.Items, named) ||
			s.NotAction.Present() && !slices.ContainsFunc(s.NotAction.Items, named)
	}
	allowed := false
	for _, s := range l.doc.Statements {
		switch {
		case !about(s):
		case s.Effect == Deny && len(s.Condition) == 0 && slices.Contains(s.Resource.Items, "*"):
			return false
		case s.Effect == Allow && (len(s.Resource.Items) > 0 || s.NotResource.Present()):
			allowed = true
		}
	}
	return allowed
}
