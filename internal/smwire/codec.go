// Package smwire reads and writes SageMaker's AWS JSON 1.1 with the SDK's own
// serialisers, from the server's side and for files in the API's own shape.
// Package encoding/json alone cannot do it: unions and times of the SDK's types
// take other forms there.
package smwire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/schemas"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// ContentType is the media type of the protocol.
const ContentType = "application/x-amz-json-1.1"

// anyOperation stands in where the protocol asks for an operation: the encoding of
// a shape does not depend on it.
func anyOperation() *smithy.OperationSchema {
	return smithy.NewOperationSchema(schemas.DescribeCluster, schemas.DescribeClusterRequest, schemas.DescribeClusterResponse)
}

// noContext is for the protocol's signatures: encoding waits for nothing.
func noContext() context.Context {
	return context.Background() //nolint:forbidigo // nothing here can be cancelled
}

// Encode writes any input, output or nested type of the SDK as its JSON.
func Encode(v smithy.Serializable) ([]byte, error) {
	req, ok := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if !ok {
		return nil, fmt.Errorf("encode %T: the SDK's stack request is no HTTP request", v)
	}
	if err := awsjson.New11(schemas.SageMaker).SerializeRequest(noContext(), anyOperation(), v, req); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return io.ReadAll(req.GetStream())
}

// Decode fills an output or nested type of the SDK from its JSON. Members that the
// SDK does not know are skipped.
func Decode(body []byte, v smithy.Deserializable) error {
	resp := &smithyhttp.Response{Response: &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{},
		Body:       io.NopCloser(bytes.NewReader(body)),
	}}
	err := awsjson.New11(schemas.SageMaker).DeserializeResponse(noContext(), anyOperation(), sagemaker.TypeRegistry, resp, v)
	if err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return nil
}

// DecodeInput fills an operation's input from a request's body, given as a pointer to an
// empty one. Everything that [Conform] reports is an error that names each path, and so
// are times in words. That the service refuses unknown members, too, is an assumption.
func DecodeInput(body []byte, input smithy.Serializable) error {
	if !utf8.Valid(body) {
		return errors.New("the body is not UTF-8")
	}
	body, findings, err := conform(body, schemaOf(input), false)
	if err != nil {
		return err
	}
	var wrong []string
	for _, f := range findings {
		wrong = append(wrong, strings.TrimPrefix(f.Path+": "+f.Found, ": "))
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return Fill(body, input)
}

// Fill fills an operation's input, given as a pointer to an empty one, from a document as
// [Conform] returns it. The SDK can write its inputs but not read them, so their members
// are set here, by name; the structures inside are read by the SDK.
func Fill(document []byte, input smithy.Serializable) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(document, &members); err != nil {
		return err
	}
	in := reflect.ValueOf(input).Elem()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := set(in.FieldByName(name), members[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func set(v reflect.Value, raw json.RawMessage) error {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if v.CanAddr() {
		switch target := v.Addr().Interface().(type) {
		case *time.Time:
			return setTime(target, raw)
		case smithy.Deserializable:
			return Decode(raw, target)
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return set(v.Elem(), raw)
	case reflect.Slice:
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return err
		}
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i := range items {
			if err := set(v.Index(i), items[i]); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64:
		return json.Unmarshal(raw, v.Addr().Interface())
	default:
		return fmt.Errorf("no way to read a %s", v.Type())
	}
}

// setTime reads a time: seconds since 1970, to the millisecond. That it is in range was
// checked before.
func setTime(t *time.Time, raw json.RawMessage) error {
	var seconds float64
	if err := json.Unmarshal(raw, &seconds); err != nil {
		return err
	}
	whole, fraction := math.Modf(seconds)
	*t = time.Unix(int64(whole), int64(math.Round(fraction*1e3))*int64(time.Millisecond)).UTC()
	return nil
}

// schemaOf is the schema of an operation's input, taken from what the SDK writes first.
func schemaOf(input smithy.Serializable) *smithy.Schema {
	first := new(firstSchema)
	input.Serialize(first)
	return first.schema
}

// firstSchema is a serialiser that keeps the schema of what is written and nothing
// else. It takes empty inputs, which have no members to write.
type firstSchema struct {
	smithy.ShapeSerializer
	schema *smithy.Schema
}

func (f *firstSchema) WriteStruct(schema *smithy.Schema) { f.schema = schema }
func (f *firstSchema) CloseStruct()                      {}
