package policy_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func pagePolicy(t testing.TB) ([]byte, *policy.Document) {
	t.Helper()
	text, err := os.ReadFile("testdata/aws-page-policy.json")
	require.NoError(t, err)
	doc, err := policy.Decode(text)
	require.NoError(t, err)
	return text, doc
}

func TestPagePolicyRoundTrip(t *testing.T) {
	t.Parallel()
	text, doc := pagePolicy(t)
	require.Len(t, doc.Statements, 3)
	assert.Equal(t, policy.String("iam:PassRole"), doc.Statements[0].Action)
	assert.Contains(t, doc.Statements[1].Action.Items, "sagemaker:DescribeCluterNode")
	assert.Equal(t, "ec2:ResourceTag/AllowSharing", doc.Statements[2].Condition[0].Keys[0].Name)

	assert.JSONEq(t, string(text), string(doc.Encode()))
	again, err := policy.Decode(doc.Encode())
	require.NoError(t, err)
	assert.Equal(t, doc, again)
	assert.Equal(t, doc.Encode(), again.Encode())
	// The size that AWS counts for this document.
	assert.Equal(t, 826, doc.Size())
}

func TestDecodeKeepsTheForm(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"one statement":        `{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}}`,
		"list of one":          `{"Statement":[{"Effect":"Allow","Action":["a:B"],"NotResource":["*"]}]}`,
		"empty lists":          `{"Statement":[{"Effect":"Allow","Action":[],"Resource":[]}]}`,
		"no statements":        `{"Statement":[]}`,
		"empty condition":      `{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{}}]}`,
		"empty operator":       `{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{}}}]}`,
		"order of operators":   `{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Null":{"b":"true","a":"true"},"Bool":{"c":["false"]}}}]}`,
		"trust policy":         `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"S","Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com","AWS":["1","2"]},"Action":"sts:AssumeRole"}]}`,
		"anyone":               `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`,
		"not principal":        `{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"1"},"Action":"a:B","Resource":"*"}]}`,
		"characters":           `{"Statement":[{"Sid":"a<&>\"\\\n\r\tÿ\u20ac\ud83d\ude00","Effect":"Allow","Action":"a:B","Resource":"*"}]}`,
		"repeated on purpose":  `{"Statement":[{"Effect":"Allow","Action":["a:B","a:B"],"Resource":"*"},{"Effect":"Allow","Action":["a:B","a:B"],"Resource":"*"}]}`,
		"version 2008 written": `{"Version":"2008-10-17","Statement":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := policy.Decode([]byte(text))
			require.NoError(t, err)
			compact, err := doc.MarshalJSON()
			require.NoError(t, err)
			assert.Equal(t, text, string(compact))
		})
	}
}

func TestDecodeScalarsInConditions(t *testing.T) {
	t.Parallel()
	doc, err := policy.Decode([]byte(`{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*",
		"Condition":{"Bool":{"aws:SecureTransport":true},"NumericEquals":{"x":[1,2.5]}}}]}`))
	require.NoError(t, err)
	c := doc.Statements[0].Condition
	assert.Equal(t, policy.String("true"), c[0].Keys[0].Values)
	assert.Equal(t, policy.List("1", "2.5"), c[1].Keys[0].Values)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"nothing":           {``, []string{`1:1: not JSON: the text ends too early`}},
		"half":              {`{"Statement": [`, []string{`1:16: not JSON: the text ends too early`}},
		"not an object":     {`[]`, []string{`1:1: a policy document is an object, found a list`}},
		"null":              {`null`, []string{`1:1: a policy document is an object, found null`}},
		"two documents":     {`{"Statement":[]} {}`, []string{`1:18: text after the end of the document`}},
		"stray comma":       {"{\n \"Statement\":[],,}", []string{`2:17: not JSON`}},
		"bad literal":       {"{\"Statement\": tru3}", []string{`1:15: not JSON`}},
		"bad number":        {"{\"Statement\": [1x]}", []string{`1:17: not JSON`}},
		"no statement":      {`{"Version":"2012-10-17"}`, []string{`1:1: Statement is missing`}},
		"version":           {`{"Version":"2012-10-18","Statement":[]}`, []string{`1:12: Version: version "2012-10-18" does not exist; write "2012-10-17"`}},
		"unknown element":   {"{\n  \"Statements\": []\n}", []string{`2:3: Statements: unknown element; a document has Version, Id and Statement`, `1:1: Statement is missing`}},
		"case of elements":  {`{"Statement":[{"effect":"Allow","Action":"a:B","Resource":"*"}]}`, []string{`1:16: Statement[0].effect: unknown element of a statement`, `1:15: Statement[0]: Effect is missing`}},
		"key twice":         {`{"Statement":[{"Effect":"Allow","Action":"a:B","Action":"a:C","Resource":"*"}]}`, []string{`1:48: Statement[0].Action: the same key twice; IAM refuses the document, join the two`}},
		"condition twice":   {`{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"k":"true","k":"false"}}}]}`, []string{`1:95: Statement[0].Condition.Bool.k: the same key twice; IAM refuses the document, join the two`}},
		"effect":            {`{"Statement":[{"Effect":"allow","Action":"a:B","Resource":"*"}]}`, []string{`1:25: Statement[0].Effect: effect "allow" does not exist; write Allow or Deny`}},
		"no action":         {`{"Statement":{"Effect":"Allow","Resource":"*"}}`, []string{`1:14: Statement: Action is missing`}},
		"both actions":      {`{"Statement":[{"Effect":"Allow","Action":"a:B","NotAction":"a:C","Resource":"*"}]}`, []string{`1:48: Statement[0].NotAction: a statement has Action or NotAction, not both`}},
		"both resources":    {`{"Statement":[{"Effect":"Allow","Action":"a:B","NotResource":"*","Resource":"*"}]}`, []string{`1:48: Statement[0].NotResource: a statement has Resource or NotResource, not both`}},
		"number as action":  {`{"Statement":[{"Effect":"Allow","Action":["a:B",1],"Resource":true}]}`, []string{`1:49: Statement[0].Action[1]: a string is needed, found a number`, `1:63: Statement[0].Resource: a string or a list of strings is needed, found a boolean`}},
		"condition's form":  {`{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":"true","Null":{"k":{}}}}]}`, []string{`1:83: Statement[0].Condition.Bool: an operator holds an object of condition keys, found a string`, `1:102: Statement[0].Condition.Null.k: a string or a list of strings is needed, found an object`}},
		"principal":         {`{"Statement":[{"Effect":"Allow","Principal":"111122223333","Action":"a:B"}]}`, []string{`1:45: Statement[0].Principal: as a string only "*" is a principal; write {"AWS": "111122223333"}`}},
		"type of principal": {`{"Statement":[{"Effect":"Allow","Principal":{"Aws":"*"},"Action":"a:B"}]}`, []string{`1:46: Statement[0].Principal.Aws: unknown type of principal; there are AWS, Service, Federated and CanonicalUser`}},
		"character":         {`{"Statement":[],"Id":"€"}`, []string{`1:23: character U+20AC is not allowed in a policy: use U+0009, U+000A, U+000D and U+0020 to U+00FF, or escape it as \u20AC`}},
		"encoding":          {"{\"Statement\":[],\"Id\":\"\xff\"}", []string{`1:23: character U+FFFD is not allowed in a policy: use U+0009, U+000A, U+000D and U+0020 to U+00FF, or escape it as \uFFFD`}},
		"deep":              {`{"Statement":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}`, []string{`1:29: Statement[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested deeper than any policy element`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Decode([]byte(tc.text))
			require.ErrorIs(t, err, policy.ErrInvalidDocument)
			var details *policy.DocumentError
			require.ErrorAs(t, err, &details)
			var got []string
			for _, p := range details.Problems {
				// What follows is encoding/json's own text.
				line, _, _ := strings.Cut(p.String(), ": invalid character")
				got = append(got, line)
			}
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestPositionIsAnOffset(t *testing.T) {
	t.Parallel()
	text := "{\n\t\"Statement\": [],\n\t\"Sid\": 1\n}"
	_, err := policy.Decode([]byte(text))
	var details *policy.DocumentError
	require.ErrorAs(t, err, &details)
	at := details.Problems[0].Position
	assert.Equal(t, `"Sid": 1`, text[at.Offset:at.Offset+8])
	assert.Equal(t, "3:2", at.String())
}

func TestUnmarshalInsideOfOtherJSON(t *testing.T) {
	t.Parallel()
	var v struct{ Policy policy.Document }
	require.NoError(t, json.Unmarshal([]byte(`{"Policy":{"Statement":[]}}`), &v))
	out, err := json.Marshal(v)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Policy":{"Statement":[]}}`, string(out))
	require.ErrorIs(t, json.Unmarshal([]byte(`{"Policy":{}}`), &v), policy.ErrInvalidDocument)
}

func TestConditionWithDoesNotChangeItsReceiver(t *testing.T) {
	t.Parallel()
	base := policy.Condition{}.With("StringEquals", "a:b", "1")
	left := base.With("StringEquals", "a:b", "2").With("Bool", "a:c", "true")
	right := base.With("StringEquals", "a:b", "3")
	assert.Equal(t, policy.String("1"), base[0].Keys[0].Values)
	assert.Len(t, base, 1)
	assert.Equal(t, policy.List("1", "2"), left[0].Keys[0].Values)
	assert.Equal(t, policy.List("1", "3"), right[0].Keys[0].Values)
}
