package hyperpodtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const operator = "arn:aws:iam::111122223333:role/Operator"

// principal is a role with one identity policy.
func principal(t *testing.T, document string) hyperpodtest.Principal {
	t.Helper()
	doc, err := policy.Decode([]byte(document))
	require.NoError(t, err)
	set, err := policy.Compile(doc)
	require.NoError(t, err)
	return hyperpodtest.Principal{ARN: operator, AccessKey: "AKIAOPERATOR", Policies: policy.Policies{Identity: set}}
}

func statement(action, resource, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%s,"Resource":%q%s}]}`, action, resource, condition)
}

// views are a principal's two doors.
func views(t *testing.T, srv *hyperpodtest.Server, p hyperpodtest.Principal, test func(t *testing.T, api hyperpodtest.API)) {
	t.Helper()
	view := srv.As(p)
	t.Run("typed", func(t *testing.T) { test(t, view) })
	t.Run("unsigned", func(t *testing.T) { test(t, view.Client()) })
	t.Run("signed", func(t *testing.T) {
		test(t, srv.Client(func(o *sagemaker.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: p.AccessKey, SecretAccessKey: "secret"}, nil
			})
		}))
	})
}

func TestRefusalNamesPrincipalActionAndResource(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	arn := *describe(t, srv).ClusterArn
	views(t, srv, principal(t, statement(`"sagemaker:ListClusters"`, "*", "")), func(t *testing.T, api hyperpodtest.API) {
		_, err := api.ListClusters(t.Context(), &sagemaker.ListClustersInput{})
		require.NoError(t, err)
		_, err = api.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		assert.Equal(t, "AccessDeniedException", code(t, err))
		require.ErrorContains(t, err, "User: "+operator+" is not authorized to perform: sagemaker:DescribeCluster on resource: "+arn)
		calls := srv.Calls()
		assert.Equal(t, operator, calls[len(calls)-1].Principal)
	})
}

func TestEveryOperationIsAuthorised(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	arn := describe(t, srv).ClusterArn
	id := nodes(t, srv)[0].InstanceId
	name := aws.String("train")
	nobody := srv.As(hyperpodtest.Principal{ARN: operator})
	ctx := t.Context()
	calls := map[string]func() error{
		"AddTags": func() error {
			_, err := nobody.AddTags(ctx, &sagemaker.AddTagsInput{ResourceArn: arn, Tags: []types.Tag{}})
			return err
		},
		"BatchAddClusterNodes": func() error {
			_, err := nobody.BatchAddClusterNodes(ctx, &sagemaker.BatchAddClusterNodesInput{ClusterName: name, NodesToAdd: []types.AddClusterNodeSpecification{addNodes("workers", 1)}})
			return err
		},
		"BatchDeleteClusterNodes": func() error {
			_, err := nobody.BatchDeleteClusterNodes(ctx, &sagemaker.BatchDeleteClusterNodesInput{ClusterName: name, NodeIds: []string{*id}})
			return err
		},
		"BatchRebootClusterNodes": func() error {
			_, err := nobody.BatchRebootClusterNodes(ctx, &sagemaker.BatchRebootClusterNodesInput{ClusterName: name, NodeIds: []string{*id}})
			return err
		},
		"BatchReplaceClusterNodes": func() error {
			_, err := nobody.BatchReplaceClusterNodes(ctx, &sagemaker.BatchReplaceClusterNodesInput{ClusterName: name, NodeIds: []string{*id}})
			return err
		},
		"CreateCluster": func() error { _, err := nobody.CreateCluster(ctx, createInput(group("workers", 1))); return err },
		"DeleteCluster": func() error {
			_, err := nobody.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: name})
			return err
		},
		"DeleteTags": func() error {
			_, err := nobody.DeleteTags(ctx, &sagemaker.DeleteTagsInput{ResourceArn: arn, TagKeys: []string{"a"}})
			return err
		},
		"DescribeCluster": func() error {
			_, err := nobody.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: name})
			return err
		},
		"DescribeClusterEvent": func() error {
			_, err := nobody.DescribeClusterEvent(ctx, &sagemaker.DescribeClusterEventInput{ClusterName: name, EventId: aws.String("00000000-0000-0000-0000-000000000000")})
			return err
		},
		"DescribeClusterNode": func() error {
			_, err := nobody.DescribeClusterNode(ctx, &sagemaker.DescribeClusterNodeInput{ClusterName: name, NodeId: id})
			return err
		},
		"ListClusterEvents": func() error {
			_, err := nobody.ListClusterEvents(ctx, &sagemaker.ListClusterEventsInput{ClusterName: name})
			return err
		},
		"ListClusterNodes": func() error {
			_, err := nobody.ListClusterNodes(ctx, &sagemaker.ListClusterNodesInput{ClusterName: name})
			return err
		},
		"ListClusters": func() error { _, err := nobody.ListClusters(ctx, &sagemaker.ListClustersInput{}); return err },
		"ListTags":     func() error { _, err := nobody.ListTags(ctx, &sagemaker.ListTagsInput{ResourceArn: arn}); return err },
		"StartClusterHealthCheck": func() error {
			_, err := nobody.StartClusterHealthCheck(ctx, &sagemaker.StartClusterHealthCheckInput{ClusterName: name, DeepHealthCheckConfigurations: []types.InstanceGroupHealthCheckConfiguration{{
				InstanceGroupName: aws.String("workers"), DeepHealthChecks: []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress},
			}}})
			return err
		},
		"UpdateCluster": func() error {
			_, err := nobody.UpdateCluster(ctx, &sagemaker.UpdateClusterInput{ClusterName: name})
			return err
		},
		"UpdateClusterSoftware": func() error {
			_, err := nobody.UpdateClusterSoftware(ctx, &sagemaker.UpdateClusterSoftwareInput{ClusterName: name})
			return err
		},
	}
	assert.Len(t, calls, 18)
	for name, call := range calls {
		err := call()
		assert.Equal(t, "AccessDeniedException", code(t, err), name)
		assert.ErrorContains(t, err, "sagemaker:"+name)
	}
}

// Each right that creating a cluster takes is missed when it is missing.
func TestCreatingTakesTheRightsOfItsParts(t *testing.T) {
	all := []string{
		"sagemaker:CreateCluster", "sagemaker:AddTags", "iam:PassRole", "iam:CreateServiceLinkedRole", "ec2:DescribeImages", "ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute",
		"eks:DescribeCluster", "eks:CreateAccessEntry", "eks:DescribeAccessEntry", "eks:AssociateAccessPolicy", "eks:DeleteAccessEntry", "kms:CreateGrant", "kms:DescribeKey",
	}
	in := createInput(group("workers", 1, ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("1234abcd")})))
	in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
	for _, missing := range append(all, "") {
		t.Run("without "+missing, func(t *testing.T) {
			document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":%q,"Resource":"*"}]}`, missing)
			if missing == "" {
				document = statement(`"*"`, "*", "")
			}
			_, err := hyperpodtest.NewServer().As(principal(t, document)).CreateCluster(t.Context(), in)
			if missing == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, "AccessDeniedException", code(t, err))
			require.ErrorContains(t, err, missing)
			require.ErrorContains(t, err, "explicit deny")
		})
	}
}

