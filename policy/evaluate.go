package policy

// Layer is a kind of policy that takes part in a decision.
type Layer uint8

// The layers. A request is allowed only if each of those present allows it.
const (
	// IdentityLayer is the principal's own policies.
	IdentityLayer Layer = iota + 1
	// BoundaryLayer is its permissions boundary.
	BoundaryLayer
	// ServiceControlLayer is its organisation's service control policies.
	ServiceControlLayer
)

// String returns the layer as AWS names it.
func (l Layer) String() string {
	switch l {
	case IdentityLayer:
		return "identity policies"
	case BoundaryLayer:
		return "permissions boundary"
	case ServiceControlLayer:
		return "service control policies"
	default:
		return "no policy"
	}
}

// MarshalText encodes the layer as its words.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Policies is what bounds one principal: its identity policies, and the layers
// that can only take away ("Policy evaluation logic", IAM User Guide). It is safe
// for concurrent use. Its zero value allows nothing.
//
// Resource policies and session policies are not part of it, nor is the root
// user, whom identity policies do not bind.
type Policies struct {
	// Identity is the principal's policies, attached and inline together. Nil
	// allows nothing.
	Identity *Set
	// Boundary is the permissions boundary. Nil means none.
	Boundary *Set
	// ServiceControl is the service control policies, one set for each level of
	// the organisation from root to account: each level must allow. Empty means
	// no organisation. They do not bind service-linked roles.
	ServiceControl []*Set
}

// Decision is the answer to a request.
type Decision struct {
	// Allowed says that every layer allows the request and none denies it.
	Allowed bool
	// ExplicitDeny says that a Deny statement matched. A request that is neither
	// allowed nor explicitly denied is denied because nothing allows it.
	ExplicitDeny bool
	// Layer is the layer that decided.
	Layer Layer
	// Statement is the statement that allowed or denied. For a request that
	// nothing allows it is the Allow statement that came nearest, if one is about
	// the action at all.
	Statement StatementRef
	// Resource is the resource of the request that the decision is about.
	Resource string
	// Reason says in one clause why.
	Reason string
}

// Evaluate judges the request by the set alone, as identity policies.
func (s *Set) Evaluate(r Request) Decision { return Policies{Identity: s}.Evaluate(r) }

// Evaluate judges the request. A request that is judged many times is cheaper to
// [Request.Prepare] once.
func (p Policies) Evaluate(r Request) Decision { return p.Decide(r.Prepare()) }

// EvaluateEach judges a call that needs all of the resources, each with only its
// own keys beside those of the request, whose Resource is ignored. It returns the
// decision about the first resource that is refused, else about the last. Without
// resources it judges the request as it is.
func (p Policies) EvaluateEach(r Request, resources ...Resource) Decision {
	if len(resources) == 0 {
		return p.Evaluate(r)
	}
	var d Decision
	for _, one := range resources {
		r.Resource = one.ARN
		if d = p.Decide(r.prepare(one.Context)); !d.Allowed {
			break
		}
	}
	return d
}

// Decide judges a prepared request. It does not allocate when the request is
// allowed.
func (p Policies) Decide(r *Prepared) Decision {
	for _, s := range p.ServiceControl {
		if d, denied := s.deny(r, ServiceControlLayer); denied {
			return d
		}
	}
	if d, denied := p.Boundary.deny(r, BoundaryLayer); denied {
		return d
	}
	if d, denied := p.Identity.deny(r, IdentityLayer); denied {
		return d
	}
	for _, s := range p.ServiceControl {
		if s.allow(r) == nil {
			return s.nothingAllows(r, ServiceControlLayer)
		}
	}
	if p.Boundary != nil && p.Boundary.allow(r) == nil {
		return p.Boundary.nothingAllows(r, BoundaryLayer)
	}
	by := p.Identity.allow(r)
	if by == nil {
		return p.Identity.nothingAllows(r, IdentityLayer)
	}
	return Decision{Allowed: true, Layer: IdentityLayer, Statement: by.ref, Resource: r.resource, Reason: by.allowed}
}

func (s *Set) deny(r *Prepared, l Layer) (Decision, bool) {
	if s == nil {
		return Decision{}, false
	}
	for i := range s.denies {
		if by := &s.denies[i]; by.matches(r) {
			return Decision{
				ExplicitDeny: true, Layer: l, Statement: by.ref, Resource: r.resource,
				Reason: by.denied + " of the " + l.String(),
			}, true
		}
	}
	return Decision{}, false
}

func (s *Set) allow(r *Prepared) *statement {
	if s == nil {
		return nil
	}
	for i := range s.allows {
		if by := &s.allows[i]; by.matches(r) {
			return by
		}
	}
	return nil
}

func (s *statement) matches(r *Prepared) bool {
	return s.matchesAction(r) && s.matchesResource(r) && s.unmet(r) == nil
}

func (s *statement) matchesAction(r *Prepared) bool {
	for i := range s.actions {
		if s.actions[i].match(r.folded, r) {
			return !s.notAction
		}
	}
	return s.notAction
}

func (s *statement) matchesResource(r *Prepared) bool {
	for i := range s.resources {
		if s.resources[i].match(r.resource, r) {
			return !s.notResource
		}
	}
	return s.notResource
}

// unmet returns the first part of the condition that is not met.
func (s *statement) unmet(r *Prepared) *test {
	for i := range s.tests {
		if t := &s.tests[i]; !t.met(r) {
			return t
		}
	}
	return nil
}
