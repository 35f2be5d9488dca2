package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/internal/nearest"
)

// actions judges Action: spelling, and the two actions that give most away.
func (l *linter) actions() {
	for i, name := range l.raw.Action.Items {
		element := fmt.Sprintf("Action[%d]", i)
		if l.raw.Action.Single && len(l.raw.Action.Items) == 1 {
			element = "Action"
		}
		service, _, ok := strings.Cut(name, ":")
		switch {
		case strings.ContainsAny(service, "*?") && name != "*":
			l.add(Suggestion, "WILDCARD_IN_SERVICE_NAME", element, fmt.Sprintf("%q has a wildcard in the name of the service", name), "name the service")
		case strings.Contains(name, "${"):
			l.add(LintError, "VARIABLE_UNSUPPORTED_IN_ELEMENT", element, fmt.Sprintf("%q is taken literally: Action knows no policy variables", name), "name the action")
		case !ok || strings.ContainsAny(name, "*?"):
		default:
			l.spelling(name, element)
		}
	}
	if l.raw.Effect != Allow {
		return
	}
	l.wide("iam:PassRole", "PASS_ROLE", SecurityWarning, "lets its holder pass every role of the account")
	l.wide("iam:CreateServiceLinkedRole", "CREATE_SLR", GeneralWarning, "lets its holder make every service's linked role")
}

// spelling tells of an action or a service that is a misspelling of a known one.
func (l *linter) spelling(name, element string) {
	if _, known := LookupAction(name); known {
		return
	}
	if near := nearAction(name); near != "" {
		l.add(LintError, "INVALID_ACTION", element, fmt.Sprintf("%q is not known and allows nothing; %s is its nearest relative", name, near), "write "+near)
		return
	}
	_, action, _ := strings.Cut(name, ":")
	for _, a := range actions {
		service, known, _ := strings.Cut(a.Name, ":")
		if strings.EqualFold(known, action) && nearest.Within(name[:len(name)-len(action)-1], []string{service}, 2) != "" {
			l.add(LintError, "INVALID_SERVICE_IN_ACTION", element, fmt.Sprintf("%q names no known service and allows nothing; %s is its nearest relative", name, a.Name), "write "+a.Name)
			return
		}
	}
}

// wide tells when an action is granted on everything, under the code that fits how.
func (l *linter) wide(action, code string, severity Severity, found string) {
	how, element := "", "Action"
	switch {
	case l.raw.NotAction.Present():
		if slices.ContainsFunc(l.raw.NotAction.Items, func(v string) bool { return matchesAction(v, action) }) {
			return
		}
		how, element = "_AND_NOTACTION", "NotAction"
	case slices.ContainsFunc(l.raw.Action.Items, func(v string) bool { return strings.EqualFold(v, action) }):
	case slices.ContainsFunc(l.raw.Action.Items, func(v string) bool { return matchesAction(v, action) }):
		how = "STAR_IN_ACTION_AND_"
	default:
		return
	}
	switch {
	case l.raw.NotResource.Present() && how == "_AND_NOTACTION":
		code += "_WITH_NOTACTION_AND_NOTRESOURCE"
	case l.raw.NotResource.Present():
		code += "_WITH_" + how + "NOTRESOURCE"
	case !slices.ContainsFunc(l.raw.Resource.Items, everyRole):
		return
	case how == "_AND_NOTACTION":
		code += "_WITH_STAR_IN_RESOURCE_AND_NOTACTION"
	case how == "":
		code += "_WITH_STAR_IN_RESOURCE"
	default:
		code += "_WITH_" + how + "RESOURCE"
	}
	l.add(severity, code, element, action+" on every resource "+found, "name the resources")
}

// everyRole tells whether a value of Resource takes in every role of an account.
func everyRole(v string) bool { return takesInAll(v, "iam::*?", "role/a", "role/zz/9") }

func matchesAction(value, action string) bool {
	p, err := newActionPattern(value)
	return err == nil && p.match(strings.ToLower(action), (Request{}).Prepare())
}

// nearAction is the known action of the same service that a name is a misspelling of,
// empty when there is none.
func nearAction(name string) string {
	service, action, _ := strings.Cut(name, ":")
	var known []string
	for _, a := range actions {
		if prefix, rest, _ := strings.Cut(a.Name, ":"); strings.EqualFold(prefix, service) {
			known = append(known, rest)
		}
	}
	// Names of actions are alike, and not all are known: more than two letters away is
	// another action.
	if near := nearest.Within(action, known, 2); near != "" {
		return strings.ToLower(service) + ":" + near
	}
	return ""
}

// granted are the known actions that the statement is about.
func (l *linter) granted() []Action {
	var out []Action
	for _, a := range actions {
		about := func(v string) bool { return matchesAction(v, a.Name) }
		if l.raw.Action.Present() && slices.ContainsFunc(l.raw.Action.Items, about) || l.raw.NotAction.Present() && !slices.ContainsFunc(l.raw.NotAction.Items, about) {
			out = append(out, a)
		}
	}
	return out
}

// named are the known actions that the statement names, wildcards aside.
func (l *linter) named() []Action {
	var out []Action
	for _, v := range l.raw.Action.Items {
		if a, ok := LookupAction(v); ok {
			out = append(out, a)
		}
	}
	return out
}
