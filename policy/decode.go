package policy

import "fmt"

// Decode reads a policy document. It is strict: unknown elements, a key written
// twice, characters that IAM does not take and values of the wrong kind are
// refused, with the place in the text. The error is a [*DocumentError] that lists
// all problems, or the first if the text is no JSON.
//
// Decode judges the form, not the meaning: it accepts an action that does not
// exist. Names of condition operators and the form of values are judged by
// [Compile].
func Decode(data []byte) (*Document, error) {
	r := &reader{data: data}
	var d *Document
	if n, err := r.text(); err == nil {
		d = r.document(n)
	}
	if len(r.problems) > 0 {
		return nil, &DocumentError{Problems: r.problems}
	}
	return d, nil
}

// UnmarshalJSON reads the document as [Decode] does.
func (d *Document) UnmarshalJSON(data []byte) error {
	got, err := Decode(data)
	if err != nil {
		return err
	}
	*d = *got
	return nil
}

func (r *reader) document(n node) *Document {
	d := &Document{}
	if !r.is(n, objectNode, "", "a policy document is an object") {
		return d
	}
	found := false
	for _, m := range n.members {
		switch m.name {
		case "Version":
			d.Version = r.plain(m.value, m.name)
			if m.value.kind == stringNode && d.Version != Version2012 && d.Version != Version2008 {
				r.problem(m.value.offset, m.name, "version %q does not exist; write %q", d.Version, Version2012)
			}
		case "Id":
			d.ID = r.plain(m.value, m.name)
		case "Statement":
			found = true
			d.Statements, d.SingleStatement = r.statements(m.value)
		default:
			r.problem(m.offset, m.name, "unknown element; a document has Version, Id and Statement")
		}
	}
	if !found {
		r.problem(n.offset, "", "Statement is missing")
	}
	return d
}

func (r *reader) statements(n node) (list []Statement, single bool) {
	if n.kind == objectNode {
		return []Statement{r.statement(n, "Statement")}, true
	}
	if !r.is(n, listNode, "Statement", "Statement is a list of statements or one statement") {
		return nil, false
	}
	for i, item := range n.items {
		path := fmt.Sprintf("Statement[%d]", i)
		if r.is(item, objectNode, path, "a statement is an object") {
			list = append(list, r.statement(item, path))
		}
	}
	return list, false
}

func (r *reader) statement(n node, path string) Statement {
	s := Statement{}
	seen := map[string]int{}
	for _, m := range n.members {
		at := join(path, m.name)
		seen[m.name] = m.offset
		switch m.name {
		case "Sid":
			s.Sid = r.plain(m.value, at)
		case "Effect":
			s.Effect = Effect(r.plain(m.value, at))
			if m.value.kind == stringNode && s.Effect != Allow && s.Effect != Deny {
				r.problem(m.value.offset, at, "effect %q does not exist; write Allow or Deny", s.Effect)
			}
		case "Principal":
			s.Principal = r.principal(m.value, at)
		case "NotPrincipal":
			s.NotPrincipal = r.principal(m.value, at)
		case "Action":
			s.Action = r.values(m.value, at, false)
		case "NotAction":
			s.NotAction = r.values(m.value, at, false)
		case "Resource":
			s.Resource = r.values(m.value, at, false)
		case "NotResource":
			s.NotResource = r.values(m.value, at, false)
		case "Condition":
			s.Condition = r.condition(m.value, at)
		default:
			r.problem(m.offset, at, "unknown element of a statement")
		}
	}
	if _, ok := seen["Effect"]; !ok {
		r.problem(n.offset, path, "Effect is missing")
	}
	for _, name := range []string{"Principal", "Action", "Resource"} {
		if at, ok := seen["Not"+name]; ok {
			if _, both := seen[name]; both {
				r.problem(at, join(path, "Not"+name), "a statement has %s or Not%s, not both", name, name)
			}
		} else if _, ok := seen[name]; !ok && name == "Action" {
			r.problem(n.offset, path, "Action is missing")
		}
	}
	return s
}

func (r *reader) principal(n node, path string) *Principal {
	p := &Principal{}
	if n.kind == stringNode {
		if p.Anyone = n.text == "*"; !p.Anyone {
			r.problem(n.offset, path, `as a string only "*" is a principal; write {"AWS": %q}`, n.text)
		}
		return p
	}
	if r.is(n, objectNode, path, `a principal is "*" or an object`) {
		for _, m := range n.members {
			at := join(path, m.name)
			switch m.name {
			case "AWS", "Service", "Federated", "CanonicalUser":
				p.Entries = append(p.Entries, PrincipalEntry{Type: m.name, Values: r.values(m.value, at, false)})
			default:
				r.problem(m.offset, at, "unknown type of principal; there are AWS, Service, Federated and CanonicalUser")
			}
		}
	}
	return p
}

func (r *reader) condition(n node, path string) Condition {
	c := Condition{}
	if !r.is(n, objectNode, path, "a condition is an object of operators") {
		return c
	}
	for _, m := range n.members {
		at := join(path, m.name)
		o := ConditionOperator{Name: m.name}
		if r.is(m.value, objectNode, at, "an operator holds an object of condition keys") {
			for _, k := range m.value.members {
				o.Keys = append(o.Keys, ConditionKey{Name: k.name, Values: r.values(k.value, join(at, k.name), true)})
			}
		}
		c = append(c, o)
	}
	return c
}

// values reads a string or a list of strings; scalars says that numbers and
// booleans may stand without quotes, as they may in a condition.
func (r *reader) values(n node, path string, scalars bool) Values {
	scalar := func(n node) bool {
		return n.kind == stringNode || scalars && (n.kind == numberNode || n.kind == boolNode)
	}
	if scalar(n) {
		return String(n.text)
	}
	v := Values{Items: []string{}}
	if !r.is(n, listNode, path, "a string or a list of strings is needed") {
		return v
	}
	for i, item := range n.items {
		if scalar(item) {
			v.Items = append(v.Items, item.text)
		} else {
			r.problem(item.offset, fmt.Sprintf("%s[%d]", path, i), "a string is needed, found %s", item.kind)
		}
	}
	return v
}

func (r *reader) plain(n node, path string) string {
	r.is(n, stringNode, path, "a string is needed")
	return n.text
}

func (r *reader) is(n node, kind nodeKind, path, want string) bool {
	if n.kind == kind {
		return true
	}
	r.problem(n.offset, path, "%s, found %s", want, n.kind)
	return false
}
