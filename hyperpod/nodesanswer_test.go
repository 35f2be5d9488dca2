package hyperpod_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// A lost answer is not asked for again by the SDK: that would reboot or replace twice.
func TestNodesAreNeverAskedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		ids := instancesOf(t, newCluster(t, srv, 2))
		client := srv.Client(func(o *sagemaker.Options) { o.RetryMaxAttempts = 3 })
		c := hyperpod.New(client, fast).Cluster("example-cluster").With(func(o *hyperpod.Options) { o.NoWait = true })
		for _, tt := range []struct {
			op string
			do func(context.Context, ...string) (*hyperpod.Report, error)
		}{{"BatchRebootClusterNodes", c.RebootNodes}, {"BatchReplaceClusterNodes", c.ReplaceNodes}, {"BatchDeleteClusterNodes", c.DeleteNodes}} {
			before := len(ops(srv, 0))
			srv.Faults().LoseResponse(tt.op, 1)
			report, err := tt.do(t.Context(), ids[0])
			require.Error(t, err, tt.op)
			assert.True(t, report.Unknown, tt.op)
			assert.Equal(t, hyperpod.NodeUnanswered, report.Nodes[0].Outcome, tt.op)
			assert.Equal(t, tt.op, ops(srv, before)[len(ops(srv, before))-1])
			assert.Len(t, ops(srv, before), 3, "describe, list and one request")
		}
		// What the service has refused for its rate is asked for again.
		srv.Faults().Fail("BatchRebootClusterNodes", 2, &smithy.GenericAPIError{Code: "ThrottlingException"})
		_, err := c.RebootNodes(t.Context(), ids[1])
		require.NoError(t, err)
	})
}

// terse answers an addition with less than it has to tell.
type terse struct {
	hyperpod.API
	out sagemaker.BatchAddClusterNodesOutput
}

func (a terse) BatchAddClusterNodes(context.Context, *sagemaker.BatchAddClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.BatchAddClusterNodesOutput, error) {
	return &a.out, nil
}

// Every node that was asked for has a result, whatever the answer leaves out.
func TestAddNodesThatTheAnswerLeavesOut(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 1)
	api := terse{API: srv.Client(), out: sagemaker.BatchAddClusterNodesOutput{
		Successful: []types.NodeAdditionResult{{InstanceGroupName: aws.String("workers"), NodeLogicalId: aws.String("node-1")}},
		Failed: []types.BatchAddClusterNodesError{{
			InstanceGroupName: aws.String("workers"), ErrorCode: types.BatchAddClusterNodesErrorCodeInvalidInstanceGroupStatus,
		}},
	}}
	c := hyperpod.New(api, fast).Cluster("example-cluster").With(func(o *hyperpod.Options) { o.NoWait = true })
	report, err := c.AddNodes(t.Context(), adding(4))
	var failed *hyperpod.NodesError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 4, failed.Total)
	outcomes := map[hyperpod.NodeOutcome]int{}
	for _, n := range report.Nodes {
		assert.Equal(t, "workers", n.Group)
		outcomes[n.Outcome]++
	}
	assert.Equal(t, map[hyperpod.NodeOutcome]int{hyperpod.NodeAccepted: 1, hyperpod.NodeRefused: 1, hyperpod.NodeUnanswered: 2}, outcomes)
}

// No error of several requests is lost.
func TestEachRequestsErrorIsTold(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	first := validation("not the first")
	srv.Faults().Fail("BatchAddClusterNodes", 1, first)
	srv.Faults().Fail("BatchAddClusterNodes", 1, &types.ResourceLimitExceeded{Message: aws.String("nor the second")})
	report, err := c.AddNodes(t.Context(), adding(120))
	require.ErrorContains(t, err, "not the first")
	require.ErrorContains(t, err, "nor the second")
	assert.Equal(t, hyperpod.NodeNotSent, report.Nodes[119].Outcome)
	assert.Len(t, report.Nodes, 120)
}
