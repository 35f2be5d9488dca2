package amisharetest

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest/internal/query"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// maxBody is far above the largest form that the emulated operations take.
const maxBody = 4 << 20

// ServeHTTP answers EC2's query protocol: a form in the body of a POST, or in the
// query string of a GET. Everything it answers is XML, refusals included. It panics
// with http.ErrAbortHandler for a response that [Faults] lose, which net/http's server
// takes for an order to break the connection off.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := s.requestID()
	out, err := s.serve(w, r)
	if emul.IsLost(err) {
		panic(http.ErrAbortHandler) // the server's way to break a connection off
	}
	var status int
	var body []byte
	if err == nil {
		status, body = http.StatusOK, query.Encode(r.Form.Get("Action"), requestID, out)
	} else {
		code, message := "InternalError", err.Error()
		if api, ok := errors.AsType[smithy.APIError](err); ok {
			code, message = api.ErrorCode(), api.ErrorMessage()
		}
		status, body = httpStatus(err, code), query.EncodeError(requestID, code, message)
	}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.Header().Set("X-Amzn-Requestid", requestID)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no concern of the server's
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) (any, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, refuse("MalformedQueryString", "The query string contains a syntax error: %v", err)
	}
	name := r.Form.Get("Action")
	if name == "" {
		return nil, refuse("MissingAction", "The request must contain the parameter Action")
	}
	if v := r.Form.Get("Version"); v != query.Version {
		return nil, refuse("NoSuchVersion", "The requested version (%s) of service AmazonEC2 does not exist", v)
	}
	who, err := s.identify(r)
	if err != nil {
		s.record(who, name, s.clock.Now(), nil, err)
		return nil, err
	}
	do, ok := s.operations[name]
	if !ok {
		err := refuse("InvalidAction", "The action %s is not valid for this web service", name)
		s.record(who, name, s.clock.Now(), nil, err)
		return nil, err
	}
	return do(r.Context(), s, who, r.Form)
}

// requestID is shaped like the service's, hashed and not random.
func (s *Server) requestID() string {
	s.mu.Lock()
	s.requests++
	h := emul.HexID(32, "request", strconv.Itoa(s.requests))
	s.mu.Unlock()
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
