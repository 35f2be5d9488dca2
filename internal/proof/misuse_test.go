package proof

import (
	"maps"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// misuse is what a holder of a policy does in another way than the workflows: the request
// of a workflow with a condition key changed, as an attack of the table of attacks does.
type misuse struct {
	// threat is the row of the table.
	threat string
	name   string
	// on is how the actions begin that it is about, key the condition key that is
	// changed, and a prefix of several when it ends in a slash. A key that the request
	// does not have is added.
	on, key string
	// does returns the key's new values; nil takes it away.
	does func(values []string) []string
}

func set(values ...string) func([]string) []string {
	return func([]string) []string { return values }
}

func among(value string) func([]string) []string {
	return func(before []string) []string { return append(slices.Clone(before), value) }
}

func absent([]string) []string { return nil }

const elsewhere = "ap-south-1"

// misuses are by threat. Attacks on what a policy's resources say need none: each resource
// is one that a workflow needs.
func misuses() []misuse {
	return []misuse{
		{"T1", "pass the role to another service", "iam:PassRole", "iam:PassedToService", set("ec2.amazonaws.com")},
		{"T1", "pass the role to nobody in particular", "iam:PassRole", "iam:PassedToService", absent},

		{"T2", "create with another instance type", "sagemaker:CreateCluster", "sagemaker:InstanceTypes", among("ml.p5e.48xlarge")},
		{"T2", "create without instance types", "sagemaker:CreateCluster", "sagemaker:InstanceTypes", absent},
		{"T2", "create in another subnet", "sagemaker:CreateCluster", "sagemaker:VpcSubnets", among("subnet-00000000000000000")},
		{"T2", "create without subnets", "sagemaker:CreateCluster", "sagemaker:VpcSubnets", absent},
		{"T2", "create with another security group", "sagemaker:CreateCluster", "sagemaker:VpcSecurityGroupIds", among("sg-00000000000000000")},
		{"T2", "create without security groups", "sagemaker:CreateCluster", "sagemaker:VpcSecurityGroupIds", absent},
		{"T2", "update to another instance type", "sagemaker:UpdateCluster", "sagemaker:InstanceTypes", among("ml.p5e.48xlarge")},
		{"T2", "update into another subnet", "sagemaker:UpdateCluster", "sagemaker:VpcSubnets", among("subnet-00000000000000000")},
		{"T2", "update to another security group", "sagemaker:UpdateCluster", "sagemaker:VpcSecurityGroupIds", among("sg-00000000000000000")},
		{"T2", "copy anybody's AMI", "ec2:CopyImage", "ec2:Owner", set("999988887777")},
		{"T2", "copy another AMI of those who share", "ec2:CopyImage", "ec2:ImageID", set("ami-0eeeeeeeeeeeeeeee")},

		{"T4", "act on another team's cluster", "sagemaker:", "aws:ResourceTag/team", set("web")},
		{"T4", "act on a cluster without tags", "sagemaker:", "aws:ResourceTag/team", absent},
		{"T4", "create in another's name", "sagemaker:CreateCluster", "aws:RequestTag/", set("other")},
		{"T4", "create without a tag", "sagemaker:CreateCluster", "aws:RequestTag/", absent},
		{"T4", "create with a tag more", "sagemaker:CreateCluster", "aws:TagKeys", among("other")},

		{"T5", "tag at creation with another value", "sagemaker:AddTags", "aws:RequestTag/", set("other")},
		{"T5", "tag at creation with a tag more", "sagemaker:AddTags", "aws:TagKeys", among("other")},
		{"T5", "tag a cluster that exists", "sagemaker:AddTags", "sagemaker:TaggingAction", absent},
		{"T5", "set or remove the tag that selects", "sagemaker:", "aws:TagKeys", among("team")},
		{"T5", "remove tags that are not named", "sagemaker:DeleteTags", "aws:TagKeys", absent},

		{"T6", "set the guard tag to another value", "ec2:CreateTags", "aws:RequestTag/AllowSharing", set("yes")},
		{"T6", "set another tag beside it", "ec2:CreateTags", "aws:TagKeys", among("owner")},
		{"T6", "set the guard tag on what is being copied", "ec2:CreateTags", "aws:TagKeys", among("AllowSharing")},
		{"T6", "set the guard tag at creation", "ec2:CreateTags", "ec2:CreateAction", set("RegisterImage")},
		{"T6", "set the tags of copies later", "ec2:CreateTags", "ec2:CreateAction", absent},
		{"T6", "set tags that are not named", "ec2:CreateTags", "aws:TagKeys", absent},

		{"T6", "remove another tag with it", "ec2:DeleteTags", "aws:TagKeys", among("owner")},
		{"T6", "remove every tag", "ec2:DeleteTags", "aws:TagKeys", absent},

		{"T8", "make a snapshot public", "ec2:ModifySnapshotAttribute", "ec2:Add/group", set("all")},
		{"T9", "share or deprecate what is not tagged", "ec2:", "ec2:ResourceTag/AllowSharing", absent},
		{"T9", "share or deprecate what is tagged otherwise", "ec2:", "ec2:ResourceTag/AllowSharing", set("false")},
		{"T10", "call directly instead of through HyperPod", "", "aws:CalledViaLast", absent},
		{"T10", "call through another service", "", "aws:CalledViaLast", set("cloudformation.amazonaws.com")},
		{"T11", "share a snapshot with any account", "ec2:ModifySnapshotAttribute", "ec2:Add/userId", among("999988887777")},

		{"T12", "enter an EKS cluster oneself", "eks:", "eks:principalArn", set(operator)},
		{"T12", "become administrator of an EKS cluster", "eks:", "eks:policyArn", set("arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy")},
		{"T13", "make another service's linked role", "iam:CreateServiceLinkedRole", "iam:AWSServiceName", set("spot.amazonaws.com")},

		{"T14", "use the key directly", "kms:", "kms:ViaService", absent},
		{"T14", "use the key through another service", "kms:", "kms:ViaService", set("s3.us-west-2.amazonaws.com")},
		{"T14", "grant the key to no AWS resource", "kms:CreateGrant", "kms:GrantIsForAWSResource", set("false")},
		{"T14", "grant other operations", "kms:CreateGrant", "kms:GrantOperations", among("Sign")},
		{"T14", "grant unnamed operations", "kms:CreateGrant", "kms:GrantOperations", absent},

		{"T15", "list another Region's clusters", "sagemaker:ListClusters", "aws:RequestedRegion", set(elsewhere)},
		{"T15", "read another Region's images", "ec2:", "ec2:Region", set(elsewhere)},
	}
}

// twins are keys of other services for what a misuse changes, which change with it.
func twins(key string) []string {
	all := []string{key}
	if _, tag, ok := strings.Cut(key, ":ResourceTag/"); ok {
		all = []string{"aws:ResourceTag/" + tag, "sagemaker:ResourceTag/" + tag, "ec2:ResourceTag/" + tag}
	}
	switch key {
	case "aws:CalledViaLast":
		all = append(all, "aws:CalledVia", "aws:CalledViaFirst")
	case "ec2:Region":
		all = append(all, "aws:RequestedRegion")
	}
	return all
}

// to are the requests that a misuse makes of one.
func (d misuse) to(r policy.Request) []policy.Request {
	// What has a Region in its ARN is asked for in that Region alone.
	inAnotherRegion := d.key == "ec2:Region" || d.key == "aws:RequestedRegion"
	if !strings.HasPrefix(r.Action, d.on) || inAnotherRegion && strings.HasPrefix(r.Resource, "arn:") {
		return nil
	}
	names := []string{d.key}
	if strings.HasSuffix(d.key, "/") {
		names = nil
		for key := range r.Context {
			if strings.HasPrefix(key, d.key) {
				names = append(names, key)
			}
		}
	}
	var all []policy.Request
	for _, name := range names {
		context := maps.Clone(r.Context)
		values := d.does(context[name])
		for _, twin := range twins(name) {
			if values == nil {
				delete(context, twin)
			} else {
				context[twin] = values
			}
		}
		if name == "aws:CalledViaLast" && values == nil {
			context["aws:ViaAWSService"] = []string{"false"}
		}
		changed := r
		changed.Context = context
		all = append(all, changed)
	}
	return all
}
