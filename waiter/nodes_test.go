package waiter_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	nRunning  = types.ClusterInstanceStatusRunning
	nPending  = types.ClusterInstanceStatusPending
	nFailure  = types.ClusterInstanceStatusFailure
	nStopping = types.ClusterInstanceStatusShuttingDown
	nNotFound = types.ClusterInstanceStatusNotFound
)

// show is what the list has of one node from an age on; an empty status means that it
// is not listed.
type show struct {
	from     time.Duration
	instance string
	logical  string
	status   types.ClusterInstanceStatus
}

// listOne makes the fake list one node, and another that nobody asks for.
func (f *fake) listOne(story ...show) {
	f.nodePage = 1
	f.nodes = func(age time.Duration) []types.ClusterNodeSummary {
		var now show
		for _, s := range story {
			if s.from <= age {
				now = s
			}
		}
		all := []types.ClusterNodeSummary{{InstanceId: aws.String("i-0"), InstanceStatus: &types.ClusterInstanceStatusDetails{Status: nRunning}}}
		if now.status != "" {
			n := types.ClusterNodeSummary{
				InstanceGroupName: aws.String("workers"), InstanceId: aws.String(now.instance),
				InstanceStatus: &types.ClusterInstanceStatusDetails{Status: now.status},
			}
			if now.logical != "" {
				n.NodeLogicalId = aws.String(now.logical)
			}
			all = append(all, n)
		}
		return all
	}
}

// nodeCase is one story of the node i-1 or of the logical id n-1.
type nodeCase struct {
	id    string
	story []show
	is    error
	says  string
	after time.Duration
}

func TestNodesRunning(t *testing.T) {
	for name, c := range map[string]nodeCase{
		"runs already": {id: "i-1", story: []show{{instance: "i-1", status: nRunning}}},
		"comes to run": {
			id: "i-1", after: 12 * minute,
			story: []show{{0, "i-1", "", nPending}, {10 * minute, "i-1", "", types.ClusterInstanceStatusDeepHealthCheckInProgress}, {12 * minute, "i-1", "", nRunning}},
		},
		"shows late": {id: "i-1", story: []show{{}, {minute, "i-1", "", nRunning}}, after: minute},
		"a logical id that has no instance yet": {
			id: "n-1", story: []show{{0, "", "n-1", nPending}, {10 * minute, "i-1", "n-1", nRunning}}, after: 10 * minute,
		},
		"a node in Failure is retried, and is missing meanwhile": {
			id: "n-1", after: 30 * minute,
			story: []show{{0, "i-1", "n-1", nFailure}, {5 * minute, "", "", ""}, {20 * minute, "i-2", "n-1", nPending}, {30 * minute, "i-2", "n-1", nRunning}},
		},
		"a node is missing in one list": {
			id: "i-1", story: []show{{0, "i-1", "", nPending}, {5 * minute, "", "", ""}, {6 * minute, "i-1", "", nRunning}}, after: 6 * minute,
		},
		"an instance that was never listed": {id: "i-1", story: []show{{}}, is: poll.ErrGone, says: "node i-1: not listed", after: lag},
		"an instance that is listed no more": {
			id: "i-1", story: []show{{0, "i-1", "", nPending}, {5 * minute, "i-1", "", nNotFound}}, is: poll.ErrGone, says: "no longer listed, was Pending", after: 5*minute + lag,
		},
		"an instance that is shutting down":       {id: "i-1", story: []show{{0, "i-1", "", nStopping}}, is: poll.ErrGone, says: "node i-1: ShuttingDown"},
		"a logical id goes on with another one":   {id: "n-1", story: []show{{0, "i-1", "n-1", nStopping}, {minute, "i-2", "n-1", nRunning}}, after: minute},
		"a logical id that nobody ever lists":     {id: "n-1", story: []show{{}}, is: poll.ErrTimeout, says: "node n-1: not listed", after: poll.DefaultTimeout},
		"an unknown status is waited on and said": {id: "i-1", story: []show{{0, "i-1", "", "FailedMaintenance"}}, is: poll.ErrTimeout, says: "which this version does not know: node i-1: FailedMaintenance", after: poll.DefaultTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.listOne(c.story...)
				nodes, err := waiter.NodesRunning(t.Context(), f, "train", []string{"i-0", c.id}, exact)
				c.check(t, f, nodes, err)
				if c.is == nil {
					assert.True(t, nodes[1].Listed)
					assert.Equal(t, nRunning, nodes[1].Status)
					assert.Equal(t, "workers", nodes[1].Group)
					assert.NotEmpty(t, nodes[1].Instance)
				}
			})
		})
	}
}

