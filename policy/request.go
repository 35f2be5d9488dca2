package policy

import (
	"slices"
	"strings"
)

// Request is one action on one resource, as IAM judges it. A call that needs
// several resources is several requests: see [Policies.EvaluateEach].
type Request struct {
	// PrincipalARN is who asks: a user's ARN, or for a session the ARN of its
	// role. It fills aws:PrincipalArn and aws:PrincipalAccount unless Context has
	// them.
	PrincipalARN string
	// Action is the IAM action, such as "sagemaker:UpdateCluster". Its case does
	// not matter.
	Action string
	// Resource is the ARN of the resource. Empty means "*", which is what IAM
	// judges for actions that take no resource.
	Resource string
	// Context holds the condition keys of the request with their values. The case
	// of keys does not matter: of two that differ in case only, such as the tags
	// Team and team, both values count, as IAM does it. A key without values is
	// absent. Values of binary keys are base64 text.
	Context map[string][]string
}

// Resource is one of the resources that a call needs.
type Resource struct {
	// ARN is the resource. Empty means "*".
	ARN string
	// Context holds the keys that this resource alone has, such as its tags.
	Context map[string][]string
}

// Prepared is a [Request] made ready to be judged many times. It shares no memory
// with the request.
type Prepared struct {
	action   string // as given
	folded   string // in lower case
	resource string
	context  map[string][]string // keys in lower case, no empty lists
}

// Prepare makes the request ready for [Policies.Decide].
func (r Request) Prepare() *Prepared { return r.prepare(nil) }

func (r Request) prepare(own map[string][]string) *Prepared {
	p := &Prepared{
		action:   r.Action,
		folded:   strings.ToLower(r.Action),
		resource: r.Resource,
		context:  make(map[string][]string, len(r.Context)+len(own)+2),
	}
	if p.resource == "" {
		p.resource = "*"
	}
	p.add(r.Context)
	p.add(own)
	if r.PrincipalARN != "" {
		p.fill("aws:principalarn", r.PrincipalARN)
		if fields := strings.SplitN(r.PrincipalARN, ":", arnFields); len(fields) == arnFields {
			p.fill("aws:principalaccount", fields[4])
		}
	}
	return p
}

func (p *Prepared) add(context map[string][]string) {
	// Sorted, so that the order of values never depends on the order of a map.
	keys := make([]string, 0, len(context))
	for k := range context {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if values := context[k]; len(values) > 0 {
			folded := strings.ToLower(k)
			p.context[folded] = append(slices.Clip(p.context[folded]), values...)
		}
	}
}

func (p *Prepared) fill(key, value string) {
	if len(p.context[key]) == 0 {
		p.context[key] = []string{value}
	}
}
