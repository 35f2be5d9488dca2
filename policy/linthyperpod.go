package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// hyperpod holds the rules that are about HyperPod alone: what a statement gives away
// to somebody who means harm.
func (l *linter) hyperpod() {
	if l.raw.Effect != Allow {
		for _, o := range l.raw.Condition {
			for _, k := range o.Keys {
				if strings.EqualFold(k.Name, "aws:TagKeys") && caseMatters(o.Name, k) {
					l.add(SecurityWarning, "HYPERPOD_TAG_KEY_CASE", "Condition."+o.Name+"."+k.Name,
						"condition keys for tags ignore case and tags do not: a tag in other case passes this Deny and satisfies the guard", "write ForAnyValue:StringEqualsIgnoreCase")
				}
			}
		}
		return
	}
	for _, a := range l.granted() {
		for _, r := range hyperpodRules {
			if slices.Contains(r.actions, a.Name) && r.applies(l) {
				l.add(SecurityWarning, r.code, l.elementOf(a.Name), a.Name+": "+r.found, r.fix)
			}
		}
	}
}

type hyperpodRule struct {
	code       string
	actions    []string
	applies    func(*linter) bool
	found, fix string
}

// hyperpodRules are what a holder could do who is given more than a workflow takes.
var hyperpodRules = []hyperpodRule{
	{
		"HYPERPOD_PASS_ROLE_TO_ANY_SERVICE",
		[]string{"iam:PassRole"},
		permits(keyValues{"iam:PassedToService": {"other.amazonaws.com"}}),
		"the role can be passed to every service that it trusts", `add "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}`,
	},
	{
		"HYPERPOD_ANY_LINKED_ROLE",
		[]string{"iam:CreateServiceLinkedRole"},
		permits(keyValues{"iam:AWSServiceName": {"other.amazonaws.com"}}),
		"every service's linked role can be made", `add "StringEquals": {"iam:AWSServiceName": "hyperpod.sagemaker.amazonaws.com"}`,
	},
	{
		"HYPERPOD_SHARING_WITHOUT_GUARD",
		[]string{"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"},
		permitsUntagged("ec2:ResourceTag/", "aws:ResourceTag/"),
		"every AMI and snapshot can be shared", `add "StringEquals": {"ec2:ResourceTag/AllowSharing": "true"}`,
	},
	{
		"HYPERPOD_SNAPSHOT_CAN_BE_PUBLIC",
		[]string{"ec2:ModifySnapshotAttribute"},
		permits(keyValues{"ec2:Add/group": {"all"}}),
		"a snapshot can be made public", `add "StringNotEquals": {"ec2:Add/group": "all"}`,
	},
	{
		"HYPERPOD_IMAGE_SHARED_WITH_ANYONE",
		[]string{"ec2:ModifyImageAttribute"},
		permits(keyValues{"aws:CalledViaLast": nil, "aws:ViaAWSService": {"false"}}),
		"the AMI can be shared with any account, and made public: no condition key tells with whom", "block public access for AMIs in the account, and check what is shared",
	},
	{
		"HYPERPOD_SNAPSHOT_SHARED_WITH_ANYONE",
		[]string{"ec2:ModifySnapshotAttribute"},
		permits(keyValues{"ec2:Add/userId": {anyOtherAccount}, "aws:CalledViaLast": nil, "aws:ViaAWSService": {"false"}}),
		"the snapshot can be shared with any account", "where you share with your own accounts, list them under ec2:Add/userId",
	},
	{
		"HYPERPOD_IMAGE_OF_EVERY_CLUSTER",
		[]string{"sagemaker:UpdateClusterSoftware"},
		onEveryCluster,
		"every cluster's image can be replaced, and code run as the role of every group, without iam:PassRole", "name clusters by ARN, or by aws:ResourceTag",
	},
	{
		"HYPERPOD_CLUSTERS_OF_EVERY_TEAM",
		[]string{"sagemaker:UpdateCluster", "sagemaker:DeleteCluster", "sagemaker:BatchAddClusterNodes", "sagemaker:BatchDeleteClusterNodes", "sagemaker:BatchReplaceClusterNodes", "sagemaker:BatchRebootClusterNodes"},
		onEveryCluster,
		"reaches the clusters of every team", "name clusters by ARN, or by aws:ResourceTag",
	},
	{
		"HYPERPOD_CODE_AS_THE_ROLE",
		[]string{"sagemaker:CreateCluster"},
		func(*linter) bool { return true },
		"runs a lifecycle script of the caller's choice as the execution role: no condition key names the script or the AMI", "give the execution role no more than nodes need, and list few roles under iam:PassRole",
	},
	{
		"HYPERPOD_TAGS_MOVE_CLUSTERS",
		[]string{"sagemaker:AddTags", "sagemaker:DeleteTags"},
		func(l *linter) bool {
			return permits(keyValues{"sagemaker:TaggingAction": nil})(l) && withoutPrefix("aws:TagKeys")(l)
		},
		"the tags by which clusters are told apart can be changed", `allow tags at creation only: "StringEquals": {"sagemaker:TaggingAction": "CreateCluster"}`,
	},
	{
		"HYPERPOD_REMOVES_ALL_TAGS",
		[]string{"ec2:DeleteTags"},
		removesAllTags,
		"a call without keys removes every tag, the guard among them, after which nothing that is shared can be taken back", `name the keys under aws:TagKeys, and add "Null": {"aws:TagKeys": "false"}`,
	},
	{
		"HYPERPOD_ANY_EKS_CLUSTER",
		[]string{"eks:CreateAccessEntry", "eks:AssociateAccessPolicy", "eks:DeleteAccessEntry"},
		onEveryEKSCluster,
		"makes its holder, or anybody, administrator of every EKS cluster, or locks others out", "name the EKS cluster, and its access entries as access-entry/NAME/*",
	},
	{
		"HYPERPOD_ANY_KEY",
		[]string{"kms:CreateGrant"},
		permits(keyValues{"kms:GrantIsForAWSResource": {"false"}}),
		"grants anybody the use of the key", `add "Bool": {"kms:GrantIsForAWSResource": "true"} and kms:ViaService`,
	},
	{
		"HYPERPOD_KEY_FOR_EVERY_SERVICE",
		[]string{"kms:CreateGrant"},
		func(l *linter) bool {
			throughAny := keyValues{"kms:GrantIsForAWSResource": {"true"}, "kms:ViaService": {"other.us-west-2.amazonaws.com"}}
			return permits(throughAny)(l) && !permits(keyValues{"kms:GrantIsForAWSResource": {"false"}})(l)
		},
		"the key can be used through every service that encrypts, not by HyperPod alone", `add "StringEquals": {"kms:ViaService": "sagemaker.REGION.amazonaws.com"}`,
	},
	{
		"HYPERPOD_NO_ENCRYPTION_CONTEXT",
		[]string{"kms:CreateGrant", "kms:DescribeKey"},
		func(l *linter) bool { return !withoutPrefix("kms:EncryptionContext")(l) },
		"HyperPod gives no encryption context: the condition is never met, and volumes cannot be made", "leave the condition out",
	},
	{
		"HYPERPOD_EVERY_REGION",
		[]string{"ec2:DescribeImages", "sagemaker:ListClusters"},
		permits(keyValues{"aws:RequestedRegion": {"elsewhere"}, "ec2:Region": {"elsewhere"}}),
		"works in every Region", `add "StringEquals": {"aws:RequestedRegion": "…"}`,
	},
}

