// Package awserr sorts the errors of the AWS SDK into the few kinds that the
// library acts on. It looks at error codes, HTTP statuses and types, never at
// the text of a message.
//
// A code arrives in two ways: as a type of the service's own package when the
// operation models it, and as a *smithy.GenericAPIError when it does not.
// Both are a smithy.APIError, so one look at the code serves for both.
package awserr

import (
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/aws/smithy-go"
)

// Code returns the error code of the service's answer in err's tree, and "" when
// err is nil or no answer of a service.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// IsNotFound reports whether the service said that the resource does not exist.
// SageMaker's code is ResourceNotFound, without the suffix that most services
// put after it.
func IsNotFound(err error) bool {
	switch Code(err) {
	case "ResourceNotFound", "ResourceNotFoundException",
		"InvalidAMIID.NotFound", "InvalidSnapshot.NotFound":
		return true
	default:
		return false
	}
}

// IsConflict reports whether the service refused because of another operation
// that is under way on the resource.
func IsConflict(err error) bool { return Code(err) == "ConflictException" }

// IsInUse reports whether the name or the resource is taken already.
func IsInUse(err error) bool {
	switch Code(err) {
	case "ResourceInUse", "ResourceInUseException", "InvalidSnapshot.InUse":
		return true
	default:
		return false
	}
}

// IsLimitExceeded reports whether a quota of the account is used up. Waiting
// does not help; see [IsThrottle] for the limit that passes by itself.
func IsLimitExceeded(err error) bool { return Code(err) == "ResourceLimitExceeded" }

// IsValidation reports whether the service found the request itself wrong.
func IsValidation(err error) bool {
	switch Code(err) {
	case "ValidationException", "ValidationError":
		return true
	default:
		return false
	}
}

// IsAccessDenied reports whether the caller lacks a permission.
func IsAccessDenied(err error) bool {
	switch Code(err) {
	case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation":
		return true
	default:
		return false
	}
}

// IsThrottle reports whether the service refused because calls came too fast.
func IsThrottle(err error) bool {
	switch Code(err) {
	case "ThrottlingException", "Throttling", "ThrottledException",
		"RequestThrottled", "RequestThrottledException", "TooManyRequestsException",
		"RequestLimitExceeded", "EC2ThrottledException", "SlowDown",
		"BandwidthLimitExceeded", "PriorRequestNotComplete":
		return true
	default:
		return status(err) == http.StatusTooManyRequests
	}
}

// IsTransient reports whether the same read is worth making again a little
// later: the service was throttling, failed on its side, or the connection was
// lost. A cancelled call is not transient, and neither is a host that does not
// exist; a call that ran into a time limit is, so a caller looks at its own
// context first.
func IsTransient(err error) bool {
	if err == nil || isCancelled(err) {
		return false
	}
	return IsThrottle(err) || isServerFault(err) || isConnectionLost(err)
}

func isServerFault(err error) bool {
	switch Code(err) {
	case "InternalFailure", "InternalError", "InternalServerError", "InternalServerException",
		"InternalServiceError", "InternalServiceException", "ServiceUnavailable",
		"ServiceUnavailableException", "Unavailable", "RequestTimeout", "RequestTimeoutException":
		return true
	default:
		return status(err) >= http.StatusInternalServerError
	}
}

func isConnectionLost(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	if c, ok := errors.AsType[interface {
		error
		ConnectionError() bool
	}](err); ok && c.ConnectionError() {
		return true
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	for _, lost := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ECONNABORTED, syscall.EPIPE,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

func isCancelled(err error) bool {
	c, ok := errors.AsType[interface {
		error
		CanceledError() bool
	}](err)
	return ok && c.CanceledError()
}

// status returns the HTTP status of the answer in err's tree, or 0. It serves for
// answers that carry no code, such as a load balancer's page.
func status(err error) int {
	if r, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}
