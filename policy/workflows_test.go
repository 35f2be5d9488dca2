package policy_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

type keys = map[string][]string

// world is an account in which the workflows' calls are made: what the calls name
// fits the scope.
type world struct {
	scope         policy.Scope
	partition     string
	region        string
	cluster       string // an existing one within the scope
	clusterKeys   keys
	eks           bool
	role          string
	kmsKey        string
	guard         policy.Tag
	tags          keys // of CreateCluster
	forwardedKeys bool
}

func worlds() map[string]world {
	w := map[string]world{}
	for name, s := range scopes() {
		one := world{
			scope: s, partition: "aws", region: "us-west-2", cluster: clusterARN, eks: strings.Contains(name, "eks"),
			role: s.ExecutionRoles[0], guard: policy.Tag{Key: "AllowSharing", Value: "true"},
		}
		switch {
		case strings.Contains(name, "tag"), strings.Contains(name, "china"):
			one.clusterKeys = keys{"aws:ResourceTag/team": {"ml"}, "sagemaker:ResourceTag/team": {"ml"}}
			one.tags = keys{"aws:RequestTag/team": {"ml"}, "aws:TagKeys": {"team"}}
		case strings.Contains(name, "narrow"):
			one.guard = s.Guard
			one.tags = keys{"aws:RequestTag/owner": {"ann"}, "aws:RequestTag/cost center": {"7"}, "aws:TagKeys": {"owner", "cost center"}}
		}
		if len(s.KMSKeys) > 0 {
			one.kmsKey = s.KMSKeys[0]
		}
		if strings.Contains(name, "china") {
			one.partition, one.region = "aws-cn", "cn-north-1"
			one.cluster = "arn:aws-cn:sagemaker:cn-north-1:111122223333:cluster/abcdefghij01"
		}
		for _, forwarded := range []bool{false, true} {
			if s.Strict && !forwarded {
				continue
			}
			one.forwardedKeys = forwarded
			w[name+map[bool]string{false: " without", true: " with"}[forwarded]+" the keys of forward access"] = one
		}
	}
	return w
}

// direct is a call of the program itself.
func (w world) direct(action, resource string, more ...keys) policy.Request {
	r := policy.Request{
		PrincipalARN: "arn:" + w.partition + ":iam::" + account + ":role/ops", Action: action, Resource: resource,
		Context: keys{"aws:RequestedRegion": {w.region}, "aws:ViaAWSService": {"false"}, "aws:PrincipalAccount": {account}},
	}
	if strings.HasPrefix(action, "ec2:") {
		r.Context["ec2:Region"] = []string{w.region}
	}
	for _, m := range more {
		maps.Copy(r.Context, m)
	}
	return r
}

// forwarded is a call that SageMaker makes with the caller's rights.
func (w world) forwarded(action, resource string, more ...keys) policy.Request {
	if w.forwardedKeys {
		const service = "sagemaker.amazonaws.com"
		more = append(more, keys{
			"aws:CalledVia": {service}, "aws:CalledViaFirst": {service}, "aws:CalledViaLast": {service}, "aws:ViaAWSService": {"true"},
		})
	}
	return w.direct(action, resource, more...)
}

func (w world) arn(service, resource string) string {
	return "arn:" + w.partition + ":" + service + ":" + w.region + ":" + account + ":" + resource
}

// ec2 is the ARN of an AMI or a snapshot, which has no account.
func (w world) ec2(resource string) string {
	return "arn:" + w.partition + ":ec2:" + w.region + "::" + resource
}

func (w world) image() string { return w.ec2("image/ami-0123456789abcdef0") }

func (w world) snapshot() string { return w.ec2("snapshot/snap-0123456789abcdef0") }

func (w world) linkedRole() string {
	return "arn:" + w.partition + ":iam::" + account + ":role/aws-service-role/hyperpod.sagemaker.amazonaws.com/AWSServiceRoleForSageMakerHyperPod"
}

func (w world) guarded() keys {
	return keys{"ec2:ResourceTag/" + w.guard.Key: {w.guard.Value}, "aws:ResourceTag/" + w.guard.Key: {w.guard.Value}, "ec2:Owner": {account}}
}

