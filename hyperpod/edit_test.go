package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestEditGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	report, err := c.Update(t.Context(), hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
		return g.WithLifecycle("s3://amzn-s3-demo-bucket/v2", "on_create.sh").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 3)
	}))
	require.NoError(t, err)
	assert.True(t, report.Complete)
	live := describe(t, srv).InstanceGroups[0]
	assert.Equal(t, "s3://amzn-s3-demo-bucket/v2", *live.LifeCycleConfig.SourceS3Uri)
	assert.EqualValues(t, 3, *live.CurrentCount)
	assert.Len(t, live.InstanceStorageConfigs, 1, "what was not edited stays")

	for name, edit := range map[string]hyperpod.Edit{
		"image":    hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group { return g.WithImage(newAMI) }),
		"name":     hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group { return g.WithName("renamed") }),
		"nil":      hyperpod.EditGroup("workers", nil),
		"missing":  hyperpod.EditGroup("none", func(g hyperpod.Group) hyperpod.Group { return g }),
		"pattern":  hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group { return g.WithLifecycle("http://x", "a") }),
		"new zero": hyperpod.EditGroup("workers", func(hyperpod.Group) hyperpod.Group { return hyperpod.Group{} }),
	} {
		_, err := c.Plan(t.Context(), edit)
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
	}
	_, err = c.Plan(t.Context(), hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group { return g.WithImage(newAMI) }))
	require.ErrorContains(t, err, "use RollImage")
	_, err = c.Plan(t.Context(), hyperpod.Scale("none", 1), hyperpod.DeleteGroup("nor-this"), hyperpod.AddGroup(workersGroup("workers", 1)))
	invalid := new(hyperpod.InvalidError)
	require.ErrorAs(t, err, &invalid)
	assert.Len(t, invalid.Findings, 3, "all mistakes at once")
	require.ErrorIs(t, err, hyperpod.ErrGroupNotFound)
	require.ErrorIs(t, err, hyperpod.ErrGroupExists)
	require.ErrorContains(t, err, `edits[1]: the cluster has no group "nor-this"; use one of workers`)
}