func (c nodeCase) check(t *testing.T, f *fake, nodes []waiter.Node, err error) {
	t.Helper()
	require.ErrorIs(t, err, c.is)
	if c.is != nil {
		require.ErrorContains(t, err, c.says)
	}
	assert.Equal(t, c.after, time.Since(f.born), "neither early nor late")
	require.NotEmpty(t, nodes)
	assert.Equal(t, c.id, nodes[len(nodes)-1].ID)
}

func TestNodesGone(t *testing.T) {
	for name, c := range map[string]nodeCase{
		"shut down": {
			id: "i-1", story: []show{{0, "i-1", "", nRunning}, {minute, "i-1", "", nStopping}, {8 * minute, "", "", ""}}, after: 8 * minute,
		},
		"NotFound is gone": {
			id: "i-1", story: []show{{0, "i-1", "", nStopping}, {8 * minute, "i-1", "", nNotFound}}, after: 8 * minute,
		},
		"never listed is believed late":       {id: "i-1", story: []show{{}}, after: lag},
		"a new node shows late":               {id: "i-1", story: []show{{}, {minute, "i-1", "", nPending}, {5 * minute, "i-1", "", nStopping}, {6 * minute, "", "", ""}}, after: 6 * minute},
		"gone between two lists":              {id: "i-1", story: []show{{0, "i-1", "", nRunning}, {minute, "", "", ""}}, after: minute + lag},
		"a failed node between two tries":     {id: "n-1", story: []show{{0, "i-1", "n-1", nFailure}, {minute, "", "", ""}, {2 * minute, "i-2", "n-1", nPending}, {9 * minute, "i-2", "n-1", nStopping}, {12 * minute, "", "", ""}}, after: 12 * minute},
		"another instance is another node":    {id: "i-1", story: []show{{0, "i-1", "", nStopping}, {5 * minute, "i-2", "", nRunning}}, after: 5 * minute},
		"an end that hangs says where it is":  {id: "i-1", story: []show{{0, "i-1", "", nStopping}}, is: poll.ErrTimeout, says: "node i-1: ShuttingDown", after: poll.DefaultTimeout},
		"a logical id is gone with its nodes": {id: "n-1", story: []show{{0, "i-1", "n-1", nStopping}, {5 * minute, "i-2", "n-2", nRunning}}, after: 5 * minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.listOne(c.story...)
				nodes, err := waiter.NodesGone(t.Context(), f, "train", []string{c.id}, exact)
				c.check(t, f, nodes, err)
				if c.is == nil {
					assert.False(t, nodes[0].Listed)
				}
			})
		})
	}
}

func TestManyNodesAreNotAllNamed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		_, err := waiter.NodesRunning(t.Context(), f, "train", []string{"i-1", "i-2", "i-3", "i-4", "i-5"}, exact)
		require.ErrorContains(t, err, `nodes of cluster train: failed in status "0 of 5 nodes": node i-1: not listed; node i-2: not listed; node i-3: not listed; and 2 more`)
	})
}

func TestNodesThatAreNotNamed(t *testing.T) {
	for _, ids := range [][]string{nil, {"i-1", ""}} {
		_, err := waiter.NodesRunning(t.Context(), newFake(), "train", ids)
		require.ErrorContains(t, err, "wait for running nodes: ids is empty or has an empty id")
		_, err = waiter.NodesGone(t.Context(), newFake(), "train", ids)
		require.ErrorContains(t, err, "wait for deleted nodes: ids")
	}
}