func (w world) sharing() []policy.Request {
	return []policy.Request{
		w.forwarded("ec2:DescribeImages", "*"),
		w.forwarded("ec2:DescribeSnapshots", "*"),
		w.forwarded("ec2:ModifyImageAttribute", w.image(), w.guarded(), keys{"ec2:Attribute": {"LaunchPermission"}}),
		w.forwarded("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), keys{"ec2:Add/userId": {"999988887777"}}),
	}
}

func (w world) entries() []policy.Request {
	if !w.eks {
		return nil
	}
	entry := w.arn("eks", "access-entry/train/role/"+account+"/execution/0a1b2c3d")
	of := keys{"eks:principalArn": {w.role}}
	return []policy.Request{
		w.forwarded("eks:DescribeCluster", w.arn("eks", "cluster/train")),
		w.forwarded("eks:CreateAccessEntry", w.arn("eks", "cluster/train"), keys{"eks:principalArn": {w.linkedRole()}}),
		w.forwarded("eks:DescribeAccessEntry", entry, of),
		w.forwarded("eks:DeleteAccessEntry", entry, of),
		w.forwarded("eks:AssociateAccessPolicy", entry, of, keys{"eks:policyArn": {"arn:aws:eks::aws:cluster-access-policy/AmazonSagemakerHyperpodClusterPolicy"}}),
	}
}

func (w world) volumes() []policy.Request {
	if w.kmsKey == "" {
		return nil
	}
	via := w.through("sagemaker")
	return []policy.Request{
		w.forwarded("kms:DescribeKey", w.kmsKey, via),
		w.forwarded("kms:CreateGrant", w.kmsKey, via, keys{
			"kms:GrantIsForAWSResource": {"true"}, "kms:GrantOperations": {"CreateGrant", "Decrypt", "DescribeKey"},
		}),
	}
}

func (w world) through(service string) keys {
	suffix := map[string]string{"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}[w.partition]
	return keys{"kms:ViaService": {service + "." + w.region + "." + suffix}}
}

func (w world) passing() policy.Request {
	return w.forwarded("iam:PassRole", w.role, keys{"iam:PassedToService": {"sagemaker.amazonaws.com"}})
}

// passingForScaling are both forms in which the service may take the cluster's role.
func (w world) passingForScaling() []policy.Request {
	if w.scope.ClusterRole == "" {
		return nil
	}
	return []policy.Request{
		w.forwarded("iam:PassRole", w.scope.ClusterRole, keys{"iam:PassedToService": {"sagemaker.amazonaws.com"}}),
		w.forwarded("iam:PassRole", w.scope.ClusterRole, keys{"iam:PassedToService": {"hyperpod.sagemaker.amazonaws.com"}}),
	}
}

func (w world) input() keys {
	return keys{
		"sagemaker:InstanceTypes": {"ml.c5.2xlarge"}, "sagemaker:VpcSubnets": {"subnet-0123456789abcdef0"},
		"sagemaker:VpcSecurityGroupIds": {"sg-0123456789abcdef0"},
	}
}

func (w world) watching(cluster string) []policy.Request {
	return []policy.Request{
		w.direct("sagemaker:DescribeCluster", cluster, w.clusterKeys),
		w.direct("sagemaker:ListClusterNodes", cluster, w.clusterKeys),
		w.direct("sagemaker:ListClusterEvents", cluster, w.clusterKeys),
		w.direct("sagemaker:DescribeClusterEvent", cluster, w.clusterKeys),
	}
}

// node is a look at one node.
func (w world) node() policy.Request {
	return w.direct("sagemaker:DescribeClusterNode", w.cluster, w.clusterKeys)
}

// calls returns what each workflow and, on its behalf, the service asks for.
func (w world) calls(workflow policy.Workflow) []policy.Request {
	var r []policy.Request
	add := func(more ...policy.Request) { r = append(r, more...) }
	switch workflow {
	case policy.Read:
		add(w.watching(w.cluster)...)
		add(w.node(), w.direct("sagemaker:ListClusters", "*"))
	case policy.CreateCluster:
		created := w.arn("sagemaker", "cluster/new000000001")
		add(w.direct("sagemaker:CreateCluster", created, w.input(), w.tags))
		if w.tags != nil {
			add(w.forwarded("sagemaker:AddTags", created, w.tags, keys{"sagemaker:TaggingAction": {"CreateCluster"}}))
		}
		add(w.passing(), w.forwarded("iam:CreateServiceLinkedRole", w.linkedRole(), keys{"iam:AWSServiceName": {"hyperpod.sagemaker.amazonaws.com"}}))
		add(w.passingForScaling()...)
		add(w.sharing()...)
		add(w.entries()...)
		add(w.volumes()...)
		add(w.watching(created)...)
	case policy.UpdateGroups:
		add(w.direct("sagemaker:UpdateCluster", w.cluster, w.clusterKeys, keys{"sagemaker:InstanceTypes": {"ml.c5.2xlarge"}}),
			w.direct("sagemaker:UpdateCluster", w.cluster, w.clusterKeys), // deletes groups only
			w.forwarded("sagemaker:BatchAddClusterNodes", w.cluster, w.clusterKeys),
			w.forwarded("sagemaker:BatchDeleteClusterNodes", w.cluster, w.clusterKeys),
			w.forwarded("sagemaker:UpdateClusterSoftware", w.cluster, w.clusterKeys), w.passing())
		add(w.passingForScaling()...)
		add(w.sharing()...)
		add(w.entries()...)
		add(w.volumes()...)
		add(w.watching(w.cluster)...)
	case policy.RollImage:
		add(w.node(), w.direct("sagemaker:UpdateClusterSoftware", w.cluster, w.clusterKeys))
		add(w.sharing()...)
		if w.eks {
			add(w.entries()[0])
		}
		add(w.volumes()...)
		add(w.watching(w.cluster)...)
	case policy.DeleteCluster:
		add(w.direct("sagemaker:DeleteCluster", w.cluster, w.clusterKeys))
		if w.clusterKeys != nil {
			add(w.direct("sagemaker:DescribeCluster", w.cluster)) // once it is gone
		}
		add(w.watching(w.cluster)...)
		if w.eks {
			add(w.entries()[2], w.entries()[3])
		}
	case policy.OperateNodes:
		add(w.node())
		for _, action := range []string{"Add", "Delete", "Reboot", "Replace"} {
			add(w.direct("sagemaker:Batch"+action+"ClusterNodes", w.cluster, w.clusterKeys))
		}
		if w.eks {
			add(w.entries()[0])
		}
		add(w.volumes()...)
		add(w.watching(w.cluster)...)
	case policy.TagClusters:
		add(w.watching(w.cluster)[0], w.direct("sagemaker:ListTags", w.cluster, w.clusterKeys),
			w.direct("sagemaker:AddTags", w.cluster, w.clusterKeys, keys{"aws:RequestTag/stage": {"x"}, "aws:TagKeys": {"stage"}}),
			w.direct("sagemaker:DeleteTags", w.cluster, w.clusterKeys, keys{"aws:TagKeys": {"stage"}}))
	case policy.CheckImage:
		add(w.direct("ec2:DescribeImages", "*"), w.direct("ec2:DescribeSnapshots", "*"))
	case policy.TagForSharing:
		tag := keys{"aws:RequestTag/" + w.guard.Key: {w.guard.Value}, "aws:TagKeys": {w.guard.Key}}
		add(w.direct("ec2:CreateTags", w.image(), tag), w.direct("ec2:CreateTags", w.snapshot(), tag))
		add(w.direct("ec2:DescribeImages", "*"), w.direct("ec2:DescribeSnapshots", "*"))
	case policy.UntagForSharing:
		add(w.reading(w.region)...)
		add(w.permissions(w.image(), w.snapshot())...)
		for _, key := range []string{w.guard.Key, strings.ToUpper(w.guard.Key)} {
			tag := keys{"aws:TagKeys": {key}, "aws:RequestTag/" + key: {w.guard.Value}}
			add(w.direct("ec2:DeleteTags", w.image(), w.guarded(), tag), w.direct("ec2:DeleteTags", w.snapshot(), w.guarded(), tag))
		}
	case policy.ShareImage:
		add(w.reading(w.region)...)
		add(w.permissions(w.image(), w.snapshot())...)
		add(w.direct("ec2:ModifyImageAttribute", w.image(), w.guarded()),
			w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), keys{"ec2:Add/userId": {"222233334444"}}),
			w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), keys{"ec2:Remove/userId": {"999988887777"}}))
	case policy.AdoptImage:
		add(w.adopting()...)
	case policy.AuditImages:
		add(w.reading(w.region)...)
		add(w.permissions(w.ec2("image/ami-0eeeeeeeeeeeeeeee"), w.ec2("snapshot/snap-0eeeeeeeeeeeeeeee"))...)
	case policy.RetireImage:
		add(w.direct("ec2:DescribeImages", "*"), w.direct("ec2:EnableImageDeprecation", w.image(), w.guarded()))
	}
	return r
}

