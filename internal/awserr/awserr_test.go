package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// code wraps an answer of the service as the SDK does.
func code(c string) error {
	return &smithy.OperationError{
		ServiceID: "SageMaker", OperationName: "DescribeCluster",
		Err: answer(http.StatusBadRequest, &smithy.GenericAPIError{Code: c, Message: "whatever it says"}),
	}
}

func answer(status int, err error) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err:      err,
	}
}

func TestCodes(t *testing.T) {
	kinds := map[string]func(error) bool{
		"not found": awserr.IsNotFound, "conflict": awserr.IsConflict, "in use": awserr.IsInUse,
		"limit exceeded": awserr.IsLimitExceeded, "validation": awserr.IsValidation,
		"access denied": awserr.IsAccessDenied, "throttle": awserr.IsThrottle,
		"transient": awserr.IsTransient,
	}
	for _, tt := range []struct {
		code string
		want []string
	}{
		{"ResourceNotFound", []string{"not found"}},
		{"ResourceNotFoundException", []string{"not found"}},
		{"InvalidAMIID.NotFound", []string{"not found"}},
		{"InvalidSnapshot.NotFound", []string{"not found"}},
		{"ConflictException", []string{"conflict"}},
		{"ResourceInUse", []string{"in use"}},
		{"ResourceInUseException", []string{"in use"}},
		{"InvalidSnapshot.InUse", []string{"in use"}},
		{"ResourceLimitExceeded", []string{"limit exceeded"}},
		{"ValidationException", []string{"validation"}},
		{"ValidationError", []string{"validation"}},
		{"AccessDeniedException", []string{"access denied"}},
		{"AccessDenied", []string{"access denied"}},
		{"UnauthorizedOperation", []string{"access denied"}},
		{"ThrottlingException", []string{"throttle", "transient"}},
		{"Throttling", []string{"throttle", "transient"}},
		{"ThrottledException", []string{"throttle", "transient"}},
		{"RequestThrottled", []string{"throttle", "transient"}},
		{"RequestThrottledException", []string{"throttle", "transient"}},
		{"TooManyRequestsException", []string{"throttle", "transient"}},
		{"RequestLimitExceeded", []string{"throttle", "transient"}},
		{"EC2ThrottledException", []string{"throttle", "transient"}},
		{"SlowDown", []string{"throttle", "transient"}},
		{"BandwidthLimitExceeded", []string{"throttle", "transient"}},
		{"PriorRequestNotComplete", []string{"throttle", "transient"}},
		{"InternalFailure", []string{"transient"}},
		{"InternalError", []string{"transient"}},
		{"InternalServerError", []string{"transient"}},
		{"InternalServerException", []string{"transient"}},
		{"InternalServiceError", []string{"transient"}},
		{"InternalServiceException", []string{"transient"}},
		{"ServiceUnavailable", []string{"transient"}},
		{"ServiceUnavailableException", []string{"transient"}},
		{"Unavailable", []string{"transient"}},
		{"RequestTimeout", []string{"transient"}},
		{"RequestTimeoutException", []string{"transient"}},
		{"ExpiredTokenException", nil},
		{"InvalidAMIID.Malformed", nil},
		{"", nil},
	} {
		t.Run(tt.code, func(t *testing.T) {
			err := code(tt.code)
			assert.Equal(t, tt.code, awserr.Code(err))
			for kind, is := range kinds {
				want := false
				for _, k := range tt.want {
					want = want || k == kind
				}
				assert.Equal(t, want, is(err), "%s", kind)
				assert.False(t, is(nil), "%s of nil", kind)
			}
		})
	}
}

func TestIsTransientWithoutACode(t *testing.T) {
	send := func(err error) error { return &smithyhttp.RequestSendError{Err: err} }
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"a load balancer's page":          {answer(http.StatusServiceUnavailable, errors.New("<html>")), true},
		"an unmodelled 500":               {answer(http.StatusInternalServerError, &smithy.GenericAPIError{Code: "Oops"}), true},
		"429 without a code":              {answer(http.StatusTooManyRequests, errors.New("<html>")), true},
		"403 without a code":              {answer(http.StatusForbidden, errors.New("<html>")), false},
		"connection reset":                {send(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), true},
		"connection refused":              {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"bare errno":                      {fmt.Errorf("read: %w", syscall.EPIPE), true},
		"answer cut short":                {&smithy.DeserializationError{Err: io.ErrUnexpectedEOF}, true},
		"time limit of the HTTP client":   {send(context.DeadlineExceeded), true},
		"resolver out of order":           {send(&net.DNSError{IsTemporary: true}), true},
		"no such host":                    {send(&net.DNSError{IsNotFound: true}), false},
		"cancelled":                       {&smithy.CanceledError{Err: context.Canceled}, false},
		"cancelled while sending":         {&smithy.CanceledError{Err: send(context.Canceled)}, false},
		"text that reads like throttling": {errors.New("ThrottlingException: Rate exceeded"), false},
		"answer that is not JSON":         {&smithy.DeserializationError{Err: errors.New("invalid character '<'")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, awserr.IsTransient(tt.err))
		})
	}
}
