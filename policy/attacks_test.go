package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// attack is a request that no generated policy may allow.
type attack struct {
	name    string
	request policy.Request
	// page says that the policy of the AWS page allows it.
	page bool
	// anyCluster says that a scope of all clusters allows it on purpose.
	anyCluster bool
}

func attacks(w world) []attack {
	all := []attack{
		{name: "pass the role to another service", page: true, request: w.direct("iam:PassRole", w.role, keys{"iam:PassedToService": {"ec2.amazonaws.com"}})},
		{name: "pass the role to nobody in particular", page: true, request: w.direct("iam:PassRole", w.role)},
		{name: "pass another role", request: w.direct("iam:PassRole", w.role+"-admin", keys{"iam:PassedToService": {"sagemaker.amazonaws.com"}})},

		{name: "pass the execution role to what scales", page: true, request: w.direct("iam:PassRole", w.role, keys{"iam:PassedToService": {"hyperpod.sagemaker.amazonaws.com"}})},
		{name: "pass the cluster's role to another service", request: w.direct("iam:PassRole", clusterRoleARN, keys{"iam:PassedToService": {"ec2.amazonaws.com"}})},

		{name: "retag a cluster", anyCluster: true, request: w.direct("sagemaker:AddTags", w.arn("sagemaker", "cluster/other0000001"), keys{"aws:RequestTag/team": {"ml"}, "aws:TagKeys": {"team"}})},
		{name: "retag under the name of another creation", request: w.direct("sagemaker:AddTags", w.arn("sagemaker", "endpoint/x"), w.tags, keys{"sagemaker:TaggingAction": {"CreateEndpoint"}})},
		{name: "tag another team's cluster", anyCluster: true, request: w.direct("sagemaker:AddTags", w.arn("sagemaker", "cluster/other0000001"), keys{"aws:ResourceTag/team": {"web"}, "aws:RequestTag/stage": {"x"}, "aws:TagKeys": {"stage"}})},
		{name: "untag another team's cluster", anyCluster: true, request: w.direct("sagemaker:DeleteTags", w.arn("sagemaker", "cluster/other0000001"), keys{"aws:ResourceTag/team": {"web"}, "aws:TagKeys": {"stage"}})},

		{name: "set the guard tag at creation", request: w.direct("ec2:CreateTags", w.image(), keys{"aws:RequestTag/" + w.guard.Key: {w.guard.Value}, "aws:TagKeys": {w.guard.Key}, "ec2:CreateAction": {"CopyImage"}})},
		{name: "set the guard tag in other case", request: w.direct("ec2:CreateTags", w.image(), keys{"aws:RequestTag/" + strings.ToLower(w.guard.Key): {w.guard.Value}, "aws:TagKeys": {strings.ToUpper(w.guard.Key)}})},
		{name: "set the guard tag to another value", request: w.direct("ec2:CreateTags", w.image(), keys{"aws:RequestTag/" + w.guard.Key: {"x"}, "aws:TagKeys": {w.guard.Key}})},
		{name: "set another tag beside it", request: w.direct("ec2:CreateTags", w.image(), keys{"aws:RequestTag/" + w.guard.Key: {w.guard.Value}, "aws:TagKeys": {w.guard.Key, "owner"}})},
		{name: "remove all tags", request: w.direct("ec2:DeleteTags", w.image())},
		{name: "remove another tag", request: w.direct("ec2:DeleteTags", w.image(), w.guarded(), keys{"aws:TagKeys": {"hyperpodkit:source-image"}})},
		{name: "remove another tag beside the guard's", request: w.direct("ec2:DeleteTags", w.snapshot(), w.guarded(), keys{"aws:TagKeys": {w.guard.Key, "owner"}})},
		{name: "untag an instance", request: w.direct("ec2:DeleteTags", w.arn("ec2", "instance/i-1"), keys{"aws:TagKeys": {w.guard.Key}})},
		{name: "untag an image in another Region", request: w.direct("ec2:DeleteTags", "arn:"+w.partition+":ec2:ap-south-1::image/ami-0123456789abcdef0", keys{"aws:TagKeys": {w.guard.Key}})},
		{name: "tag an instance", request: w.direct("ec2:CreateTags", w.arn("ec2", "instance/i-1"), keys{"aws:RequestTag/" + w.guard.Key: {w.guard.Value}, "aws:TagKeys": {w.guard.Key}})},

		{name: "publish a snapshot without the tag", request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), keys{"ec2:Add/group": {"all"}})},
		{name: "publish a snapshot with the tag", page: true, request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), keys{"ec2:Add/group": {"all"}})},
		{name: "share a snapshot without the tag", request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), keys{"ec2:Add/userId": {"999988887777"}})},
		{name: "share a snapshot without the tag through HyperPod", request: w.forwarded("ec2:ModifySnapshotAttribute", w.snapshot(), keys{"ec2:Add/userId": {"999988887777"}})},
		{name: "publish a snapshot with the tag through HyperPod", page: true, request: w.forwarded("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), keys{"ec2:Add/group": {"all"}})},
		{name: "share a snapshot without the tag with one's own", request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), keys{"ec2:Add/userId": {"222233334444"}})},
		{name: "share an image without the tag", request: w.direct("ec2:ModifyImageAttribute", w.image())},
		{name: "share an image whose tag says no", request: w.direct("ec2:ModifyImageAttribute", w.image(), keys{"ec2:ResourceTag/" + w.guard.Key: {"false"}})},

		{name: "make another service's linked role", page: true, request: w.direct("iam:CreateServiceLinkedRole", strings.ReplaceAll(w.linkedRole(), "hyperpod.sagemaker", "spot"), keys{"iam:AWSServiceName": {"spot.amazonaws.com"}})},
		{name: "make HyperPod's linked role for another service", page: true, request: w.direct("iam:CreateServiceLinkedRole", w.linkedRole(), keys{"iam:AWSServiceName": {"spot.amazonaws.com"}})},

		{name: "grant the use of another key", request: w.direct("kms:CreateGrant", w.arn("kms", "key/other"), keys{"kms:GrantIsForAWSResource": {"true"}, "kms:GrantOperations": {"Decrypt"}, "kms:ViaService": {"sagemaker." + w.region + ".amazonaws.com"}})},
		{name: "read another Region's images", page: true, request: w.direct("ec2:DescribeImages", "*", keys{"ec2:Region": {"ap-south-1"}})},
		{name: "list another Region's clusters", page: true, request: w.direct("sagemaker:ListClusters", "*", keys{"aws:RequestedRegion": {"eu-west-1"}})},
	}
	for _, action := range []string{"sagemaker:UpdateCluster", "sagemaker:UpdateClusterSoftware", "sagemaker:DeleteCluster", "sagemaker:BatchDeleteClusterNodes"} {
		other := w.arn("sagemaker", "cluster/other0000001")
		all = append(all,
			attack{name: action + " of another team", page: true, anyCluster: true, request: w.direct(action, other, keys{"aws:ResourceTag/team": {"web"}})},
			attack{name: action + " of a cluster without tags", page: true, anyCluster: true, request: w.direct(action, other)},
			attack{name: action + " in another Region", page: true, request: w.direct(action, strings.Replace(w.cluster, w.region, "eu-west-1", 1), w.clusterKeys)},
			attack{name: action + " in another account", page: true, request: w.direct(action, strings.Replace(w.cluster, account, "444455556666", 1), w.clusterKeys)},
		)
	}
	for _, action := range []string{"eks:CreateAccessEntry", "eks:DescribeCluster"} {
		all = append(all, attack{name: action + " on another EKS cluster", page: true, request: w.direct(action, w.arn("eks", "cluster/prod"))})
	}
	for _, action := range []string{"eks:AssociateAccessPolicy", "eks:DeleteAccessEntry"} {
		all = append(all, attack{
			name: action + " on another EKS cluster", page: true,
			request: w.direct(action, w.arn("eks", "access-entry/prod/role/"+account+"/ops/1"), keys{"eks:policyArn": {"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}}),
		})
	}
	all = append(all, imageAttacks(w)...)
	if w.scope.Strict {
		all = append(all, w.strictAttacks()...)
	}
	if w.tags != nil {
		creating := keys{"sagemaker:TaggingAction": {"CreateCluster"}}
		other := w.arn("sagemaker", "cluster/other0000001")
		all = append(all,
			attack{name: "tag a cluster that exists", request: w.direct("sagemaker:AddTags", other, w.tags)},
			attack{name: "tag at creation with a tag more", request: w.direct("sagemaker:AddTags", other, w.tags, creating, keys{"aws:TagKeys": append([]string{"other"}, w.tags["aws:TagKeys"]...)})},
		)
		for key := range w.tags {
			if key != "aws:TagKeys" {
				all = append(all,
					attack{name: "tag at creation with another " + key, request: w.direct("sagemaker:AddTags", other, w.tags, creating, keys{key: {"x"}})},
					attack{name: "create with another " + key, page: true, request: w.direct("sagemaker:CreateCluster", other, w.tags, w.input(), keys{key: {"x"}})})
			}
		}
	}
	if w.clusterKeys != nil {
		for _, key := range []string{"team", "TEAM"} {
			all = append(all,
				attack{name: "remove the tag that selects", request: w.direct("sagemaker:DeleteTags", w.cluster, w.clusterKeys, keys{"aws:TagKeys": {key}})},
				attack{name: "remove it among others", request: w.direct("sagemaker:DeleteTags", w.cluster, w.clusterKeys, keys{"aws:TagKeys": {"stage", key}})},
				attack{name: "set it anew", request: w.direct("sagemaker:AddTags", w.cluster, w.clusterKeys, keys{"aws:RequestTag/" + key: {"ml"}, "aws:TagKeys": {"stage", key}})})
		}
		all = append(all, attack{name: "read another team's cluster", page: true, request: w.direct("sagemaker:DescribeCluster", w.arn("sagemaker", "cluster/other0000001"), keys{"aws:ResourceTag/team": {"web"}})})
		all = append(all, attack{name: "remove tags that are not named", request: w.direct("sagemaker:DeleteTags", w.cluster, w.clusterKeys)})
	}
	if w.kmsKey != "" {
		all = append(all, attack{name: "look at the key directly", request: w.direct("kms:DescribeKey", w.kmsKey)})
		via := w.volumes()[0].Context["kms:ViaService"]
		all = append(all,
			attack{name: "grant oneself the key directly", request: w.direct("kms:CreateGrant", w.kmsKey, keys{"kms:GrantOperations": {"Decrypt"}, "kms:GrantIsForAWSResource": {"false"}})},
			attack{name: "grant an AWS resource the key, but through another service", request: w.direct("kms:CreateGrant", w.kmsKey, w.through("s3"), keys{"kms:GrantIsForAWSResource": {"true"}, "kms:GrantOperations": {"Decrypt"}})},
			attack{name: "grant for no AWS resource", request: w.direct("kms:CreateGrant", w.kmsKey, keys{"kms:ViaService": via, "kms:GrantOperations": {"Decrypt"}})},
			attack{name: "grant other operations", request: w.direct("kms:CreateGrant", w.kmsKey, keys{"kms:ViaService": via, "kms:GrantIsForAWSResource": {"true"}, "kms:GrantOperations": {"Decrypt", "Sign"}})},
			attack{name: "grant unnamed operations", request: w.direct("kms:CreateGrant", w.kmsKey, keys{"kms:ViaService": via, "kms:GrantIsForAWSResource": {"true"}})},
		)
	}
	create := func(name string, more ...keys) attack {
		return attack{name: name, page: true, request: w.direct("sagemaker:CreateCluster", w.arn("sagemaker", "cluster/new000000001"), more...)}
	}
	if w.tags != nil {
		all = append(all, create("create without the tags", w.input()),
			create("create with a tag more", w.input(), w.tags, keys{"aws:TagKeys": append([]string{"other"}, w.tags["aws:TagKeys"]...)}))
	}
	if len(w.scope.InstanceTypes) > 0 {
		all = append(all, create("create without instance types", w.tags, keys{"sagemaker:VpcSubnets": {"subnet-0123456789abcdef0"}, "sagemaker:VpcSecurityGroupIds": {"sg-0123456789abcdef0"}}),
			create("create with another instance type", w.tags, w.input(), keys{"sagemaker:InstanceTypes": {"ml.c5.2xlarge", "ml.p5e.48xlarge"}}),
			create("create in another subnet", w.tags, w.input(), keys{"sagemaker:VpcSubnets": {"subnet-00000000"}}),
			create("create with another security group", w.tags, w.input(), keys{"sagemaker:VpcSecurityGroupIds": {"sg-00000000"}}),
			attack{name: "create without subnets", page: true, request: w.direct("sagemaker:CreateCluster", w.cluster, w.tags, keys{"sagemaker:InstanceTypes": {"ml.c5.2xlarge"}, "sagemaker:VpcSecurityGroupIds": {"sg-0123456789abcdef0"}})},
			attack{name: "create without security groups", page: true, request: w.direct("sagemaker:CreateCluster", w.cluster, w.tags, keys{"sagemaker:InstanceTypes": {"ml.c5.2xlarge"}, "sagemaker:VpcSubnets": {"subnet-0123456789abcdef0"}})},
			attack{name: "move to another subnet", page: true, request: w.direct("sagemaker:UpdateCluster", w.cluster, keys{"sagemaker:VpcSubnets": {"subnet-00000000"}})},
			attack{name: "move to another security group", page: true, request: w.direct("sagemaker:UpdateCluster", w.cluster, keys{"sagemaker:VpcSecurityGroupIds": {"sg-00000000"}})},
			attack{name: "update to another instance type", page: true, request: w.direct("sagemaker:UpdateCluster", w.cluster, keys{"sagemaker:InstanceTypes": {"ml.p5e.48xlarge"}})})
	}
	return all
}

func TestAttacksAreDenied(t *testing.T) {
	t.Parallel()
	for name, w := range worlds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := compiled(t, w.scope, workflows()...)
			for _, a := range attacks(w) {
				allowed := a.anyCluster && strings.HasPrefix(name, "any")
				d := p.Evaluate(a.request)
				assert.Equal(t, allowed, d.Allowed, "%s: %s", a.name, d.Reason)
				assert.NotEmpty(t, d.Reason)
			}
		})
	}
}

