package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Set is one or more compiled documents of the same kind, judged together. It is
// safe for concurrent use.
type Set struct {
	allows, denies []statement
}

type statement struct {
	ref                    StatementRef
	actions                []pattern
	resources              []pattern
	notAction, notResource bool
	tests                  []test
	allowed, denied        string // reasons, made once
}

// StatementRef names a statement of a compiled set.
type StatementRef struct {
	// Path is the statement's place: "Statement[2]", "Statement" if it stands in no
	// list, or with several documents "Document[1].Statement[2]". Empty means no
	// statement.
	Path string
	// Sid is the statement's Sid, if it has one.
	Sid string
}

// String returns path and Sid.
func (r StatementRef) String() string {
	if r.Sid == "" {
		return r.Path
	}
	return r.Path + " (" + r.Sid + ")"
}

// Compile makes documents ready for evaluation as identity policies, a
// permissions boundary or service control policies, in which no statement names a
// principal and each names resources. The documents are copied. The error is a
// [*DocumentError] that lists unknown condition operators, malformed values and
// elements that such documents do not have.
//
// Actions and condition keys are not looked up: a statement about an action that
// does not exist is compiled, and never matches.
func Compile(documents ...*Document) (*Set, error) {
	c := compiler{set: &Set{}}
	for i, d := range documents {
		path := ""
		if len(documents) > 1 {
			path = fmt.Sprintf("Document[%d]", i)
		}
		c.document(d, path)
	}
	if len(c.problems) > 0 {
		return nil, &DocumentError{Problems: c.problems}
	}
	return c.set, nil
}

type compiler struct {
	set      *Set
	problems []Problem
}

func (c *compiler) problem(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// invalid is problem for an error, with the check that it falls under.
func (c *compiler) invalid(path string, err error) {
	p := Problem{Path: path, Message: err.Error()}
	if checked, ok := errors.AsType[*checkError](err); ok {
		p.check = checked.code
	}
	c.problems = append(c.problems, p)
}

// checkError is an error that falls under a check of IAM Access Analyzer.
type checkError struct{ code, text string }

func (e *checkError) Error() string { return e.text }

func failsCheck(code, format string, args ...any) error {
	return &checkError{code, fmt.Sprintf(format, args...)}
}

func (c *compiler) document(d *Document, path string) {
	if d == nil {
		c.problem(path, "the document is nil")
		return
	}
	if d.Version != "" && d.Version != Version2012 && d.Version != Version2008 {
		c.problem(join(path, "Version"), "version %q does not exist; write %q", d.Version, Version2012)
	}
	for i, s := range d.Statements {
		c.statement(s, join(path, d.path(i)), d.Version == Version2012)
	}
}

func (c *compiler) statement(s Statement, path string, variables bool) {
	out := statement{ref: StatementRef{Path: path, Sid: s.Sid}}
	if s.Principal != nil || s.NotPrincipal != nil {
		c.problem(join(path, "Principal"), "only resource and trust policies name principals")
	}
	out.notAction = s.NotAction.Present()
	out.actions = c.patterns(s.Action, s.NotAction, path, "Action", newActionPattern)
	out.notResource = s.NotResource.Present()
	out.resources = c.patterns(s.Resource, s.NotResource, path, "Resource", func(v string) (pattern, error) {
		return newResourcePattern(v, variables)
	})
	for _, o := range s.Condition {
		for _, k := range o.Keys {
			k.Values.Items = slices.Clone(k.Values.Items)
			t, err := newTest(o.Name, k, variables)
			if err != nil {
				c.invalid(join(path, "Condition."+o.Name+"."+k.Name), err)
			}
			out.tests = append(out.tests, t)
		}
	}
	out.allowed = "allowed by " + out.ref.String()
	out.denied = "denied by " + out.ref.String()
	switch s.Effect {
	case Allow:
		c.set.allows = append(c.set.allows, out)
	case Deny:
		c.set.denies = append(c.set.denies, out)
	default:
		c.problem(join(path, "Effect"), "effect %q does not exist; write Allow or Deny", s.Effect)
	}
}

// newActionPattern compiles a value of Action, whose case does not matter.
func newActionPattern(v string) (pattern, error) {
	if v != "*" && !strings.Contains(v, ":") {
		return pattern{}, fmt.Errorf("%q is no action; write service:Action", v)
	}
	return newPattern(strings.ToLower(v), dialect{wildcards: true})
}

func (c *compiler) patterns(plain, not Values, path, name string, compile func(string) (pattern, error)) []pattern {
	values := plain
	switch {
	case plain.Present() && not.Present():
		c.problem(path, "a statement has %s or Not%s, not both", name, name)
	case not.Present():
		name, values = "Not"+name, not
	case !plain.Present():
		c.problems = append(c.problems, Problem{Path: path, Message: name + " is missing", check: "MISSING_" + strings.ToUpper(name)})
	}
	out := make([]pattern, 0, len(values.Items))
	for i, v := range values.Items {
		p, err := compile(v)
		if err != nil {
			c.invalid(fmt.Sprintf("%s.%s[%d]", path, name, i), err)
		}
		out = append(out, p)
	}
	return out
}
