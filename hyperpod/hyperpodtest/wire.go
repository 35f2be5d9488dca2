package hyperpodtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// maxBody bounds what is read of a request: the largest legal specification is far
// smaller.
const maxBody = 8 << 20

// wireOperation answers one operation over the wire.
type wireOperation func(ctx context.Context, s *Server, who emul.Caller, body []byte) (smithy.Serializable, error)

// shape is a pointer to an input or output that the SDK can write.
type shape[T any] interface {
	*T
	smithy.Serializable
}

// onWire puts a handler behind the JSON door.
func onWire[I, O any, PI shape[I], PO shape[O]](op string, handle handler[I, O]) wireOperation {
	return func(ctx context.Context, s *Server, who emul.Caller, body []byte) (smithy.Serializable, error) {
		in := new(I)
		if err := smwire.DecodeInput(body, PI(in)); err != nil {
			err = &smithy.GenericAPIError{Code: "SerializationException", Message: err.Error(), Fault: smithy.FaultClient}
			s.record(who, op, s.clock.Now(), nil, err)
			return nil, err
		}
		out, err := call(ctx, s, who, op, in, handle)
		if err != nil {
			return nil, err
		}
		return PO(out), nil
	}
}

// wireOperations are the operations that the JSON door knows.
var wireOperations = map[string]wireOperation{
	"AddTags":                  onWire("AddTags", (*Server).addTags),
	"BatchAddClusterNodes":     onWire("BatchAddClusterNodes", (*Server).batchAddClusterNodes),
	"BatchDeleteClusterNodes":  onWire("BatchDeleteClusterNodes", (*Server).batchDeleteClusterNodes),
	"BatchRebootClusterNodes":  onWire("BatchRebootClusterNodes", (*Server).batchRebootClusterNodes),
	"BatchReplaceClusterNodes": onWire("BatchReplaceClusterNodes", (*Server).batchReplaceClusterNodes),
	"CreateCluster":            onWire("CreateCluster", (*Server).createCluster),
	"DeleteCluster":            onWire("DeleteCluster", (*Server).deleteCluster),
	"DeleteTags":               onWire("DeleteTags", (*Server).deleteTags),
	"DescribeCluster":          onWire("DescribeCluster", (*Server).describeCluster),
	"DescribeClusterEvent":     onWire("DescribeClusterEvent", (*Server).describeClusterEvent),
	"DescribeClusterNode":      onWire("DescribeClusterNode", (*Server).describeClusterNode),
	"ListClusterEvents":        onWire("ListClusterEvents", (*Server).listClusterEvents),
	"ListClusterNodes":         onWire("ListClusterNodes", (*Server).listClusterNodes),
	"ListClusters":             onWire("ListClusters", (*Server).listClusters),
	"ListTags":                 onWire("ListTags", (*Server).listTags),
	"StartClusterHealthCheck":  onWire("StartClusterHealthCheck", (*Server).startClusterHealthCheck),
	"UpdateCluster":            onWire("UpdateCluster", (*Server).updateCluster),
	"UpdateClusterSoftware":    onWire("UpdateClusterSoftware", (*Server).updateClusterSoftware),
}

// ServeHTTP answers AWS JSON 1.1: POST with the operation in X-Amz-Target. Who calls
// is read from the request's signature, which is not verified.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dated := func() { w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat)) }
	dated()
	target := r.Header.Get("X-Amz-Target")
	name, ok := strings.CutPrefix(target, "SageMaker.")
	operation := wireOperations[name]
	if !ok || operation == nil || r.Method != http.MethodPost {
		writeError(w, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "The operation " + target + " is not known here."})
		return
	}
	who, err := s.principals.Caller(r, s.acting)
	if err != nil {
		err = refusal(err)
		s.record(who, name, s.clock.Now(), nil, err)
		writeError(w, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, &smithy.GenericAPIError{Code: "SerializationException", Message: err.Error()})
		return
	}
	out, err := operation(r.Context(), s, who, body)
	dated() // a fault may have held it up
	if emul.IsLost(err) {
		panic(http.ErrAbortHandler) // break the connection off without an answer
	}
	if err != nil {
		writeError(w, err)
		return
	}
	encoded, err := smwire.Encode(out)
	if err != nil {
		writeError(w, err)
		return
	}
	writeBody(w, http.StatusOK, encoded)
}

// writeError answers with the service's form of an error: the code in a header and
// in the body. What is no API error is an InternalFailure.
func writeError(w http.ResponseWriter, err error) {
	code, message := "InternalFailure", err.Error()
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	status := http.StatusBadRequest
	// The two that are the service's own fault ("Common Errors", SageMaker API Reference);
	// by their status the SDKs retry them.
	switch code {
	case "InternalFailure":
		status = http.StatusInternalServerError
	case "ServiceUnavailable":
		status = http.StatusServiceUnavailable
	}
	body, err := json.Marshal(map[string]string{"__type": code, "message": message})
	if err != nil {
		body = []byte("{}")
	}
	w.Header().Set("X-Amzn-ErrorType", code)
	writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", smwire.ContentType)
	w.Header().Set("X-Amzn-Requestid", "00000000-0000-4000-8000-"+emul.HexID(12, string(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away is no error of the server's
}
