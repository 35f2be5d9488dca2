package policy_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func TestCovers(t *testing.T) {
	t.Parallel()
	const all = `[{"Effect":"Allow","Action":"*","Resource":"*"}]`
	tests := map[string]struct {
		wide, narrow string
		want         policy.Answer
	}{
		"everything":               {all, `[{"Effect":"Allow","Action":["a:b","c:*"],"Resource":["arn:aws:a:::x","*"],"Condition":{"Bool":{"k":"true"}}}]`, policy.Yes},
		"itself":                   {`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"k":"true"}}}]`, `[{"Effect":"Allow","Action":"A:B","Resource":"*","Condition":{"Bool":{"K":"true"}}}]`, policy.Yes},
		"nothing":                  {`[{"Effect":"Deny","Action":"*","Resource":"*"}]`, `[{"Effect":"Deny","Action":"a:b","Resource":"*"}]`, policy.Yes},
		"another action":           {`[{"Effect":"Allow","Action":"a:b","Resource":"*"}]`, `[{"Effect":"Allow","Action":"a:b*","Resource":"*"}]`, policy.No},
		"another resource":         {`[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::x/*"}]`, `[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::*"}]`, policy.No},
		"one condition more":       {`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"}}}]`, `[{"Effect":"Allow","Action":"a:b","Resource":"*"}]`, policy.No},
		"one condition less":       {`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"}}}]`, `[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"},"Null":{"l":"false"}}}]`, policy.Yes},
		"wide denies":              {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"a:*","Resource":"*","Condition":{"StringEquals":{"k":"1"}}}]`, `[{"Effect":"Allow","Action":"a:b","Resource":"*"}]`, policy.No},
		"wide denies other things": {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"b:*","Resource":"*"}]`, `[{"Effect":"Allow","Action":"a:*","Resource":"*"}]`, policy.Yes},
		"both deny":                {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"a:*","Resource":"*"}]`, `[{"Effect":"Deny","Action":"a:*","Resource":"*"},{"Effect":"Allow","Action":"a:*","Resource":"*"}]`, policy.Yes},
		"NotAction leaves it":      {`[{"Effect":"Allow","NotAction":"b:*","Resource":"*"}]`, `[{"Effect":"Allow","Action":"a:*","Resource":"*"}]`, policy.Yes},
		"NotAction takes it":       {`[{"Effect":"Allow","NotAction":"a:c","Resource":"*"}]`, `[{"Effect":"Allow","Action":"a:*","Resource":"*"}]`, policy.No},
		"two cover one":            {`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"}}},{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringNotEquals":{"k":"1"}}}]`, `[{"Effect":"Allow","Action":"a:b","Resource":"*"}]`, policy.Undecided},
		"other words":              {`[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":["1","2"]}}}]`, `[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":"1"}}}]`, policy.Undecided},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			version := func(statements string) *policy.Document {
				return decode(t, `{"Version":"2012-10-17","Statement":`+statements+`}`)
			}
			got, err := policy.Covers(version(tt.wide), version(tt.narrow))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got.Answer, "%+v", got)
			assert.Equal(t, tt.want == policy.No, got.Witness != nil)
			assert.Equal(t, tt.want == policy.Undecided, len(got.Open) > 0)
		})
	}
	_, err := policy.Covers(decode(t, `{"Statement":[{"Effect":"Allow","Action":"a","Resource":"*"}]}`), decode(t, `{"Statement":[]}`))
	require.ErrorIs(t, err, policy.ErrInvalidDocument)
}

// FuzzCovers holds that Covers is never wrong: no request passes under narrow and not
// under wide after a yes, and a witness is one.
func FuzzCovers(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	requests := everyRequest()
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 11))
		wideText, narrowText := anyDocument(r), anyDocument(r)
		wide, narrow := decode(t, wideText), decode(t, narrowText)
		got, err := policy.Covers(wide, narrow)
		require.NoError(t, err)
		w, err := policy.Compile(wide)
		require.NoError(t, err)
		n, err := policy.Compile(narrow)
		require.NoError(t, err)
		switch got.Answer {
		case policy.Yes:
			for _, request := range requests {
				if n.Evaluate(request).Allowed {
					require.True(t, w.Evaluate(request).Allowed, "%s\n%s\n%+v", wideText, narrowText, request)
				}
			}
		case policy.No:
			require.True(t, n.Evaluate(*got.Witness).Allowed)
			require.False(t, w.Evaluate(*got.Witness).Allowed)
		case policy.Undecided:
			require.NotEmpty(t, got.Open)
		}
		d, err := policy.Diff(wide, narrow)
		require.NoError(t, err)
		assert.Equal(t, got.Answer == policy.Yes, len(d.Added) == 0)
	})
}

// Every workflow's policy is within the page's, but for what the page misspells or
// leaves out; the page's is far beyond each.
func TestThePageCoversLittleOfWhatIsNeededAndMuchThatIsNot(t *testing.T) {
	t.Parallel()
	_, page := pagePolicy(t)
	page.Statements[0].Resource = policy.String(roleARN)
	ours := generate(t, scope(), policy.RollImage)
	got, err := policy.Covers(ours, page)
	require.NoError(t, err)
	assert.Equal(t, policy.No, got.Answer)
	got, err = policy.Covers(page, ours)
	require.NoError(t, err)
	assert.Equal(t, policy.No, got.Answer)
	assert.Contains(t, []string{"sagemaker:DescribeClusterNode", "sagemaker:ListClusterEvents", "sagemaker:DescribeClusterEvent"}, got.Witness.Action)
	for name, s := range scopes() {
		part, err := policy.Covers(generate(t, s, workflows()...), generate(t, s, policy.UpdateGroups))
		require.NoError(t, err)
		assert.Equal(t, policy.Yes, part.Answer, "%s: %v", name, part.Open)
	}
}

func ExampleDiff() {
	before, _ := policy.Decode([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:ModifyImageAttribute","iam:PassRole"],"Resource":"*"}]}`))
	after, _ := policy.Decode([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:ModifyImageAttribute","Resource":"arn:aws:ec2:us-west-2::image/*",
		"Condition":{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}}]}`))
	difference, err := policy.Diff(before, after)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(difference)
	fmt.Println(difference.Removed[1].Witness.Action)
	// Output:
	// -  ec2:ModifyImageAttribute  *
	// -  iam:PassRole              *
	// iam:PassRole
}

func ExampleCovers() {
	wide, _ := policy.Decode([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sagemaker:*","Resource":"*"}]}`))
	narrow, _ := policy.Decode([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sagemaker:DescribeCluster","Resource":"*"}]}`))
	one, _ := policy.Covers(wide, narrow)
	other, _ := policy.Covers(narrow, wide)
	fmt.Println(one.Answer, other.Answer)
	// Output:
	// yes no
}
