package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// What a dead condition does is said of each effect, and of an operator that an absent
// key meets.
func TestDeadConditions(t *testing.T) {
	t.Parallel()
	for condition, says := range map[string][2]string{
		`{"StringEquals":{"ec2:Add/group":"all"}}`:              {"this Allow never matches it", "this Deny does nothing to it"},
		`{"ForAnyValue:StringEquals":{"ec2:Add/group":"all"}}`:  {"this Allow never matches it", "this Deny does nothing to it"},
		`{"Null":{"ec2:Add/group":"false"}}`:                    {"this Allow never matches it", "this Deny does nothing to it"},
		`{"StringNotEquals":{"ec2:Add/group":"all"}}`:           {"narrows nothing", "narrows nothing"},
		`{"StringEqualsIfExists":{"ec2:Add/group":"all"}}`:      {"narrows nothing", "narrows nothing"},
		`{"ForAllValues:StringEquals":{"ec2:Add/group":"all"}}`: {"narrows nothing", "narrows nothing"},
		`{"Null":{"ec2:Add/group":"true"}}`:                     {"narrows nothing", "narrows nothing"},
	} {
		for i, effect := range []string{"Allow", "Deny"} {
			lints := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"`+effect+`","Action":"ec2:ModifyImageAttribute","Resource":"arn:aws:ec2:us-west-2::image/*","Condition":`+condition+`}]}`).Check()
			found := slices.IndexFunc(lints, func(l policy.Lint) bool { return l.Code == "UNSUPPORTED_ACTION_FOR_CONDITION_KEY" })
			require.GreaterOrEqual(t, found, 0, "%s %s", effect, condition)
			assert.Contains(t, lints[found].Found, says[i], "%s %s", effect, condition)
		}
	}
}

// One holder who shares may not set the guard's tag in any way that a condition takes for
// it.
func TestTagsAndShares(t *testing.T) {
	t.Parallel()
	const sharing = `{"Effect":"Allow","Action":"ec2:ModifyImageAttribute","Resource":"arn:aws:ec2:us-west-2::image/*","Condition":{"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}}}`
	tag := func(condition string) string {
		return sharing + `,{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":` + condition + `}`
	}
	for text, found := range map[string]string{
		sharing: "",
		tag(`{"ForAllValues:StringEquals":{"aws:TagKeys":"AllowSharing"}}`):                                                             "AllowSharing and",
		tag(`{"ForAllValues:StringNotEquals":{"aws:TagKeys":"AllowSharing"}}`):                                                          "allowsharing and",
		tag(`{"ForAllValues:StringNotEqualsIgnoreCase":{"aws:TagKeys":"AllowSharing"}}`):                                                "",
		tag(`{"StringEquals":{"ec2:Region":"us-west-2"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`):                                 "AllowSharing and",
		tag(`{"StringEquals":{"aws:RequestTag/team":"ml"}}`):                                                                            "",
		tag(`{"StringEquals":{"ec2:CreateAction":"CopyImage"}}`):                                                                        "AllowSharing by CopyImage",
		tag(`{"StringEquals":{"ec2:CreateAction":"CopyImage"},"ForAllValues:StringEquals":{"aws:TagKeys":"ALLOWSHARING"}}`):             "ALLOWSHARING by CopyImage",
		tag(`{"StringEquals":{"ec2:CreateAction":"CopyImage"},"ForAllValues:StringEquals":{"aws:TagKeys":"hyperpodkit:source-image"}}`): "",
	} {
		lints := decode(t, `{"Version":"2012-10-17","Statement":[`+text+`]}`).Check()
		i := slices.IndexFunc(lints, func(l policy.Lint) bool { return l.Code == "HYPERPOD_TAGS_AND_SHARES" })
		if found == "" {
			assert.Negative(t, i, text)
			continue
		}
		require.GreaterOrEqual(t, i, 0, text)
		assert.Contains(t, lints[i].Found, found)
	}
}

// The actions on EKS work on two kinds of ARN: with one of them alone, others never match.
func TestEKSActionsNeedBothARNs(t *testing.T) {
	t.Parallel()
	const all = `"eks:DescribeCluster","eks:CreateAccessEntry","eks:DescribeAccessEntry","eks:DeleteAccessEntry","eks:AssociateAccessPolicy"`
	for resource, dead := range map[string][]string{
		`"arn:aws:eks:us-west-2:111122223333:cluster/train"`:                                                             {"eks:AssociateAccessPolicy", "eks:DeleteAccessEntry", "eks:DescribeAccessEntry"},
		`"arn:aws:eks:us-west-2:111122223333:access-entry/train/*"`:                                                      {"eks:CreateAccessEntry", "eks:DescribeCluster"},
		`["arn:aws:eks:us-west-2:111122223333:cluster/train","arn:aws:eks:us-west-2:111122223333:access-entry/train/*"]`: nil,
	} {
		var found []string
		for _, l := range decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[`+all+`],"Resource":`+resource+`}]}`).Check() {
			if l.Code == "UNSUPPORTED_RESOURCE_ARN_IN_POLICY" {
				found = append(found, strings.Fields(l.Found)[0])
			}
		}
		slices.Sort(found)
		assert.Equal(t, dead, found, resource)
	}
}

// A tag of the resource is no key of every action: on CopyImage it refuses all.
func TestResourceTagsThatAnActionDoesNotHave(t *testing.T) {
	t.Parallel()
	for action, dead := range map[string]bool{"ec2:CopyImage": true, "sagemaker:ListClusters": true, "sagemaker:DeleteCluster": false, "ec2:ModifyImageAttribute": false} {
		lints := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+action+`","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"ml","aws:PrincipalTag/team":"ml"}}}]}`).Check()
		assert.Equal(t, dead, slices.Contains(codes(lints), "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"), action)
	}
}

// Of types of resource that are not known of an action, nothing is said.
func TestOtherTypesOfResources(t *testing.T) {
	t.Parallel()
	key := func(resource string) string {
		return `{"Effect":"Allow","Action":"ec2:CreateTags","Resource":` + resource + `,"Condition":{"StringEquals":{"ec2:InstanceType":"t3.large"}}}`
	}
	for statement, want := range map[string][]string{
		key(`"arn:aws:ec2:us-west-2:111122223333:instance/*"`): nil,
		key(`"*"`): nil,
		key(`["arn:aws:ec2:us-west-2::image/*","arn:aws:ec2:us-west-2:111122223333:instance/*"]`):                 nil,
		key(`["arn:aws:ec2:us-west-2::image/*","arn:aws:ec2:us-west-2::snapshot/snap-0123456789a"]`):              {"UNSUPPORTED_ACTION_FOR_CONDITION_KEY"},
		`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:us-west-2:111122223333:instance/*"}`: nil,
		`{"Effect":"Allow","Action":"ec2:ModifySnapshotAttribute","Resource":"arn:aws:ec2:us-west-2::image/*"}`:   {"UNSUPPORTED_RESOURCE_ARN_IN_POLICY"},
	} {
		var found []string
		for _, l := range decode(t, `{"Version":"2012-10-17","Statement":[`+statement+`]}`).Check() {
			if l.Severity == policy.LintError {
				found = append(found, l.Code)
			}
		}
		assert.Equal(t, want, found, statement)
	}
}

// Whatever takes in all resources of a kind is as wide as a *.
func TestEveryResourceOfAKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, action string
		wide, narrow []string
	}{
		{
			"PASS_ROLE_WITH_STAR_IN_RESOURCE", "iam:PassRole",
			[]string{"*", "arn:aws:iam::444455556666:role/*", "arn:aws:iam::444455556666:*", "arn:*:iam::*:role/*", "arn:aws:iam:*"},
			[]string{"arn:aws:iam::444455556666:role/a", "arn:aws:iam::444455556666:role/hyperpod/*", "arn:aws:ec2:*:*:*"},
		},
		{
			"HYPERPOD_ANY_EKS_CLUSTER", "eks:AssociateAccessPolicy",
			[]string{"*", "arn:aws:eks:us-west-2:111122223333:access-entry/*", "arn:aws:eks:*:*:*", "arn:aws:eks:us-west-2:111122223333:access-entry/*/role/*"},
			[]string{"arn:aws:eks:us-west-2:111122223333:access-entry/train/*", "arn:aws:eks:us-west-2:111122223333:access-entry/team-*"},
		},
		{
			"HYPERPOD_ANY_EKS_CLUSTER", "eks:CreateAccessEntry",
			[]string{"arn:aws:eks:us-west-2:111122223333:cluster/*", "arn:aws:eks:*:111122223333:cluster/?*"},
			[]string{"arn:aws:eks:us-west-2:111122223333:cluster/train", "arn:aws:eks:us-west-2:111122223333:cluster/team-*"},
		},
		{
			"HYPERPOD_CLUSTERS_OF_EVERY_TEAM", "sagemaker:DeleteCluster",
			[]string{"*", "arn:aws:sagemaker:us-west-2:111122223333:*", "arn:aws:sagemaker:*:*:cluster/????????????", "arn:aws:sagemaker:us-west-2:111122223333:cluster*"},
			[]string{"arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01", "arn:aws:eks:us-west-2:111122223333:cluster/*"},
		},
	} {
		for want, resources := range map[bool][]string{true: tt.wide, false: tt.narrow} {
			for _, resource := range resources {
				lints := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+tt.action+`","Resource":"`+resource+`"}]}`).Check()
				assert.Equal(t, want, slices.Contains(codes(lints), tt.code), "%s %s", tt.action, resource)
			}
		}
	}
}

// A condition closes a hole only if what goes through the hole fails it.
func TestConditionsThatCloseNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, action string
		open, closed []string
	}{
		{
			"HYPERPOD_SNAPSHOT_CAN_BE_PUBLIC", "ec2:ModifySnapshotAttribute",
			[]string{`"StringEquals":{"ec2:Add/group":"all"}`, `"StringNotEquals":{"ec2:Add/group":"ALL"}`, `"Null":{"ec2:Add/group":"false"}`},
			[]string{`"StringNotEquals":{"ec2:Add/group":"all"}`, `"Null":{"ec2:Add/group":"true"}`, `"StringNotEqualsIgnoreCase":{"EC2:add/Group":"ALL"}`},
		},
		{
			"HYPERPOD_PASS_ROLE_TO_ANY_SERVICE", "iam:PassRole",
			[]string{`"StringLike":{"iam:PassedToService":"*"}`, `"Null":{"iam:PassedToService":"false"}`, `"StringNotEquals":{"iam:PassedToService":"ec2.amazonaws.com"}`},
			[]string{`"StringEquals":{"iam:PassedToService":"sagemaker.amazonaws.com"}`, `"StringLike":{"iam:PassedToService":"*sagemaker.amazonaws.com"}`},
		},
		{
			"HYPERPOD_SHARING_WITHOUT_GUARD", "ec2:ModifyImageAttribute",
			[]string{`"StringNotEquals":{"ec2:ResourceTag/AllowSharing":"false"}`, `"StringEqualsIfExists":{"ec2:ResourceTag/AllowSharing":"true"}`},
			[]string{`"StringEquals":{"ec2:ResourceTag/AllowSharing":"true"}`, `"Null":{"aws:ResourceTag/AllowSharing":"false"}`},
		},
		{
			"HYPERPOD_IMAGE_SHARED_WITH_ANYONE", "ec2:ModifyImageAttribute",
			[]string{`"Bool":{"aws:ViaAWSService":"false"}`, `"StringEqualsIfExists":{"aws:CalledViaLast":"sagemaker.amazonaws.com"}`},
			[]string{`"Bool":{"aws:ViaAWSService":"true"}`, `"StringEquals":{"aws:CalledViaLast":"sagemaker.amazonaws.com"}`},
		},
		{
			"HYPERPOD_SNAPSHOT_SHARED_WITH_ANYONE", "ec2:ModifySnapshotAttribute",
			[]string{`"StringNotEquals":{"ec2:Add/userId":"444455556666"}`, `"StringLike":{"ec2:Add/userId":"*"}`},
			[]string{`"StringEquals":{"ec2:Add/userId":"444455556666"}`, `"ForAllValues:StringEquals":{"ec2:Add/userId":"444455556666"}`},
		},
		{
			"HYPERPOD_CLUSTERS_OF_EVERY_TEAM", "sagemaker:DeleteCluster",
			[]string{`"StringNotEquals":{"aws:ResourceTag/team":"web"}`},
			[]string{`"StringEquals":{"aws:ResourceTag/team":"ml"}`},
		},
		{
			"HYPERPOD_ANY_KEY", "kms:CreateGrant",
			[]string{`"Bool":{"kms:GrantIsForAWSResource":"false"}`, `"BoolIfExists":{"kms:GrantIsForAWSResource":["true","false"]}`},
			[]string{`"Bool":{"kms:GrantIsForAWSResource":"true"}`},
		},
		{
			"HYPERPOD_KEY_FOR_EVERY_SERVICE", "kms:CreateGrant",
			[]string{
				`"Bool":{"kms:GrantIsForAWSResource":"true"}`,
				`"Bool":{"kms:GrantIsForAWSResource":"true"},"StringLike":{"kms:ViaService":"*.us-west-2.amazonaws.com"}`,
			},
			[]string{`"Bool":{"kms:GrantIsForAWSResource":"true"},"StringEquals":{"kms:ViaService":"sagemaker.us-west-2.amazonaws.com"}`},
		},
		{
			"HYPERPOD_TAGS_MOVE_CLUSTERS", "sagemaker:AddTags",
			[]string{`"StringEqualsIfExists":{"sagemaker:TaggingAction":"CreateCluster"}`},
			[]string{`"StringEquals":{"sagemaker:TaggingAction":"CreateCluster"}`},
		},
		{
			"HYPERPOD_EVERY_REGION", "ec2:DescribeImages",
			[]string{`"StringLike":{"ec2:Region":"*"}`},
			[]string{`"StringLike":{"ec2:Region":"us-*"}`, `"StringEquals":{"aws:RequestedRegion":"us-west-2"}`},
		},
	} {
		for want, conditions := range map[bool][]string{true: tt.open, false: tt.closed} {
			for _, condition := range conditions {
				lints := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+tt.action+`","Resource":"*","Condition":{`+condition+`}}]}`).Check()
				assert.Equal(t, want, slices.Contains(codes(lints), tt.code), "%s %s", tt.code, condition)
			}
		}
	}
}

// Tags in other case pass a Deny that minds it.
func TestDenyOfATagInOneCase(t *testing.T) {
	t.Parallel()
	for condition, passes := range map[string]bool{
		`"ForAnyValue:StringEquals":{"aws:TagKeys":"AllowSharing"}`:                                 true,
		`"ForAnyValue:StringLike":{"aws:TagKeys":"Allow*"}`:                                         true,
		`"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"AllowSharing"}`:                         true,
		`"ForAnyValue:StringEqualsIgnoreCase":{"aws:TagKeys":"AllowSharing"}`:                       false,
		`"ForAnyValue:StringEquals":{"aws:TagKeys":["AllowSharing","allowsharing","ALLOWSHARING"]}`: true,
		`"Null":{"aws:TagKeys":"true"}`:                                                             false,
	} {
		lints := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:CreateTags","Resource":"*","Condition":{`+condition+`}}]}`).Check()
		assert.Equal(t, passes, slices.Contains(codes(lints), "HYPERPOD_TAG_KEY_CASE"), condition)
	}
}

// Keys that SageMaker has for other actions, or not at all, are dead on clusters.
func TestKeysThatClustersDoNotHave(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"CreateCluster", "UpdateCluster", "UpdateClusterSoftware", "BatchAddClusterNodes"} {
		for _, key := range []string{"ImageArns", "VolumeKmsKey", "RootAccess", "InstanceType", "ImageId"} {
			lints := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sagemaker:`+action+`","Resource":"*","Condition":{"StringEquals":{"sagemaker:`+key+`":"x"}}}]}`).Check()
			assert.Contains(t, codes(lints), "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", "%s %s", action, key)
		}
	}
	// A cluster may be made of a training plan, which a statement of its own names.
	plan := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sagemaker:CreateCluster","Resource":"arn:aws:sagemaker:us-west-2:111122223333:training-plan/*"}]}`).Check()
	assert.NotContains(t, codes(plan), "UNSUPPORTED_RESOURCE_ARN_IN_POLICY")
}
