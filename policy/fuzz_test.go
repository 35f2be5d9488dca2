package policy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// FuzzEncodeKeepsDecisions holds that a document that was read and written again
// is the same document and decides the same.
func FuzzEncodeKeepsDecisions(f *testing.F) {
	text, _ := pagePolicy(f)
	f.Add(text, "ec2:ModifyImageAttribute", "arn:aws:ec2:us-west-2::image/ami-1", "ec2:ResourceTag/AllowSharing", "true")
	files, err := filepath.Glob("testdata/golden/*/all.json")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text, "sagemaker:CreateCluster", clusterARN, "aws:RequestTag/team", "ml")
	}
	f.Add([]byte(`{"Version":"2012-10-17","Id":"é€","Statement":{"Effect":"Deny","NotAction":["a:*"],"NotResource":"arn:a:b*c",
		"Condition":{"ForAnyValue:ArnLikeIfExists":{"k":["arn:*:${l, 'x'}:?:${*}:*:*"]},"NumericLessThan":{"k":1},"Null":{"m":true}}}}`),
		"b:C", "arn:a:bxc:d:e:f", "K", "arn:a:b:c:*:d:e")
	f.Add([]byte(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`), "sts:AssumeRole", "", "", "")
	f.Fuzz(func(t *testing.T, text []byte, action, resource, key, value string) {
		doc, err := policy.Decode(text)
		if err != nil {
			require.ErrorIs(t, err, policy.ErrInvalidDocument)
			return
		}
		encoded := doc.Encode()
		again, err := policy.Decode(encoded)
		require.NoError(t, err, string(encoded))
		require.Equal(t, doc, again)
		assert.LessOrEqual(t, doc.Size(), len(encoded))

		set, err := policy.Compile(doc)
		set2, err2 := policy.Compile(again)
		require.Equal(t, err, err2)
		if err != nil {
			require.ErrorIs(t, err, policy.ErrInvalidDocument)
			return
		}
		r := policy.Request{Action: action, Resource: resource, Context: map[string][]string{key: {value}, "l": {value}}}
		require.Equal(t, set.Evaluate(r), set2.Evaluate(r))
	})
}
