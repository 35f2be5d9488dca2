package query_test

import (
	"bytes"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest/internal/query"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// fill sets every member of a value, at every depth, lists to two elements.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 8, 4, 7, 12, 33, 500e6, time.UTC)))
			return
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() && field.Type != reflect.TypeFor[middleware.Metadata]() {
				fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("a <&> value of " + v.Type().Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	}
}

// operations are all that the emulator answers.
var operations = []string{
	"CopyImage", "CreateTags", "DeleteTags", "DescribeImageAttribute", "DescribeImages", "DescribeSnapshotAttribute",
	"DescribeSnapshots", "DescribeTags", "DisableEbsEncryptionByDefault", "DisableImageBlockPublicAccess",
	"DisableImageDeprecation", "DisableSnapshotBlockPublicAccess", "EnableEbsEncryptionByDefault",
	"EnableImageBlockPublicAccess", "EnableImageDeprecation", "EnableSnapshotBlockPublicAccess",
	"GetEbsDefaultKmsKeyId", "GetEbsEncryptionByDefault", "GetImageBlockPublicAccessState",
	"GetSnapshotBlockPublicAccessState", "ModifyEbsDefaultKmsKeyId", "ModifyImageAttribute",
	"ModifySnapshotAttribute", "ResetEbsDefaultKmsKeyId", "ResetImageAttribute", "ResetSnapshotAttribute",
}

// A full input goes through the real client's serialiser and a full output through its
// deserialiser; neither loses anything.
func TestEveryMemberTravelsBothWays(t *testing.T) {
	for _, action := range operations {
		t.Run(action, func(t *testing.T) {
			var decoded, out any
			client := ec2.New(ec2.Options{
				Region: "us-west-2", Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
				HTTPClient: emul.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					assert.NoError(t, r.ParseForm())
					assert.Equal(t, action, r.Form.Get("Action"))
					assert.Equal(t, query.Version, r.Form.Get("Version"))
					assert.NoError(t, query.Decode(r.Form, decoded))
					_, err := w.Write(query.Encode(action, "id", out))
					assert.NoError(t, err)
				})},
			})
			call := reflect.ValueOf(client).MethodByName(action)
			in := reflect.New(call.Type().In(1).Elem())
			fill(in.Elem())
			decoded = reflect.New(in.Type().Elem()).Interface()
			full := reflect.New(call.Type().Out(0).Elem())
			fill(full.Elem())
			out = full.Interface()
			results := call.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
			require.Nil(t, results[1].Interface())
			assert.Equal(t, in.Interface(), decoded)
			results[0].Elem().FieldByName("ResultMetadata").SetZero()
			assert.Equal(t, out, results[0].Interface())
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ form, code, message string }{
		"unknown parameter":   {"Nope=1", "UnknownParameter", "The parameter Nope is not recognized"},
		"unknown nested":      {"Filter.1.Nope=1", "UnknownParameter", "The parameter Filter.1.Nope is not recognized"},
		"list without index":  {"ImageId=ami-1", "UnknownParameter", "The parameter ImageId is not recognized"},
		"index of zero":       {"ImageId.0=ami-1", "UnknownParameter", "The parameter ImageId.0 is not recognized"},
		"index with a sign":   {"ImageId.%2B1=ami-1", "UnknownParameter", "The parameter ImageId.+1 is not recognized"},
		"struct with a value": {"Filter.1=x", "UnknownParameter", "The parameter Filter.1 is not recognized"},
		"scalar with members": {"NextToken.1=x", "UnknownParameter", "The parameter NextToken is not recognized"},
		"no boolean":          {"DryRun=maybe", "InvalidParameterValue", "Invalid value 'maybe' for DryRun"},
		"no number":           {"MaxResults=many", "InvalidParameterValue", "Invalid value 'many' for MaxResults"},
		"too large a number":  {"MaxResults=99999999999", "InvalidParameterValue", "Invalid value '99999999999' for MaxResults"},
	} {
		t.Run(name, func(t *testing.T) {
			form, err := url.ParseQuery(tt.form)
			require.NoError(t, err)
			err = query.Decode(form, &ec2.DescribeImagesInput{})
			var bad *query.Error
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, tt.code, bad.Code)
			assert.Equal(t, tt.message, bad.Message)
		})
	}
}

func TestDecodeTakesListsInOrderOfTheirIndexes(t *testing.T) {
	form, err := url.ParseQuery("ImageId.10=c&ImageId.2=b&ImageId.1=a&Signature=x&X-Amz-Date=y&AWSAccessKeyId=z&DryRun=1")
	require.NoError(t, err)
	in := &ec2.DescribeImagesInput{}
	require.NoError(t, query.Decode(form, in))
	assert.Equal(t, &ec2.DescribeImagesInput{ImageIds: []string{"a", "b", "c"}, DryRun: aws.Bool(true)}, in)
}

func TestDecodeTellsAnAbsentValueFromAnEmptyOne(t *testing.T) {
	form, err := url.ParseQuery("Tag.1.Key=a&Tag.2.Key=b&Tag.2.Value=")
	require.NoError(t, err)
	in := &ec2.DeleteTagsInput{}
	require.NoError(t, query.Decode(form, in))
	assert.Equal(t, []types.Tag{{Key: aws.String("a")}, {Key: aws.String("b"), Value: aws.String("")}}, in.Tags)
}

func TestEncodeErrorIsReadByTheClient(t *testing.T) {
	client := ec2.New(ec2.Options{
		Region: "us-west-2", Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
		HTTPClient: emul.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, err := w.Write(query.EncodeError("id", "Some.Code", "a <message>"))
			assert.NoError(t, err)
		})},
	})
	_, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{})
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, "Some.Code", api.ErrorCode())
	assert.Equal(t, "a <message>", api.ErrorMessage())
}

func FuzzDecode(f *testing.F) {
	f.Add("Action=DescribeImages&ImageId.1=ami-1&Filter.1.Name=name&Filter.1.Value.1=x")
	f.Add("LaunchPermission.Add.1.UserId=444455556666&Attribute=launchPermission")
	f.Add("SourceImageId=ami-1&TagSpecification.1.Tag.1.Key=a&DeprecateAt=2026-11-24T00:00:00Z&SnapshotCopyCompletionDurationMinutes=15")
	f.Add("Filter.1.Value.99999999999999999999=x&Filter..=&.=1")
	f.Fuzz(func(_ *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		for _, in := range []any{
			&ec2.CreateTagsInput{}, &ec2.DeleteTagsInput{}, &ec2.DescribeImageAttributeInput{}, &ec2.DescribeImagesInput{},
			&ec2.DescribeSnapshotAttributeInput{}, &ec2.DescribeSnapshotsInput{}, &ec2.DescribeTagsInput{},
			&ec2.ModifyImageAttributeInput{}, &ec2.ModifySnapshotAttributeInput{}, &ec2.ResetImageAttributeInput{},
			&ec2.CopyImageInput{}, &ec2.EnableImageDeprecationInput{},
		} {
			_ = query.Decode(form, in)
			if bytes.Contains(query.EncodeError("id", "Code", body), []byte("\x00")) {
				panic("a NUL in XML")
			}
		}
	})
}
