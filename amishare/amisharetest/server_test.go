package amisharetest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

const (
	imageID    = "ami-0123456789abcdef0"
	snapshotID = "snap-0123456789abcdef0"
	other      = "444455556666"
)

// docServer holds the AMI of the recorded requests.
func docServer(optFns ...func(*amisharetest.Options)) *amisharetest.Server {
	srv := amisharetest.NewServer(optFns...)
	srv.AddSnapshot(amisharetest.Snapshot{ID: snapshotID})
	srv.AddImage(amisharetest.Image{ID: imageID, Mappings: []types.BlockDeviceMapping{{
		DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(snapshotID)},
	}}})
	return srv
}

func post(t *testing.T, h http.Handler, contentType, body string, optFns ...func(*http.Request)) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://ec2.us-west-2.amazonaws.com/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for _, fn := range optFns {
		fn(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	require.NoError(t, err)
	return w.Code, string(text)
}

const (
	form        = "application/x-www-form-urlencoded"
	formCharset = form + "; charset=utf-8"
)

// code returns the code of a service's refusal.
func code(err error) string {
	if api, ok := errorAs[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func TestRecordedRequestsAreAnswered(t *testing.T) {
	want := map[string]string{
		"ec2-005": "<return>true</return>",
		"ec2-006": "<return>true</return>",
		"ec2-007": "<return>true</return>",
		"ec2-008": "<return>true</return>",
		"ec2-009": "<return>true</return>",
		"ec2-010": "<Code>InvalidParameterCombination</Code>",
		"ec2-011": "<imageId>" + imageID + "</imageId>",
		"ec2-012": "<imagesSet></imagesSet>",
		"ec2-013": "<snapshotId>" + snapshotID + "</snapshotId>",
		"ec2-014": "<return>true</return>",
		"ec2-015": "<return>true</return>",
		"ec2-016": "<tagSet></tagSet>",
		"ec2-017": "<launchPermission></launchPermission>",
		"ec2-018": "<createVolumePermission></createVolumePermission>",
		"ec2-019": "<return>true</return>",
	}
	files, err := filepath.Glob("testdata/requests/*.form.txt")
	require.NoError(t, err)
	require.Len(t, files, len(want))
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".form.txt")
		for _, contentType := range []string{form, formCharset} {
			t.Run(name+" "+contentType, func(t *testing.T) {
				srv := docServer()
				status, text := post(t, srv, contentType, string(body))
				assert.Contains(t, text, want[name[:7]])
				assert.Equal(t, strings.Contains(text, "<Errors>"), status != http.StatusOK)
				require.Len(t, srv.Calls(), 1)
				assert.Equal(t, name[8:], srv.Calls()[0].Operation)
			})
		}
	}
}

func TestRecordedPublicGrantIsBlocked(t *testing.T) {
	body, err := os.ReadFile("testdata/requests/ec2-008-ModifyImageAttribute.form.txt")
	require.NoError(t, err)
	srv := docServer(func(o *amisharetest.Options) { o.BlockPublicAccess = true })
	status, text := post(t, srv, form, string(body))
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, text, "<Code>OperationNotPermitted</Code>")
}

func TestRequestsOutsideTheProtocol(t *testing.T) {
	for name, tt := range map[string]struct{ contentType, body, code string }{
		"no body":            {form, "", "MissingAction"},
		"JSON":               {"application/x-amz-json-1.1", "{}", "MissingAction"},
		"unknown action":     {form, "Action=RunInstances&Version=2016-11-15", "InvalidAction"},
		"another version":    {form, "Action=DescribeImages&Version=2006-06-26", "NoSuchVersion"},
		"broken encoding":    {form, "Action=%zz", "MalformedQueryString"},
		"unknown parameter":  {form, "Action=DescribeImages&Version=2016-11-15&Nope=1", "UnknownParameter"},
		"missing parameter":  {form, "Action=ModifyImageAttribute&Version=2016-11-15", "MissingParameter"},
		"far too large body": {form, "Action=" + strings.Repeat("x", 5<<20), "MalformedQueryString"},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := post(t, amisharetest.NewServer(), tt.contentType, tt.body)
			assert.Equal(t, http.StatusBadRequest, status)
			assert.Contains(t, text, "<Response><Errors><Error><Code>"+tt.code+"</Code>")
		})
	}
}

func TestBothDoorsAreOneMachine(t *testing.T) {
	srv, ctx := docServer(), t.Context()
	_, err := srv.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{imageID}, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	require.NoError(t, err)
	typed, err := srv.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{imageID}})
	require.NoError(t, err)
	wired, err := srv.Client().DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{imageID}})
	require.NoError(t, err)
	assert.Equal(t, typed.Images, wired.Images)
	typedSnapshots, err := srv.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	require.NoError(t, err)
	wiredSnapshots, err := srv.Client().DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	require.NoError(t, err)
	for i := range typedSnapshots.Snapshots { // the wire has milliseconds
		for _, at := range []*time.Time{typedSnapshots.Snapshots[i].StartTime, typedSnapshots.Snapshots[i].CompletionTime} {
			*at = at.Truncate(time.Millisecond)
		}
	}
	assert.Equal(t, typedSnapshots.Snapshots, wiredSnapshots.Snapshots)

	in := &ec2.DescribeImagesInput{ImageIds: []string{"ami-0000000000000000f"}}
	_, typedErr := srv.DescribeImages(ctx, in)
	_, wiredErr := srv.Client().DescribeImages(ctx, in)
	assert.Equal(t, "InvalidAMIID.NotFound", code(typedErr))
	assert.Equal(t, code(typedErr), code(wiredErr))
}