func (w world) reading(region string) []policy.Request {
	return []policy.Request{
		w.direct("ec2:DescribeImages", "*", keys{"ec2:Region": {region}}),
		w.direct("ec2:DescribeSnapshots", "*", keys{"ec2:Region": {region}}),
	}
}

func (w world) permissions(image, snapshot string) []policy.Request {
	return []policy.Request{w.direct("ec2:DescribeImageAttribute", image), w.direct("ec2:DescribeSnapshotAttribute", snapshot)}
}

// adopting is a copy from a source within the scope. The resources that are made have
// an asterisk for an id.
func (w world) adopting() []policy.Request {
	from, owner := w.region, "444455556666"
	if len(w.scope.Sources.Regions) > 0 {
		from = w.scope.Sources.Regions[0]
	}
	source := "arn:" + w.partition + ":ec2:" + from + "::image/ami-0abcdefabcdefabcd"
	tags := keys{"aws:TagKeys": {"hyperpodkit:adoption", "hyperpodkit:source-image", "hyperpodkit:source-owner", "hyperpodkit:source-region"}}
	created := keys{"ec2:CreateAction": {"CopyImage"}}
	r := append(w.reading(w.region), w.reading(from)...)
	r = append(r, w.direct("ec2:GetEbsEncryptionByDefault", "*"), w.direct("ec2:GetEbsDefaultKmsKeyId", "*"),
		w.direct("ec2:CopyImage", source, keys{"ec2:ImageID": {"ami-0abcdefabcdefabcd"}, "ec2:Owner": {owner}}),
		w.direct("ec2:CopyImage", w.ec2("image/*"), tags), w.direct("ec2:CopyImage", w.ec2("snapshot/*"), tags),
		w.direct("ec2:CreateTags", w.ec2("image/*"), tags, created), w.direct("ec2:CreateTags", w.ec2("snapshot/*"), tags, created))
	if w.kmsKey == "" {
		return r
	}
	for key, via := range map[string]keys{w.kmsKey: w.through("ec2"), sourceKeyARN: {"kms:ViaService": {"ec2.eu-west-1.amazonaws.com"}}} {
		if key != w.kmsKey && len(w.scope.Sources.KMSKeys) == 0 {
			continue
		}
		for _, action := range []string{"Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"} {
			r = append(r, w.direct("kms:"+action, key, via))
		}
		r = append(r, w.direct("kms:CreateGrant", key, via, keys{"kms:GrantIsForAWSResource": {"true"}, "kms:GrantOperations": {"Decrypt"}}))
	}
	return r
}

