package amisharetest_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const builder = "arn:aws:iam::111122223333:role/Builder"

// role is the builder with one policy.
func role(t *testing.T, document string) amisharetest.Principal {
	t.Helper()
	d, err := policy.Decode([]byte(document))
	require.NoError(t, err)
	set, err := policy.Compile(d)
	require.NoError(t, err)
	return amisharetest.Principal{ARN: builder, Policies: policy.Policies{Identity: set}}
}

func allows(action, resource, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":` + resource + condition + `}]}`
}

// onImage and onSnapshot are the ARNs of the resources, whose account is empty.
const (
	onImage    = `["arn:aws:ec2:us-west-2::image/` + imageID + `"]`
	onSnapshot = `["arn:aws:ec2:us-west-2::snapshot/` + snapshotID + `"]`
	onBoth     = `["arn:aws:ec2:us-west-2::image/` + imageID + `","arn:aws:ec2:us-west-2::snapshot/` + snapshotID + `"]`
	onCopy     = `["arn:aws:ec2:us-west-2::image/` + imageID + `","arn:aws:ec2:us-west-2::image/${*}","arn:aws:ec2:us-west-2::snapshot/${*}"]`
	onAny      = `"*"`
)

// Each operation is refused without a policy, at every door, dry or not; it passes with
// the action on just its resources, and then a dry run says so.
func TestEveryOperationIsAuthorised(t *testing.T) {
	resources := map[string]string{
		"CopyImage":  onCopy,
		"CreateTags": onBoth, "DeleteTags": onBoth,
		"DescribeImageAttribute": onImage, "ModifyImageAttribute": onImage, "ResetImageAttribute": onImage,
		"EnableImageDeprecation": onImage, "DisableImageDeprecation": onImage,
		"DescribeSnapshotAttribute": onSnapshot, "ModifySnapshotAttribute": onSnapshot, "ResetSnapshotAttribute": onSnapshot,
	}
	for name, call := range calls(t) {
		t.Run(name, func(t *testing.T) {
			resource, narrow := resources[name]
			if !narrow {
				resource = onAny
			}
			srv := docServer()
			nobody := srv.As(amisharetest.Principal{ARN: builder})
			somebody := srv.As(role(t, allows("ec2:"+name, resource, `{"StringEquals":{"ec2:Region":"us-west-2","aws:RequestedRegion":"us-west-2"}}`)))
			for _, dry := range []*bool{nil, aws.Bool(true)} {
				for _, api := range []operations{nobody, nobody.Client()} {
					assert.Equal(t, "UnauthorizedOperation", code(call(api, dry)))
				}
			}
			elsewhere := nobody.As(role(t, allows("ec2:"+name, onAny, `{"StringEquals":{"ec2:Region":"us-east-1"}}`)))
			assert.Equal(t, "UnauthorizedOperation", code(call(elsewhere, nil)))
			for _, api := range []operations{somebody, somebody.Client()} {
				assert.Equal(t, "DryRunOperation", code(call(api, aws.Bool(true))))
				require.NoError(t, call(api, nil))
			}
			last := srv.Calls()[len(srv.Calls())-1]
			assert.Equal(t, []string{name, builder, "111122223333", "us-west-2"}, []string{last.Operation, last.Principal, last.Account, last.Region})
		})
	}
}

func TestARefusalNamesPrincipalActionAndResource(t *testing.T) {
	srv := docServer()
	_, err := srv.As(role(t, allows("ec2:ModifyImageAttribute", onAny, `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}`))).Client().
		ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: aws.String(imageID), LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}})
	const message = "You are not authorized to perform this operation. User: " + builder + " is not authorized to perform: ec2:ModifyImageAttribute " +
		"on resource: arn:aws:ec2:us-west-2::image/" + imageID + " because no identity-based policy allows the ec2:ModifyImageAttribute action"
	api, ok := errorAs[interface{ ErrorMessage() string }](err)
	require.True(t, ok)
	assert.Equal(t, message, api.ErrorMessage())
	response, ok := errorAs[interface{ HTTPStatusCode() int }](err)
	require.True(t, ok)
	assert.Equal(t, http.StatusForbidden, response.HTTPStatusCode())
	denied, ok := errorAs[*emul.DeniedError](srv.Calls()[0].Err)
	require.True(t, ok)
	assert.Contains(t, srv.Calls()[0].Err.Error(), denied.Decision.Reason)
}