// The condition keys that the reference lists for each action are there.
func TestConditionKeys(t *testing.T) {
	const passes, refused = true, false
	tests := []struct {
		name      string
		action    string
		condition string
		want      bool
	}{
		{"instance types", "sagemaker:CreateCluster", `{"ForAllValues:StringEquals":{"sagemaker:InstanceTypes":"ml.c5.2xlarge"},"Null":{"sagemaker:InstanceTypes":"false"}}`, passes},
		{"other instance types", "sagemaker:CreateCluster", `{"ForAllValues:StringEquals":{"sagemaker:InstanceTypes":"ml.p5.48xlarge"}}`, refused},
		{"subnets", "sagemaker:CreateCluster", `{"ForAnyValue:StringEquals":{"sagemaker:VpcSubnets":"subnet-0123456789abcdef0"}}`, passes},
		{"security groups", "sagemaker:CreateCluster", `{"ForAnyValue:StringEquals":{"sagemaker:VpcSecurityGroupIds":"sg-0123456789abcdef0"}}`, passes},
		{"request tag", "sagemaker:CreateCluster", `{"StringEquals":{"aws:RequestTag/team":"a"}}`, passes},
		{"other request tag", "sagemaker:CreateCluster", `{"StringEquals":{"aws:RequestTag/team":"b"}}`, refused},
		{"tagging action", "sagemaker:AddTags", `{"StringEquals":{"sagemaker:TaggingAction":"CreateCluster"}}`, passes},
		{"passed to the service", "iam:PassRole", `{"StringEquals":{"iam:PassedToService":"sagemaker.amazonaws.com"}}`, passes},
		{"passed to another", "iam:PassRole", `{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`, refused},
		{"name of the service", "iam:CreateServiceLinkedRole", `{"StringEquals":{"iam:AWSServiceName":"hyperpod.sagemaker.amazonaws.com"}}`, passes},
		{"forwarded", "eks:CreateAccessEntry", `{"StringEquals":{"aws:CalledViaLast":"sagemaker.amazonaws.com"},"Bool":{"aws:ViaAWSService":"true"}}`, passes},
		{"not forwarded", "sagemaker:CreateCluster", `{"Bool":{"aws:ViaAWSService":"true"}}`, refused},
		{"EC2's Region", "ec2:DescribeImages", `{"StringEquals":{"ec2:Region":"us-west-2"}}`, passes},
		{"principal of an access entry", "eks:AssociateAccessPolicy", `{"ArnEquals":{"eks:principalArn":"` + role + `"}}`, passes},
		{"principal of a new access entry", "eks:CreateAccessEntry", `{"ArnEquals":{"eks:principalArn":"` + role + `"}}`, passes},
		{"access policy", "eks:AssociateAccessPolicy", `{"ArnLike":{"eks:policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonSagemakerHyperpod*"}}`, passes},
		{"account of the resource", "sagemaker:CreateCluster", `{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}`, passes},
		{"requested Region", "sagemaker:CreateCluster", `{"StringEquals":{"aws:RequestedRegion":"us-west-2"}}`, passes},
	}
	in := createInput(group("workers", 1))
	in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":%q,"Resource":"*"},{"Effect":"Allow","Action":%q,"Resource":"*","Condition":%s}]}`, tt.action, tt.action, tt.condition)
			_, err := hyperpodtest.NewServer().As(principal(t, document)).CreateCluster(t.Context(), in)
			if tt.want {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.action)
		})
	}
}

