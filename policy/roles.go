package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// RoleOptions say what an execution role is for beside running nodes. The zero value
// is a role of a cluster without lifecycle scripts, outside a VPC.
type RoleOptions struct {
	// Lifecycle are where the lifecycle scripts lie, as S3 URIs such as
	// "s3://amzn-s3-demo-bucket/lifecycle". The role reads what is below them.
	Lifecycle []string
	// Data are S3 URIs that restricted instance groups read and write.
	Data []string
	// VPC says that the nodes are in a VPC of the account. Clusters on EKS always are.
	VPC bool
	// Alarms says that software updates watch CloudWatch alarms.
	Alarms bool
	// PodIdentity says that pods assume roles by EKS Pod Identity.
	PodIdentity bool
}

var bucketForm = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[0-9A-Za-z!_.'()/=+@:,-]*)?$`)

// ExecutionRole returns the identity policy of the role that instance groups run as:
// what the AWS managed policy AmazonSageMakerClusterInstanceRolePolicy grants, held to
// the scope's account and Region, with the lifecycle scripts' own locations in the
// place of every bucket that begins with sagemaker-, and what the SageMaker AI
// Developer Guide adds for clusters in a VPC and on EKS. Of the scope it reads
// Partition, Region, Account and Orchestrator.
func ExecutionRole(s Scope, optFns ...func(*RoleOptions)) (*Document, error) {
	var o RoleOptions
	for _, fn := range optFns {
		fn(&o)
	}
	v := &validator{scope: s}
	v.place()
	v.orchestrator(map[Workflow]bool{CreateCluster: true})
	if o.PodIdentity && s.Orchestrator.kind != orchestratorEKS {
		v.problem("RoleOptions.PodIdentity", "set, but the orchestrator is not EKS; leave it out")
	}
	v.each("RoleOptions.Lifecycle", o.Lifecycle, bucketForm, "an S3 URI such as s3://bucket/prefix, without wildcards")
	v.each("RoleOptions.Data", o.Data, bucketForm, "an S3 URI such as s3://bucket/prefix, without wildcards")
	if len(v.problems) > 0 {
		return nil, &ScopeError{Problems: v.problems}
	}
	logs := s.arn("logs", "log-group:/aws/sagemaker/Clusters/*")
	sameAccount := Condition{}.With("StringEquals", "aws:ResourceAccount", s.Account)
	d := &Document{Version: Version2012, Statements: []Statement{
		allow("LogsOfClusters", nil, []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, logs+":log-stream:*"),
		allow("LogGroupsOfClusters", nil, []string{"logs:CreateLogGroup"}, logs),
		allow("MetricsOfClusters", Condition{}.With("StringEquals", "cloudwatch:namespace", "/aws/sagemaker/Clusters"), []string{"cloudwatch:PutMetricData"}, "*"),
		allow("SessionsTakeNoResource", nil, []string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		}, "*"),
	}}
	add := func(st Statement) { d.Statements = append(d.Statements, st) }
	if len(o.Lifecycle) > 0 {
		buckets, objects := s.objects(o.Lifecycle)
		add(allow("ListLifecycleScripts", sameAccount, []string{"s3:ListBucket"}, buckets...))
		add(allow("ReadLifecycleScripts", sameAccount, []string{"s3:GetObject"}, objects...))
	}
	if len(o.Data) > 0 {
		buckets, objects := s.objects(o.Data)
		add(allow("ListData", nil, []string{"s3:ListBucket"}, buckets...))
		add(allow("ReadAndWriteData", nil, []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}, objects...))
	}
	eks := s.Orchestrator.kind == orchestratorEKS
	if eks || o.VPC {
		add(allow("NetworkTakesNoResource", Condition{}.With("StringEquals", "ec2:Region", s.Region), networkActions(eks), "*"))
		add(allow("TagNetworkInterfaces", nil, []string{"ec2:CreateTags"}, s.arn("ec2", "network-interface/*")))
	}
	if eks {
		add(allow("PullImages", nil, []string{
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer",
		}, "*"))
	}
	if o.PodIdentity {
		add(allow("PodIdentity", nil, []string{"eks-auth:AssumeRoleForPodIdentity"}, s.Orchestrator.arns...))
	}
	if o.Alarms {
		add(allow("AlarmsTakeNoResource", nil, []string{"cloudwatch:DescribeAlarms"}, "*"))
	}
	return d, nil
}

// networkActions are what nodes do with their network interfaces ("IAM for HyperPod",
// SageMaker AI Developer Guide).
func networkActions(eks bool) []string {
	actions := []string{
		"ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
		"ec2:DeleteNetworkInterfacePermission", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:DetachNetworkInterface",
	}
	if eks {
		actions = append(actions, "ec2:AssignPrivateIpAddresses", "ec2:AttachNetworkInterface", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes",
			"ec2:DescribeTags", "ec2:ModifyNetworkInterfaceAttribute", "ec2:UnassignPrivateIpAddresses")
	}
	return actions
}

