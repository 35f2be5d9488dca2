package waiter

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Node is a node that was waited for, as the list of nodes last showed it.
type Node struct {
	// ID is the instance id or logical id that the caller gave.
	ID string
	// Listed says that the last list had the node. When it is false the rest is
	// what an earlier list said, or zero.
	Listed bool
	// Group is the instance group.
	Group string
	// Instance and LogicalID name the node. A node has a logical id on Continuous
	// clusters, where it has no instance id at first, and keeps the one when the
	// other changes. It is reported when one of the ids given is no instance id.
	Instance, LogicalID string
	// Status is the node's status, Message what the service says of it, perhaps of
	// an earlier failure.
	Status  types.ClusterInstanceStatus
	Message string

	absent time.Time // since when the lists do not have it
}

// NodesRunning waits until each of the nodes is listed as Running, and returns them
// as last seen, in the order of ids, also together with an error. ids are instance
// ids, which begin with "i-", or logical ids.
//
// It judges the state, not what was asked: a node that is to be rebooted or replaced
// is Running until that begins. A node in Failure is waited on, because HyperPod
// replaces it on a Continuous cluster; it can be missing from the list between two
// tries, as was seen. An instance that is still missing when [Options].Lag is over,
// or that is shutting down, fails the wait with [poll.ErrGone]: it does not come
// back. A logical id that is missing is waited on; whether the next try has the same
// one is not documented, and [GroupsAtCount] is the wait that does not mind.
//
// ListClusterNodes can be behind DescribeCluster for seconds to minutes, as was
// seen. [Options].OnSnapshot is not told of these waits.
func NodesRunning(ctx context.Context, api NodesAPI, nameOrARN string, ids []string, optFns ...func(*Options)) ([]Node, error) {
	w, err := newNodesWait("running nodes", api, nameOrARN, ids, optFns)
	if err != nil {
		return nil, err
	}
	w.opts.expect(typicalScaling, time.Time{})
	w.judge = w.running
	return w.wait(ctx)
}

// NodesGone waits until none of the nodes exists, and returns them as last seen, in
// the order of ids, also together with an error. ids are as for [NodesRunning]. The
// nodes of a cluster that does not exist are gone.
//
// A node that was listed as ShuttingDown is gone when the list has it no more. One
// that was not, or was never listed at all, has to be missing for [Options].Lag: a
// new node shows late, and one that has failed can be missing for a while before
// HyperPod tries it again, as was seen. An instance that takes the place of one that
// is gone is another node, unless they share the logical id given.
func NodesGone(ctx context.Context, api NodesAPI, nameOrARN string, ids []string, optFns ...func(*Options)) ([]Node, error) {
	w, err := newNodesWait("deleted nodes", api, nameOrARN, ids, optFns)
	if err != nil {
		return nil, err
	}
	w.opts.expect(typicalDeletion, time.Time{})
	w.judge = w.gone
	w.vanished = poll.Done
	return w.wait(ctx)
}
