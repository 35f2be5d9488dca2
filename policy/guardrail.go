package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// GuardrailOptions say what a guardrail forbids beside tampering with the guard tag.
type GuardrailOptions struct {
	// Approvers are the ARNs of roles that may set and remove the guard tag, of any
	// account. The account, and part of a path and name, may be wildcards. Empty means
	// nobody.
	Approvers []string
	// DenyUntaggedSharing denies every change of the permissions of AMIs and snapshots
	// that do not carry the guard tag, in the whole account: whoever shares images for
	// other purposes is stopped as well. Exempt those.
	DenyUntaggedSharing bool
	// Exempt are ARNs of roles that may share without the tag, written as the approvers'.
	Exempt []string
}

// Guardrail returns a service control policy or permissions boundary that keeps the
// guard tag in the hands of the approvers: nobody else sets it, in whatever case of
// letters, at creation or later, or removes it, be it by removing all tags at once.
// Snapshots are never made public, and block public access is not turned off. It allows
// nothing: beside it there must be a policy that does. It does not bind service-linked
// roles: EC2 Image Builder can set tags through its own (IAM User Guide).
//
// Of the scope it reads Partition, Region, Account and Guard.
func Guardrail(s Scope, optFns ...func(*GuardrailOptions)) (*Document, error) {
	var o GuardrailOptions
	for _, fn := range optFns {
		fn(&o)
	}
	v := &validator{scope: s}
	v.place()
	v.tags()
	v.roles("GuardrailOptions.Approvers", o.Approvers)
	v.roles("GuardrailOptions.Exempt", o.Exempt)
	if len(v.problems) > 0 {
		return nil, &ScopeError{Problems: v.problems}
	}
	g := s.guard()
	except := func(c Condition, arns []string) Condition {
		if len(arns) == 0 {
			return c
		}
		return c.With("ArnNotLike", "aws:PrincipalArn", values(arns).Items...)
	}
	deny := func(sid string, c Condition, actions []string, resources ...string) Statement {
		st := allow(sid, c, actions, resources...)
		st.Effect = Deny
		return st
	}
	tagged := []string{"arn:" + s.Partition + ":ec2:*::image/*", "arn:" + s.Partition + ":ec2:*::snapshot/*"}
	d := &Document{Version: Version2012, Statements: []Statement{
		deny("GuardTagByApproversOnly", except(Condition{}.With("ForAnyValue:StringEqualsIgnoreCase", "aws:TagKeys", g.Key), o.Approvers),
			[]string{"ec2:CreateTags", "ec2:DeleteTags"}, tagged...),
		// DeleteTags without keys removes every tag, and then names none.
		deny("AllTagsByApproversOnly", except(Condition{}.With("Null", "aws:TagKeys", "true"), o.Approvers), []string{"ec2:DeleteTags"}, tagged...),
		deny("SnapshotsNeverPublic", Condition{}.With("StringEquals", "ec2:Add/group", "all"), []string{"ec2:ModifySnapshotAttribute"}, tagged[1]),
		deny("PublicAccessStaysBlocked", nil, []string{"ec2:DisableImageBlockPublicAccess", "ec2:DisableSnapshotBlockPublicAccess"}, "*"),
	}}
	if o.DenyUntaggedSharing {
		// A missing tag is another value than the wanted one.
		d.Statements = append(d.Statements, deny("SharingNeedsTheGuardTag", except(Condition{}.With("StringNotEquals", "ec2:ResourceTag/"+g.Key, g.Value), o.Exempt),
			[]string{"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"}, tagged...))
	}
	return d, nil
}

var (
	someAccountForm = regexp.MustCompile(`^([0-9]{12}|\*)$`)
	someRolesForm   = regexp.MustCompile(`^role/[!-#%-9;-~]*[0-9A-Za-z_+=,.@-][!-#%-9;-~]*$`)
)

// roles checks ARNs that exempt roles from a guardrail, whose wildcards may not exempt
// everybody.
func (v *validator) roles(path string, arns []string) {
	for i, arn := range arns {
		path := fmt.Sprintf("%s[%d]", path, i)
		f := strings.SplitN(arn, ":", arnFields)
		switch {
		case len(f) != arnFields || f[0] != "arn" || f[2] != "iam" || f[3] != "" || !someAccountForm.MatchString(f[4]) || !someRolesForm.MatchString(f[5]):
			v.problem(path, "%q is no ARN of roles; write arn:%s:iam::ACCOUNT:role/NAME, where ACCOUNT may be * and NAME may have wildcards but not be one", arn, v.scope.Partition)
		case f[1] != v.scope.Partition:
			v.problem(path, "%q is of partition %q, the scope of %q: name one of the scope's", arn, f[1], v.scope.Partition)
		}
	}
}

// PagePolicy returns the policy that the page "Cluster management with custom AMIs" of
// the SageMaker AI Developer Guide prints, for a role, with its misspelt action mended:
// to compare it by [Diff] with what [Generate] returns. Do not attach it.
func PagePolicy(executionRole string) *Document {
	const guarded = "ec2:ResourceTag/" + GuardTagKey
	return &Document{Version: Version2012, Statements: []Statement{
		{Effect: Allow, Action: String("iam:PassRole"), Resource: String(executionRole)},
		{Effect: Allow, Resource: String("*"), Action: List(
			"sagemaker:CreateCluster", "sagemaker:DeleteCluster", "sagemaker:DescribeCluster", "sagemaker:DescribeClusterNode",
			"sagemaker:ListClusterNodes", "sagemaker:ListClusters", "sagemaker:UpdateCluster", "sagemaker:UpdateClusterSoftware",
			"sagemaker:BatchDeleteClusterNodes", "eks:DescribeCluster", "eks:CreateAccessEntry", "eks:DescribeAccessEntry",
			"eks:DeleteAccessEntry", "eks:AssociateAccessPolicy", "iam:CreateServiceLinkedRole", "ec2:DescribeImages", "ec2:DescribeSnapshots",
		)},
		{
			Effect: Allow, Resource: String("*"), Action: List("ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"),
			Condition: Condition{}.With("StringEquals", guarded, GuardTagValue),
		},
	}}
}
