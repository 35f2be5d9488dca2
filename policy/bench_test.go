package policy_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// fullSize is a policy about as large as IAM lets a managed policy be, in which
// the request matches the last statement.
func fullSize(t testing.TB) (*policy.Document, policy.Request) {
	t.Helper()
	doc := generate(t, scope(narrow), workflows()...)
	for i := 0; doc.Size() < 5900; i++ {
		doc.Statements = append([]policy.Statement{{
			Sid: fmt.Sprintf("Filler%d", i), Effect: policy.Allow, Action: policy.List("s3:GetObject", "s3:ListBucket"),
			Resource:  policy.String(fmt.Sprintf("arn:aws:s3:::bucket-%d/*", i)),
			Condition: policy.Condition{}.With("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}"),
		}}, doc.Statements...)
	}
	w := worlds()["narrow-eks-kms with the keys of forward access"]
	return doc, w.calls(policy.UpdateGroups)[0]
}

func TestDecideDoesNotAllocate(t *testing.T) {
	doc, r := fullSize(t)
	set, err := policy.Compile(doc)
	require.NoError(t, err)
	p, prepared := policy.Policies{Identity: set, Boundary: set, ServiceControl: []*policy.Set{set}}, r.Prepare()
	require.True(t, p.Decide(prepared).Allowed)
	assert.Zero(t, testing.AllocsPerRun(100, func() { p.Decide(prepared) }))
}

func BenchmarkDecide(b *testing.B) {
	doc, r := fullSize(b)
	set, err := policy.Compile(doc)
	require.NoError(b, err)
	p, prepared := policy.Policies{Identity: set}, r.Prepare()
	require.True(b, p.Decide(prepared).Allowed)
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(prepared)
	}
}

func BenchmarkDecodeJSON(b *testing.B) {
	doc, _ := fullSize(b)
	text, err := doc.MarshalJSON()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			b.Fatal(err)
		}
	}
}