func compiled(t testing.TB, s policy.Scope, w ...policy.Workflow) policy.Policies {
	t.Helper()
	set, err := policy.Compile(generate(t, s, w...))
	require.NoError(t, err)
	return policy.Policies{Identity: set}
}

func TestEachWorkflowIsAllowedItsCalls(t *testing.T) {
	t.Parallel()
	for name, w := range worlds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, workflow := range workflows() {
				p := compiled(t, w.scope, workflow)
				for _, r := range w.calls(workflow) {
					assert.True(t, p.Evaluate(r).Allowed, "%v: %s", workflow, p.Evaluate(r).Reason)
				}
			}
		})
	}
}

// TestNothingIsSpare drops each action of each workflow's policy: one of its calls
// must fail.
func TestNothingIsSpare(t *testing.T) {
	t.Parallel()
	for name, w := range worlds() {
		for _, workflow := range workflows() {
			doc := generate(t, w.scope, workflow)
			for i, st := range doc.Statements {
				for j, action := range st.Action.Items {
					if action == "sagemaker:UpdateClusterSoftware" && workflow == policy.CreateCluster {
						continue // listed by the references; which call asks for it is not
					}
					rest := append(append([]string{}, st.Action.Items[:j]...), st.Action.Items[j+1:]...)
					doc.Statements[i].Action = policy.List(rest...)
					set, err := policy.Compile(doc)
					require.NoError(t, err)
					failed := false
					for _, r := range w.calls(workflow) {
						failed = failed || !set.Evaluate(r).Allowed
					}
					assert.True(t, failed, "%s: %v without %s", name, workflow, action)
				}
				doc.Statements[i].Action = st.Action
			}
		}
	}
}