func TestForwardKeysCanBeLeftOut(t *testing.T) {
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"eks:*","Resource":"*"},{"Effect":"Allow","Action":"eks:*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}]}`
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.NoForwardKeys = true })
	_, err := srv.As(principal(t, document)).CreateCluster(t.Context(), createInput(group("workers", 1)))
	assert.ErrorContains(t, err, "eks:")
}

func TestClusterTagsDecide(t *testing.T) {
	srv := hyperpodtest.NewServer()
	in := createInput(group("workers", 1))
	in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
	create(t, srv, in)
	for _, key := range []string{"aws:ResourceTag/team", "sagemaker:ResourceTag/team"} {
		for team, allowed := range map[string]bool{"a": true, "b": false} {
			p := principal(t, statement(`"sagemaker:DescribeCluster"`, "*", fmt.Sprintf(`{"StringEquals":{%q:%q}}`, key, team)))
			_, err := srv.As(p).DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
			assert.Equal(t, allowed, err == nil, "%s=%s: %v", key, team, err)
		}
	}
}

// The default policy that package policy generates is enough for what it is for.
func TestGeneratedPolicySuffices(t *testing.T) {
	for _, without := range []bool{false, true} {
		srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.NoForwardKeys = without })
		doc, err := policy.Generate(policy.Scope{
			Partition: "aws", Region: "us-west-2", Account: "111122223333", Clusters: policy.AnyCluster(),
			ExecutionRoles: []string{role}, Orchestrator: policy.EKS(eksARN), Guard: policy.Tag{},
		}, policy.Read, policy.CreateCluster, policy.UpdateGroups, policy.DeleteCluster)
		require.NoError(t, err)
		set, err := policy.Compile(doc)
		require.NoError(t, err)
		view := srv.As(hyperpodtest.Principal{ARN: operator, Policies: policy.Policies{Identity: set}})
		onDefault := func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = nil }
		create(t, view, createInput(group("workers", 1, onDefault)))
		describe(t, view)
		_, err = view.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: aws.String("train"), InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2, onDefault)}})
		require.NoError(t, err)
		_, err = view.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
	}
}

// Services without a door are asked about in the same way.
func TestAuthorizeForServicesWithoutADoor(t *testing.T) {
	p := principal(t, statement(`"eks:DescribeCluster"`, eksARN, ""))
	require.NoError(t, hyperpodtest.Authorize(p, policy.Request{Action: "eks:DescribeCluster"}, policy.Resource{ARN: eksARN}))
	require.Error(t, hyperpodtest.Authorize(p, policy.Request{Action: "eks:DeleteCluster"}, policy.Resource{ARN: eksARN}))
	require.NoError(t, hyperpodtest.Authorize(hyperpodtest.Root("111122223333"), policy.Request{Action: "eks:DeleteCluster"}, policy.Resource{ARN: eksARN}))
}
