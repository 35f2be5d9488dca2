package policy_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func decode(t testing.TB, text string) *policy.Document {
	t.Helper()
	doc, err := policy.Decode([]byte(text))
	require.NoError(t, err)
	return doc
}

func TestMinimize(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ statements, want string }{
		"covered actions": {
			`[{"Effect":"Allow","Action":["s3:Get*","S3:GetObject","s3:Put?","s3:PutA"],"Resource":"*"}]`,
			`[{"Effect":"Allow","Action":["s3:Get*","s3:Put?"],"Resource":"*"}]`,
		},
		"covered resources": {
			`[{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:ec2:*:*:image/*","arn:aws:ec2:us-west-2::image/ami-1","arn:aws:ec2:us-west-2::snapshot/x"]}]`,
			`[{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:ec2:*:*:image/*","arn:aws:ec2:us-west-2::snapshot/x"]}]`,
		},
		"actions of one resource": {
			`[{"Sid":"One","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"Two","Effect":"Allow","Action":["a:d","a:c"],"Resource":["*"]}]`,
			`[{"Sid":"One","Effect":"Allow","Action":["a:b","a:c","a:d"],"Resource":"*"}]`,
		},
		"resources of one action": {
			`[{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:a:::x"},{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:a:::y"}]`,
			`[{"Effect":"Deny","Action":"a:b","Resource":["arn:aws:a:::x","arn:aws:a:::y"]}]`,
		},
		"a statement that another covers": {
			`[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::x","Condition":{"Bool":{"K":"true"},"Null":{"l":"true"}}},{"Effect":"Allow","Action":"a:*","Resource":"*","Condition":{"Bool":{"k":"true"}}}]`,
			`[{"Effect":"Allow","Action":"a:*","Resource":"*","Condition":{"Bool":{"k":"true"}}}]`,
		},
		"other conditions stay apart": {
			`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"}}},{"Effect":"Allow","Action":"a:c","Resource":"*","Condition":{"StringEquals":{"k":"2"}}}]`,
			`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"}}},{"Effect":"Allow","Action":"a:c","Resource":"*","Condition":{"StringEquals":{"k":"2"}}}]`,
		},
		"allow and deny stay apart": {
			`[{"Effect":"Allow","Action":"a:b","Resource":"*"},{"Effect":"Deny","Action":"a:b","Resource":"*"}]`,
			`[{"Effect":"Allow","Action":"a:b","Resource":"*"},{"Effect":"Deny","Action":"a:b","Resource":"*"}]`,
		},
		"a star within a field does not cover a colon": {
			`[{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:a:r*x:1:y","arn:aws:a:r:1x:1:y"]}]`,
			`[{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:a:r*x:1:y","arn:aws:a:r:1x:1:y"]}]`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := decode(t, `{"Version":"2012-10-17","Statement":`+tt.statements+`}`)
			before := doc.String()
			got, err := doc.Minimize()
			require.NoError(t, err)
			assert.JSONEq(t, `{"Version":"2012-10-17","Statement":`+tt.want+`}`, got.String())
			assert.Equal(t, before, doc.String(), "the document itself stays")
		})
	}
	_, err := decode(t, `{"Statement":[{"Effect":"Allow","Action":["a:b","nonsense"],"Resource":"nowhere"}]}`).Minimize()
	require.ErrorIs(t, err, policy.ErrInvalidDocument)
	require.ErrorContains(t, err, "Statement[0].Action[1]")
	require.ErrorContains(t, err, "Statement[0].Resource[0]")
}

// small alphabets, so that what is made at random overlaps.
var (
	someActions    = []string{"a:b", "a:c", "a:*", "A:B", "*", "a:?", "b:c"}
	someResources  = []string{"*", "arn:aws:a:r:1:x", "arn:aws:a:r:1:x*", "arn:aws:a:*:1:x", "arn:aws:a:r:*:y", "arn:aws:a:r:1:${k}", "arn:aws:a:r?:1:x"}
	someConditions = []string{
		``, `{"StringEquals":{"k":"x"}}`, `{"StringEquals":{"K":["y","x"]}}`, `{"StringNotEquals":{"k":"x"}}`,
		`{"Null":{"k":"true"}}`, `{"StringLike":{"k":"x*"},"Null":{"k":"false"}}`, `{"ForAllValues:StringEquals":{"k":["x","y"]}}`,
	}
)