// caseMatters tells whether an operator holds for a value as it is written and not for the
// same in other case.
func caseMatters(operator string, k ConditionKey) bool {
	t, err := newTest(operator, k, true)
	met := func(v string) bool { return t.met((Request{Context: map[string][]string{k.Name: {v}}}).Prepare()) }
	return err == nil && slices.ContainsFunc(k.Values.Items, func(v string) bool {
		return met(v) && slices.ContainsFunc([]string{strings.ToLower(v), strings.ToUpper(v), swapped(v)}, func(other string) bool { return !met(other) })
	})
}

// swapped has each letter in the other case.
func swapped(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

// removesAllTags tells whether a statement lets DeleteTags name no key.
func removesAllTags(l *linter) bool { return !l.present("aws:TagKeys") }

// onEveryEKSCluster tells whether a statement is about every EKS cluster, or the access
// entries of the roles of every one.
func onEveryEKSCluster(l *linter) bool {
	return l.raw.NotResource.Present() || slices.ContainsFunc(l.raw.Resource.Items, func(v string) bool {
		return takesInAll(v, "eks:*?:*?", "cluster/a", "cluster/zz") || takesInAll(v, "eks:*?:*?", "access-entry/a/role/b", "access-entry/zz/role/y")
	})
}

func onEveryCluster(l *linter) bool {
	every := l.raw.NotResource.Present() || slices.ContainsFunc(l.raw.Resource.Items, func(v string) bool {
		return takesInAll(v, "sagemaker:*?:*?", "cluster/000000000000", "cluster/zzzzzzzzzzzz")
	})
	return every && permitsUntagged("aws:ResourceTag/", "sagemaker:ResourceTag/")(l)
}

// elementOf is where the statement names an action.
func (l *linter) elementOf(action string) string {
	for i, v := range l.raw.Action.Items {
		if matchesAction(v, action) {
			if l.raw.Action.Single && len(l.raw.Action.Items) == 1 {
				return "Action"
			}
			return fmt.Sprintf("Action[%d]", i)
		}
	}
	return "NotAction"
}

// together holds the rules about what several statements give to one holder.
func (l *linter) together() {
	set, err := Compile(l.doc.aboutTags())
	if err != nil {
		return
	}
	for i, s := range l.doc.Statements {
		shares := s.Effect == Allow && slices.ContainsFunc(s.Action.Items, func(v string) bool {
			return matchesAction(v, "ec2:ModifyImageAttribute") || matchesAction(v, "ec2:ModifySnapshotAttribute")
		})
		if !shares {
			continue
		}
		guard := guardOf(s.Condition)
		for _, v := range s.Resource.Items {
			p, err := newResourcePattern(v, true)
			if err != nil {
				continue
			}
			resources := []string{p.filled("x")}
			if v == "*" {
				resources = append(resources, "arn:aws:ec2:us-west-2::image/x", "arn:aws:ec2:us-west-2::snapshot/x")
			}
			if how, ok := taggedBy(set, guard, resources); ok {
				l.add(SecurityWarning, "HYPERPOD_TAGS_AND_SHARES", "", fmt.Sprintf("one holder may set the tag %s and share what carries it by %s: it guards nothing against them", how, l.doc.path(i)),
					"give ec2:CreateTags on AMIs and snapshots to another role")
				return
			}
		}
	}
}

// aboutTags is the document with only those conditions of its Allows that say which tags
// are set and as what is made: whatever else they ask, such as a Region, some request of
// their holder meets.
func (d Document) aboutTags() *Document {
	d.Statements = slices.Clone(d.Statements)
	for i := range d.Statements {
		st := &d.Statements[i]
		if st.Effect != Allow {
			continue
		}
		var c Condition
		for _, o := range st.Condition {
			for _, k := range o.Keys {
				if beginsWith(k.Name, []string{"aws:TagKeys", "aws:RequestTag/", "ec2:CreateAction"}) {
					c = c.With(o.Name, k.Name, k.Values.Items...)
				}
			}
		}
		st.Condition = c
	}
	return &d
}

// taggedBy tells how a holder of the set can put the guard's tag on one of the resources:
// on what exists, or on what is being made, in any spelling that a condition takes for it.
func taggedBy(set *Set, guard Tag, resources []string) (how string, ok bool) {
	for _, key := range guardSpellings(guard.Key) {
		for _, creating := range []string{"", "CopyImage", "CreateImage", "CreateSnapshot", "RegisterImage"} {
			r := Request{Action: "ec2:CreateTags", Context: map[string][]string{"aws:RequestTag/" + key: {guard.Value}, "aws:TagKeys": {key}}}
			how = key
			if creating != "" {
				r.Context["ec2:CreateAction"] = []string{creating}
				how += " by " + creating
			}
			for _, r.Resource = range resources {
				if set.Evaluate(r).Allowed {
					return how, true
				}
			}
		}
	}
	return "", false
}

// guardSpellings are keys that a condition on the guard's tag takes for it.
func guardSpellings(key string) []string {
	return []string{key, strings.ToLower(key), strings.ToUpper(key)}
}

// guardOf is the tag that a condition asks a resource to have; the usual one when it
// asks for none.
func guardOf(c Condition) Tag {
	for _, o := range c {
		for _, k := range o.Keys {
			for _, prefix := range []string{"ec2:ResourceTag/", "aws:ResourceTag/"} {
				if len(k.Name) > len(prefix) && strings.EqualFold(k.Name[:len(prefix)], prefix) && len(k.Values.Items) > 0 {
					return Tag{Key: k.Name[len(prefix):], Value: k.Values.Items[0]}
				}
			}
		}
	}
	return Tag{Key: GuardTagKey, Value: GuardTagValue}
}