func TestConditionKeysOfResources(t *testing.T) {
	all := calls(t)
	for name, tt := range map[string]struct {
		operation, condition string
		want                 bool
	}{
		"image tag":                   {"ModifyImageAttribute", `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true","aws:ResourceTag/AllowSharing":"true"}}`, true},
		"image tag, other value":      {"ModifyImageAttribute", `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"false"}}`, false},
		"image facts":                 {"ModifyImageAttribute", `{"StringEquals":{"ec2:Owner":"111122223333","ec2:ImageID":"` + imageID + `","ec2:ImageType":"machine","ec2:RootDeviceType":"ebs","aws:ResourceAccount":"${aws:PrincipalAccount}"},"Bool":{"ec2:Public":"false"}}`, true},
		"image attribute":             {"ModifyImageAttribute", `{"StringEquals":{"ec2:Attribute":"launchPermission"}}`, true},
		"image has no Add key":        {"ModifyImageAttribute", `{"StringEquals":{"ec2:Add/userId":"` + other + `"}}`, false},
		"snapshot tag":                {"ModifySnapshotAttribute", `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}`, true},
		"snapshot facts":              {"ModifySnapshotAttribute", `{"StringEquals":{"ec2:Owner":"111122223333","ec2:SnapshotID":"` + snapshotID + `"},"NumericEquals":{"ec2:VolumeSize":"100"},"ArnLike":{"ec2:ParentVolume":"arn:aws:ec2:us-west-2:111122223333:volume/*"},"Null":{"ec2:SnapshotTime":"false"}}`, true},
		"snapshot Add":                {"ModifySnapshotAttribute", `{"StringEquals":{"ec2:Add/userId":"` + other + `","ec2:Attribute":"createVolumePermission"},"Null":{"ec2:Add/group":"true","ec2:Remove/userId":"true","ec2:Remove/group":"true"}}`, true},
		"snapshot Add, others":        {"ModifySnapshotAttribute", `{"StringEquals":{"ec2:Add/userId":"555566667777"}}`, false},
		"snapshot Encrypted, modify":  {"ModifySnapshotAttribute", `{"Bool":{"ec2:Encrypted":"false"}}`, false},
		"snapshot Encrypted, read":    {"DescribeSnapshotAttribute", `{"Bool":{"ec2:Encrypted":"false"}}`, true},
		"no tag condition on a list":  {"DescribeImages", `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}`, false},
		"request tags":                {"CreateTags", `{"StringEquals":{"aws:RequestTag/Team":"ml","ec2:Owner":"111122223333"},"ForAllValues:StringEquals":{"aws:TagKeys":"Team"},"Null":{"ec2:CreateAction":"true","aws:TagKeys":"false"}}`, true},
		"request tags, others":        {"CreateTags", `{"StringEquals":{"aws:RequestTag/Team":"hpc"}}`, false},
		"deleted tags":                {"DeleteTags", `{"StringEquals":{"aws:RequestTag/Team":"ml","ec2:ResourceTag/AllowSharing":"true"},"ForAllValues:StringEquals":{"aws:TagKeys":"Team"}}`, true},
		"DeleteTags knows tags only":  {"DeleteTags", `{"Null":{"ec2:ImageID":"true","ec2:ImageType":"true","ec2:Owner":"true","ec2:SnapshotID":"true"}}`, true},
		"DeleteTags has no owner":     {"DeleteTags", `{"StringEquals":{"ec2:Owner":"111122223333"}}`, false},
		"copy has no resource tag":    {"CopyImage", `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}`, false},
		"copy of an image of ours":    {"CopyImage", `{"StringEqualsIfExists":{"ec2:Owner":"111122223333","ec2:ImageID":"` + imageID + `"}}`, true},
		"copy of an image of another": {"CopyImage", `{"StringEqualsIfExists":{"ec2:Owner":"` + other + `"}}`, false},
		"deprecation by tag":          {"EnableImageDeprecation", `{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}`, true},
		"reset of the attribute":      {"ResetSnapshotAttribute", `{"StringEquals":{"ec2:Attribute":"createVolumePermission"}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			tags := map[string]string{"AllowSharing": "true"}
			srv.AddSnapshot(amisharetest.Snapshot{ID: snapshotID, Tags: tags})
			srv.AddImage(amisharetest.Image{ID: imageID, Tags: tags, Mappings: []types.BlockDeviceMapping{{
				DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(snapshotID)},
			}}})
			err := all[tt.operation](srv.As(role(t, allows("ec2:"+tt.operation, onAny, tt.condition))), nil)
			if tt.want {
				require.NoError(t, err)
			} else {
				assert.Equal(t, "UnauthorizedOperation", code(err))
			}
		})
	}
}

func TestTagsOfACopyAreAuthorised(t *testing.T) {
	spec := func(kinds ...types.ResourceType) (list []types.TagSpecification) {
		for _, k := range kinds {
			list = append(list, types.TagSpecification{ResourceType: k, Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("ml")}}})
		}
		return list
	}
	const copies = `{"Effect":"Allow","Action":"ec2:CopyImage","Resource":"*"}`
	tag := func(resource, action string) string {
		return `,{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:*::` + resource + `/*","Condition":{"StringEquals":{"ec2:CreateAction":"` + action + `"}}}`
	}
	for name, tt := range map[string]struct {
		statements string
		in         ec2.CopyImageInput
		code       string
	}{
		"no tags":                 {copies, ec2.CopyImageInput{}, ""},
		"no right":                {copies, ec2.CopyImageInput{TagSpecifications: spec("image")}, "UnauthorizedOperation"},
		"right":                   {copies + tag("image", "CopyImage"), ec2.CopyImageInput{TagSpecifications: spec("image")}, ""},
		"another creating action": {copies + tag("image", "CreateImage"), ec2.CopyImageInput{TagSpecifications: spec("image")}, "UnauthorizedOperation"},
		"snapshots too":           {copies + tag("image", "CopyImage"), ec2.CopyImageInput{TagSpecifications: spec("image", "snapshot")}, "UnauthorizedOperation"},
		"both rights":             {copies + tag("image", "CopyImage") + tag("snapshot", "CopyImage"), ec2.CopyImageInput{TagSpecifications: spec("image", "snapshot")}, ""},
		"copied tags":             {copies, ec2.CopyImageInput{CopyImageTags: aws.Bool(true)}, "UnauthorizedOperation"},
		"copied tags, right":      {copies + tag("image", "CopyImage"), ec2.CopyImageInput{CopyImageTags: aws.Bool(true)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(amisharetest.Image{Tags: map[string]string{"AllowSharing": "true"}})
			tt.in.SourceImageId, tt.in.SourceRegion, tt.in.Name = &id, aws.String("us-west-2"), aws.String("copy")
			_, err := srv.As(role(t, `{"Version":"2012-10-17","Statement":[`+tt.statements+`]}`)).CopyImage(t.Context(), &tt.in)
			assert.Equal(t, tt.code, code(err))
		})
	}
}

// A copy needs the customer managed keys of what it is made of and of what it becomes,
// through EC2.
func TestACopyNeedsItsKeys(t *testing.T) {
	const theirs, ours = "arn:aws:kms:us-west-2:444455556666:key/theirs", "arn:aws:kms:us-west-2:111122223333:key/ours"
	reading, writing := []string{"DescribeKey", "Decrypt", "ReEncryptFrom", "CreateGrant"}, []string{"DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptTo", "CreateGrant"}
	for name, tt := range map[string]struct {
		source string
		in     ec2.CopyImageInput
		needs  map[string][]string
	}{
		"plain":             {},
		"encrypting":        {in: ec2.CopyImageInput{Encrypted: aws.Bool(true), KmsKeyId: aws.String(ours)}, needs: map[string][]string{ours: writing}},
		"by the AWS key":    {in: ec2.CopyImageInput{Encrypted: aws.Bool(true)}},
		"from the AWS key":  {source: amisharetest.AWSManagedKey},
		"keeping the key":   {source: ours, needs: map[string][]string{ours: append(reading, writing...)}},
		"to another key":    {source: theirs, in: ec2.CopyImageInput{Encrypted: aws.Bool(true), KmsKeyId: aws.String(ours)}, needs: map[string][]string{theirs: reading, ours: writing}},
		"from a key to AWS": {source: theirs, in: ec2.CopyImageInput{Encrypted: aws.Bool(true)}, needs: map[string][]string{theirs: reading}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(amisharetest.Image{KMSKey: tt.source})
			tt.in.SourceImageId, tt.in.SourceRegion, tt.in.Name = &id, aws.String("us-west-2"), aws.String("copy")
			copies := func(keys string) error {
				_, err := srv.As(role(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`+keys+`]}`)).CopyImage(t.Context(), &tt.in)
				return err
			}
			all := `,{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"ec2.us-west-2.amazonaws.com"}}}`
			require.NoError(t, copies(all))
			if tt.needs == nil {
				require.NoError(t, copies(""))
			}
			for key, actions := range tt.needs {
				for _, action := range actions {
					err := copies(all + `,{"Effect":"Deny","Action":"kms:` + action + `","Resource":"` + key + `"}`)
					assert.Equal(t, "UnauthorizedOperation", code(err), "%s on %s", action, key)
				}
			}
		})
	}
}

// A copy needs the AMI that it is made of, and the AMI and the snapshots that it makes.
func TestACopyNeedsThreeResources(t *testing.T) {
	copyImage := calls(t)["CopyImage"]
	for missing, resources := range map[string]string{
		imageID:      `["arn:aws:ec2:us-west-2::image/${*}","arn:aws:ec2:us-west-2::snapshot/${*}"]`,
		"image/*":    `["arn:aws:ec2:us-west-2::image/` + imageID + `","arn:aws:ec2:us-west-2::snapshot/${*}"]`,
		"snapshot/*": `["arn:aws:ec2:us-west-2::image/*"]`,
	} {
		err := copyImage(docServer().As(role(t, allows("ec2:CopyImage", resources, ""))), nil)
		denied, ok := errorAs[*emul.DeniedError](err)
		require.True(t, ok, missing)
		assert.Contains(t, denied.Resource, missing)
	}
}

func TestKeysOfARemoval(t *testing.T) {
	in := &ec2.ModifySnapshotAttributeInput{
		SnapshotId: aws.String(snapshotID), OperationType: types.OperationTypeRemove, UserIds: []string{other}, GroupNames: []string{"all"},
	}
	for condition, want := range map[string]string{
		`{"StringEquals":{"ec2:Remove/userId":"` + other + `","ec2:Remove/group":"all"},"Null":{"ec2:Add/userId":"true"}}`: "",
		`{"StringEquals":{"ec2:Remove/userId":"555566667777"}}`:                                                            "UnauthorizedOperation",
	} {
		_, err := docServer().As(role(t, allows("ec2:ModifySnapshotAttribute", onAny, condition))).ModifySnapshotAttribute(t.Context(), in)
		assert.Equal(t, want, code(err))
	}
}

func TestForwardedCallsAreAuthorisedAsTheCaller(t *testing.T) {
	const via = `{"StringEquals":{"aws:CalledViaLast":"sagemaker.amazonaws.com"},"Bool":{"aws:ViaAWSService":"true"}}`
	srv := docServer()
	p := role(t, allows("ec2:*", onAny, via))
	_, err := srv.As(p).DescribeImages(t.Context(), nil)
	assert.Equal(t, "UnauthorizedOperation", code(err), "called directly")

	for _, keys := range []bool{true, false} {
		want := "UnauthorizedOperation"
		if keys {
			want = ""
		}
		ctx := emul.Forward(t.Context(), emul.Principal(p), "sagemaker.amazonaws.com", keys)
		_, _, _, _, _, err := srv.DescribeImage(ctx, "111122223333", "us-west-2", imageID)
		assert.Equal(t, want, code(err))
		_, _, err = srv.DescribeSnapshot(ctx, "111122223333", "us-west-2", snapshotID)
		assert.Equal(t, want, code(err))
		assert.Equal(t, want, code(srv.ShareImage(ctx, "111122223333", "us-west-2", imageID, other)))
		assert.Equal(t, want, code(srv.ShareSnapshot(ctx, "111122223333", "us-west-2", snapshotID, other)))
		last := srv.Calls()[len(srv.Calls())-1]
		assert.True(t, last.Forwarded)
		assert.Equal(t, builder, last.Principal)
	}
	elsewhere := emul.Forward(t.Context(), emul.Principal{ARN: "arn:aws:iam::" + other + ":role/Builder"}, "sagemaker.amazonaws.com", true)
	_, _, _, _, _, err = srv.DescribeImage(elsewhere, "111122223333", "us-west-2", imageID)
	require.NoError(t, err, "a caller of another account is none here")
	_, _, _, _, _, err = srv.DescribeImage(t.Context(), "111122223333", "us-west-2", imageID)
	require.NoError(t, err, "without a caller the service acts for the root")
}
