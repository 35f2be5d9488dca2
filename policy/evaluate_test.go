package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func compile(t testing.TB, texts ...string) *policy.Set {
	t.Helper()
	docs := make([]*policy.Document, len(texts))
	for i, text := range texts {
		var err error
		docs[i], err = policy.Decode([]byte(text))
		require.NoError(t, err)
	}
	set, err := policy.Compile(docs...)
	require.NoError(t, err)
	return set
}

// statement returns a document of one statement with the elements given as JSON.
func statement(elements string) string {
	return `{"Version":"2012-10-17","Statement":[{` + elements + `}]}`
}

func TestActions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		element, action string
		want            bool
	}{
		{`"Action":"sagemaker:UpdateCluster"`, "sagemaker:UpdateCluster", true},
		{`"Action":"SageMaker:updatecluster"`, "sagemaker:UpdateCluster", true},
		{`"Action":"sagemaker:UpdateCluster"`, "SAGEMAKER:UPDATECLUSTER", true},
		{`"Action":"sagemaker:UpdateCluster"`, "sagemaker:UpdateClusterSoftware", false},
		{`"Action":"sagemaker:UpdateCluster*"`, "sagemaker:UpdateClusterSoftware", true},
		{`"Action":"sagemaker:?pdateCluster"`, "sagemaker:UpdateCluster", true},
		{`"Action":"*"`, "sagemaker:UpdateCluster", true},
		{`"Action":"sagemaker:*"`, "ec2:CreateTags", false},
		{`"Action":["ec2:*","sagemaker:*"]`, "sagemaker:UpdateCluster", true},
		{`"Action":[]`, "sagemaker:UpdateCluster", false},
		{`"NotAction":"iam:*"`, "sagemaker:UpdateCluster", true},
		{`"NotAction":["iam:*","sagemaker:*"]`, "sagemaker:UpdateCluster", false},
		{`"Action":"sagemaker:DescribeCluterNode"`, "sagemaker:DescribeClusterNode", false},
	} {
		set := compile(t, statement(`"Effect":"Allow","Resource":"*",`+tc.element))
		assert.Equal(t, tc.want, set.Evaluate(policy.Request{Action: tc.action}).Allowed, "%s %s", tc.element, tc.action)
	}
}

