package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Answer is what [Covers] can say.
type Answer uint8

const (
	// Undecided means that neither a proof nor a counterexample was found.
	Undecided Answer = iota
	// Yes means that it was proved.
	Yes
	// No means that there is a request that shows the contrary.
	No
)

// String returns "undecided", "yes" or "no".
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	case Undecided:
	}
	return "undecided"
}

// MarshalText encodes the answer as its word.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Coverage is the answer of [Covers].
type Coverage struct {
	// Answer is [Yes], [No] or [Undecided].
	Answer Answer
	// Witness is a request that narrow allows and wide does not. Set when the answer
	// is No.
	Witness *Request
	// Open are the parts of narrow for which neither a proof nor a witness was found.
	// Set when the answer is Undecided.
	Open []Part
}

// Part is one action of one statement on one of its resources, as they are written.
type Part struct {
	// Statement is where it stands.
	Statement StatementRef
	// Action and Resource are values of the statement, or "*" for a statement with
	// NotAction or NotResource.
	Action, Resource string
}

// String returns the part as one line.
func (p Part) String() string {
	return fmt.Sprintf("%s on %s by %s", p.Action, p.Resource, p.Statement)
}

// Covers tells whether wide allows everything that narrow allows, both taken as
// identity policies. Yes is proved statement by statement: each action and resource of
// narrow is covered by one statement of wide whose conditions are among its own, and
// nothing that wide denies touches it unless narrow denies it too. No comes with a
// request that was evaluated under both. What is neither is Undecided: it may be that
// several statements together cover one, or that conditions mean the same in other
// words. The error is a [*DocumentError].
func Covers(wide, narrow *Document) (Coverage, error) {
	c, err := newComparison(wide, narrow)
	if err != nil {
		return Coverage{}, err
	}
	var open []Part
	for _, g := range c.narrow.grants {
		if c.covered(g) {
			continue
		}
		if witness := c.witness(g); witness != nil {
			return Coverage{Answer: No, Witness: witness}, nil
		}
		open = append(open, g.place())
	}
	if len(open) > 0 {
		return Coverage{Open: open}, nil
	}
	return Coverage{Answer: Yes}, nil
}

// comparison holds two documents, compiled.
type comparison struct {
	wide, narrow side
}

// side is one document of a comparison: what it grants, one action and one resource at
// a time, and its statements.
type side struct {
	set    *Set
	grants []grant
	allows []part
	denies []part
}

// part is a statement with the texts of its tests.
type part struct {
	*statement
	tests []string
	raw   Statement
}

// grant is one action of an Allow statement on one resource.
type grant struct {
	part
	action, resource       pattern
	actionText, resourceIs string
}

func (g grant) place() Part {
	return Part{Statement: g.ref, Action: g.actionText, Resource: g.resourceIs}
}

func newComparison(wide, narrow *Document) (*comparison, error) {
	var c comparison
	for _, s := range []struct {
		side *side
		doc  *Document
	}{{&c.wide, wide}, {&c.narrow, narrow}} {
		set, err := Compile(s.doc)
		if err != nil {
			return nil, err
		}
		s.side.set = set
		s.side.read(s.doc)
	}
	return &c, nil
}

// read matches the compiled statements with what is written: both are in order.
func (s *side) read(d *Document) {
	allows, denies := s.set.allows, s.set.denies
	for _, raw := range d.Statements {
		list, to := &allows, &s.allows
		if raw.Effect == Deny {
			list, to = &denies, &s.denies
		}
		p := part{statement: &(*list)[0], tests: conditionTests(raw.Condition), raw: raw}
		*list = (*list)[1:]
		for i, t := range p.tests {
			if d.Version != Version2012 && strings.Contains(t, "${") {
				p.tests[i] = "literally " + t
			}
		}
		*to = append(*to, p)
		if raw.Effect == Allow {
			s.grants = append(s.grants, p.grants()...)
		}
	}
}

// grants takes a statement apart. One that says what it is not about is about
// everything as far as a proof goes.
func (p part) grants() []grant {
	everything := pattern{tokens: []token{{kind: anyToken}}}
	actions, texts := p.actions, p.raw.Action.Items
	if p.notAction {
		actions, texts = []pattern{everything}, []string{"*"}
	}
	resources, names := p.resources, p.raw.Resource.Items
	if p.notResource {
		resources, names = []pattern{everything}, []string{"*"}
	}
	var all []grant
	for i := range actions {
		for j := range resources {
			all = append(all, grant{part: p, action: actions[i], resource: resources[j], actionText: texts[i], resourceIs: names[j]})
		}
	}
	return all
}

// covered tells whether wide surely allows all of a grant.
func (c *comparison) covered(g grant) bool {
	for _, d := range c.wide.denies {
		if d.mayTouch(g) && !slices.ContainsFunc(c.narrow.denies, d.sameAs) {
			return false
		}
	}
	return slices.ContainsFunc(c.wide.allows, func(a part) bool { return a.surelyCovers(g) })
}

// surelyCovers tells whether a statement matches every request of a grant.
func (p part) surelyCovers(g grant) bool {
	among := func(patterns []pattern, not bool, one *pattern) bool {
		if not {
			return !slices.ContainsFunc(patterns, func(p pattern) bool { return p.overlaps(one) })
		}
		return slices.ContainsFunc(patterns, func(p pattern) bool { return p.covers(one) })
	}
	return among(p.actions, p.notAction, &g.action) && among(p.resources, p.notResource, &g.resource) &&
		!slices.ContainsFunc(p.tests, func(t string) bool { return !slices.Contains(g.part.tests, t) })
}

// mayTouch tells whether a statement may match some request of a grant.
func (p part) mayTouch(g grant) bool {
	among := func(patterns []pattern, not bool, one *pattern) bool {
		if not {
			return !slices.ContainsFunc(patterns, func(p pattern) bool { return p.covers(one) })
		}
		return slices.ContainsFunc(patterns, func(p pattern) bool { return p.overlaps(one) })
	}
	return among(p.actions, p.notAction, &g.action) && among(p.resources, p.notResource, &g.resource)
}

// sameAs tells whether two statements match the same requests, as they are written.
func (p part) sameAs(other part) bool {
	same := func(a, b Values) bool {
		return a.Present() == b.Present() && slices.Equal(values(a.Items).Items, values(b.Items).Items)
	}
	return slices.Equal(p.tests, other.tests) && same(p.raw.Action, other.raw.Action) && same(p.raw.NotAction, other.raw.NotAction) &&
		same(p.raw.Resource, other.raw.Resource) && same(p.raw.NotResource, other.raw.NotResource)
}
