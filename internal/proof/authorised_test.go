package proof

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const operator = "arn:aws:iam::111122223333:role/Operator"

// only is what the policy generated for some workflows allows, and nothing else.
func only(t *testing.T, workflows ...policy.Workflow) policy.Policies {
	t.Helper()
	doc, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333", Clusters: policy.AnyCluster(),
		ExecutionRoles: []string{"arn:aws:iam::111122223333:role/HyperPod"},
		Orchestrator:   policy.EKS(eksARN),
	}, workflows...)
	require.NoError(t, err)
	set, err := policy.Compile(doc)
	require.NoError(t, err)
	return policy.Policies{Identity: set}
}

func guarded() amisharetest.Image {
	return amisharetest.Image{Tags: map[string]string{"AllowSharing": "true"}, SnapshotTags: map[string]string{"AllowSharing": "true"}}
}

// Each workflow runs under only the policy that is generated for it, the calls to EC2
// that the service makes included, with and without the keys of forward access.
func TestWorkflowsUnderTheirOwnPolicies(t *testing.T) {
	for name, without := range map[string]bool{"with forward access keys": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			images := amisharetest.NewServer()
			srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images, o.NoForwardKeys = images, without })
			first, second := images.AddImage(guarded()), images.AddImage(guarded())
			as := func(workflows ...policy.Workflow) *hyperpod.Cluster {
				role := hyperpodtest.Principal{ARN: operator, Policies: only(t, workflows...)}
				reads := images.As(amisharetest.Principal{ARN: operator, Policies: only(t, append(workflows, policy.CheckImage)...)})
				return hyperpod.New(srv.As(role).Client(), func(o *hyperpod.Options) {
					o.Images, o.Poll.Interval = amishare.NewChecker(reads.Client()), time.Millisecond
				}).Cluster("train")
			}
			_, err := as(policy.CreateCluster).Create(t.Context(), spec(first))
			require.NoError(t, err)
			_, err = as(policy.UpdateGroups).Update(t.Context(), hyperpod.Scale("workers", 2), hyperpod.AddGroup(spec(first).Groups[0].WithName("more")))
			require.NoError(t, err)
			_, err = as(policy.RollImage).RollImage(t.Context(), hyperpod.Roll{
				Image: hyperpod.AMI(second), Groups: hyperpod.AllGroups, Batch: hyperpod.Percent(50), ReplaceRootVolumes: true,
			})
			require.NoError(t, err)

			tagged := spec(first)
			tagged.Tags = map[string]string{"stage": "test"}
			tagged.Groups = append(tagged.Groups, tagged.Groups[0].WithName("more"))
			tagged.Groups[0] = tagged.Groups[0].WithInstanceCount(2)
			_, err = as(policy.TagClusters).Update(t.Context(), hyperpod.Desired(tagged))
			require.NoError(t, err, "tags alone")
			_, err = as(policy.OperateNodes).AddNodes(t.Context(), hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "more", Count: 1}}})
			require.NoError(t, err)
			var ids []string
			for n, err := range as(policy.OperateNodes).Nodes(t.Context(), func(o *hyperpod.NodesOptions) { o.Groups, o.Details = []string{"more"}, true }) {
				require.NoError(t, err)
				ids = append(ids, n.Instance)
			}
			require.Len(t, ids, 2)
			operate := as(policy.OperateNodes)
			_, err = operate.RebootNodes(t.Context(), ids[0])
			require.NoError(t, err)
			_, err = operate.DeleteNodes(t.Context(), ids[0])
			require.NoError(t, err)
			_, err = operate.ReplaceNodes(t.Context(), ids[1])
			require.NoError(t, err)
			why, err := as(policy.Read).Explain(t.Context())
			require.NoError(t, err)
			require.True(t, why.Healthy(), "%s", why)

			// Neither does the other's work.
			_, err = operate.Update(t.Context(), hyperpod.Scale("workers", 3))
			require.ErrorContains(t, err, "sagemaker:UpdateCluster")
			_, err = as(policy.UpdateGroups).DeleteNodes(t.Context(), ids[1])
			require.Error(t, err)
			_, err = as(policy.RollImage).Update(t.Context(), hyperpod.Scale("workers", 3))
			require.ErrorContains(t, err, "sagemaker:UpdateCluster")
			_, err = as(policy.UpdateGroups).Delete(t.Context())
			require.ErrorContains(t, err, "sagemaker:DeleteCluster")

			_, err = as(policy.DeleteCluster).Delete(t.Context())
			require.NoError(t, err)
		})
	}
}

// The guard is held by the service too: an AMI or a snapshot without the tag is not
// shared, and so the cluster call is refused.
func TestUntaggedIsRefusedByTheService(t *testing.T) {
	for name, image := range map[string]amisharetest.Image{
		"AMI":      {SnapshotTags: map[string]string{"AllowSharing": "true"}},
		"snapshot": {Tags: map[string]string{"AllowSharing": "true"}},
		"value":    {Tags: map[string]string{"AllowSharing": "True"}, SnapshotTags: map[string]string{"AllowSharing": "true"}},
	} {
		t.Run(name, func(t *testing.T) {
			images := amisharetest.NewServer()
			srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images = images })
			role := hyperpodtest.Principal{ARN: operator, Policies: only(t, policy.CreateCluster)}
			_, err := hyperpod.New(srv.As(role).Client()).Cluster("train").Create(t.Context(), spec(images.AddImage(image)))
			require.ErrorContains(t, err, "AccessDeniedException")
			require.ErrorContains(t, err, "Attribute")
		})
	}
}

// Whoever takes the service's own grant away breaks what scales out later.
func TestRemovedGrantBreaksTheNextScaleOut(t *testing.T) {
	images := amisharetest.NewServer()
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) {
		o.Images, o.ServiceAccount, o.RequireGrant = images, serviceAccount, true
	})
	image := images.AddImage(amisharetest.Image{})
	_, err := hyperpod.New(srv.Client()).Cluster("train").Create(t.Context(), spec(image))
	require.NoError(t, err)
	_, err = images.Client().ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{
		ImageId: aws.String(image), LaunchPermission: &ec2types.LaunchPermissionModifications{Remove: []ec2types.LaunchPermission{{UserId: aws.String(serviceAccount)}}},
	})
	require.NoError(t, err)
	_, err = srv.BatchAddClusterNodes(t.Context(), &sagemaker.BatchAddClusterNodesInput{
		ClusterName: aws.String("train"), NodesToAdd: []types.AddClusterNodeSpecification{{InstanceGroupName: aws.String("workers"), IncrementTargetCountBy: aws.Int32(1)}},
	})
	require.NoError(t, err)
	nodes, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train"), IncludeNodeLogicalIds: aws.Bool(true)})
	require.NoError(t, err)
	require.Len(t, nodes.ClusterNodeSummaries, 2)
	assert.Equal(t, types.ClusterInstanceStatusFailure, nodes.ClusterNodeSummaries[1].InstanceStatus.Status)
	assert.Contains(t, *nodes.ClusterNodeSummaries[1].InstanceStatus.Message, "not shared")

	// An update that names the image shares it again.
	_, err = hyperpod.New(srv.Client()).Cluster("train").Update(t.Context(), hyperpod.AddGroup(spec(image).Groups[0].WithName("more")))
	require.NoError(t, err)
}
