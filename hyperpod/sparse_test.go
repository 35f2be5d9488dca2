package hyperpod_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// Whatever Describe leaves out, a workflow answers with a plan or an error: a cluster
// without orchestrator, a group with a name and nothing else, no groups at all.
func TestSparseDescriptions(t *testing.T) {
	for name, live := range map[string]*sagemaker.DescribeClusterOutput{
		"nothing":             {},
		"group by name alone": {ClusterArn: aws.String("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl"), InstanceGroups: []types.ClusterInstanceGroupDetails{{InstanceGroupName: aws.String("workers")}}},
		"restricted group by name alone": {RestrictedInstanceGroups: []types.ClusterRestrictedInstanceGroupDetails{
			{InstanceGroupName: aws.String("workers")},
		}},
		"empty details": {InstanceGroups: []types.ClusterInstanceGroupDetails{{
			InstanceGroupName: aws.String("workers"), KubernetesConfig: &types.ClusterKubernetesConfigDetails{}, AutoPatchConfig: &types.ClusterAutoPatchConfigDetails{},
			InstanceRequirements: &types.ClusterInstanceRequirementDetails{}, SlurmConfig: &types.ClusterSlurmConfigDetails{},
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			api := scripted{API: hyperpodtest.NewServer().Client(), describe: func(context.Context, *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
				return live, nil
			}}
			c := hyperpod.New(api, fast).Cluster("example-cluster")
			for _, edit := range []hyperpod.Edit{hyperpod.Scale("workers", 1), hyperpod.AddGroup(workersGroup("more", 1)), hyperpod.DeleteGroup("workers")} {
				if plan, err := c.Plan(t.Context(), edit); err == nil {
					require.NotEmpty(t, plan.String())
				}
			}
			for _, groups := range []hyperpod.GroupSelection{hyperpod.Named("workers"), hyperpod.AllGroups} {
				roll := rollTo(newAMI)
				roll.Groups = groups
				report, _ := c.RollImage(t.Context(), roll)
				require.NotNil(t, report)
			}
		})
	}
}
