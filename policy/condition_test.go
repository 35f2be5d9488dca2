package policy_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// holds evaluates one condition in a document of the newest version.
func holds(t *testing.T, operator, key string, values policy.Values, context map[string][]string) bool {
	t.Helper()
	set, err := policy.Compile(&policy.Document{
		Version: policy.Version2012,
		Statements: []policy.Statement{{
			Effect: policy.Allow, Action: policy.String("a:B"), Resource: policy.String("*"),
			Condition: policy.Condition{{Name: operator, Keys: []policy.ConditionKey{{Name: key, Values: values}}}},
		}},
	})
	require.NoError(t, err)
	return set.Evaluate(policy.Request{Action: "a:B", Context: context}).Allowed
}

func TestOperators(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::111122223333:role/x"
	for _, tc := range []struct {
		operator, policy, request string
		want                      bool
	}{
		{"StringEquals", "true", "true", true},
		{"StringEquals", "true", "True", false},
		{"StringEquals", "a*", "ab", false},
		{"StringEquals", "a*", "a*", true},
		{"StringEquals", "", "", true},
		{"StringNotEquals", "true", "false", true},
		{"StringNotEquals", "true", "true", false},
		{"StringEqualsIgnoreCase", "true", "TRUE", true},
		{"StringEqualsIgnoreCase", "true", "truth", false},
		{"StringNotEqualsIgnoreCase", "true", "TRUE", false},
		{"StringLike", "a*c?e", "abbbcde", true},
		{"StringLike", "a*c?e", "abbbce", false},
		{"StringLike", "A*", "abc", false},
		{"StringLike", "${*}${?}${$}", "*?$", true},
		{"StringLike", "${*}", "x", false},
		{"StringLike", "*ab*ab", "abab", true},
		{"StringLike", "*ab*ab", "ab", false},
		{"StringLike", "?", "é", true},
		{"StringNotLike", "a*", "abc", false},
		{"StringNotLike", "a*", "bc", true},
		{"NumericEquals", "10", "10.0", true},
		{"NumericEquals", "10", "1e1", true},
		{"NumericEquals", "10", "ten", false},
		{"NumericNotEquals", "10", "11", true},
		{"NumericNotEquals", "10", "10", false},
		{"NumericLessThan", "10", "9", true},
		{"NumericLessThan", "10", "10", false},
		{"NumericLessThanEquals", "10", "10", true},
		{"NumericLessThanEquals", "10", "11", false},
		{"NumericGreaterThan", "10", "11", true},
		{"NumericGreaterThan", "10", "10", false},
		{"NumericGreaterThanEquals", "10", "10", true},
		{"NumericGreaterThanEquals", "10", "9", false},
		{"DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", true},
		{"DateEquals", "2026-01-01", "1767225600", true},
		{"DateEquals", "2026-01-01", "yesterday", false},
		{"DateNotEquals", "2026-01-01", "2026-01-02", true},
		{"DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", true},
		{"DateLessThan", "2026-01-01", "2026-01-01", false},
		{"DateLessThanEquals", "2026-01", "2026-01-01", true},
		{"DateLessThanEquals", "2026-01", "2026-01-02", false},
		{"DateGreaterThan", "2026", "2026-01-01T00:01Z", true},
		{"DateGreaterThan", "2026", "2026-01-01", false},
		{"DateGreaterThanEquals", "2026", "2026-01-01", true},
		{"DateGreaterThanEquals", "2026", "2025-12-31", false},
		{"Bool", "true", "true", true},
		{"Bool", "true", "false", false},
		{"Bool", "false", "False", true},
		{"Bool", "false", "0", false},
		{"BinaryEquals", "QmluYXJ5", "QmluYXJ5", true},
		{"BinaryEquals", "QmluYXJ5", "Qmlu", false},
		{"IpAddress", "203.0.113.0/24", "203.0.113.9", true},
		{"IpAddress", "203.0.113.0/24", "203.0.114.9", false},
		{"IpAddress", "203.0.113.7", "203.0.113.7", true},
		{"IpAddress", "203.0.113.7", "203.0.113.8", false},
		{"IpAddress", "2001:db8::/32", "2001:db8:1::1", true},
		{"IpAddress", "0.0.0.0/0", "somewhere", false},
		{"NotIpAddress", "203.0.113.0/24", "203.0.114.9", true},
		{"NotIpAddress", "203.0.113.0/24", "203.0.113.9", false},
		{"ArnEquals", arn, arn, true},
		{"ArnEquals", "arn:aws:iam::*:role/*", arn, true},
		{"ArnLike", "arn:aws:iam::*:role/*", arn, true},
		{"ArnLike", "arn:aws:iam:*:role/*:*", arn, false},
		{"ArnLike", "arn:*:*:*:*:role/x", arn, true},
		{"ArnLike", "arn:aws:iam::111122223333:ROLE/x", arn, false},
		{"ArnLike", "arn:aws:logs:*:*:log-group:*", "arn:aws:logs:us-west-2:1:log-group:a:b", true},
		{"ArnLike", "*", arn, true},
		{"ArnLike", "*", "no ARN", false},
		{"ArnLike", "arn:aws:iam::*:role/*", "no ARN", false},
		{"ArnNotEquals", arn, arn, false},
		{"ArnNotLike", "arn:aws:iam::*:role/*", arn, false},
		{"ArnNotLike", "arn:aws:iam::*:user/*", arn, true},
	} {
		t.Run(tc.operator+" "+tc.policy+" "+tc.request, func(t *testing.T) {
			t.Parallel()
			got := holds(t, tc.operator, "aws:Key", policy.String(tc.policy), map[string][]string{"AWS:key": {tc.request}})
			assert.Equal(t, tc.want, got)
		})
	}
}

