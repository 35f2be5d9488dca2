package hyperpod_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestNodesThatAreNotAcceptedAreListed(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 3)
	unknown := "i-00000000000000000"
	ids := instancesOf(t, c)
	for name, do := range map[string]func(context.Context, ...string) (*hyperpod.Report, error){"reboot": c.RebootNodes, "replace": c.ReplaceNodes, "delete": c.DeleteNodes} {
		id := ids[0]
		report, err := do(t.Context(), id, unknown, "node-none")
		var failed *hyperpod.NodesError
		require.ErrorAs(t, err, &failed, name)
		require.Len(t, failed.Failed, 2, name)
		assert.Equal(t, unknown, failed.Failed[0].ID)
		assert.Contains(t, failed.Failed[0].Code, "NotFound")
		require.ErrorContains(t, err, "2 of 3 nodes failed")
		require.Len(t, report.Nodes, 3)
		assert.Equal(t, hyperpod.NodeDone, report.Nodes[0].Outcome, name)
		assert.Equal(t, hyperpod.NodeRefused, report.Nodes[2].Outcome, name)
		assert.False(t, report.Complete, name)
		assert.False(t, report.Unfinished, name)
		ids = instancesOf(t, c)
	}
}

func TestNodesGoInRequestsOfTheServicesSize(t *testing.T) {
	for _, tt := range []struct {
		nodes, deletes, reboots int
		logical                 bool
		logicalDeletes          int
	}{{25, 1, 1, false, 1}, {26, 1, 2, false, 1}, {50, 1, 2, false, 1}, {51, 1, 3, false, 2}, {99, 1, 4, false, 2}, {100, 2, 4, false, 2}} {
		t.Run(fmt.Sprint(tt.nodes), func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			c := newCluster(t, srv, int32(tt.nodes)).With(func(o *hyperpod.Options) { o.NoWait = true })
			_, err := c.RebootNodes(t.Context(), instancesOf(t, c)...)
			require.NoError(t, err)
			assert.Len(t, sent[sagemaker.BatchRebootClusterNodesInput](srv), tt.reboots)
			_, err = c.ReplaceNodes(t.Context(), instancesOf(t, c)...)
			require.NoError(t, err)
			assert.Len(t, sent[sagemaker.BatchReplaceClusterNodesInput](srv), tt.reboots)
			report, err := c.DeleteNodes(t.Context(), instancesOf(t, c)...)
			require.NoError(t, err)
			deletes := sent[sagemaker.BatchDeleteClusterNodesInput](srv)
			require.Len(t, deletes, tt.deletes)
			assert.Len(t, deletes[0].NodeIds, min(tt.nodes, 99))
			assert.Len(t, report.Nodes, tt.nodes)
			assert.False(t, report.Complete, "nobody waited")

			_, err = c.Update(t.Context(), hyperpod.Scale("workers", int32(tt.nodes)))
			require.NoError(t, err)
			var logical []string
			for _, n := range nodesOf(t, c) {
				logical = append(logical, n.LogicalID)
			}
			_, err = c.DeleteNodes(t.Context(), logical...)
			require.NoError(t, err)
			assert.Len(t, sent[sagemaker.BatchDeleteClusterNodesInput](srv), tt.deletes+tt.logicalDeletes)
		})
	}
}

// A later request that fails loses nothing of what the earlier ones did.
func TestALaterRequestThatFails(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 60)
	requests := 0
	srv.Faults().Before(func(_ context.Context, op string, _ any) error {
		if op == "BatchReplaceClusterNodes" {
			if requests++; requests == 2 {
				return &types.ConflictException{}
			}
		}
		return nil
	})
	report, err := c.ReplaceNodes(t.Context(), instancesOf(t, c)...)
	require.ErrorIs(t, err, hyperpod.ErrBusy)
	var failed *hyperpod.NodesError
	require.ErrorAs(t, err, &failed)
	count := map[hyperpod.NodeOutcome]int{}
	for _, n := range report.Nodes {
		count[n.Outcome]++
	}
	assert.Equal(t, map[hyperpod.NodeOutcome]int{hyperpod.NodeDone: 25, hyperpod.NodeRefused: 25, hyperpod.NodeNotSent: 10}, count)
	assert.Len(t, failed.Failed, 35)
	require.ErrorContains(t, err, "35 of 60 nodes failed")
	require.ErrorContains(t, err, "and 25 more")
	srv.Faults().Clear()

	// The answer is lost: what became of those nodes is not known.
	srv.Faults().LoseResponse("BatchRebootClusterNodes", 1)
	report, err = c.RebootNodes(t.Context(), instancesOf(t, c)[0])
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, hyperpod.NodeUnanswered, report.Nodes[0].Outcome)
	assert.True(t, report.Unknown)
}

// A cluster that is not Continuous works on one request at a time.
func TestRequestsOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := wholeCluster(t, srv, 30).With(func(o *hyperpod.Options) { o.Poll = poll.Options{} })
		report, err := c.ReplaceNodes(t.Context(), instancesOf(t, c)...)
		require.NoError(t, err)
		assert.Len(t, report.Calls, 2)
		for _, n := range report.Nodes {
			assert.Equal(t, hyperpod.NodeDone, n.Outcome)
		}
		_, err = c.With(func(o *hyperpod.Options) { o.NoWait = true }).RebootNodes(t.Context(), instancesOf(t, c)...)
		require.ErrorIs(t, err, hyperpod.ErrInvalid)
		require.ErrorContains(t, err, "one operation at a time")
	})
}