// objects returns the ARNs of buckets and of what lies below S3 URIs.
func (s Scope) objects(uris []string) (buckets, objects []string) {
	for _, uri := range uris {
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(uri, "s3://"), "/")
		arn := "arn:" + s.Partition + ":s3:::" + bucket
		buckets = append(buckets, arn)
		if prefix = strings.TrimSuffix(prefix, "/"); prefix != "" {
			arn += "/" + prefix
		}
		objects = append(objects, arn+"/*")
	}
	return buckets, objects
}

// ExecutionRoleTrust returns the trust policy of an execution role: SageMaker may
// assume it, on behalf of the scope's account only. Of the scope it reads Partition,
// Region, Account and Strict, which adds that it does so for a SageMaker resource of the
// account and Region: that HyperPod sends aws:SourceArn is not documented, and
// [Assumptions] tells how to verify it first.
func ExecutionRoleTrust(s Scope) (*Document, error) { return s.trust(sageMakerService) }

// ClusterRoleTrust returns the trust policy of a cluster's role for autoscaling: the
// service of HyperPod may assume it. The scope is read as by [ExecutionRoleTrust].
func ClusterRoleTrust(s Scope) (*Document, error) { return s.trust(linkedRoleService) }

func (s Scope) trust(service string) (*Document, error) {
	v := &validator{scope: s}
	v.place()
	if len(v.problems) > 0 {
		return nil, &ScopeError{Problems: v.problems}
	}
	c := Condition{}.With("StringEquals", "aws:SourceAccount", s.Account)
	if s.Strict {
		// The ARN of a cluster does not exist when its first role is made, and which
		// resource the service names is not documented: any of SageMaker's.
		c = c.With("ArnLike", "aws:SourceArn", s.arn("sagemaker", "*"))
	}
	return &Document{Version: Version2012, Statements: []Statement{{
		Sid: "ForThisAccountOnly", Effect: Allow, Action: String("sts:AssumeRole"), Condition: c,
		Principal: &Principal{Entries: []PrincipalEntry{{Type: "Service", Values: String(service)}}},
	}}}, nil
}

// ClusterRole returns the identity policy of a cluster's role for autoscaling: it adds
// and deletes nodes of the scope's clusters, and uses the scope's KMS keys for their
// volumes. The SageMaker AI Developer Guide grants both KMS actions under
// kms:GrantIsForAWSResource, a key that kms:DescribeKey does not have, so that its
// policy never allows that action; here they are apart.
func ClusterRole(s Scope) (*Document, error) {
	if err := validate(s, []Workflow{OperateNodes}); err != nil {
		return nil, err
	}
	sid, resources, c := s.existing()
	d := &Document{Version: Version2012, Statements: []Statement{
		allow("ScaleClusters"+sid, c.With("StringEquals", "aws:ResourceAccount", s.Account), []string{"sagemaker:BatchAddClusterNodes", "sagemaker:BatchDeleteClusterNodes"}, resources...),
	}}
	if len(s.KMSKeys) > 0 {
		for _, n := range []rule{grantRule, describeKeyRule} {
			st := n.statement(s)
			st.Action = String(map[rule]string{grantRule: "kms:CreateGrant", describeKeyRule: "kms:DescribeKey"}[n])
			d.Statements = append(d.Statements, st)
		}
	}
	return d, nil
}

// KeyPolicy returns the policy of a customer managed key for volumes of clusters: the
// account's own policies govern the key, and the roles that create and change clusters
// may use it through SageMaker in the scope's Region, without a condition on the
// encryption context, which HyperPod's grants do not have ("Customer managed AWS KMS
// key encryption for SageMaker HyperPod", SageMaker AI Developer Guide). The roles are
// ARNs; at least one is needed.
func KeyPolicy(s Scope, roles ...string) (*Document, error) {
	v := &validator{scope: s}
	v.place()
	if len(roles) == 0 {
		v.problem("roles", "empty; name the roles that create and change clusters")
	}
	for i, arn := range roles {
		v.arn(fmt.Sprintf("roles[%d]", i), arn, wantedARN{"iam", "", anyAccount, "role", roleForm, "role/NAME, without wildcards"})
	}
	if len(v.problems) > 0 {
		return nil, &ScopeError{Problems: v.problems}
	}
	statement := func(sid string, principals Values, c Condition, actions ...string) Statement {
		st := allow(sid, c, actions, "*")
		st.Principal = &Principal{Entries: []PrincipalEntry{{Type: "AWS", Values: principals}}}
		return st
	}
	users := values(roles)
	return &Document{Version: Version2012, Statements: []Statement{
		statement("PoliciesOfTheAccountGovern", String("arn:"+s.Partition+":iam::"+s.Account+":root"), nil, "kms:*"),
		statement("GrantsForVolumesOnly", users, s.viaSageMaker().With("Bool", "kms:GrantIsForAWSResource", "true"), "kms:CreateGrant"),
		statement("LookAtTheKey", users, s.viaSageMaker(), "kms:DescribeKey"),
	}}, nil
}

// allow is an Allow statement with its lists sorted.
func allow(sid string, c Condition, actions []string, resources ...string) Statement {
	return Statement{Sid: sid, Effect: Allow, Action: values(actions), Resource: values(resources), Condition: c}
}
