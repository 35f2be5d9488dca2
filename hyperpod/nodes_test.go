package hyperpod_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// nodesOf collects the nodes of a cluster.
func nodesOf(t *testing.T, c *hyperpod.Cluster, optFns ...func(*hyperpod.NodesOptions)) []hyperpod.Node {
	t.Helper()
	var nodes []hyperpod.Node
	for n, err := range c.Nodes(t.Context(), optFns...) {
		require.NoError(t, err)
		nodes = append(nodes, n)
	}
	return nodes
}

// instancesOf are the instance ids of a cluster's nodes.
func instancesOf(t *testing.T, c *hyperpod.Cluster) []string {
	t.Helper()
	var ids []string
	for _, n := range nodesOf(t, c) {
		ids = append(ids, n.Instance)
	}
	return ids
}

// wholeCluster returns a handle on a cluster that is not Continuous.
func wholeCluster(t *testing.T, srv *hyperpodtest.Server, count int32) *hyperpod.Cluster {
	t.Helper()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(count)
	spec.NonContinuous = true
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	return c
}

func TestNodes(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 120)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("workers2", 3)))
	require.NoError(t, err)
	all := c.Nodes(t.Context())
	for range 2 { // it can be ranged over again
		count := 0
		for n, err := range all {
			require.NoError(t, err)
			assert.NotEmpty(t, n.Instance)
			assert.NotEmpty(t, n.LogicalID)
			assert.Equal(t, types.ClusterInstanceStatusRunning, n.Status)
			assert.Nil(t, n.Details)
			count++
		}
		assert.Equal(t, 123, count)
	}
	for _, err := range all {
		require.NoError(t, err)
		break
	}
	assert.Len(t, nodesOf(t, c, func(o *hyperpod.NodesOptions) { o.Groups = []string{"workers"} }), 120, "a group is not the other whose name begins alike")
	only := nodesOf(t, c, func(o *hyperpod.NodesOptions) { o.Groups, o.Details = []string{"workers2", "none"}, true })
	require.Len(t, only, 3)
	for _, n := range only {
		require.NotNil(t, n.Details)
		assert.Equal(t, n.Instance, *n.Details.InstanceId)
	}

	for _, err := range hyperpod.New(srv.Client()).Cluster("none").Nodes(t.Context()) {
		require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
	}
}

// pagedNodes lists one node a page, every other page empty, and refuses logical ids.
type pagedNodes struct {
	hyperpod.UnimplementedAPI
	pages int
}

func (p *pagedNodes) ListClusterNodes(_ context.Context, in *sagemaker.ListClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	if in.IncludeNodeLogicalIds != nil {
		return nil, validation("IncludeNodeLogicalIds is not supported for this cluster")
	}
	p.pages++
	out := &sagemaker.ListClusterNodesOutput{}
	if p.pages%2 == 0 {
		out.ClusterNodeSummaries = []types.ClusterNodeSummary{{InstanceGroupName: aws.String("workers"), InstanceId: aws.String(fmt.Sprintf("i-%08d", p.pages))}}
	}
	if p.pages < 6 {
		out.NextToken = aws.String(fmt.Sprint(p.pages))
	}
	return out, nil
}

func TestNodesOfEmptyPagesAndWithoutLogicalIDs(t *testing.T) {
	assert.Equal(t, []string{"i-00000002", "i-00000004", "i-00000006"}, instancesOf(t, hyperpod.New(&pagedNodes{}).Cluster("example-cluster")))
}