// TestThePageAllowsWhatIsDenied holds that the attacks are real: they pass under
// the policy of the AWS page where the table says so.
func TestThePageAllowsWhatIsDenied(t *testing.T) {
	t.Parallel()
	_, doc := pagePolicy(t)
	doc.Statements[0].Resource = policy.String(roleARN)
	page, err := policy.Compile(doc)
	require.NoError(t, err)
	for _, a := range attacks(worlds()["arn-eks without the keys of forward access"]) {
		assert.Equal(t, a.page, page.Evaluate(a.request).Allowed, a.name)
	}
}

// TestNoConditionIsSpare drops each condition of each policy: an attack must pass.
func TestNoConditionIsSpare(t *testing.T) {
	t.Parallel()
	for name, w := range worlds() {
		doc := generate(t, w.scope, workflows()...)
		for i, st := range doc.Statements {
			for j, o := range st.Condition {
				for k, key := range o.Keys {
					weaker := *doc
					weaker.Statements = slices.Clone(doc.Statements)
					weaker.Statements[i].Condition = slices.Clone(st.Condition)
					weaker.Statements[i].Condition[j].Keys = slices.Delete(slices.Clone(o.Keys), k, k+1)
					set, err := policy.Compile(&weaker)
					require.NoError(t, err)
					assert.True(t, slices.ContainsFunc(attacks(w), func(a attack) bool {
						meant := a.anyCluster && strings.HasPrefix(name, "any")
						return !meant && set.Evaluate(a.request).Allowed
					}), "%s: %s without %s %s", name, st.Sid, o.Name, key.Name)
				}
			}
		}
	}
}

// TestRollingAnImageIsNothingElse holds the separation of duty between workflows.
func TestRollingAnImageIsNothingElse(t *testing.T) {
	t.Parallel()
	w := worlds()["arn-eks without the keys of forward access"]
	p := compiled(t, w.scope, policy.RollImage)
	for _, other := range []policy.Request{
		w.passing(), w.direct("sagemaker:CreateCluster", w.cluster), w.direct("sagemaker:UpdateCluster", w.cluster),
		w.direct("sagemaker:DeleteCluster", w.cluster), w.entries()[1], w.calls(policy.TagForSharing)[0],
		w.direct("sagemaker:ListClusters", "*"),
	} {
		assert.False(t, p.Evaluate(other).Allowed, other.Action)
	}
}
