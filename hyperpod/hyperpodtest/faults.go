package hyperpodtest

import (
	"context"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// Faults make calls go wrong, and run hooks around them. Those of a server are
// [Server.Faults]; a zero Faults can be put into any client of SageMaker, with or without
// an emulator, by [Faults.Inject]. Its methods may be called from many goroutines.
//
// An operation is named as in the API, such as "UpdateCluster"; "" means every one. Where
// a method says times, a negative number means every call from now on, and zero none.
// A call meets, in this order: the hooks Before, delays, rates, failures, what became
// of its change, and the hooks After. Only what it meets is used up.
type Faults struct{ engine emul.Faults }

// Faults returns the faults of the server, which are those of everybody who calls it.
func (s *Server) Faults() *Faults { return &s.faults }

// Fail makes the next calls of an operation answer err and change nothing. A
// smithy.APIError is answered with its code, io.ErrUnexpectedEOF breaks the connection
// off before the request has arrived, and anything else is an InternalFailure.
func (f *Faults) Fail(operation string, times int, err error) { f.engine.Fail(operation, times, err) }

// LoseResponse makes the next calls of an operation do what they do, while the
// connection breaks off before their answer: the caller gets an error that wraps
// io.ErrUnexpectedEOF and that the SDK's client retries.
func (f *Faults) LoseResponse(operation string, times int) { f.engine.LoseResponse(operation, times) }

// Ignore makes the next calls of an operation answer as ever and change nothing. What is
// refused is refused as ever, too.
func (f *Faults) Ignore(operation string, times int) { f.engine.Ignore(operation, times) }

// Throttle refuses the calls of an operation that exceed a rate, a number of calls per
// emulated second, with ThrottlingException. A second's worth may come at once, and
// at least one call.
func (f *Faults) Throttle(operation string, perSecond float64) {
	f.engine.Throttle(operation, perSecond, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"})
}

// Delay makes every call of an operation take so much longer, in emulated time. A call
// whose context ends meanwhile returns its error and changes nothing.
func (f *Faults) Delay(operation string, by time.Duration) { f.engine.Delay(operation, by) }

// Before runs a hook before each call, with a copy of its input, such as
// *sagemaker.UpdateClusterInput. An error that it returns is what the call answers. No lock is
// held meanwhile: the hook may make calls of its own, which it is run for as well.
func (f *Faults) Before(hook func(ctx context.Context, operation string, input any) error) {
	f.engine.Before(hook)
}

// After runs a hook after each call, with a copy of its input and the error that the
// caller gets. No lock is held meanwhile.
func (f *Faults) After(hook func(ctx context.Context, operation string, input any, err error)) {
	f.engine.After(hook)
}

// Clear ends all faults and removes the hooks.
func (f *Faults) Clear() { f.engine.Clear() }

// Inject puts the faults into a client:
//
//	client := sagemaker.NewFromConfig(cfg, func(o *sagemaker.Options) { o.APIOptions = append(o.APIOptions, faults.Inject) })
//
// They concern each attempt of the client's retryer. A call that is ignored is not
// sent, and its output has no members.
func (f *Faults) Inject(stack *middleware.Stack) error {
	return f.engine.Inject("{}")(stack)
}
