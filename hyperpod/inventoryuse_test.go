package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestImageInUse(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("login", 0)))
	require.NoError(t, err)
	inventory := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}})
	uses, err := inventory.ImageInUse(t.Context(), goldenAMI)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"cluster example-cluster (us-west-2), instance group workers: current image",
		"cluster example-cluster (us-west-2), instance group login: current image",
	}, uses)
	uses, err = inventory.ImageInUse(t.Context(), newAMI)
	require.NoError(t, err)
	assert.Empty(t, uses)

	_, err = inventory.ImageInUse(t.Context(), "default")
	require.ErrorContains(t, err, "is no AMI id")

	_, err = hyperpod.NewInventory(nil).ImageInUse(t.Context(), newAMI)
	require.ErrorContains(t, err, "no sources", "nobody to ask is not unused")

	srv.Faults().Fail("DescribeCluster", 1, &types.ResourceNotFound{})
	_, err = inventory.ImageInUse(t.Context(), newAMI)
	require.Error(t, err, "a cluster that could not be read may use it")

	// On a cluster that is not Continuous the service names no image.
	whole := pageSpec(1)
	whole.NonContinuous, whole.Orchestrator = true, hyperpod.Slurm()
	_, err = hyperpod.New(srv.Client(), fast).Cluster("whole").Create(t.Context(), whole)
	require.NoError(t, err)
	_, err = inventory.ImageInUse(t.Context(), newAMI)
	require.ErrorContains(t, err, "cluster whole (us-west-2), instance group workers: the service does not name its image")
	uses, err = inventory.ImageInUse(t.Context(), goldenAMI)
	require.Error(t, err)
	assert.Len(t, uses, 2)
}