func TestWhoCalls(t *testing.T) {
	srv, ctx := amisharetest.NewServer(), t.Context()
	theirs := srv.As(amisharetest.Root(other))
	east := func(o *ec2.Options) { o.Region = "us-east-1" }
	signed := func(o *ec2.Options) { o.Credentials = credentials(other) }
	for _, client := range []*ec2.Client{
		srv.Client(), srv.Client(east), theirs.Client(), theirs.Client(east), srv.Client(signed, east),
	} {
		_, err := client.DescribeTags(ctx, nil)
		require.NoError(t, err)
	}
	_, err := srv.DescribeTags(ctx, nil)
	require.NoError(t, err)
	var got []string
	for _, call := range srv.Calls() {
		got = append(got, call.Account+" "+call.Region)
	}
	assert.Equal(t, []string{
		"111122223333 us-west-2", "111122223333 us-east-1", other + " us-west-2", other + " us-east-1", other + " us-east-1", "111122223333 us-west-2",
	}, got)
}

func TestDryRun(t *testing.T) {
	srv, ctx := docServer(), t.Context()
	for name, call := range calls(t) {
		err := call(srv.Client(), aws.Bool(true))
		assert.Equal(t, "DryRunOperation", code(err), name)
		response, ok := errorAs[interface{ HTTPStatusCode() int }](err)
		require.True(t, ok, name)
		assert.Equal(t, http.StatusPreconditionFailed, response.HTTPStatusCode(), name)
	}
	for _, call := range srv.Calls() {
		assert.Equal(t, "DryRunOperation", code(call.Err))
	}
	launch, err := srv.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{ImageId: aws.String(imageID), Attribute: types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	assert.Empty(t, launch.LaunchPermissions)
	tags, err := srv.DescribeTags(ctx, nil)
	require.NoError(t, err)
	assert.Empty(t, tags.Tags)
}

func TestCallsAreCopies(t *testing.T) {
	srv := docServer(func(o *amisharetest.Options) { o.MaxCalls = 2 })
	in := &ec2.DescribeImagesInput{ImageIds: []string{imageID}}
	for range 3 {
		_, err := srv.DescribeImages(t.Context(), in)
		require.NoError(t, err)
	}
	require.Len(t, srv.Calls(), 2)
	in.ImageIds[0] = "changed"
	first, ok := srv.Calls()[0].Input.(*ec2.DescribeImagesInput)
	require.True(t, ok)
	assert.Equal(t, []string{imageID}, first.ImageIds)
	first.ImageIds[0] = "changed"
	assert.Equal(t, &ec2.DescribeImagesInput{ImageIds: []string{imageID}}, srv.Calls()[0].Input)
}

// The state shares no memory with the record of the call that made it.
func TestARecordIsNotTheState(t *testing.T) {
	srv := docServer()
	_, err := srv.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{
		ImageId: aws.String(imageID), Description: &types.AttributeValue{Value: aws.String("recorded")},
	})
	require.NoError(t, err)
	require.True(t, srv.ChangeImage("", imageID, func(i *types.Image) { *i.Description = "changed" }))
	in, ok := srv.Calls()[0].Input.(*ec2.ModifyImageAttributeInput)
	require.True(t, ok)
	assert.Equal(t, "recorded", *in.Description.Value)
}

func TestAnEndedContextMakesNoCall(t *testing.T) {
	srv := amisharetest.NewServer()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := srv.DescribeImages(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
	_, err = srv.Client().DescribeImages(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, srv.Calls())
}

func TestIDsAreTheSameOnEveryRun(t *testing.T) {
	ids := func() []string {
		srv := amisharetest.NewServer()
		_, err := srv.Client().DescribeImages(t.Context(), nil)
		require.NoError(t, err)
		return []string{srv.AddImage(amisharetest.Image{}), srv.AddImage(amisharetest.Image{}), srv.AddSnapshot(amisharetest.Snapshot{})}
	}
	first := ids()
	assert.Equal(t, first, ids())
	assert.NotEqual(t, first[0], first[1])
	assert.Regexp(t, `^ami-[0-9a-f]{17}$`, first[0])
	assert.Regexp(t, `^snap-[0-9a-f]{17}$`, first[2])
}

func TestTimeRunsFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.Speed = 60 })
		id := srv.AddImage(amisharetest.Image{Account: other, Public: true, Deprecated: time.Now().Add(time.Hour)})
		find := func() int {
			out, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
			require.NoError(t, err)
			return len(out.Images)
		}
		assert.Equal(t, 1, find())
		time.Sleep(61 * time.Second)
		assert.Equal(t, 0, find())
	})
}

func FuzzServeHTTP(f *testing.F) {
	files, err := filepath.Glob("testdata/requests/*.form.txt")
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(body))
	}
	const version = "&Version=2016-11-15"
	f.Add("Action=CopyImage&SourceImageId=" + imageID + "&SourceRegion=us-west-2&Name=copy&ClientToken=x&TagSpecification.1.ResourceType=image&TagSpecification.1.Tag.1.Key=a" + version)
	f.Add("Action=EnableImageDeprecation&ImageId=" + imageID + "&DeprecateAt=2030-01-01T00:00:00Z" + version)
	f.Add("Action=ModifyEbsDefaultKmsKeyId&KmsKeyId=alias%2Fx" + version)
	f.Add("Action=EnableSnapshotBlockPublicAccess&State=block-all-sharing" + version)
	f.Fuzz(func(t *testing.T, body string) {
		status, text := post(t, docServer(), form, body)
		if _, err := url.ParseQuery(body); err != nil {
			assert.Equal(t, http.StatusBadRequest, status)
		}
		assert.Less(t, status, http.StatusInternalServerError)
		assert.True(t, strings.HasPrefix(text, "<?xml"))
	})
}
