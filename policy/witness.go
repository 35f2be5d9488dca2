package policy

import (
	"maps"
	"slices"
	"strings"
)

// most bounds the requests that are tried for one grant.
const most = 4000

// witness searches a request of a grant that narrow allows and wide does not. It tries
// requests in which the values that the two documents speak of are met and missed.
func (c *comparison) witness(g grant) *Request {
	statements := slices.Concat(c.wide.allows, c.wide.denies, c.narrow.denies)
	actions := samples(&g.action, func(yield func(*pattern)) {
		for i := range statements {
			for j := range statements[i].actions {
				yield(&statements[i].actions[j])
			}
		}
	}, knownActions())
	resources := samples(&g.resource, func(yield func(*pattern)) {
		for i := range statements {
			for j := range statements[i].resources {
				yield(&statements[i].resources[j])
			}
		}
	}, nil)
	contexts := c.contexts(g)
	tried := 0
	for _, context := range contexts {
		for _, resource := range resources {
			for _, action := range actions {
				if tried++; tried > most {
					return nil
				}
				r := Request{Action: action, Resource: resource, Context: context}
				p := r.Prepare()
				if (Policies{Identity: c.narrow.set}).Decide(p).Allowed && !(Policies{Identity: c.wide.set}).Decide(p).Allowed {
					if known, ok := LookupAction(action); ok {
						r.Action = known.Name
					}
					return &r
				}
			}
		}
	}
	return nil
}

// knownActions are the actions that the package knows, in lower case.
func knownActions() []string {
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = strings.ToLower(a.Name)
	}
	return names
}

// samples are texts that a pattern matches: with its wildcards filled in several ways,
// and those of other patterns that it matches too.
func samples(p *pattern, others func(func(*pattern)), known []string) []string {
	none := (Request{}).Prepare()
	var texts []string
	add := func(text string) {
		if !slices.Contains(texts, text) && p.match(text, none) {
			texts = append(texts, text)
		}
	}
	for _, fill := range []string{"", "x", "0", "other"} {
		add(p.filled(fill))
	}
	others(func(q *pattern) {
		for _, fill := range []string{"", "x"} {
			add(q.filled(fill))
		}
	})
	const enough = 12
	for _, text := range known {
		if len(texts) < enough {
			add(text)
		}
	}
	if len(texts) == 0 {
		texts = append(texts, p.filled("x")) // a variable: the context decides
	}
	return texts
}

// filled writes a pattern as a text, with something in the place of its wildcards.
func (p *pattern) filled(fill string) string {
	var b strings.Builder
	for _, t := range p.tokens {
		switch t.kind {
		case literalToken:
			b.WriteString(t.text)
		case oneToken:
			b.WriteString("x")
		case anyToken, segmentToken:
			b.WriteString(fill)
		case variableToken:
			b.WriteString(t.fallback + "x")
		}
	}
	return b.String()
}

// contexts are combinations of values for the keys that the two documents test: absent,
// met and missed. The first has what the grant asks for and nothing else; the others
// differ from it in one key or two.
func (c *comparison) contexts(g grant) []map[string][]string {
	var keys []string
	choices := map[string][][]string{}
	offer := func(t *test, values ...[]string) {
		if _, known := choices[t.key]; !known {
			keys = append(keys, t.key)
		}
		for _, value := range values {
			if !slices.ContainsFunc(choices[t.key], func(v []string) bool { return slices.Equal(v, value) }) {
				choices[t.key] = append(choices[t.key], value)
			}
		}
	}
	for i := range g.statement.tests {
		t := &g.statement.tests[i]
		if t.null && slices.Contains(t.wanted, "true") || t.negated {
			offer(t, nil) // absence meets it
		}
		offer(t, t.candidates()...)
		offer(t, nil)
	}
	for _, s := range slices.Concat(c.wide.allows, c.wide.denies, c.narrow.denies) {
		for i := range s.statement.tests {
			t := &s.statement.tests[i]
			offer(t, nil)
			offer(t, t.candidates()...)
		}
	}
	base := map[string][]string{}
	for _, key := range keys {
		base[key] = choices[key][0]
	}
	all := []map[string][]string{base}
	for i, one := range keys {
		for _, value := range choices[one] {
			context := maps.Clone(base)
			context[one] = value
			all = append(all, context)
			for _, two := range keys[i+1:] {
				for _, other := range choices[two] {
					both := maps.Clone(context)
					both[two] = other
					all = append(all, both)
				}
			}
		}
	}
	return all
}

// candidates are values that meet or miss a test.
func (t *test) candidates() [][]string {
	if t.null {
		return [][]string{{"x"}}
	}
	list := [][]string{}
	const enough = 3
	for _, wanted := range t.wanted[:min(len(t.wanted), enough)] {
		plain := strings.NewReplacer("*", "x", "?", "x").Replace(wanted)
		list = append(list, []string{plain}, []string{plain + "x"})
	}
	if t.set != noSet && len(t.wanted) > 0 {
		list = append(list, slices.Clone(t.wanted), append(slices.Clone(t.wanted), "other"))
	}
	return append(list, []string{"other"})
}
