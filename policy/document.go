package policy

import (
	"fmt"
	"slices"
)

// The two versions of the policy language. Only in the newer one are policy
// variables such as ${aws:PrincipalTag/team} replaced; in the older one they are
// plain text.
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// Effect is what a statement does with the requests that it matches.
type Effect string

// The two effects. A matching Deny outweighs every Allow.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is an IAM policy document: an identity policy, a permissions boundary,
// a service control policy, a trust policy or a resource policy. It holds what the
// JSON text says, in the order in which statements, operators and keys stand
// there, and whether a list of one was written as a list. The order of the
// elements within a statement, an empty Sid, and numbers or booleans written
// without quotes are not kept; none of them has a meaning.
type Document struct {
	// Version is the version of the policy language. Empty means [Version2008].
	Version string
	// ID is the Id element, allowed in resource policies only.
	ID string
	// Statements are the statements in order.
	Statements []Statement
	// SingleStatement says that Statement is written as one object, not as a list
	// of one. It has no effect unless there is exactly one statement.
	SingleStatement bool
}

// path is where a statement stands.
func (d Document) path(i int) string {
	if d.SingleStatement && len(d.Statements) == 1 {
		return "Statement"
	}
	return fmt.Sprintf("Statement[%d]", i)
}

// Statement is one statement of a policy document. An element whose value is the
// zero value is absent.
type Statement struct {
	// Sid names the statement. In an identity policy it has letters and digits
	// only and is unique.
	Sid string
	// Effect is Allow or Deny.
	Effect Effect
	// Principal and NotPrincipal say who is meant; only resource and trust
	// policies have one of them. Nil means absent.
	Principal, NotPrincipal *Principal
	// Action and NotAction: exactly one of them is present.
	Action, NotAction Values
	// Resource and NotResource: at most one of them is present, and none in a
	// trust policy.
	Resource, NotResource Values
	// Condition must be met as a whole. Nil means no condition.
	Condition Condition
}

// Principal is the Principal or NotPrincipal element.
type Principal struct {
	// Anyone is the plain string "*", everybody. Entries is then empty.
	Anyone bool
	// Entries are the principals by type, in order.
	Entries []PrincipalEntry
}

// PrincipalEntry is the principals of one type.
type PrincipalEntry struct {
	// Type is AWS, Service, Federated or CanonicalUser.
	Type string
	// Values are account ids, ARNs, service principals or "*".
	Values Values
}

// Condition is a condition block: every key of every operator must be met.
type Condition []ConditionOperator

// ConditionOperator is one operator of a condition block with its keys.
type ConditionOperator struct {
	// Name is the operator, such as "StringEquals" or
	// "ForAnyValue:StringLikeIfExists".
	Name string
	// Keys are the condition keys under the operator.
	Keys []ConditionKey
}

// ConditionKey is one condition key with the values that it is compared to. One
// matching value is enough, or none may match if the operator is negated.
type ConditionKey struct {
	// Name is the key, such as "ec2:ResourceTag/AllowSharing". Its case does not
	// matter.
	Name string
	// Values are the values of the policy, not of the request.
	Values Values
}

// Values is a JSON string or list of strings. The zero value means that the
// element is absent.
type Values struct {
	// Items are the strings. Nil means absent, empty but not nil an empty list.
	Items []string
	// Single says that the value is written as a plain string. It has no effect
	// unless there is exactly one item.
	Single bool
}

// String returns a value written as a plain string.
func String(s string) Values { return Values{Items: []string{s}, Single: true} }

// List returns a value written as a list. It keeps a copy of items.
func List(items ...string) Values {
	return Values{Items: append([]string{}, items...)}
}

// Present reports whether the element is there at all, be it as an empty list.
func (v Values) Present() bool { return v.Items != nil }

// With returns the condition with values added to the operator's key, both of
// which are appended if they are not there yet. Names are compared as written.
// The receiver is not changed; a list of one value is written as a plain string.
func (c Condition) With(operator, key string, values ...string) Condition {
	c = append(make(Condition, 0, len(c)+1), c...)
	i := slices.IndexFunc(c, func(o ConditionOperator) bool { return o.Name == operator })
	if i < 0 {
		c, i = append(c, ConditionOperator{Name: operator}), len(c)
	}
	o := &c[i]
	o.Keys = append(make([]ConditionKey, 0, len(o.Keys)+1), o.Keys...)
	j := slices.IndexFunc(o.Keys, func(k ConditionKey) bool { return k.Name == key })
	if j < 0 {
		o.Keys, j = append(o.Keys, ConditionKey{Name: key}), len(o.Keys)
	}
	k := &o.Keys[j]
	k.Values.Items = append(slices.Clip(k.Values.Items), values...)
	k.Values.Single = len(k.Values.Items) == 1
	return c
}

func (c Condition) clone() Condition {
	c = slices.Clone(c)
	for i := range c {
		c[i].Keys = slices.Clone(c[i].Keys)
	}
	return c
}