func TestResources(t *testing.T) {
	t.Parallel()
	const image = "arn:aws:ec2:us-west-2::image/ami-1"
	const cluster = "arn:aws:sagemaker:us-west-2:111122223333:cluster/abc"
	for _, tc := range []struct {
		element, resource string
		want              bool
	}{
		{`"Resource":"*"`, cluster, true},
		{`"Resource":"*"`, "*", true},
		{`"Resource":"*"`, "", true},
		{`"Resource":"` + cluster + `"`, cluster, true},
		{`"Resource":"` + cluster + `"`, "*", false},
		{`"Resource":"arn:aws:sagemaker:us-west-2:111122223333:cluster/ABC"`, cluster, false},
		{`"Resource":"arn:aws:sagemaker:us-west-2:111122223333:cluster/*"`, cluster, true},
		{`"Resource":"arn:aws:sagemaker:us-west-2:111122223333:cluster/*"`, "*", false},
		{`"Resource":"arn:aws:sagemaker:*:*:cluster/*"`, cluster, true},
		{`"Resource":"arn:*:sagemaker:*:111122223333:*"`, cluster, true},
		{`"Resource":"arn:aws:sagemaker:us-*-2:111122223333:cluster/a?c"`, cluster, true},
		{`"Resource":"arn:aws:ec2:us-west-2:111122223333:image/*"`, image, false},
		{`"Resource":"arn:aws:ec2:us-west-2::image/*"`, image, true},
		{`"Resource":"arn:aws:eks:r:a:access-entry/e/*"`, "arn:aws:eks:r:a:access-entry/e/role/1/x/uuid", true},
		{`"Resource":"arn:aws:logs:r:a:log-group:*:log-stream:s"`, "arn:aws:logs:r:a:log-group:g/h:log-stream:s", true},
		// A * at the end of a field runs past colons, one within it does not.
		{`"Resource":"arn:aws:sagemaker:us-west-2:*"`, cluster, true},
		{`"Resource":"arn:aws:logs:*:*:s"`, "arn:aws:logs:r:a:log-group:g:s", true},
		{`"Resource":"arn:aws:logs:r:a*:s"`, "arn:aws:logs:r:a:log-group:g:s", true},
		{`"Resource":"arn:aws:logs:r:a*g:s"`, "arn:aws:logs:r:a:log-group:g:s", false},
		{`"Resource":"arn:*:a*z:*:*:c"`, "arn:p:ab:az:r:a:c", true},
		{`"Resource":"arn:aws:sagemaker:us*2:111122223333:cluster/abc"`, "arn:aws:sagemaker:us-west-2:111122223333:cluster/abc", true},
		{`"Resource":"arn:aws:sagemaker:u*3:cluster/abc:x"`, cluster + ":x", false},
		// Missing fields count as *.
		{`"Resource":"arn:aws:sagemaker"`, cluster, true},
		{`"Resource":"arn:aws:ec2"`, cluster, false},
		{`"Resource":"arn:aws:sagemaker:us-west-2"`, cluster, true},
		{`"Resource":[]`, cluster, false},
		{`"NotResource":"` + image + `"`, cluster, true},
		{`"NotResource":["` + image + `","` + cluster + `"]`, cluster, false},
		{`"NotResource":"arn:aws:ec2:*"`, "*", true},
		{`"Resource":"arn:aws:sagemaker:us-west-2:${aws:PrincipalAccount}:cluster/*"`, cluster, true},
		{`"Resource":"arn:aws:sagemaker:us-west-2:${aws:none}:cluster/*"`, cluster, false},
		{`"Resource":"arn:aws:sagemaker:us-west-2:${aws:none, '111122223333'}:cluster/*"`, cluster, true},
	} {
		set := compile(t, statement(`"Effect":"Allow","Action":"*",`+tc.element))
		got := set.Evaluate(policy.Request{
			PrincipalARN: "arn:aws:iam::111122223333:role/ops", Action: "a:B", Resource: tc.resource,
		}).Allowed
		assert.Equal(t, tc.want, got, "%s %s", tc.element, tc.resource)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	allow := compile(t, statement(`"Sid":"A","Effect":"Allow","Action":"a:B","Resource":"*"`))
	deny := compile(t, statement(`"Sid":"D","Effect":"Deny","Action":"a:B","Resource":"*"`))
	both := compile(t, statement(`"Effect":"Allow","Action":"*","Resource":"*"`), statement(`"Effect":"Deny","Action":"a:*","Resource":"*"`))
	other := compile(t, statement(`"Effect":"Allow","Action":"c:D","Resource":"*"`))
	for name, tc := range map[string]struct {
		policies policy.Policies
		want     policy.Decision
	}{
		"nothing": {policy.Policies{}, policy.Decision{
			Layer: policy.IdentityLayer, Reason: "no statement of the identity policies allows a:B",
		}},
		"identity": {policy.Policies{Identity: allow}, policy.Decision{
			Allowed: true, Layer: policy.IdentityLayer,
			Statement: policy.StatementRef{Path: "Statement[0]", Sid: "A"}, Reason: "allowed by Statement[0] (A)",
		}},
		"denied": {policy.Policies{Identity: both}, policy.Decision{
			ExplicitDeny: true, Layer: policy.IdentityLayer,
			Statement: policy.StatementRef{Path: "Document[1].Statement[0]"},
			Reason:    "denied by Document[1].Statement[0] of the identity policies",
		}},
		"boundary allows": {policy.Policies{Identity: allow, Boundary: allow}, policy.Decision{
			Allowed: true, Layer: policy.IdentityLayer,
			Statement: policy.StatementRef{Path: "Statement[0]", Sid: "A"}, Reason: "allowed by Statement[0] (A)",
		}},
		"boundary is silent": {policy.Policies{Identity: allow, Boundary: other}, policy.Decision{
			Layer: policy.BoundaryLayer, Reason: "no statement of the permissions boundary allows a:B",
		}},
		"boundary denies": {policy.Policies{Identity: allow, Boundary: deny}, policy.Decision{
			ExplicitDeny: true, Layer: policy.BoundaryLayer,
			Statement: policy.StatementRef{Path: "Statement[0]", Sid: "D"},
			Reason:    "denied by Statement[0] (D) of the permissions boundary",
		}},
		"boundary grants nothing": {policy.Policies{Identity: other, Boundary: allow}, policy.Decision{
			Layer: policy.IdentityLayer, Reason: "no statement of the identity policies allows a:B",
		}},
		"every level of the organisation": {policy.Policies{Identity: allow, ServiceControl: []*policy.Set{allow, other}}, policy.Decision{
			Layer: policy.ServiceControlLayer, Reason: "no statement of the service control policies allows a:B",
		}},
		"organisation denies": {policy.Policies{Identity: allow, Boundary: allow, ServiceControl: []*policy.Set{allow, deny}}, policy.Decision{
			ExplicitDeny: true, Layer: policy.ServiceControlLayer,
			Statement: policy.StatementRef{Path: "Statement[0]", Sid: "D"},
			Reason:    "denied by Statement[0] (D) of the service control policies",
		}},
		"a denial outweighs what is missing elsewhere": {policy.Policies{Identity: deny, Boundary: other}, policy.Decision{
			ExplicitDeny: true, Layer: policy.IdentityLayer,
			Statement: policy.StatementRef{Path: "Statement[0]", Sid: "D"},
			Reason:    "denied by Statement[0] (D) of the identity policies",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.want.Resource = "*"
			assert.Equal(t, tc.want, tc.policies.Evaluate(policy.Request{Action: "a:B"}))
		})
	}
}

func TestADenyWithAnUnmetConditionDeniesNothing(t *testing.T) {
	t.Parallel()
	set := compile(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"ec2:Add/group":"all"}}}]}`)
	assert.True(t, set.Evaluate(policy.Request{Action: "a:B"}).Allowed)
	d := set.Evaluate(policy.Request{Action: "a:B", Context: map[string][]string{"ec2:add/Group": {"all"}}})
	assert.True(t, d.ExplicitDeny)
}

func TestNearest(t *testing.T) {
	t.Parallel()
	_, page := pagePolicy(t)
	set, err := policy.Compile(page)
	require.NoError(t, err)
	const image = "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0"
	for name, tc := range map[string]struct {
		request policy.Request
		path    string
		reason  string
	}{
		"action": {
			policy.Request{Action: "sagemaker:DescribeClusterNode", Resource: "arn:x"},
			"",
			"no statement of the identity policies allows sagemaker:DescribeClusterNode",
		},
		"resource": {
			policy.Request{Action: "iam:PassRole", Resource: "arn:aws:iam::111122223333:role/other"},
			"Statement[0]",
			"no statement of the identity policies allows iam:PassRole on arn:aws:iam::111122223333:role/other; Statement[0] allows it on other resources",
		},
		"absent key": {
			policy.Request{Action: "ec2:ModifyImageAttribute", Resource: image},
			"Statement[2]",
			"no statement of the identity policies allows ec2:ModifyImageAttribute on " + image +
				`; Statement[2] would, but its condition StringEquals ec2:ResourceTag/AllowSharing wants "true" and the request has none`,
		},
		"other value": {
			policy.Request{Action: "ec2:ModifyImageAttribute", Resource: image, Context: map[string][]string{"ec2:ResourceTag/AllowSharing": {"True"}}},
			"Statement[2]",
			"no statement of the identity policies allows ec2:ModifyImageAttribute on " + image +
				`; Statement[2] would, but its condition StringEquals ec2:ResourceTag/AllowSharing wants "true" and the request has "True"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := set.Evaluate(tc.request)
			assert.False(t, d.Allowed)
			assert.False(t, d.ExplicitDeny)
			assert.Equal(t, tc.path, d.Statement.Path)
			assert.Equal(t, tc.reason, d.Reason)
		})
	}
}

