package hyperpodtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestCapacityShortfall(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, createInput(group("workers", 3)))
		after(24 * time.Hour)
		g := describe(t, srv).InstanceGroups[0]
		assert.Equal(t, types.InstanceGroupStatusCreating, g.Status, "for ever")
		assert.EqualValues(t, 2, *g.CurrentCount)
		waiting := 0
		for _, n := range nodes(t, srv) {
			if n.InstanceStatus.Status == types.ClusterInstanceStatusPending {
				waiting++
				assert.Equal(t, "We currently do not have sufficient capacity to launch new ml.c5.2xlarge instances. Please try again.", *n.InstanceStatus.Message)
			}
		}
		assert.Equal(t, 1, waiting)
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, -1)
		after(10 * time.Minute)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)
	})
}

// What a group gives back another can take.
func TestCapacityComesBack(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, createInput(group("workers", 2), group("login", 0)))
		after(time.Hour)
		scale(t, srv, "workers", 0)
		after(time.Hour)
		scale(t, srv, "login", 2)
		after(time.Hour)
		assert.EqualValues(t, 2, *describe(t, srv).InstanceGroups[1].CurrentCount)
	})
}

func TestCapacityShortfallOfAWholeCluster(t *testing.T) {
	with(t, func(t *testing.T, srv *hyperpodtest.Server) {
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		create(t, srv, wholeInput(group("workers", 3)))
		after(time.Hour)
		out := describe(t, srv)
		assert.Equal(t, types.ClusterStatusFailed, out.ClusterStatus)
		assert.Contains(t, *out.FailureMessage, "sufficient capacity")
	})
}

// Who gets what becomes available does not change from run to run.
func TestCapacityGoesToTheFirstAccount(t *testing.T) {
	for range 20 {
		with(t, func(t *testing.T, srv *hyperpodtest.Server) {
			srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 0)
			for i := range 5 {
				in := createInput(group("workers", 1))
				in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
				create(t, srv.As(hyperpodtest.Root(fmt.Sprintf("44445555666%d", 9-i))), in)
			}
			after(time.Hour)
			srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
			after(11 * time.Minute)
			assert.EqualValues(t, 1, *describe(t, srv.As(hyperpodtest.Root("444455556669"))).InstanceGroups[0].CurrentCount)
		})
	}
}

func TestQuota(t *testing.T) {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.MaxInstances = 3 })
	_, err := srv.CreateCluster(t.Context(), createInput(group("workers", 4)))
	assert.Equal(t, "ResourceLimitExceeded", code(t, err))
	create(t, srv, createInput(group("workers", 3)))
	scale(t, srv, "workers", 2)
	err = update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("more", 2)}})
	var limit *types.ResourceLimitExceeded
	require.ErrorAs(t, err, &limit)
}
