package hyperpodtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestRestrictedGroups(t *testing.T) {
	srv := hyperpodtest.NewServer()
	in := createInput(group("workers", 1))
	restricted := types.ClusterRestrictedInstanceGroupSpecification{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(2), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
		ExecutionRole: aws.String(role), EnvironmentConfig: &types.EnvironmentConfig{FSxLustreConfig: &types.FSxLustreConfig{SizeInGiB: aws.Int32(12000), PerUnitStorageThroughput: aws.Int32(125)}},
	}
	in.RestrictedInstanceGroups = []types.ClusterRestrictedInstanceGroupSpecification{restricted}
	create(t, srv, in)
	g := describe(t, srv).RestrictedInstanceGroups[0]
	assert.EqualValues(t, 2, *g.CurrentCount)
	assert.EqualValues(t, 12000, *g.EnvironmentConfig.FSxLustreConfig.SizeInGiB)

	changed := restricted
	changed.InstanceType = types.ClusterInstanceTypeMlP4d24xlarge
	err := update(t, srv, &sagemaker.UpdateClusterInput{RestrictedInstanceGroups: []types.ClusterRestrictedInstanceGroupSpecification{changed}})
	require.ErrorContains(t, err, "fields InstanceType on")
	restricted.InstanceCount = aws.Int32(0)
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{RestrictedInstanceGroups: []types.ClusterRestrictedInstanceGroupSpecification{restricted}}))
	assert.EqualValues(t, 0, *describe(t, srv).RestrictedInstanceGroups[0].CurrentCount)
	require.ErrorContains(t, roll(t, srv, newer, nil, "nova"), "restricted")
	require.NoError(t, roll(t, srv, newer, nil))
}

// A restricted group remains, too, though it is only added now.
func TestARestrictedGroupReplacesTheLastRegularOne(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	describe(t, srv)
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{
		InstanceGroupsToDelete: []string{"workers"},
		RestrictedInstanceGroups: []types.ClusterRestrictedInstanceGroupSpecification{{
			InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
			ExecutionRole: aws.String(role), EnvironmentConfig: &types.EnvironmentConfig{},
		}},
	}))
	out := describe(t, srv)
	assert.Empty(t, out.InstanceGroups)
	assert.Len(t, out.RestrictedInstanceGroups, 1)
}
