package amisharetest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// A copy is answered, and fails later when the caller may not use its keys, those of the
// source among them.
func TestACopyNeedsItsKeys(t *testing.T) {
	const (
		west, east = "us-west-2", "us-east-1"
		source     = "arn:aws:kms:us-east-1:111122223333:key/5678abcd-12ab-34cd-56ef-1234567890ab"
		via        = `"StringEquals":{"kms:ViaService":["ec2.us-west-2.amazonaws.com","ec2.us-east-1.amazonaws.com"]}`
	)
	actions := []string{"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
	keys := `"` + source + `","` + customerKey + `"`
	grant := func(actions []string, keys, condition string) string {
		return `{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":[` + keys + `],"Condition":{` + condition + `}}`
	}
	all := grant(actions, keys, via)
	type test struct {
		statement, sourceKey, key string
		lacks                     string
	}
	tests := map[string]test{
		"everything":                   {all, source, customerKey, ""},
		"nothing encrypted":            {`{"Effect":"Allow","Action":"a:b","Resource":"*"}`, "", "", ""},
		"keys that AWS manages":        {`{"Effect":"Allow","Action":"a:b","Resource":"*"}`, amisharetest.AWSManagedKey, amisharetest.AWSManagedKey, ""},
		"only the source's":            {all, source, amisharetest.AWSManagedKey, ""},
		"nothing":                      {`{"Effect":"Allow","Action":"a:b","Resource":"*"}`, "", customerKey, "kms:DescribeKey on resource: " + customerKey},
		"nothing, the source's":        {`{"Effect":"Allow","Action":"a:b","Resource":"*"}`, source, amisharetest.AWSManagedKey, "kms:DescribeKey on resource: " + source},
		"not the source's":             {grant(actions, `"`+customerKey+`"`, via), source, customerKey, "kms:DescribeKey on resource: " + source},
		"not the copy's":               {grant(actions, `"`+source+`"`, via), source, customerKey, "kms:DescribeKey on resource: " + customerKey},
		"through another service":      {grant(actions, keys, `"StringEquals":{"kms:ViaService":"s3.us-west-2.amazonaws.com"}`), "", customerKey, "kms:DescribeKey"},
		"through the other Region":     {grant(actions, keys, `"StringEquals":{"kms:ViaService":"ec2.us-west-2.amazonaws.com"}`), source, customerKey, "kms:DescribeKey on resource: " + source},
		"grants for AWS resources":     {grant(actions[:1], keys, via+`,"Bool":{"kms:GrantIsForAWSResource":"true"}`) + "," + grant(actions[1:], keys, via), source, customerKey, ""},
		"grants for the caller's own":  {grant(actions[:1], keys, via+`,"Bool":{"kms:GrantIsForAWSResource":"false"}`) + "," + grant(actions[1:], keys, via), source, customerKey, "kms:CreateGrant"},
		"a key of the caller's, by id": {all, "", customerKey[strings.Index(customerKey, "key/")+len("key/"):], ""},
	}
	for i, action := range actions {
		tests["all but "+action] = test{grant(append(append([]string{}, actions[:i]...), actions[i+1:]...), keys, via), source, customerKey, action}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(amisharetest.Image{Region: east, KMSKey: tt.sourceKey})
			role := role(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"},`+tt.statement+`]}`)
			in := &ec2.CopyImageInput{SourceImageId: aws.String(id), SourceRegion: aws.String(east), Name: aws.String("copy")}
			if tt.key != "" {
				in.Encrypted, in.KmsKeyId = aws.Bool(true), aws.String(tt.key)
			}
			copied, err := srv.As(role).CopyImage(t.Context(), in)
			require.NoError(t, err, "it is answered in any case")
			images, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*copied.ImageId}})
			require.NoError(t, err)
			img := images.Images[0]
			snapshots, err := srv.DescribeSnapshots(t.Context(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*img.BlockDeviceMappings[0].Ebs.SnapshotId}})
			require.NoError(t, err)
			snap := snapshots.Snapshots[0]
			if tt.lacks == "" {
				assert.Equal(t, types.ImageStateAvailable, img.State)
				assert.Equal(t, types.SnapshotStateCompleted, snap.State)
				return
			}
			assert.Equal(t, types.ImageStateFailed, img.State)
			assert.Contains(t, aws.ToString(img.StateReason.Message), "is not authorized to perform: "+tt.lacks)
			assert.Equal(t, types.SnapshotStateError, snap.State)
			assert.Equal(t, "Given key ID is not accessible", aws.ToString(snap.StateMessage))
		})
	}
}
