package amishare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// PrincipalKind is what an AMI can be shared with.
type PrincipalKind uint8

const (
	// PrincipalAccount is an AWS account, named by its id of 12 digits.
	PrincipalAccount PrincipalKind = iota + 1
	// PrincipalOrganization is an organization, named by its ARN. A snapshot cannot
	// be shared with one.
	PrincipalOrganization
	// PrincipalUnit is an organizational unit, named by its ARN. A snapshot cannot be
	// shared with one.
	PrincipalUnit
	// PrincipalEveryone is the group "all": every AWS account.
	PrincipalEveryone
)

// String returns "account", "organization", "organizational unit" or "group".
func (k PrincipalKind) String() string {
	switch k {
	case PrincipalAccount:
		return "account"
	case PrincipalOrganization:
		return "organization"
	case PrincipalUnit:
		return "organizational unit"
	case PrincipalEveryone:
		return "group"
	default:
		return "invalid"
	}
}

// MarshalText encodes the kind as its name.
func (k PrincipalKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *PrincipalKind) UnmarshalText(text []byte) error {
	for kind := PrincipalAccount; kind <= PrincipalEveryone; kind++ {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("amishare: %q is no kind of principal", text)
}

// Principal is one whom an AMI is shared with.
type Principal struct {
	// Kind says what ID is.
	Kind PrincipalKind
	// ID is an account's id, the ARN of an organization or of an organizational unit,
	// or "all".
	ID string
}

// String returns the principal's id.
func (p Principal) String() string { return p.ID }

// Principals are whom an AMI is shared with.
type Principals []Principal

// Accounts are AWS accounts, named by their ids of 12 digits.
func Accounts(ids ...string) Principals { return principals(PrincipalAccount, ids) }

// Organizations are organizations, named by their ARNs. They can launch an AMI and not
// copy it, since a snapshot cannot be shared with an organization (EBS User Guide,
// "Share an Amazon EBS snapshot").
func Organizations(arns ...string) Principals { return principals(PrincipalOrganization, arns) }

// OrganizationalUnits are organizational units, named by their ARNs. What holds for
// [Organizations] holds for them.
func OrganizationalUnits(arns ...string) Principals { return principals(PrincipalUnit, arns) }

// Everyone is every AWS account. Nothing is shared with everyone unless
// [SharerOptions.AllowPublic] is set; a grant to everyone is revoked without it.
func Everyone() Principals { return principals(PrincipalEveryone, []string{everyone}) }

func principals(kind PrincipalKind, ids []string) Principals {
	list := make(Principals, len(ids))
	for i, id := range ids {
		list[i] = Principal{kind, id}
	}
	return list
}

func comparePrincipals(a, b Principal) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// sorted returns a copy in the fixed order in which grants are made and shown.
func (p Principals) sorted() Principals {
	list := slices.Clone(p)
	slices.SortFunc(list, comparePrincipals)
	return list
}

// split returns those that are in the other list, and those that are not.
func (p Principals) split(other Principals) (in, out Principals) {
	set := map[Principal]bool{}
	for _, q := range other {
		set[q] = true
	}
	for _, q := range p {
		if set[q] {
			in = append(in, q)
		} else {
			out = append(out, q)
		}
	}
	return in, out
}

// forSnapshots returns those that a snapshot can be shared with.
func (p Principals) forSnapshots() Principals {
	return slices.DeleteFunc(slices.Clone(p), func(q Principal) bool {
		return q.Kind != PrincipalAccount && q.Kind != PrincipalEveryone
	})
}

// check judges the form of a principal.
func (p Principal) check() error {
	switch p.Kind {
	case PrincipalAccount:
		return checkAccountID(p.ID)
	case PrincipalOrganization:
		return checkOrganizationARN(p.ID)
	case PrincipalUnit:
		return checkUnitARN(p.ID)
	case PrincipalEveryone:
		if p.ID == everyone {
			return nil
		}
	}
	return errPrincipal
}

var errPrincipal = errors.New("not a principal: use Accounts, Organizations, OrganizationalUnits or Everyone")

func (p Principal) launch() types.LaunchPermission {
	switch p.Kind {
	case PrincipalAccount:
		return types.LaunchPermission{UserId: aws.String(p.ID)}
	case PrincipalOrganization:
		return types.LaunchPermission{OrganizationArn: aws.String(p.ID)}
	case PrincipalUnit:
		return types.LaunchPermission{OrganizationalUnitArn: aws.String(p.ID)}
	case PrincipalEveryone:
	}
	return types.LaunchPermission{Group: types.PermissionGroup(p.ID)}
}

func (p Principal) createVolume() types.CreateVolumePermission {
	if p.Kind == PrincipalAccount {
		return types.CreateVolumePermission{UserId: aws.String(p.ID)}
	}
	return types.CreateVolumePermission{Group: types.PermissionGroup(p.ID)}
}

// principalsOf tells what ids read from EC2 stand for.
func principalsOf(ids []string) Principals {
	list := make(Principals, len(ids))
	for i, id := range ids {
		kind := PrincipalAccount
		parsed, err := arn.Parse(id)
		switch {
		case id == everyone:
			kind = PrincipalEveryone
		case err == nil && strings.HasPrefix(parsed.Resource, "ou/"):
			kind = PrincipalUnit
		case err == nil:
			kind = PrincipalOrganization
		}
		list[i] = Principal{kind, id}
	}
	return list.sorted()
}