func anyDocument(r *rand.Rand) string {
	list := func(from []string) string {
		var items []string
		for range 1 + r.IntN(3) {
			items = append(items, strconv.Quote(from[r.IntN(len(from))]))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	var statements []string
	for i := range 1 + r.IntN(5) {
		not := func(name string) string {
			if r.IntN(6) == 0 {
				return "Not" + name
			}
			return name
		}
		text := fmt.Sprintf(`{"Sid":"S%d","Effect":%q,%q:%s,%q:%s`, i, []string{"Allow", "Allow", "Deny"}[r.IntN(3)],
			not("Action"), list(someActions), not("Resource"), list(someResources))
		if c := someConditions[r.IntN(len(someConditions))]; c != "" {
			text += `,"Condition":` + c
		}
		statements = append(statements, text+"}")
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// everyRequest is each of the requests that the small alphabets tell apart.
func everyRequest() []policy.Request {
	var requests []policy.Request
	for _, action := range []string{"a:b", "A:c", "a:dd", "b:c", "c:d"} {
		for _, resource := range []string{"arn:aws:a:r:1:x", "arn:aws:a:r:1:xy", "arn:aws:a:q:1:x", "arn:aws:a:r:2:y", "arn:aws:a:rr:1:x", "arn:aws:b:r:1:x", "*"} {
			for _, context := range []map[string][]string{nil, {"k": {"x"}}, {"k": {"y"}}, {"K": {"x", "z"}}, {"k": {"xyz"}}, {"k": {}}} {
				requests = append(requests, policy.Request{Action: action, Resource: resource, Context: context})
			}
		}
	}
	return requests
}

// FuzzRewritingKeepsDecisions holds that a document that is normalised, minimised or
// split decides as it did before.
func FuzzRewritingKeepsDecisions(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	requests := everyRequest()
	f.Fuzz(func(t *testing.T, seed uint64) {
		text := anyDocument(rand.New(rand.NewPCG(seed, 7)))
		doc := decode(t, text)
		before, err := policy.Compile(doc)
		require.NoError(t, err, text)
		minimal, err := doc.Minimize()
		require.NoError(t, err)
		assert.LessOrEqual(t, minimal.Size(), doc.Size(), text)
		again, err := minimal.Minimize()
		require.NoError(t, err)
		assert.Equal(t, minimal, again, "once is enough: %s", text)
		for name, rewritten := range map[string]*policy.Document{"minimized": minimal, "normalized": doc.Normalize()} {
			after, err := policy.Compile(rewritten)
			require.NoError(t, err)
			for _, r := range requests {
				require.Equal(t, before.Evaluate(r).Allowed, after.Evaluate(r).Allowed, "%s\n%s\n%s\n%+v", name, text, rewritten, r)
			}
		}
	})
}

// FuzzSplitKeepsDecisions holds that the parts of a document decide together as it does.
func FuzzSplitKeepsDecisions(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	requests := everyRequest()
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 13))
		doc := decode(t, anyDocument(r))
		// Lists that are long enough to be divided, what matters anywhere among them.
		for i := range doc.Statements {
			for name, list := range map[string]*policy.Values{"z:filler%d": &doc.Statements[i].Action, "arn:aws:z:r:1:filler%d": &doc.Statements[i].Resource} {
				if list.Present() && r.IntN(2) == 0 {
					items := list.Items
					for n := range 400 {
						items = append(items, fmt.Sprintf(name, n))
					}
					r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
					*list = policy.List(items...)
				}
			}
		}
		parts, err := doc.Split()
		if err != nil {
			t.Skip(err) // too large altogether
		}
		whole, err := policy.Compile(doc)
		require.NoError(t, err)
		split, err := policy.Compile(parts...)
		require.NoError(t, err)
		for _, part := range parts {
			require.LessOrEqual(t, part.Size(), policy.ManagedPolicy.Limit())
		}
		for _, request := range requests {
			require.Equal(t, whole.Evaluate(request).Allowed, split.Evaluate(request).Allowed, "%s\n%+v", doc, request)
		}
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	doc := decode(t, `{"Version":"2012-10-17","Statement":[{"Sid":"First","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"Large","Effect":"Allow","Action":"a:c","Resource":"*"},{"Sid":"Large2","Effect":"Deny","Action":"a:c","Resource":"*"}]}`)
	alone, err := doc.Split()
	require.NoError(t, err)
	require.Len(t, alone, 1)
	assert.Equal(t, doc, alone[0])

	var resources []string
	for i := range 500 {
		resources = append(resources, fmt.Sprintf("arn:aws:a:r:1:x%d", i))
	}
	doc.Statements[1].Resource = policy.List(resources...)
	parts, err := doc.Split()
	require.NoError(t, err)
	require.Equal(t, 2, len(parts)) //nolint:testifylint // the documents are too long to print
	sids := map[string]bool{}
	for _, part := range parts {
		assert.True(t, part.Fits(policy.ManagedPolicy), part.Size())
		for _, s := range part.Statements {
			assert.False(t, sids[s.Sid], s.Sid)
			sids[s.Sid] = true
		}
	}
	whole, err := policy.Compile(doc)
	require.NoError(t, err)
	split, err := policy.Compile(parts...)
	require.NoError(t, err)
	for _, r := range append(everyRequest(), policy.Request{Action: "a:c", Resource: resources[499]}, policy.Request{Action: "a:c", Resource: "arn:aws:a:r:1:x500"}) {
		assert.Equal(t, whole.Evaluate(r).Allowed, split.Evaluate(r).Allowed, "%+v", r)
	}

	for i := range 5000 {
		resources = append(resources, fmt.Sprintf("arn:aws:a:r:1:y%d", i))
	}
	doc.Statements[1].Resource = policy.List(resources...)
	_, err = doc.Split()
	require.ErrorContains(t, err, "a role takes 20 at most")
	doc.Statements[1].Resource = policy.String(fmt.Sprintf("arn:aws:a:r:1:%06200d", 1))
	_, err = doc.Split()
	require.ErrorContains(t, err, "Statement[1]: it has")
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	for _, a := range []policy.Attachment{policy.ManagedPolicy, policy.UserPolicy, policy.GroupPolicy, policy.RolePolicy, policy.TrustPolicy, policy.ServiceControlPolicy} {
		assert.Positive(t, a.Limit())
	}
	assert.Zero(t, policy.Attachment(0).Limit())
	assert.Zero(t, policy.Attachment(99).Limit())
}