// TestMissingKey is the matrix of operators on a key that the request does not
// have, or has without a value.
func TestMissingKey(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"String": "x", "Numeric": "1", "Date": "2026", "Bool": "true", "Binary": "QUJD", "IpAddress": "10.0.0.0/8", "Arn": "arn:a:b:c:d:e",
	}
	for operator, kind := range map[string]string{
		"StringEquals": "String", "StringEqualsIgnoreCase": "String", "StringLike": "String",
		"NumericEquals": "Numeric", "NumericLessThan": "Numeric", "NumericLessThanEquals": "Numeric",
		"NumericGreaterThan": "Numeric", "NumericGreaterThanEquals": "Numeric",
		"DateEquals": "Date", "DateLessThan": "Date", "DateLessThanEquals": "Date",
		"DateGreaterThan": "Date", "DateGreaterThanEquals": "Date",
		"Bool": "Bool", "BinaryEquals": "Binary", "IpAddress": "IpAddress", "ArnEquals": "Arn", "ArnLike": "Arn",
		"StringNotEquals": "!String", "StringNotEqualsIgnoreCase": "!String", "StringNotLike": "!String",
		"NumericNotEquals": "!Numeric", "DateNotEquals": "!Date", "NotIpAddress": "!IpAddress",
		"ArnNotEquals": "!Arn", "ArnNotLike": "!Arn",
	} {
		negated := kind[0] == '!'
		if negated {
			kind = kind[1:]
		}
		value := policy.String(values[kind])
		for name, context := range map[string]map[string][]string{"absent": nil, "no values": {"k": {}}} {
			t.Run(operator+" "+name, func(t *testing.T) {
				t.Parallel()
				assert.Equal(t, negated, holds(t, operator, "k", value, context))
				assert.True(t, holds(t, operator+"IfExists", "k", value, context))
				assert.True(t, holds(t, "ForAllValues:"+operator, "k", value, context))
				assert.True(t, holds(t, "ForAllValues:"+operator+"IfExists", "k", value, context))
				assert.False(t, holds(t, "ForAnyValue:"+operator, "k", value, context))
				assert.True(t, holds(t, "ForAnyValue:"+operator+"IfExists", "k", value, context))
				assert.True(t, holds(t, "Null", "k", policy.String("true"), context))
				assert.False(t, holds(t, "Null", "k", policy.String("false"), context))
			})
		}
	}
}

func TestNullAndIfExistsOnAPresentKey(t *testing.T) {
	t.Parallel()
	has := map[string][]string{"k": {"v"}}
	assert.False(t, holds(t, "Null", "k", policy.String("true"), has))
	assert.True(t, holds(t, "Null", "k", policy.String("False"), has))
	assert.True(t, holds(t, "Null", "k", policy.List("true", "false"), has))
	assert.True(t, holds(t, "StringEqualsIfExists", "k", policy.String("v"), has))
	assert.False(t, holds(t, "StringEqualsIfExists", "k", policy.String("w"), has))
	// An empty value is no value for Null and the set operators, but can be equal.
	empty := map[string][]string{"k": {""}}
	assert.True(t, holds(t, "Null", "k", policy.String("true"), empty))
	assert.True(t, holds(t, "ForAllValues:StringEquals", "k", policy.String("v"), empty))
	assert.False(t, holds(t, "ForAnyValue:StringEquals", "k", policy.String(""), empty))
	assert.True(t, holds(t, "StringEquals", "k", policy.String(""), empty))
}

func TestSeveralValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		operator string
		policy   []string
		request  []string
		want     bool
	}{
		{"StringEquals", []string{"a", "b"}, []string{"b"}, true},
		{"StringEquals", []string{"a", "b"}, []string{"c"}, false},
		{"StringEquals", []string{}, []string{"c"}, false},
		{"StringNotEquals", []string{"a", "b"}, []string{"b"}, false},
		{"StringNotEquals", []string{"a", "b"}, []string{"c"}, true},
		{"ForAllValues:StringEquals", []string{"a", "b"}, []string{"a", "b"}, true},
		{"ForAllValues:StringEquals", []string{"a", "b"}, []string{"a", "c"}, false},
		{"ForAllValues:StringNotEquals", []string{"a", "b"}, []string{"c", "d"}, true},
		{"ForAllValues:StringNotEquals", []string{"a", "b"}, []string{"a", "d"}, false},
		{"ForAllValues:StringLike", []string{"a*"}, []string{"ab", "ac"}, true},
		{"ForAnyValue:StringEquals", []string{"a", "b"}, []string{"c", "b"}, true},
		{"ForAnyValue:StringEquals", []string{"a", "b"}, []string{"c", "d"}, false},
		{"ForAnyValue:StringNotEquals", []string{"a", "b"}, []string{"a", "d"}, true},
		{"ForAnyValue:StringNotEquals", []string{"a", "b"}, []string{"a", "b"}, false},
		{"ForAnyValue:StringEqualsIgnoreCase", []string{"allowsharing"}, []string{"x", "AllowSharing"}, true},
		{"StringEquals", []string{"a"}, []string{"x", "a"}, true},
		{"StringNotEquals", []string{"a"}, []string{"x", "a"}, false},
	} {
		got := holds(t, tc.operator, "k", policy.List(tc.policy...), map[string][]string{"k": tc.request})
		assert.Equal(t, tc.want, got, "%s %q on %q", tc.operator, tc.policy, tc.request)
	}
}

func TestOperatorsAndKeysAreAnded(t *testing.T) {
	t.Parallel()
	set := compile(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*",
		"Condition":{"StringEquals":{"k":"1","l":"2"},"Bool":{"m":"true"}}}]}`)
	all := map[string][]string{"k": {"1"}, "l": {"2"}, "m": {"true"}}
	assert.True(t, set.Evaluate(policy.Request{Action: "a:B", Context: all}).Allowed)
	for key := range all {
		context := map[string][]string{}
		for k, v := range all {
			if k != key {
				context[k] = v
			}
		}
		assert.False(t, set.Evaluate(policy.Request{Action: "a:B", Context: context}).Allowed, key)
	}
}

func TestKeysIgnoreCaseAndMatchBothTags(t *testing.T) {
	t.Parallel()
	both := map[string][]string{"ec2:ResourceTag/AllowSharing": {"false"}, "EC2:resourcetag/allowsharing": {"true"}}
	assert.True(t, holds(t, "StringEquals", "ec2:ResourceTag/ALLOWSHARING", policy.String("true"), both))
}

func TestVariables(t *testing.T) {
	t.Parallel()
	context := map[string][]string{
		"aws:PrincipalTag/team": {"ml"}, "aws:username": {"a*"}, "aws:TagKeys": {"x", "y"},
		"aws:PrincipalArn": {"arn:aws:iam::111122223333:role/x"},
	}
	with := func(value string) map[string][]string {
		c := map[string][]string{"k": {value}}
		maps.Copy(c, context)
		return c
	}
	for _, tc := range []struct {
		operator, policy, request string
		want                      bool
	}{
		{"StringEquals", "${aws:PrincipalTag/team}", "ml", true},
		{"StringEquals", "${AWS:principaltag/TEAM}", "ml", true},
		{"StringEquals", "x-${aws:PrincipalTag/team}-y", "x-ml-y", true},
		{"StringEquals", "${aws:PrincipalTag/none}", "", false},
		{"StringNotEquals", "${aws:PrincipalTag/none}", "ml", true},
		{"StringEquals", "${aws:PrincipalTag/none, 'ml'}", "ml", true},
		{"StringEquals", "${aws:PrincipalTag/team,'x'}", "ml", true},
		{"StringEquals", "${aws:TagKeys}", "x", false},
		{"StringEqualsIgnoreCase", "${aws:PrincipalTag/team}", "ML", true},
		{"StringEqualsIgnoreCase", "${aws:PrincipalTag/none}", "", false},
		{"StringLike", "${aws:PrincipalTag/team}*", "mlops", true},
		{"StringLike", "${aws:username}", "ab", false},
		{"StringLike", "${aws:username}", "a*", true},
		{"ArnLike", "${aws:PrincipalArn}", "arn:aws:iam::111122223333:role/x", true},
		{"ArnLike", "arn:aws:iam::*:role/${aws:PrincipalTag/team}", "arn:aws:iam::1:role/ml", true},
		{"ArnLike", "arn:aws:iam::*:role/${aws:PrincipalTag/none}", "arn:aws:iam::1:role/ml", false},
		{"ArnLike", "${aws:PrincipalTag/team}", "arn:aws:iam::1:role/ml", false},
		{"StringEquals", "$5 {x}", "$5 {x}", true},
	} {
		got := holds(t, tc.operator, "k", policy.String(tc.policy), with(tc.request))
		assert.Equal(t, tc.want, got, "%s %s on %s", tc.operator, tc.policy, tc.request)
	}
}

func TestVariablesAreTextInTheOldVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", `"Version":"2008-10-17",`} {
		set := compile(t, `{`+version+`"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*",
			"Condition":{"StringEquals":{"k":"${aws:username}"}}}]}`)
		context := map[string][]string{"aws:username": {"ann"}, "k": {"ann"}}
		assert.False(t, set.Evaluate(policy.Request{Action: "a:B", Context: context}).Allowed)
		context["k"] = []string{"${aws:username}"}
		assert.True(t, set.Evaluate(policy.Request{Action: "a:B", Context: context}).Allowed)
	}
}
