package emul

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

const role = "arn:aws:iam::111122223333:role/Builder"

func compiled(t *testing.T, documents ...string) *policy.Set {
	t.Helper()
	var all []*policy.Document
	for _, text := range documents {
		d, err := policy.Decode([]byte(text))
		require.NoError(t, err)
		all = append(all, d)
	}
	set, err := policy.Compile(all...)
	require.NoError(t, err)
	return set
}

func statement(effect, action, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"` + condition + `}]}`
}

func TestAuthorize(t *testing.T) {
	everything := compiled(t, statement("Allow", "*", ""))
	reads := compiled(t, statement("Allow", "ec2:Describe*", ""))
	denies := compiled(t, statement("Allow", "*", ""), statement("Deny", "ec2:CopyImage", ""))
	root := Root("111122223333", "us-west-2").ARN
	for name, tt := range map[string]struct {
		arn    string
		bounds policy.Policies
		want   string
	}{
		"allowed":             {arn: role, bounds: policy.Policies{Identity: everything}},
		"no policies":         {arn: role, want: "because no identity-based policy allows the ec2:CopyImage action"},
		"nothing allows":      {arn: role, bounds: policy.Policies{Identity: reads}, want: "because no identity-based policy allows the ec2:CopyImage action"},
		"denied":              {arn: role, bounds: policy.Policies{Identity: denies}, want: "with an explicit deny in an identity-based policy"},
		"outside boundary":    {arn: role, bounds: policy.Policies{Identity: everything, Boundary: reads}, want: "because no permissions boundary allows the ec2:CopyImage action"},
		"boundary denies":     {arn: role, bounds: policy.Policies{Identity: everything, Boundary: denies}, want: "with an explicit deny in a permissions boundary"},
		"outside SCP":         {arn: role, bounds: policy.Policies{Identity: everything, ServiceControl: []*policy.Set{everything, reads}}, want: "because no service control policy allows the ec2:CopyImage action"},
		"SCP denies":          {arn: role, bounds: policy.Policies{Identity: everything, ServiceControl: []*policy.Set{denies}}, want: "with an explicit deny in a service control policy"},
		"root":                {arn: root},
		"root, in a boundary": {arn: root, bounds: policy.Policies{Boundary: reads, ServiceControl: []*policy.Set{everything}}},
		"root, under a SCP":   {arn: root, bounds: policy.Policies{ServiceControl: []*policy.Set{everything}}},
		"SCP denies root":     {arn: root, bounds: policy.Policies{ServiceControl: []*policy.Set{everything, denies}}, want: "with an explicit deny in a service control policy"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Authorize(Principal{ARN: tt.arn, Policies: tt.bounds}, policy.Request{Action: "ec2:CopyImage"},
				policy.Resource{ARN: "arn:aws:ec2:us-west-2::image/ami-1"})
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			var denied *DeniedError
			require.ErrorAs(t, err, &denied)
			assert.Equal(t, "User: "+tt.arn+" is not authorized to perform: ec2:CopyImage on resource: arn:aws:ec2:us-west-2::image/ami-1 "+tt.want, denied.Message())
			assert.Equal(t, denied.Message()+" ("+denied.Decision.Reason+")", err.Error())
		})
	}
}

func TestAuthorizeWantsEachResource(t *testing.T) {
	p := Principal{ARN: role, Policies: policy.Policies{Identity: compiled(t, statement("Allow", "ec2:CreateTags", `,"Condition":{"StringEquals":{"ec2:Owner":"${aws:PrincipalAccount}"}}`))}}
	own := policy.Resource{ARN: "arn:aws:ec2:us-west-2::image/ami-1", Context: map[string][]string{"ec2:Owner": {"111122223333"}}}
	foreign := policy.Resource{ARN: "arn:aws:ec2:us-west-2::image/ami-2", Context: map[string][]string{"ec2:Owner": {"444455556666"}}}
	request := policy.Request{Action: "ec2:CreateTags"}
	require.NoError(t, Authorize(p, request, own))
	var denied *DeniedError
	require.ErrorAs(t, Authorize(p, request, own, foreign), &denied)
	assert.Equal(t, foreign.ARN, denied.Resource)
	require.ErrorAs(t, Authorize(p, request), &denied)
	assert.Equal(t, "*", denied.Resource)
}

func TestAuthorizeRefusesWhatIsNoPrincipal(t *testing.T) {
	for _, arn := range []string{"", "Builder", "arn:aws:sts::111122223333:assumed-role/Builder/s", "arn:aws:iam::111122223333:"} {
		err := Authorize(Principal{ARN: arn, Policies: policy.Policies{Identity: compiled(t, statement("Allow", "*", ""))}}, policy.Request{Action: "ec2:CopyImage"})
		var denied *DeniedError
		require.Error(t, err)
		assert.NotErrorAs(t, err, &denied)
	}
}

