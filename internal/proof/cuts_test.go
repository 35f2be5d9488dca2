package proof

import (
	"slices"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// cut is one part of a document that is left out.
type cut struct {
	sid string
	// element says which part, in the words of the statement.
	element string
	// less is the document without it.
	less *policy.Document
}

// cuts leave out each part of a document, one at a time: an action or a resource, with
// the statement when it is the only one; a condition key of an operator; and one value of
// a key that has several.
func cuts(d *policy.Document) []cut {
	var all []cut
	for i, st := range d.Statements {
		add := func(element string, with *policy.Statement) {
			less := *d
			less.Statements = slices.Delete(slices.Clone(d.Statements), i, i+1)
			if with != nil {
				less.Statements = slices.Insert(less.Statements, i, *with)
			}
			all = append(all, cut{st.Sid, element, &less})
		}
		for j, action := range st.Action.Items {
			add("Action "+action, without(st, &st.Action, j, func(s *policy.Statement, v policy.Values) { s.Action = v }))
		}
		for j, resource := range st.Resource.Items {
			add("Resource "+resource, without(st, &st.Resource, j, func(s *policy.Statement, v policy.Values) { s.Resource = v }))
		}
		for j, operator := range st.Condition {
			for k, key := range operator.Keys {
				name := "Condition " + operator.Name + " " + key.Name
				less := st
				less.Condition = withKeys(st.Condition, j, slices.Delete(slices.Clone(operator.Keys), k, k+1))
				add(name, &less)
				if len(key.Values.Items) == 1 {
					continue
				}
				for l, value := range key.Values.Items {
					fewer := slices.Clone(operator.Keys)
					fewer[k].Values = policy.List(slices.Delete(slices.Clone(key.Values.Items), l, l+1)...)
					less := st
					less.Condition = withKeys(st.Condition, j, fewer)
					add(name+" = "+value, &less)
				}
			}
		}
	}
	return all
}

// without is a statement without the value at an index; nil when that was all.
func without(st policy.Statement, v *policy.Values, at int, put func(*policy.Statement, policy.Values)) *policy.Statement {
	if len(v.Items) == 1 {
		return nil
	}
	put(&st, policy.List(slices.Delete(slices.Clone(v.Items), at, at+1)...))
	return &st
}

// withKeys is a condition with other keys under the operator at an index.
func withKeys(c policy.Condition, at int, keys []policy.ConditionKey) policy.Condition {
	c = slices.Clone(c)
	if len(keys) == 0 {
		return slices.Delete(c, at, at+1)
	}
	c[at].Keys = keys
	return c
}
