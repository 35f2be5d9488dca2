package policy

import (
	"fmt"
	"strings"
)

// nothingAllows explains a request that no statement of the set allows, by the
// Allow statement that came nearest.
func (s *Set) nothingAllows(r *Prepared, l Layer) Decision {
	d := Decision{Layer: l, Resource: r.resource}
	near, unmet := s.nearest(r)
	switch {
	case near == nil:
		d.Reason = fmt.Sprintf("no statement of the %v allows %s", l, r.action)
	case unmet == nil:
		d.Statement = near.ref
		d.Reason = fmt.Sprintf("no statement of the %v allows %s on %s; %v allows it on other resources",
			l, r.action, r.resource, near.ref)
	default:
		d.Statement = near.ref
		d.Reason = fmt.Sprintf("no statement of the %v allows %s on %s; %v would, but %s",
			l, r.action, r.resource, near.ref, unmet.explain(r))
	}
	return d
}

// nearest returns the Allow statement that covers the most of action, resource
// and condition, in this order, and the first part of its condition that is not
// met if all else matches.
func (s *Set) nearest(r *Prepared) (near *statement, unmet *test) {
	if s == nil {
		return nil, nil
	}
	for i := range s.allows {
		one := &s.allows[i]
		if !one.matchesAction(r) {
			continue
		}
		if one.matchesResource(r) {
			return one, one.unmet(r)
		}
		if near == nil {
			near = one
		}
	}
	return near, nil
}

func (t *test) explain(r *Prepared) string {
	has := "has none"
	if values := r.context[t.key]; len(values) > 0 {
		has = "has " + quoteAll(values)
	}
	return fmt.Sprintf("its condition %s %s wants %s and the request %s", t.operator, t.name, quoteAll(t.wanted), has)
}

func quoteAll(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(quoted, ", ")
}
