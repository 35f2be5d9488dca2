package proof

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// knock makes the call of a probe at its service's door. The cluster, AMI or snapshot
// has the tags that the probe says. Nil means that the call was allowed.
func knock(t *testing.T, role hyperpodtest.Principal, p probe) error {
	t.Helper()
	if strings.HasPrefix(p.Action, "ec2:") {
		return knockEC2(t, amisharetest.Principal(role), p)
	}
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Region = p.region() })
	view, name := srv.As(role), aws.String("train")
	if p.Action == "sagemaker:CreateCluster" || p.key("sagemaker:TaggingAction") != "" {
		in := createInput(p.tags("aws:RequestTag/"))
		for key, set := range map[string]func(string){
			"sagemaker:InstanceTypes":       func(v string) { in.InstanceGroups[0].InstanceType = types.ClusterInstanceType(v) },
			"sagemaker:VpcSubnets":          func(v string) { in.VpcConfig.Subnets = []string{v} },
			"sagemaker:VpcSecurityGroupIds": func(v string) { in.VpcConfig.SecurityGroupIds = []string{v} },
		} {
			if v := p.key(key); v != "" {
				set(v)
			}
		}
		_, err := view.CreateCluster(t.Context(), in)
		return err
	}
	made, err := srv.CreateCluster(t.Context(), createInput(p.tags("aws:ResourceTag/")))
	require.NoError(t, err)
	nodes, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: name})
	require.NoError(t, err)
	node := nodes.ClusterNodeSummaries[0].InstanceId
	switch p.Action {
	case "sagemaker:AddTags":
		_, err = view.AddTags(t.Context(), &sagemaker.AddTagsInput{ResourceArn: made.ClusterArn, Tags: clusterTags(p.tags("aws:RequestTag/"))})
	case "sagemaker:DeleteTags":
		_, err = view.DeleteTags(t.Context(), &sagemaker.DeleteTagsInput{ResourceArn: made.ClusterArn, TagKeys: p.Keys["aws:TagKeys"]})
	case "sagemaker:BatchDeleteClusterNodes":
		_, err = view.BatchDeleteClusterNodes(t.Context(), &sagemaker.BatchDeleteClusterNodesInput{ClusterName: name, NodeIds: []string{*node}})
	case "sagemaker:DeleteCluster":
		_, err = view.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: name})
	case "sagemaker:DescribeClusterNode":
		_, err = view.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{ClusterName: name, NodeId: node})
	case "sagemaker:ListClusters":
		_, err = view.ListClusters(t.Context(), &sagemaker.ListClustersInput{})
	case "sagemaker:UpdateCluster":
		_, err = view.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: name, InstanceGroups: createInput(nil).InstanceGroups})
	case "sagemaker:UpdateClusterSoftware":
		_, err = view.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{ClusterName: name, ImageId: aws.String("ami-0fedcba9876543210")})
	default:
		t.Fatalf("no door for %s", p.Action)
	}
	return err
}

// createInput is a cluster of one group with the tags.
func createInput(tags map[string]string) *sagemaker.CreateClusterInput {
	return &sagemaker.CreateClusterInput{
		ClusterName: aws.String("train"), Tags: clusterTags(tags),
		Orchestrator:         &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String("arn:aws:eks:us-west-2:111122223333:cluster/train")}},
		NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
		VpcConfig:            &types.VpcConfig{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroupIds: []string{"sg-0123456789abcdef0"}},
		InstanceGroups: []types.ClusterInstanceGroupSpecification{{
			InstanceGroupName: aws.String("workers"), InstanceType: types.ClusterInstanceTypeMlC52xlarge, InstanceCount: aws.Int32(1),
			ExecutionRole: aws.String("arn:aws:iam::111122223333:role/hyperpod/execution"), ImageId: aws.String("ami-0123456789abcdef0"),
			LifeCycleConfig: &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://sagemaker-example"), OnCreate: aws.String("on_create.sh")},
		}},
	}
}

func clusterTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for key, value := range tags {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return list
}

// knockEC2 asks by a dry run, which EC2 answers once it has judged the permissions.
func knockEC2(t *testing.T, role amisharetest.Principal, p probe) error {
	t.Helper()
	srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.Region = p.region() })
	tags := p.tags("ec2:ResourceTag/")
	image := srv.AddImage(amisharetest.Image{Tags: tags, SnapshotTags: tags})
	described, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{image}})
	require.NoError(t, err)
	snapshot := described.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId
	if p.Via {
		ctx := emul.Forward(t.Context(), emul.Principal(role), "sagemaker.amazonaws.com", true)
		if p.Action == "ec2:ModifyImageAttribute" {
			return srv.ShareImage(ctx, ourAccount, p.region(), image, serviceAccount)
		}
		return srv.ShareSnapshot(ctx, ourAccount, p.region(), *snapshot, p.key("ec2:Add/userId"))
	}
	err = callEC2(t, srv.As(role), p, image, snapshot)
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "DryRunOperation" {
		return nil
	}
	require.Error(t, err, "a dry run that was answered")
	return err
}

func callEC2(t *testing.T, view *amisharetest.Server, p probe, image string, snapshot *string) error {
	t.Helper()
	ctx, dry, resources := t.Context(), aws.Bool(true), []string{image}
	if strings.Contains(p.Resource, ":snapshot/") {
		resources = []string{*snapshot}
	}
	var tags []ec2types.Tag
	for _, key := range p.Keys["aws:TagKeys"] {
		tag := ec2types.Tag{Key: aws.String(key)}
		if p.Action == "ec2:CreateTags" {
			tag.Value = aws.String(p.key("aws:RequestTag/" + key))
		}
		tags = append(tags, tag)
	}
	var err error
	switch p.Action {
	case "ec2:DescribeImages":
		_, err = view.DescribeImages(ctx, &ec2.DescribeImagesInput{DryRun: dry})
	case "ec2:CreateTags":
		_, err = view.CreateTags(ctx, &ec2.CreateTagsInput{Resources: resources, Tags: tags, DryRun: dry})
	case "ec2:DeleteTags":
		_, err = view.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: resources, Tags: tags, DryRun: dry})
	case "ec2:ModifyImageAttribute":
		_, err = view.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{
			ImageId: aws.String(image), DryRun: dry,
			LaunchPermission: &ec2types.LaunchPermissionModifications{Add: []ec2types.LaunchPermission{{UserId: aws.String(serviceAccount)}}},
		})
	case "ec2:ModifySnapshotAttribute":
		var add []ec2types.CreateVolumePermission
		for _, id := range p.Keys["ec2:Add/userId"] {
			add = append(add, ec2types.CreateVolumePermission{UserId: aws.String(id)})
		}
		if group := p.key("ec2:Add/group"); group != "" {
			add = append(add, ec2types.CreateVolumePermission{Group: ec2types.PermissionGroup(group)})
		}
		_, err = view.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{
			SnapshotId: snapshot, DryRun: dry, CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{Add: add},
		})
	default:
		t.Fatalf("no door for %s", p.Action)
	}
	return err
}
