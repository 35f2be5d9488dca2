package smmodel

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errSent = errors.New("passed the SDK's validation")

// The SDK refuses what is required and missing, and nothing else. What the table calls
// required must be the same, by the same path.
func TestRequiredAsInTheSDK(t *testing.T) {
	client := sagemaker.New(sagemaker.Options{Region: "us-west-2", APIOptions: []func(*middleware.Stack) error{func(s *middleware.Stack) error {
		stop := func(context.Context, middleware.SerializeInput, middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
			return middleware.SerializeOutput{}, middleware.Metadata{}, errSent
		}
		return s.Serialize.Add(middleware.SerializeMiddlewareFunc("stop", stop), middleware.Before)
	}}})
	union := regexp.MustCompile(`\[([A-Z]\w+)\]`) // the SDK's notation for a union's member
	for op := range inputs {
		t.Run(op, func(t *testing.T) {
			in, b := input(t, op)
			call := reflect.ValueOf(client).MethodByName(op)
			refused := func() []string {
				err, _ := reflect.TypeAssert[error](call.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(in)})[1])
				if errors.Is(err, errSent) {
					return nil
				}
				var invalid smithy.InvalidParamsError
				require.ErrorAs(t, err, &invalid)
				var paths []string
				for _, e := range invalid.Errs() {
					var param smithy.InvalidParamError
					require.ErrorAs(t, e, &param)
					_, path, _ := strings.Cut(param.Field(), ".")
					paths = append(paths, union.ReplaceAllString(path, ".$1"))
				}
				return paths
			}
			require.Empty(t, refused())
			for _, s := range b.sites {
				if !s.member {
					continue
				}
				old := reflect.ValueOf(s.value.Interface())
				s.value.SetZero()
				var ours []string
				for _, v := range Operation(op, in) {
					ours = append(ours, v.Path)
				}
				theirs := refused()
				s.value.Set(old)
				assert.Equal(t, s.required, len(theirs) > 0, "%s: the SDK refuses %v", s.path, theirs)
				slices.Sort(ours)
				assert.Equal(t, theirs, ours, s.path)
			}
		})
	}
}