func TestNearestIsTheFirstOfItsKind(t *testing.T) {
	t.Parallel()
	set := compile(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"a:B","Resource":"arn:a:b:c:d:1"},
		{"Effect":"Allow","Action":"a:B","Resource":"arn:a:b:c:d:2"},
		{"Effect":"Allow","Action":"a:B","Resource":"arn:a:b:c:d:3","Condition":{"Bool":{"k":"true"}}}]}`)
	assert.Equal(t, "Statement[0]", set.Evaluate(policy.Request{Action: "a:B"}).Statement.Path)
	assert.Equal(t, "Statement[2]", set.Evaluate(policy.Request{Action: "a:B", Resource: "arn:a:b:c:d:3"}).Statement.Path)
}

func TestEvaluateEach(t *testing.T) {
	t.Parallel()
	policies := policy.Policies{Identity: compile(t, statement(`"Effect":"Allow","Action":"ec2:CopyImage",
		"Resource":["arn:aws:ec2:r::image/*","arn:aws:ec2:r::snapshot/*"],"Condition":{"StringEquals":{"ec2:Owner":"1","ec2:Region":"r"}}`))}
	call := policy.Request{Action: "ec2:CopyImage", Resource: "ignored", Context: map[string][]string{"ec2:Region": {"r"}}}
	image := policy.Resource{ARN: "arn:aws:ec2:r::image/ami-1", Context: map[string][]string{"ec2:Owner": {"1"}}}
	snapshot := policy.Resource{ARN: "arn:aws:ec2:r::snapshot/snap-1", Context: map[string][]string{"ec2:Owner": {"1"}}}
	assert.True(t, policies.EvaluateEach(call, image, snapshot).Allowed)

	// The keys of one resource do not count for another.
	snapshot.Context = nil
	d := policies.EvaluateEach(call, image, snapshot)
	assert.False(t, d.Allowed)
	assert.Equal(t, snapshot.ARN, d.Resource)
	assert.Equal(t, image.ARN, policies.EvaluateEach(call, policy.Resource{ARN: image.ARN}, snapshot).Resource)
	assert.Equal(t, "ignored", policies.EvaluateEach(call).Resource)
}

func TestPrincipalKeys(t *testing.T) {
	t.Parallel()
	set := compile(t, statement(`"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{
		"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::1:role/x"},"StringEquals":{"aws:PrincipalAccount":"1"}}`))
	assert.True(t, set.Evaluate(policy.Request{Action: "a:B", PrincipalARN: "arn:aws:iam::1:role/x"}).Allowed)
	assert.False(t, set.Evaluate(policy.Request{Action: "a:B", PrincipalARN: "arn:aws:iam::2:role/x"}).Allowed)
	assert.False(t, set.Evaluate(policy.Request{Action: "a:B"}).Allowed)
	assert.False(t, set.Evaluate(policy.Request{
		Action: "a:B", PrincipalARN: "arn:aws:iam::1:role/x", Context: map[string][]string{"AWS:PrincipalAccount": {"2"}},
	}).Allowed)
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ elements, want string }{
		"operator":          {`"Condition":{"stringEquals":{"k":"v"}}`, `Statement[0].Condition.stringEquals.k: "stringEquals" is no condition operator; their spelling is fixed, case included`},
		"prefix":            {`"Condition":{"ForSomeValues:StringEquals":{"k":"v"}}`, `Statement[0].Condition.ForSomeValues:StringEquals.k: "ForSomeValues:StringEquals" is no condition operator; their spelling is fixed, case included`},
		"Null and IfExists": {`"Condition":{"NullIfExists":{"k":"true"}}`, `Statement[0].Condition.NullIfExists.k: Null takes no IfExists, ForAllValues or ForAnyValue`},
		"number":            {`"Condition":{"NumericEquals":{"k":"many"}}`, `Statement[0].Condition.NumericEquals.k: "many" is no number`},
		"date":              {`"Condition":{"DateEquals":{"k":"soon"}}`, `Statement[0].Condition.DateEquals.k: "soon" is no date: use 2006-01-02T15:04:05Z or seconds since 1970`},
		"boolean":           {`"Condition":{"Bool":{"k":"yes"}}`, `Statement[0].Condition.Bool.k: "yes" is neither true nor false`},
		"Null":              {`"Condition":{"Null":{"k":"${aws:username}"}}`, `Statement[0].Condition.Null.k: "${aws:username}" is neither true nor false`},
		"base64":            {`"Condition":{"BinaryEquals":{"k":"?"}}`, `Statement[0].Condition.BinaryEquals.k: "?" is no base64 text: illegal base64 data at input byte 0`},
		"address":           {`"Condition":{"IpAddress":{"k":"10.0.0.0/64"}}`, `Statement[0].Condition.IpAddress.k: "10.0.0.0/64" is no IP address or CIDR range`},
		"ARN":               {`"Condition":{"ArnLike":{"k":"role/x"}}`, `Statement[0].Condition.ArnLike.k: "role/x" is no ARN: six fields divided by colons are needed`},
		"open variable":     {`"Condition":{"StringLike":{"k":"${aws:username"}}`, `Statement[0].Condition.StringLike.k: the policy variable in "${aws:username" has no closing brace`},
		"empty variable":    {`"Condition":{"StringLike":{"k":"${}"}}`, `Statement[0].Condition.StringLike.k: the policy variable ${} names no key`},
		"default":           {`"Condition":{"StringLike":{"k":"${a, b}"}}`, `Statement[0].Condition.StringLike.k: the default of ${a, b} needs single quotes, as in ${key, 'text'}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := policy.Decode([]byte(statement(`"Effect":"Allow","Action":"a:B","Resource":"*",` + tc.elements)))
			require.NoError(t, err)
			_, err = policy.Compile(doc)
			require.ErrorIs(t, err, policy.ErrInvalidDocument)
			assert.Equal(t, "invalid policy document: "+tc.want, err.Error())
		})
	}
}

