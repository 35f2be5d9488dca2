package amisharetest_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// operations are the methods that a Server and the client have in common.
type operations interface {
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
	DeleteTags(context.Context, *ec2.DeleteTagsInput, ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error)
	DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error)
	DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error)
	DescribeSnapshotAttribute(context.Context, *ec2.DescribeSnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotAttributeOutput, error)
	DescribeSnapshots(context.Context, *ec2.DescribeSnapshotsInput, ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error)
	DescribeTags(context.Context, *ec2.DescribeTagsInput, ...func(*ec2.Options)) (*ec2.DescribeTagsOutput, error)
	ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error)
	ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error)
	ResetImageAttribute(context.Context, *ec2.ResetImageAttributeInput, ...func(*ec2.Options)) (*ec2.ResetImageAttributeOutput, error)
}

var (
	_ operations = (*amisharetest.Server)(nil)
	_ operations = (*ec2.Client)(nil)
)

// Each typed method is the operation of its name, and takes a nil input for an
// empty one, as the client does.
func TestTypedMethodsAreTheirOperations(t *testing.T) {
	srv := docServer()
	api := reflect.TypeFor[operations]()
	for method := range api.Methods() {
		in := reflect.Zero(method.Type.In(1))
		reflect.ValueOf(srv).MethodByName(method.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
		calls := srv.Calls()
		require.NotEmpty(t, calls)
		last := calls[len(calls)-1]
		assert.Equal(t, method.Name, last.Operation)
		assert.Equal(t, "*ec2."+method.Name+"Input", reflect.TypeOf(last.Input).String())
	}
	assert.Len(t, srv.Calls(), api.NumMethod())
}
