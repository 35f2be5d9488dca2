package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Normalize returns the document with the order of everything that has none: values of
// lists, keys and operators of conditions sorted, each once, statements by what they
// are about. A list of one is written as a plain string. It decides as before.
func (d Document) Normalize() *Document {
	out := d.copy()
	for i := range out.Statements {
		out.Statements[i].normalize()
	}
	slices.SortStableFunc(out.Statements, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.Effect, b.Effect), slices.Compare(a.Action.Items, b.Action.Items),
			slices.Compare(a.NotAction.Items, b.NotAction.Items), slices.Compare(a.Resource.Items, b.Resource.Items), cmp.Compare(a.Sid, b.Sid))
	})
	return out
}

// Minimize returns a document that decides as this one does and is as small as is
// easily seen: values that another one covers are left out, statements that differ in
// their actions alone, or in their resources alone, are one, and statements that
// another one covers are gone. A merged statement keeps the Sid of the first. The order
// of statements stays, that of values is sorted.
//
// The error is a [*DocumentError] for actions or resources that cannot be read.
func (d Document) Minimize() (*Document, error) {
	out := d.copy()
	m := minimizer{variables: d.Version == Version2012}
	for i := range out.Statements {
		out.Statements[i].normalize()
	}
	for i := range out.Statements {
		m.narrow(&out.Statements[i], out.path(i))
	}
	if len(m.problems) > 0 {
		return nil, &DocumentError{Problems: m.problems}
	}
	for m.pass(out) {
	}
	return out, nil
}

// minimizer compiles what it compares.
type minimizer struct {
	variables bool
	problems  []Problem
}

// pass merges or drops one statement; false when there is none.
func (m *minimizer) pass(d *Document) bool {
	for i := range d.Statements {
		for j := range d.Statements {
			a, b := &d.Statements[i], &d.Statements[j]
			if i == j || !alike(a, b) {
				continue
			}
			sameTests := conditionText(a.Condition) == conditionText(b.Condition)
			switch {
			case m.subsumes(a, b):
			case j < i || !sameTests || !a.Action.Present() || !b.Action.Present():
				continue
			case slices.Equal(a.Resource.Items, b.Resource.Items) && slices.Equal(a.NotResource.Items, b.NotResource.Items):
				a.Action = values(slices.Concat(a.Action.Items, b.Action.Items))
			case slices.Equal(a.Action.Items, b.Action.Items) && a.Resource.Present() && b.Resource.Present():
				a.Resource = values(slices.Concat(a.Resource.Items, b.Resource.Items))
			default:
				continue
			}
			m.narrow(a, "")
			d.Statements = slices.Delete(d.Statements, j, j+1)
			return true
		}
	}
	return false
}

// alike tells whether two statements have the same effect on the same principals.
func alike(a, b *Statement) bool {
	return a.Effect == b.Effect && a.Principal.equal(b.Principal) && a.NotPrincipal.equal(b.NotPrincipal)
}

func (p *Principal) equal(other *Principal) bool {
	if p == nil || other == nil {
		return p == other
	}
	return p.Anyone == other.Anyone && slices.EqualFunc(p.Entries, other.Entries, func(a, b PrincipalEntry) bool {
		return a.Type == b.Type && slices.Equal(a.Values.Items, b.Values.Items)
	})
}

// subsumes tells whether statement a surely matches whatever b does.
func (m *minimizer) subsumes(a, b *Statement) bool {
	if !a.Action.Present() || !b.Action.Present() || a.Resource.Present() != b.Resource.Present() ||
		a.NotResource.Present() || b.NotResource.Present() {
		return false
	}
	return weaker(a.Condition, b.Condition) && m.coverAll(a.Action, b.Action, m.action) && m.coverAll(a.Resource, b.Resource, m.resource)
}

// weaker tells whether every test of a is one of b.
func weaker(a, b Condition) bool {
	tests := conditionTests(b)
	return !slices.ContainsFunc(conditionTests(a), func(t string) bool { return !slices.Contains(tests, t) })
}

func (m *minimizer) coverAll(wide, narrow Values, compile func(string) (pattern, error)) bool {
	return !slices.ContainsFunc(narrow.Items, func(n string) bool {
		return !slices.ContainsFunc(wide.Items, func(w string) bool { return m.covers(w, n, compile) })
	})
}

func (m *minimizer) covers(wide, narrow string, compile func(string) (pattern, error)) bool {
	w, err := compile(wide)
	if err != nil {
		return false
	}
	n, err := compile(narrow)
	return err == nil && w.covers(&n)
}

func (m *minimizer) action(v string) (pattern, error) { return newActionPattern(v) }

func (m *minimizer) resource(v string) (pattern, error) { return newResourcePattern(v, m.variables) }

// narrow leaves out the values of a statement that others of the list cover.
func (m *minimizer) narrow(s *Statement, path string) {
	s.Action = m.narrowed(s.Action, join(path, "Action"), m.action)
	s.NotAction = m.narrowed(s.NotAction, join(path, "NotAction"), m.action)
	s.Resource = m.narrowed(s.Resource, join(path, "Resource"), m.resource)
	s.NotResource = m.narrowed(s.NotResource, join(path, "NotResource"), m.resource)
}

func (m *minimizer) narrowed(v Values, path string, compile func(string) (pattern, error)) Values {
	if !v.Present() {
		return v
	}
	kept := []string{}
	for i, item := range v.Items {
		if _, err := compile(item); err != nil {
			m.problems = append(m.problems, Problem{Path: fmt.Sprintf("%s[%d]", path, i), Message: err.Error()})
		}
		covered := slices.ContainsFunc(v.Items[i+1:], func(w string) bool { return m.covers(w, item, compile) }) ||
			slices.ContainsFunc(kept, func(w string) bool { return m.covers(w, item, compile) })
		if !covered {
			kept = append(kept, item)
		}
	}
	return Values{Items: kept, Single: len(kept) == 1}
}

func (d Document) copy() *Document {
	d.Statements = slices.Clone(d.Statements)
	for i := range d.Statements {
		s := &d.Statements[i]
		s.Condition = s.Condition.clone()
	}
	return &d
}

func (s *Statement) normalize() {
	for _, v := range []*Values{&s.Action, &s.NotAction, &s.Resource, &s.NotResource} {
		if v.Present() {
			*v = values(v.Items)
		}
	}
	for i := range s.Condition {
		for j := range s.Condition[i].Keys {
			k := &s.Condition[i].Keys[j]
			k.Values = values(k.Values.Items)
		}
		slices.SortFunc(s.Condition[i].Keys, func(a, b ConditionKey) int { return cmp.Compare(a.Name, b.Name) })
	}
	slices.SortFunc(s.Condition, func(a, b ConditionOperator) int { return cmp.Compare(a.Name, b.Name) })
}

// conditionTests spells out each key of each operator. The case of keys means nothing.
func conditionTests(c Condition) []string {
	var tests []string
	for _, o := range c {
		for _, k := range o.Keys {
			tests = append(tests, fmt.Sprintf("%q %q %q", o.Name, strings.ToLower(k.Name), values(k.Values.Items).Items))
		}
	}
	slices.Sort(tests)
	return tests
}

func conditionText(c Condition) string { return strings.Join(conditionTests(c), "\n") }