func TestForwardedCallsCarryTheirKeys(t *testing.T) {
	const via = `,"Condition":{"Bool":{"aws:ViaAWSService":"true"},"StringEquals":{"aws:CalledViaLast":"sagemaker.amazonaws.com","aws:CalledViaFirst":"sagemaker.amazonaws.com","aws:RequestedRegion":"us-west-2"},"ForAnyValue:StringEquals":{"aws:CalledVia":"sagemaker.amazonaws.com"}}`
	const direct = `,"Condition":{"Bool":{"aws:ViaAWSService":"false"},"Null":{"aws:CalledVia":"true","aws:CalledViaFirst":"true","aws:CalledViaLast":"true"}}`
	for name, tt := range map[string]struct {
		forward, keys, viaAllowed bool
	}{
		"direct":                {},
		"forwarded with keys":   {forward: true, keys: true, viaAllowed: true},
		"forwarded, keys apart": {forward: true},
	} {
		t.Run(name, func(t *testing.T) {
			allowed := func(condition string) bool {
				c := Caller{Principal: Principal{ARN: role, Policies: policy.Policies{Identity: compiled(t, statement("Allow", "*", condition))}}}
				if tt.forward {
					var ok bool
					c, ok = Forwarded(Forward(t.Context(), c.Principal, "sagemaker.amazonaws.com", tt.keys))
					require.True(t, ok)
				}
				c.Region = "us-west-2"
				return c.Authorize("ec2:DescribeImages", nil) == nil
			}
			assert.Equal(t, tt.viaAllowed, allowed(via))
			assert.Equal(t, !tt.viaAllowed, allowed(direct))
		})
	}
	_, ok := Forwarded(t.Context())
	assert.False(t, ok)
}

func TestPrincipals(t *testing.T) {
	var ps Principals
	unsigned := Caller{Principal: Root("111122223333", "us-west-2"), Region: "us-west-2"}
	assert.Equal(t, "AKIAIOSFODNN7EXAMPLE", ps.Add(Principal{ARN: role, AccessKey: "AKIAIOSFODNN7EXAMPLE"}))
	made := ps.Add(Principal{ARN: "arn:aws:iam::444455556666:user/ann"})
	assert.Regexp(t, "^AKIA[0-9A-F]{16}$", made)
	for name, tt := range map[string]struct {
		key  string
		want string
	}{
		"unsigned": {"", unsigned.Principal.ARN},
		"known":    {"AKIAIOSFODNN7EXAMPLE", role},
		"made":     {made, "arn:aws:iam::444455556666:user/ann"},
		"account":  {"444455556666", "arn:aws-cn:iam::444455556666:root"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", nil)
			require.NoError(t, err)
			region := "us-west-2"
			if tt.key != "" {
				region = "cn-north-1"
				r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+tt.key+"/20261101/cn-north-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
			}
			c, err := ps.Caller(r, unsigned)
			require.NoError(t, err)
			assert.Equal(t, tt.want, c.Principal.ARN)
			assert.Equal(t, Identity{Account: c.Principal.Account(), Region: region}, c.Identity())
		})
	}
	ps.Add(Principal{ARN: "arn:aws:iam::111122223333:user/bob", AccessKey: made})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Credential="+made+"/20261101/us-west-2/ec2/aws4_request")
	c, err := ps.Caller(r, unsigned)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::111122223333:user/bob", c.Principal.ARN, "the newest of a key counts")
}

// A key that nobody has is the unsigned caller's, until somebody has a key.
func TestKeysThatNobodyHas(t *testing.T) {
	unsigned := Caller{Principal: Root("111122223333", "us-west-2"), Region: "us-west-2"}
	const scope = "AKIAI44QH8DHBEXAMPLE/20261101/eu-west-1/ec2/aws4_request"
	for name, tt := range map[string]struct{ url, header, region string }{
		"in the header":          {"http://127.0.0.1/", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=0", "eu-west-1"},
		"in a presigned URL":     {"http://127.0.0.1/?Action=DescribeImages&X-Amz-Credential=" + url.QueryEscape(scope), "", "eu-west-1"},
		"that cannot be read":    {"http://127.0.0.1/", "Bearer x", "us-west-2"},
		"that is empty in a URL": {"http://127.0.0.1/?X-Amz-Credential=/", "", "us-west-2"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url, nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", tt.header)
			var ps Principals
			ps.Add(Root("444455556666", "us-west-2"))
			c, err := ps.Caller(r, unsigned)
			require.NoError(t, err, "a root brings no key of its own")
			assert.Equal(t, Caller{Principal: unsigned.Principal, Region: tt.region}, c)
			ps.Add(Principal{ARN: role, AccessKey: "AKIAIOSFODNN7EXAMPLE"})
			c, err = ps.Caller(r, unsigned)
			require.Error(t, err)
			assert.Empty(t, c.Principal.ARN)
			assert.Equal(t, tt.region, c.Region)
		})
	}
	var ps Principals
	ps.Add(Principal{ARN: role, AccessKey: "AKIAIOSFODNN7EXAMPLE"})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	c, err := ps.Caller(r, unsigned)
	require.NoError(t, err, "no signature")
	assert.Equal(t, unsigned, c)
}

// A principal tells each request that is judged, with the keys of the request and of the
// resource, up to the one that is refused.
func TestOnDecision(t *testing.T) {
	type told struct {
		resource, owner, region string
		allowed                 bool
	}
	var got []told
	p := Principal{ARN: role, Policies: policy.Policies{Identity: compiled(t, statement("Allow", "*", `,"Condition":{"StringEquals":{"ec2:Owner":"us"}}`))}}
	p.OnDecision = func(r policy.Request, d policy.Decision) {
		assert.Equal(t, role, r.PrincipalARN)
		got = append(got, told{r.Resource, r.Context["ec2:Owner"][0], r.Context["ec2:Region"][0], d.Allowed})
		r.Context["ec2:Region"][0] = "changed"
	}
	on := func(arn, owner string) policy.Resource {
		return policy.Resource{ARN: arn, Context: map[string][]string{"ec2:Owner": {owner}}}
	}
	r := policy.Request{Action: "ec2:CopyImage", Context: map[string][]string{"ec2:Region": {"us-west-2"}}}
	require.Error(t, Authorize(p, r, on("first", "us"), on("second", "them"), on("third", "us")))
	assert.Equal(t, []told{{"first", "us", "us-west-2", true}, {"second", "them", "us-west-2", false}}, got)
}