func TestCompileRefusesOtherKindsOfDocuments(t *testing.T) {
	t.Parallel()
	_, err := policy.Compile(nil, &policy.Document{
		Version: "2013",
		Statements: []policy.Statement{
			{Effect: "allow", Action: policy.String("UpdateCluster"), Resource: policy.String("cluster/x")},
			{Effect: policy.Allow, Principal: &policy.Principal{Anyone: true}, Action: policy.String("a:B"), NotAction: policy.String("a:C")},
		},
	})
	assert.EqualError(t, err, `invalid policy document: 8 problems
	Document[0]: the document is nil
	Document[1].Version: version "2013" does not exist; write "2012-10-17"
	Document[1].Statement[0].Action[0]: "UpdateCluster" is no action; write service:Action
	Document[1].Statement[0].Resource[0]: "cluster/x" is neither an ARN nor *
	Document[1].Statement[0].Effect: effect "allow" does not exist; write Allow or Deny
	Document[1].Statement[1].Principal: only resource and trust policies name principals
	Document[1].Statement[1]: a statement has Action or NotAction, not both
	Document[1].Statement[1]: Resource is missing`)
}

func TestCompileCopies(t *testing.T) {
	t.Parallel()
	doc := &policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{
		Effect: policy.Allow, Action: policy.List("a:B"), Resource: policy.List("*"),
		Condition: policy.Condition{}.With("StringEquals", "k", "v"),
	}}}
	set, err := policy.Compile(doc)
	require.NoError(t, err)
	doc.Statements[0].Action.Items[0] = "c:D"
	doc.Statements[0].Condition[0].Keys[0].Values.Items[0] = "w"
	r := policy.Request{Action: "a:B", Context: map[string][]string{"k": {"v"}}}
	prepared := r.Prepare()
	r.Context["k"][0] = "w"
	d := policy.Policies{Identity: set}.Decide(prepared)
	assert.True(t, d.Allowed)
	assert.Contains(t, set.Evaluate(r).Reason, `wants "v"`)
}
