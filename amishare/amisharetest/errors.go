package amisharetest

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest/internal/query"
)

// refuse makes a refusal of EC2's, in the type that the SDK's client gives it.
func refuse(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...)}
}

func missing(parameter string) error {
	return refuse("MissingParameter", "The request must contain the parameter %s", parameter)
}

func undecodable(err error) error {
	if bad, ok := errors.AsType[*query.Error](err); ok {
		return refuse(bad.Code, "%s", bad.Message)
	}
	return err
}

// httpStatus is the status that goes with an error and its code.
func httpStatus(err error, code string) int {
	if _, stranger := errors.AsType[*unknownCallerError](err); stranger {
		return http.StatusUnauthorized
	}
	switch code {
	case "DryRunOperation":
		return http.StatusPreconditionFailed
	case "AuthFailure", "UnauthorizedOperation":
		return http.StatusForbidden
	case "RequestLimitExceeded", "Unavailable", "ServiceUnavailable":
		return http.StatusServiceUnavailable
	case "InternalError", "InternalFailure":
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}
