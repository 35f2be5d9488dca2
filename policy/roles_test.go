package policy_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// otherDocuments are the documents that are not for the library's own caller.
func otherDocuments(t testing.TB) map[string]*policy.Document {
	t.Helper()
	docs := map[string]*policy.Document{}
	add := func(name string, d *policy.Document, err error) {
		require.NoError(t, err, name)
		docs[name] = d
	}
	slurm := scope(anyOne)
	full := func(o *policy.RoleOptions) {
		o.Lifecycle, o.Data = []string{"s3://amzn-s3-demo-bucket/lifecycle/"}, []string{"s3://amzn-s3-demo-data"}
		o.VPC, o.Alarms, o.PodIdentity = true, true, true
	}
	d, err := policy.ExecutionRole(slurm)
	add("execution-slurm", d, err)
	d, err = policy.ExecutionRole(scope(), full)
	add("execution-eks", d, err)
	d, err = policy.ExecutionRoleTrust(scope())
	add("execution-trust", d, err)
	d, err = policy.ExecutionRoleTrust(scope(strict))
	add("execution-trust-strict", d, err)
	d, err = policy.ClusterRole(scope(narrow))
	add("cluster-role", d, err)
	d, err = policy.ClusterRoleTrust(scope(china))
	add("cluster-role-trust", d, err)
	d, err = policy.KeyPolicy(scope(), roleARN)
	add("key", d, err)
	d, err = policy.AMIBuilder(scope(narrow), func(o *policy.BuilderOptions) {
		o.InstanceRoles, o.Cleanup = []string{roleARN}, policy.Tag{Key: "build", Value: "nightly"}
	})
	add("builder", d, err)
	d, err = policy.Guardrail(scope(), func(o *policy.GuardrailOptions) {
		o.Approvers, o.DenyUntaggedSharing = []string{"arn:aws:iam::*:role/image-approver"}, true
		o.Exempt = []string{"arn:aws:iam::*:role/network-images"}
	})
	add("guardrail", d, err)
	return docs
}

func TestOtherDocuments(t *testing.T) {
	t.Parallel()
	for name, d := range otherDocuments(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, filepath.Join("testdata", "golden", "documents", name+".json"), d.Encode())
			again, err := policy.Decode(d.Encode())
			require.NoError(t, err)
			assert.Equal(t, d.Encode(), again.Encode())
		})
	}
}

