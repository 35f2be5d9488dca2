package hyperpod_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// adding asks for nodes of the group workers.
func adding(count int32) hyperpod.Addition {
	return hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "workers", Count: count}}}
}

func TestAddNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(1))
		require.NoError(t, err)
		report, err := c.AddNodes(t.Context(), adding(2))
		require.NoError(t, err)
		require.Len(t, report.Nodes, 2)
		now := instancesOf(t, c)
		assert.Len(t, now, 3)
		for _, n := range report.Nodes {
			assert.Equal(t, hyperpod.NodeDone, n.Outcome)
			assert.NotEmpty(t, n.ID)
			assert.Contains(t, now, n.Instance)
		}
		assert.EqualValues(t, 3, report.Groups[0].Wanted)
		assert.Greater(t, report.Ended.Sub(report.Began), 5*time.Minute)
	})
}

// The answer is lost twice; the nodes are added once.
func TestAddNodesAfterLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := newCluster(t, srv, 1)
		srv.Faults().LoseResponse("BatchAddClusterNodes", 2)
		report, err := c.AddNodes(t.Context(), adding(2))
		require.NoError(t, err)
		assert.Len(t, report.Nodes, 2)
		assert.Len(t, report.Calls, 1)
		assert.False(t, report.Unknown)
		requests := sent[sagemaker.BatchAddClusterNodesInput](srv)
		require.Len(t, requests, 3)
		assert.NotEmpty(t, requests[0].ClientToken)
		assert.Equal(t, requests[0].ClientToken, requests[2].ClientToken)
		assert.EqualValues(t, 3, *describe(t, srv).InstanceGroups[0].TargetCount)
	})
}

// Another process asks again with the token, and finds the nodes that are there.
func TestAddNodesWithATokenOfOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := newCluster(t, srv, 1)
		a := adding(2)
		a.Token = "release-42"
		srv.Faults().LoseResponse("BatchAddClusterNodes", 3)
		report, err := c.AddNodes(t.Context(), a)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Len(t, report.Nodes, 2)
		assert.Equal(t, hyperpod.NodeUnanswered, report.Nodes[0].Outcome)
		assert.Contains(t, report.Nodes[0].Detail, "release-42")
		assert.True(t, report.Unknown)

		report, err = c.AddNodes(t.Context(), a)
		require.NoError(t, err)
		assert.Equal(t, hyperpod.NodeDone, report.Nodes[1].Outcome)
		assert.EqualValues(t, 3, *describe(t, srv).InstanceGroups[0].TargetCount)

		_, err = c.DeleteNodes(t.Context(), report.Nodes[0].ID)
		require.NoError(t, err)
		report, err = c.AddNodes(t.Context(), a)
		var failed *hyperpod.NodesError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, hyperpod.NodeGone, report.Nodes[0].Outcome)
		assert.Equal(t, hyperpod.NodeDone, report.Nodes[1].Outcome)
		assert.EqualValues(t, 2, *describe(t, srv).InstanceGroups[0].TargetCount)
	})
}

func TestAddNodesInRequestsOfTheServicesSize(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	for _, name := range []string{"b", "c", "d", "e", "f"} {
		_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup(name, 0)))
		require.NoError(t, err)
	}
	a := adding(60)
	a.Token = "token"
	for _, name := range []string{"b", "c", "d", "e", "f"} {
		a.Groups = append(a.Groups, hyperpod.GroupAddition{Group: name, Count: 1})
	}
	report, err := c.AddNodes(t.Context(), a)
	require.NoError(t, err)
	assert.Len(t, report.Nodes, 65)
	requests := sent[sagemaker.BatchAddClusterNodesInput](srv)
	require.Len(t, requests, 3)
	assert.EqualValues(t, 50, *requests[0].NodesToAdd[0].IncrementTargetCountBy)
	assert.EqualValues(t, 10, *requests[1].NodesToAdd[0].IncrementTargetCountBy)
	assert.Len(t, requests[1].NodesToAdd, 5, "at most five groups")
	assert.Len(t, requests[2].NodesToAdd, 1)
	for i, want := range []string{"token", "token-2", "token-3"} {
		assert.Equal(t, want, *requests[i].ClientToken)
	}
}

func TestAddNodesPartly(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	a := adding(1)
	a.Groups = append(a.Groups, hyperpod.GroupAddition{Group: "workers", Count: 2, InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC54xlarge}})
	report, err := c.AddNodes(t.Context(), a)
	var failed *hyperpod.NodesError
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Failed, 2)
	assert.Equal(t, "IncompatibleInstanceTypes", failed.Failed[0].Code)
	require.Len(t, report.Nodes, 3)
	assert.Equal(t, hyperpod.NodeDone, report.Nodes[0].Outcome)
}

func TestAddNodesRefuses(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	long := adding(1)
	long.Token = "0123456789012345678901234567890123456789012345678901234567890"
	blank := adding(1)
	blank.Token = "a b"
	twice := adding(1)
	twice.Groups = append(twice.Groups, twice.Groups[0])
	for name, tt := range map[string]struct {
		a    hyperpod.Addition
		want string
	}{
		"nothing":    {hyperpod.Addition{}, "NodesToAdd"},
		"zero":       {adding(0), "NodesToAdd[0].IncrementTargetCountBy"},
		"long token": {long, "use at most 60"},
		"token":      {blank, "ClientToken"},
		"twice":      {twice, "named twice"},
	} {
		_, err := c.AddNodes(t.Context(), tt.a)
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
		require.ErrorContains(t, err, tt.want, name)
	}
	_, err := c.AddNodes(t.Context(), hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "none", Count: 1}}})
	require.ErrorIs(t, err, hyperpod.ErrGroupNotFound)
	assert.Empty(t, sent[sagemaker.BatchAddClusterNodesInput](srv))
}

// A node that fails to start is replaced by the service, under another id.
func TestAddedNodeThatFailsAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(1))
		require.NoError(t, err)
		srv.FailLifecycle(goldenAMI, "")
		go func() {
			time.Sleep(40 * time.Minute)
			srv.MendLifecycle(goldenAMI)
		}()
		report, err := c.AddNodes(t.Context(), adding(1))
		require.NoError(t, err)
		assert.Equal(t, hyperpod.NodeDone, report.Nodes[0].Outcome)
		assert.Contains(t, instancesOf(t, c), report.Nodes[0].Instance)

		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
		report, err = c.With(func(o *hyperpod.Options) { o.Poll.Timeout = time.Hour }).AddNodes(t.Context(), adding(1))
		require.ErrorIs(t, err, poll.ErrTimeout)
		var failed *hyperpod.FailedError
		require.ErrorAs(t, err, &failed)
		require.Len(t, failed.Causes, 1)
		assert.Equal(t, hyperpod.ClassCapacity, failed.Causes[0].Class)
		assert.Equal(t, hyperpod.NodeAccepted, report.Nodes[0].Outcome)
		assert.True(t, report.Unfinished)
	})
}
