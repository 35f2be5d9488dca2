package amisharetest

import (
	"errors"
	"maps"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// Principal is a user or a role whose every call is authorised by its policies. See
// [Root] for the root of an account, whom no identity policy binds.
type Principal struct {
	// ARN is a user's ARN, or for the sessions of a role the ARN of the role. The
	// principal acts for the account of the ARN. One that is none is refused every
	// call, with AuthFailure.
	ARN string
	// AccessKey is by which a signed request names the principal, over any door of the
	// server. Empty means that no request can. Signatures are not verified. Once a
	// principal has a key that is not an account's id, a key that nobody has is refused,
	// with AuthFailure; before, it is the server's own root's.
	AccessKey string
	// Policies are the identity policies and what bounds them. The zero value allows
	// nothing.
	Policies policy.Policies
	// OnDecision is told of each request that was judged, on one resource and with every
	// condition key that it carried, and of its decision: what a program asks of IAM, what
	// EC2 does with its rights included. It must not call the server, and may be called
	// from several goroutines. Nil tells nobody.
	OnDecision func(policy.Request, policy.Decision)
}

// Root returns the root of an account. Its access key is the account's id: a signed
// request that names it acts as that root without more. The partition of its ARN is that
// of the Region where it acts.
func Root(account string) Principal { return Principal(emul.Root(account, DefaultRegion)) }

// As returns the same server as a principal sees it: its typed methods, and the
// unsigned requests of its [Server.Client], act as the principal, in the server's
// Region. Signed requests to any of the servers act as whoever they name.
func (s *Server) As(p Principal) *Server {
	view := *s
	view.acting.Principal = emul.Principal(p).In(s.opts.Region)
	if p.AccessKey != "" {
		s.principals.Add(view.acting.Principal)
	}
	return &view
}

// unauthorized is EC2's refusal. The service adds an encoded message, which is not
// emulated; why a policy refused is in the text of the Go error instead, which
// [Call] keeps.
type unauthorized struct{ denied *emul.DeniedError }

func (e *unauthorized) Error() string { return "api error " + e.ErrorCode() + ": " + e.denied.Error() }

func (e *unauthorized) ErrorCode() string { return "UnauthorizedOperation" }

func (e *unauthorized) ErrorMessage() string {
	return "You are not authorized to perform this operation. " + e.denied.Message()
}

func (e *unauthorized) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func (e *unauthorized) Unwrap() error { return e.denied }

// unknownCallerError is EC2's refusal of whom it does not know. Why is in the text of the Go
// error, which [Call] keeps.
type unknownCallerError struct{ reason error }

func (e *unknownCallerError) Error() string {
	return "api error " + e.ErrorCode() + ": " + e.ErrorMessage() + " (" + e.reason.Error() + ")"
}

func (e *unknownCallerError) ErrorCode() string { return "AuthFailure" }

func (e *unknownCallerError) ErrorMessage() string {
	return "AWS was not able to validate the provided access credentials"
}

func (e *unknownCallerError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func (e *unknownCallerError) Unwrap() error { return e.reason }

// allow authorises an action of EC2's on each of the resources, which on none is "*".
func (r *request) allow(action string, resources ...policy.Resource) error {
	return r.allowWith(action, nil, resources...)
}

// allowWith is allow with condition keys of the request itself.
func (r *request) allowWith(action string, keys map[string][]string, resources ...policy.Resource) error {
	context := map[string][]string{"ec2:Region": {r.region}}
	maps.Copy(context, keys)
	err := r.Authorize("ec2:"+action, context, resources...)
	if denied, ok := errors.AsType[*emul.DeniedError](err); ok {
		return &unauthorized{denied}
	}
	if err != nil {
		return &unknownCallerError{err}
	}
	return nil
}