// What each document is to allow and to stop.
func TestOtherDocumentsDecide(t *testing.T) {
	t.Parallel()
	docs := otherDocuments(t)
	guard := keys{"aws:RequestTag/AllowSharing": {"true"}, "aws:TagKeys": {"AllowSharing"}}
	approver, anybody := "arn:aws:iam::111122223333:role/image-approver", "arn:aws:iam::111122223333:role/anybody"
	image, snapshot := "arn:aws:ec2:us-west-2::image/ami-1", "arn:aws:ec2:us-west-2::snapshot/snap-1"
	tests := []struct {
		doc, name string
		request   policy.Request
		denied    bool
	}{
		{"execution-eks", "read a script", policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::amzn-s3-demo-bucket/lifecycle/on_create.sh", Context: keys{"aws:ResourceAccount": {account}}}, false},
		{"execution-eks", "read beside the scripts", policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::amzn-s3-demo-bucket/secrets", Context: keys{"aws:ResourceAccount": {account}}}, true},
		{"execution-eks", "read a bucket of that name elsewhere", policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::amzn-s3-demo-bucket/lifecycle/x", Context: keys{"aws:ResourceAccount": {"444455556666"}}}, true},
		{"execution-eks", "other metrics", policy.Request{Action: "cloudwatch:PutMetricData", Context: keys{"cloudwatch:namespace": {"Other"}}}, true},
		{"execution-eks", "watch alarms", policy.Request{Action: "cloudwatch:DescribeAlarms"}, false},
		{"execution-slurm", "watch alarms", policy.Request{Action: "cloudwatch:DescribeAlarms"}, true},
		{"execution-slurm", "pull images", policy.Request{Action: "ecr:BatchGetImage"}, true},
		{"cluster-role", "look at the key", policy.Request{Action: "kms:DescribeKey", Resource: keyARN, Context: keys{"kms:ViaService": {"sagemaker.us-west-2.amazonaws.com"}}}, false},
		{"cluster-role", "add nodes", policy.Request{Action: "sagemaker:BatchAddClusterNodes", Resource: clusterARN, Context: keys{"aws:ResourceAccount": {account}}}, false},
		{"cluster-role", "add nodes to another's cluster", policy.Request{Action: "sagemaker:BatchAddClusterNodes", Resource: strings.Replace(clusterARN, "abc", "xyz", 1), Context: keys{"aws:ResourceAccount": {account}}}, true},
		{"builder", "tag as the AMI is made", policy.Request{Action: "ec2:CreateTags", Resource: image, Context: keys{"ec2:CreateAction": {"CreateImage"}, "aws:TagKeys": {"version"}}}, false},
		{"builder", "set the guard tag as the AMI is made", policy.Request{Action: "ec2:CreateTags", Resource: image, Context: keys{"ec2:CreateAction": {"CreateImage"}, "aws:TagKeys": {"version", "Share-With-HyperPod"}}}, true},
		{"builder", "tag later", policy.Request{Action: "ec2:CreateTags", Resource: image, Context: keys{"aws:TagKeys": {"version"}}}, true},
		{"builder", "stop another's instance", policy.Request{Action: "ec2:StopInstances", Resource: "arn:aws:ec2:us-west-2:111122223333:instance/i-1"}, true},
		{"builder", "delete another's AMI", policy.Request{Action: "ec2:DeregisterImage", Resource: image, Context: keys{"ec2:ResourceTag/build": {"release"}}}, true},
		{"builder", "pass the role to SageMaker", policy.Request{Action: "iam:PassRole", Resource: roleARN, Context: keys{"iam:PassedToService": {"sagemaker.amazonaws.com"}}}, true},
		{"guardrail", "set the guard tag", policy.Request{PrincipalARN: anybody, Action: "ec2:CreateTags", Resource: image, Context: guard}, true},
		{"guardrail", "set it in other case", policy.Request{PrincipalARN: anybody, Action: "ec2:CreateTags", Resource: snapshot, Context: keys{"aws:TagKeys": {"allowsharing"}}}, true},
		{"guardrail", "set it among others as a copy is made", policy.Request{PrincipalARN: anybody, Action: "ec2:CreateTags", Resource: snapshot, Context: keys{"aws:TagKeys": {"a", "AllowSharing"}, "ec2:CreateAction": {"CopyImage"}}}, true},
		{"guardrail", "set another", policy.Request{PrincipalARN: anybody, Action: "ec2:CreateTags", Resource: image, Context: keys{"aws:TagKeys": {"team"}}}, false},
		{"guardrail", "the approver sets it", policy.Request{PrincipalARN: approver, Action: "ec2:CreateTags", Resource: image, Context: guard}, false},
		{"guardrail", "remove all tags", policy.Request{PrincipalARN: anybody, Action: "ec2:DeleteTags", Resource: image}, true},
		{"guardrail", "the approver removes all tags", policy.Request{PrincipalARN: approver, Action: "ec2:DeleteTags", Resource: image}, false},
		{"guardrail", "publish a snapshot", policy.Request{PrincipalARN: approver, Action: "ec2:ModifySnapshotAttribute", Resource: snapshot, Context: keys{"ec2:Add/group": {"all"}, "ec2:ResourceTag/AllowSharing": {"true"}}}, true},
		{"guardrail", "unblock public access", policy.Request{PrincipalARN: approver, Action: "ec2:DisableImageBlockPublicAccess"}, true},
		{"guardrail", "share without the tag", policy.Request{PrincipalARN: anybody, Action: "ec2:ModifyImageAttribute", Resource: image}, true},
		{"guardrail", "share with the tag", policy.Request{PrincipalARN: anybody, Action: "ec2:ModifyImageAttribute", Resource: image, Context: keys{"ec2:ResourceTag/AllowSharing": {"true"}}}, false},
		{"guardrail", "the exempt share without it", policy.Request{PrincipalARN: "arn:aws:iam::111122223333:role/network-images", Action: "ec2:ModifyImageAttribute", Resource: image}, false},
	}
	everything := decode(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	for _, tt := range tests {
		t.Run(tt.doc+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			list := []*policy.Document{docs[tt.doc]}
			if tt.doc == "guardrail" {
				list = append(list, everything)
			}
			set, err := policy.Compile(list...)
			require.NoError(t, err)
			d := set.Evaluate(tt.request)
			assert.Equal(t, tt.denied, !d.Allowed, d.Reason)
		})
	}
}

func TestOtherDocumentsRefuse(t *testing.T) {
	t.Parallel()
	bad := scope(func(s *policy.Scope) { s.Region = "nowhere" })
	for name, make := range map[string]func() (*policy.Document, error){
		"Scope.Region": func() (*policy.Document, error) { return policy.ExecutionRoleTrust(bad) },
		"RoleOptions.Lifecycle[0]": func() (*policy.Document, error) {
			return policy.ExecutionRole(scope(), func(o *policy.RoleOptions) { o.Lifecycle = []string{"s3://b*"} })
		},
		"Scope.Clusters": func() (*policy.Document, error) {
			return policy.ClusterRole(scope(func(s *policy.Scope) { s.Clusters = policy.Clusters{} }))
		},
		"roles: empty": func() (*policy.Document, error) { return policy.KeyPolicy(scope()) },
		"roles[0]":     func() (*policy.Document, error) { return policy.KeyPolicy(scope(), "*") },
		"BuilderOptions.InstanceRoles[0]": func() (*policy.Document, error) {
			return policy.AMIBuilder(scope(), func(o *policy.BuilderOptions) { o.InstanceRoles = []string{"admin"} })
		},
		"GuardrailOptions.Approvers[0]": func() (*policy.Document, error) {
			return policy.Guardrail(scope(), func(o *policy.GuardrailOptions) { o.Approvers = []string{"*"} })
		},
	} {
		_, err := make()
		require.ErrorIs(t, err, policy.ErrInvalidScope, name)
		require.ErrorContains(t, err, name)
	}
}

func TestPagePolicyIsThePagesButForItsSpelling(t *testing.T) {
	t.Parallel()
	text, printed := pagePolicy(t)
	mended := strings.ReplaceAll(string(text), "DescribeCluterNode", "DescribeClusterNode")
	assert.JSONEq(t, mended, policy.PagePolicy(printed.Statements[0].Resource.Items[0]).String())
}

// Whoever is exempt from a guardrail is a role of the partition, and not everybody.
func TestGuardrailExemptsRoles(t *testing.T) {
	t.Parallel()
	for arn, problem := range map[string]string{
		"arn:aws:iam::*:role/image-approver":                "",
		"arn:aws:iam::111122223333:role/images/approver-*":  "",
		"arn:aws:iam::111122223333:role/*/AWSReservedSSO_a": "",
		"arn:aws:iam::*:role/*":                             "NAME may have wildcards but not be one",
		"arn:aws:iam::*:role/*/*":                           "is no ARN of roles",
		"arn:aws:iam::*:*":                                  "is no ARN of roles",
		"arn:*":                                             "is no ARN of roles",
		"arn:aws:iam::111122223333:user/ann":                "is no ARN of roles",
		"arn:aws:iam::111122223333:role/${*}a":              "is no ARN of roles",
		"arn:aws:s3:::bucket":                               "is no ARN of roles",
		"image-approver":                                    "is no ARN of roles",
		"arn:aws-cn:iam::111122223333:role/image-approver":  `is of partition "aws-cn"`,
	} {
		_, err := policy.Guardrail(scope(), func(o *policy.GuardrailOptions) {
			o.Approvers, o.Exempt = []string{"arn:aws:iam::*:role/a", arn}, []string{arn}
		})
		if problem == "" {
			require.NoError(t, err, arn)
			continue
		}
		invalid, ok := errors.AsType[*policy.ScopeError](err)
		require.True(t, ok, arn)
		require.Len(t, invalid.Problems, 2, arn)
		for i, path := range []string{"GuardrailOptions.Approvers[1]", "GuardrailOptions.Exempt[0]"} {
			assert.Equal(t, path, invalid.Problems[i].Path)
			assert.Contains(t, invalid.Problems[i].Message, problem, arn)
		}
	}
}
