package emul

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type (
	inputKey  struct{}
	ignoreKey struct{}
)

// Inject returns an APIOptions function that puts the faults into a client of any
// service. They concern every attempt that the client's retryer makes. answer is the
// body of the service's answer without members, which a call that is ignored gets:
// it is not sent.
func (f *Faults) Inject(answer string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		remember := middleware.InitializeMiddlewareFunc("RememberInput", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
		})
		// Inside the retries and outside the decoding of answers.
		inject := middleware.DeserializeMiddlewareFunc("InjectFaults", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
			out, err = Around(ctx, f, stack.ID(), middleware.GetStackValue(ctx, inputKey{}), func(ignore bool) (middleware.DeserializeOutput, error) {
				var out middleware.DeserializeOutput
				var err error
				out, metadata, err = next.HandleDeserialize(middleware.WithStackValue(ctx, ignoreKey{}, ignore), in)
				return out, err
			})
			return out, metadata, err
		})
		// In the place of the wire.
		stand := middleware.DeserializeMiddlewareFunc("AnswerIgnored", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (middleware.DeserializeOutput, middleware.Metadata, error) {
			if ignore, ok := middleware.GetStackValue(ctx, ignoreKey{}).(bool); !ok || !ignore {
				return next.HandleDeserialize(ctx, in)
			}
			return middleware.DeserializeOutput{RawResponse: &smithyhttp.Response{Response: &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)),
			}}}, middleware.Metadata{}, nil
		})
		if err := stack.Initialize.Add(remember, middleware.After); err != nil {
			return err
		}
		if err := stack.Deserialize.Add(inject, middleware.Before); err != nil {
			return err
		}
		return stack.Deserialize.Add(stand, middleware.After)
	}
}
