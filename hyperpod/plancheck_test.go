package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// A taint that goes is shown as that one, whatever stands behind it.
func TestRemovedTaintsAreShownAsSuch(t *testing.T) {
	c := newCluster(t, hyperpodtest.NewServer(), 1)
	taints := func(keys ...string) hyperpod.Edit {
		return hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
			return g.WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
				s.KubernetesConfig = &types.ClusterKubernetesConfig{}
				for _, key := range keys {
					s.KubernetesConfig.Taints = append(s.KubernetesConfig.Taints, hyperpod.Taint(key, "v", types.ClusterKubernetesTaintEffectNoSchedule))
				}
			})
		})
	}
	_, err := c.Update(t.Context(), taints("a", "b", "c"))
	require.NoError(t, err)
	plan, err := c.Plan(t.Context(), taints("c", "b"))
	require.NoError(t, err)
	assert.Equal(t, []hyperpod.FieldChange{
		{Path: "KubernetesConfig.Taints[0].Effect", Before: `"NoSchedule"`},
		{Path: "KubernetesConfig.Taints[0].Key", Before: `"a"`},
		{Path: "KubernetesConfig.Taints[0].Value", Before: `"v"`},
	}, plan.Changes()[0].Fields)
	require.Len(t, plan.Findings(), 1)
	assert.Equal(t, `warning: InstanceGroups[0].KubernetesConfig.Taints[0].Key: "a" is removed from the group's nodes [labels-removed]`, plan.Findings()[0].String())
	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	plan, err = c.Plan(t.Context(), taints("b", "c"))
	require.NoError(t, err)
	assert.True(t, plan.Empty(), "their order means nothing")
}

func TestShrinkingAFlexibleGroup(t *testing.T) {
	c := hyperpod.New(hyperpodtest.NewServer().Client(), fast).Cluster("example-cluster")
	spec := pageSpec(2)
	spec.Groups[0] = spec.Groups[0].WithFlexibleInstances(2, types.ClusterInstanceTypeMlC52xlarge, types.ClusterInstanceTypeMlC5Xlarge)
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	plan, err := c.Plan(t.Context(), hyperpod.Scale("workers", 1))
	require.NoError(t, err)
	assert.Contains(t, plan.String(), "of the type of lowest priority first")
}
