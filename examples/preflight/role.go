package preflight

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// IAMAPI is what [Roles] calls.
type IAMAPI interface {
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
}

// Roles reads each role and its trust policy, with iam:GetRole.
type Roles struct{ API IAMAPI }

var _ hyperpod.RoleChecker = Roles{}

// CheckRole finds a role that does not exist or does not trust the service (developer
// guide, "IAM role for SageMaker HyperPod").
func (c Roles) CheckRole(ctx context.Context, use hyperpod.RoleUse) ([]hyperpodkit.Finding, error) {
	f := &findings{path: use.Path}
	fields, ok := arnFields(use.ARN)
	if !ok || !strings.HasPrefix(fields[5], "role/") {
		f.add(hyperpodkit.Error, "role-arn", use.ARN, "this is not the ARN of a role", "use arn:aws:iam::ACCOUNT:role/NAME")
		return f.list, nil
	}
	name := fields[5][strings.LastIndex(fields[5], "/")+1:]
	out, err := c.API.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
	switch {
	case code(err) == "NoSuchEntity":
		f.add(hyperpodkit.Error, "role-not-found", use.ARN, "the role does not exist in this account", "create it, and give IAM some seconds to make it known")
		return f.list, nil
	case err != nil:
		return f.unless(err, "role-not-found", use.ARN, "iam:GetRole")
	case aws.ToString(out.Role.Arn) != use.ARN:
		f.add(hyperpodkit.Error, "role-not-found", use.ARN, "the role of this name is "+aws.ToString(out.Role.Arn), "use its ARN, path and account included")
		return f.list, nil
	}
	text, err := url.QueryUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument)) // IAM API reference, GetRole: URL-encoded
	if err != nil {
		return f.list, fmt.Errorf("trust policy of %s: %w", use.ARN, err)
	}
	document, err := policy.Decode([]byte(text))
	if err != nil {
		return f.list, fmt.Errorf("trust policy of %s: %w", use.ARN, err)
	}
	trust(f, document, use)
	return f.list, nil
}

// trust judges whether a trust policy lets the service assume the role. Conditions are
// not judged: what the service's request carries is not known beforehand.
func trust(f *findings, document *policy.Document, use hyperpod.RoleUse) {
	allowed, conditional := false, false
	for _, s := range document.Statements {
		if !assumes(s) || !names(s.Principal, use.Service) {
			continue
		}
		switch {
		case s.Effect == policy.Deny && len(s.Condition) == 0:
			f.add(hyperpodkit.Error, "role-trust", use.ARN, "its trust policy denies "+use.Service, "remove the Deny")
			return
		case s.Effect == policy.Deny:
			conditional = true
		case len(s.Condition) > 0:
			conditional = true
		default:
			allowed = true
		}
	}
	switch {
	case conditional:
		f.add(hyperpodkit.Unknown, "role-trust", use.ARN, "its trust policy has conditions for "+use.Service+", which are not judged here", "make sure that this cluster meets them")
	case !allowed:
		f.add(hyperpodkit.Error, "role-trust", use.ARN, "its trust policy does not let "+use.Service+" assume it", "allow that service sts:AssumeRole in the trust policy")
	}
}

func assumes(s policy.Statement) bool {
	matches := func(action string) bool {
		switch strings.ToLower(action) {
		case "*", "sts:*", "sts:assume*", "sts:assumerole*", "sts:assumerole":
			return true
		default:
			return false
		}
	}
	if s.NotAction.Present() {
		return !slices.ContainsFunc(s.NotAction.Items, matches)
	}
	return slices.ContainsFunc(s.Action.Items, matches)
}

func names(p *policy.Principal, service string) bool {
	if p == nil {
		return false
	}
	return p.Anyone || slices.ContainsFunc(p.Entries, func(e policy.PrincipalEntry) bool {
		return e.Type == "Service" && slices.Contains(e.Values.Items, service) || e.Type == "AWS" && slices.Contains(e.Values.Items, "*")
	})
}
