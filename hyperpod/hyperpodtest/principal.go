package hyperpodtest

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// Principal is a user or a role whose every call is authorised by its policies, the
// calls that the service makes with its rights included. See [Root] for the root of an
// account, whom no identity policy binds.
type Principal struct {
	// ARN is a user's ARN, or for the sessions of a role the ARN of the role. The
	// principal acts for the account of the ARN. One that is none is refused every
	// call, with UnrecognizedClientException.
	ARN string
	// AccessKey is by which a signed request names the principal, over any door of the
	// server. Empty means that no request can. Signatures are not verified. Once a
	// principal has a key that is not an account's id, a key that nobody has is refused,
	// with UnrecognizedClientException; before, it is the server's own root's.
	AccessKey string
	// Policies are the identity policies and what bounds them. The zero value allows
	// nothing.
	Policies policy.Policies
	// OnDecision is told of each request that was judged, on one resource and with every
	// condition key that it carried, and of its decision: what a program asks of IAM, the
	// calls that the service makes with its rights included. It must not call the server,
	// and may be called from several goroutines. Nil tells nobody.
	OnDecision func(policy.Request, policy.Decision)
}

// Root returns the root of an account. Its access key is the account's id: a signed
// request that names it acts as that root without more. The partition of its ARN is that
// of the Region where it acts.
func Root(account string) Principal { return Principal(emul.Root(account, "us-west-2")) }

// As returns the same server as a principal sees it: its typed methods, and the
// unsigned requests of its [Server.Client], act as the principal, in the server's
// Region. Signed requests to any of the servers act as whoever they name.
func (s *Server) As(p Principal) *Server {
	view := *s
	view.acting.Principal = emul.Principal(p).In(s.options.Region)
	if p.AccessKey != "" {
		s.principals.Add(view.acting.Principal)
	}
	return &view
}

// Authorize judges whether a principal may do what a call needs: the action on each of
// the resources. It is what the doors use, for services that have no door here, such
// as EKS, IAM and KMS. A refusal says why.
func Authorize(p Principal, r policy.Request, resources ...policy.Resource) error {
	return emul.Authorize(emul.Principal(p), r, resources...)
}

// accessDeniedError is the service's refusal. Why a policy refused is in the text of the Go
// error, which [Call] keeps; the service does not say it.
type accessDeniedError struct{ denied *emul.DeniedError }

func (e *accessDeniedError) Error() string {
	return "api error " + e.ErrorCode() + ": " + e.denied.Error()
}

func (e *accessDeniedError) ErrorCode() string { return "AccessDeniedException" }

func (e *accessDeniedError) ErrorMessage() string { return e.denied.Message() }

func (e *accessDeniedError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func (e *accessDeniedError) Unwrap() error { return e.denied }

// refusal turns a refusal of package emul into the service's. The service does not say
// why it knows nobody of that name or key; the text of the Go error does.
func refusal(err error) error {
	if denied, ok := errors.AsType[*emul.DeniedError](err); ok {
		return &accessDeniedError{denied}
	}
	return fmt.Errorf("%w (%w)", &smithy.GenericAPIError{
		Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Fault: smithy.FaultClient,
	}, err)
}
