package policy

import (
	"fmt"
	"slices"
	"strconv"
)

// Attachment is what a policy document is attached as. It decides how large the
// document may be.
type Attachment uint8

// The kinds of attachment with their quotas in characters ("IAM and AWS STS quotas",
// IAM User Guide; "Quotas for AWS Organizations").
const (
	// ManagedPolicy is a customer managed policy: 6,144 characters each. A role or user
	// takes 10 of them, 20 when the quota is raised.
	ManagedPolicy Attachment = iota + 1
	// UserPolicy is the inline policies of a user: 2,048 characters together.
	UserPolicy
	// GroupPolicy is the inline policies of a group: 5,120 characters together.
	GroupPolicy
	// RolePolicy is the inline policies of a role: 10,240 characters together.
	RolePolicy
	// TrustPolicy is a role's trust policy: 2,048 characters, 4,096 when raised.
	TrustPolicy
	// ServiceControlPolicy is a policy of AWS Organizations: 5,120 characters each.
	ServiceControlPolicy
)

// Limit returns how many characters a document may have, white space aside; zero for a
// kind that does not exist.
func (a Attachment) Limit() int {
	switch a {
	case ManagedPolicy:
		return 6144
	case UserPolicy, TrustPolicy:
		return 2048
	case GroupPolicy, ServiceControlPolicy:
		return 5120
	case RolePolicy:
		return 10240
	default:
		return 0
	}
}

// Fits reports whether the document alone is within the quota of the attachment.
func (d Document) Fits(a Attachment) bool { return d.Size() <= a.Limit() }

// maxManagedPolicies is how many managed policies a role can have at most.
const maxManagedPolicies = 20

// Split spreads a document that is too large over several managed policies, which
// together decide as it does: the statements stay in order, and one that is too large
// by itself is divided by its resources or actions. A document that fits comes back
// alone. Minimize it first.
//
// It is an error when a statement cannot be divided, or when more than 20 policies
// would be needed, for no role takes more.
func (d Document) Split() ([]*Document, error) {
	limit := ManagedPolicy.Limit()
	if d.Fits(ManagedPolicy) {
		return []*Document{d.copy()}, nil
	}
	empty := Document{Version: d.Version, ID: d.ID}
	parts := []*Document{{Version: d.Version, ID: d.ID}}
	for i, s := range d.Statements {
		pieces, err := empty.divide(s, limit)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.path(i), err)
		}
		for n, piece := range pieces {
			if n > 0 {
				piece.Sid = d.freeSid(s.Sid, n+1)
			}
			last := parts[len(parts)-1]
			last.Statements = append(last.Statements, piece)
			if len(last.Statements) > 1 && !last.Fits(ManagedPolicy) {
				last.Statements = slices.Delete(last.Statements, len(last.Statements)-1, len(last.Statements))
				parts = append(parts, &Document{Version: d.Version, ID: d.ID, Statements: []Statement{piece}})
			}
		}
	}
	if len(parts) > maxManagedPolicies {
		return nil, fmt.Errorf("the document needs %d managed policies, and a role takes %d at most; name fewer resources, or use wildcards or tags", len(parts), maxManagedPolicies)
	}
	return parts, nil
}

// freeSid is a name for a piece of a statement: a number is put behind the Sid, and a
// letter between the two where a statement has that name already.
func (d Document) freeSid(sid string, n int) string {
	if sid == "" {
		return ""
	}
	name := sid + strconv.Itoa(n)
	for slices.ContainsFunc(d.Statements, func(s Statement) bool { return s.Sid == name }) {
		sid += "x"
		name = sid + strconv.Itoa(n)
	}
	return name
}

// sidReserve is left free for the number that the Sid of a piece gets.
const sidReserve = 12

// divide cuts a statement into pieces of which each fits alone.
func (d Document) divide(s Statement, limit int) ([]Statement, error) {
	d.Statements = []Statement{s}
	if d.Size()+sidReserve <= limit {
		return []Statement{s}, nil
	}
	list := &s.Resource
	if len(s.Action.Items) > len(s.Resource.Items) {
		list = &s.Action
	}
	items := list.Items
	if len(items) < 2 {
		return nil, fmt.Errorf("it has %d characters with one action and one resource, a managed policy may have %d; shorten its condition", d.Size(), limit)
	}
	var pieces []Statement
	for _, half := range [][]string{items[:len(items)/2], items[len(items)/2:]} {
		*list = List(half...)
		list.Single = len(half) == 1
		more, err := d.divide(s, limit)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, more...)
	}
	return pieces, nil
}
