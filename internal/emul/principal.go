package emul

import (
	"fmt"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// Principal is who asks. The emulators export a struct of the same members, so that
// one converts to the other.
type Principal struct {
	// ARN is a user's ARN, a role's for the sessions of a role, or an account root's.
	ARN string
	// AccessKey is by which a signed request names the principal.
	AccessKey string
	// Policies are what bounds it. Of an account's root only the service control
	// policies count.
	Policies policy.Policies
	// OnDecision is told of each request that was judged, on one resource and with the
	// keys of that resource, and of its decision. Of a root it is told when service
	// control policies bind it. Nil tells nobody.
	OnDecision func(policy.Request, policy.Decision)
}

// Root returns the root of an account, whom no identity policy binds. The partition
// of the ARN is the Region's.
func Root(account, region string) Principal {
	return Principal{ARN: "arn:" + Partition(region) + ":iam::" + account + ":root", AccessKey: account}
}

// Account returns the account id of the ARN, or "" when it is no ARN of IAM.
func (p Principal) Account() string {
	fields := strings.SplitN(p.ARN, ":", 6)
	if len(fields) < 6 || fields[0] != "arn" || fields[2] != "iam" || fields[5] == "" {
		return ""
	}
	return fields[4]
}

// In returns the principal as it is in a Region: the ARN of an account's root has the
// Region's partition.
func (p Principal) In(region string) Principal {
	if p.isRoot() && p.Account() != "" {
		p.ARN = Root(p.Account(), region).ARN
	}
	return p
}

func (p Principal) isRoot() bool { return strings.HasSuffix(p.ARN, ":root") }

// key returns the access key: the principal's own, or one made from its ARN.
func (p Principal) key() string {
	if p.AccessKey != "" {
		return p.AccessKey
	}
	return "AKIA" + strings.ToUpper(HexID(16, "access key", p.ARN))
}

// Authorize judges whether a principal may do what a call needs: the action on each
// of the resources, which has its own keys beside those of the request. Without
// resources it is the action on "*". The request's PrincipalARN is the principal's.
// A refusal is a [*DeniedError]; any other error says that the principal's ARN is none.
func Authorize(p Principal, r policy.Request, resources ...policy.Resource) error {
	if p.Account() == "" {
		return fmt.Errorf("%q is not the ARN of an IAM user or role, such as arn:aws:iam::111122223333:role/Builder", p.ARN)
	}
	bounds := p.Policies
	if p.isRoot() {
		if len(bounds.ServiceControl) == 0 {
			return nil
		}
		// The service control policies alone bind a root, so they stand in for its
		// identity policies too.
		bounds.Boundary, bounds.Identity = nil, bounds.ServiceControl[0]
	}
	r.PrincipalARN = p.ARN
	if len(resources) == 0 {
		resources = []policy.Resource{{ARN: r.Resource}}
	}
	for _, one := range resources {
		d := bounds.EvaluateEach(r, one)
		if p.OnDecision != nil {
			p.OnDecision(asked(r, one), d)
		}
		if !d.Allowed {
			return &DeniedError{PrincipalARN: p.ARN, Action: r.Action, Resource: d.Resource, Decision: d}
		}
	}
	return nil
}

// asked is the request on one of its resources, with the keys of both. It shares no
// memory with either.
func asked(r policy.Request, on policy.Resource) policy.Request {
	keys := map[string][]string{}
	for _, from := range []map[string][]string{r.Context, on.Context} {
		for key, values := range from {
			keys[key] = append(keys[key], values...)
		}
	}
	r.Resource, r.Context = on.ARN, keys
	return r
}

// DeniedError is the refusal of one action on one resource. Each emulator words it
// as its service does.
type DeniedError struct {
	PrincipalARN, Action, Resource string
	// Decision says which layer refused and why.
	Decision policy.Decision
}

// Error returns the service's words and the reason that the services do not give.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("%s (%s)", e.Message(), e.Decision.Reason)
}

// Message returns the sentence that AWS services answer with ("Troubleshoot access
// denied error messages", IAM User Guide).
func (e *DeniedError) Message() string {
	kind := "identity-based policy"
	switch e.Decision.Layer {
	case policy.BoundaryLayer:
		kind = "permissions boundary"
	case policy.ServiceControlLayer:
		kind = "service control policy"
	case policy.IdentityLayer:
	}
	why := fmt.Sprintf("because no %s allows the %s action", kind, e.Action)
	if e.Decision.ExplicitDeny {
		article := "a"
		if strings.HasPrefix(kind, "i") {
			article = "an"
		}
		why = fmt.Sprintf("with an explicit deny in %s %s", article, kind)
	}
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", e.PrincipalARN, e.Action, e.Resource, why)
}
