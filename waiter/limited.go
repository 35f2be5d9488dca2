package waiter

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// turns has calls wait for their turn at a limiter. How long a call may take counts from
// its turn: a poll of several calls would never come to its end otherwise where turns are
// rare.
type turns struct {
	limiter *Limiter
	timeout time.Duration // of a call
}

// inTurn makes a call when its turn has come, and has the client's retries wait for
// theirs.
func inTurn[I, O any](ctx context.Context, t turns, in I, optFns []func(*sagemaker.Options),
	call func(context.Context, I, ...func(*sagemaker.Options)) (O, error),
) (O, error) {
	if !t.limiter.limits() {
		return call(ctx, in, optFns...)
	}
	if err := t.limiter.Wait(ctx); err != nil {
		var none O
		return none, err
	}
	optFns = append(slices.Clip(optFns), func(o *sagemaker.Options) {
		o.APIOptions = append(slices.Clip(o.APIOptions), t.limiter.limitRetries)
	})
	return poll.Look(ctx, t.timeout, func(ctx context.Context) (O, error) { return call(ctx, in, optFns...) })
}

// limitedCluster is a client whose calls wait for their turn.
type limitedCluster struct {
	api ClusterAPI
	turns
}

func (l limitedCluster) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return inTurn(ctx, l.turns, in, optFns, l.api.DescribeCluster)
}

// limitedNodes is limitedCluster for the list of the nodes.
type limitedNodes struct {
	api NodesAPI
	turns
}

func (l limitedNodes) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return inTurn(ctx, l.turns, in, optFns, l.api.ListClusterNodes)
}

// limitedSoftware is limitedCluster for the calls of a software update.
type limitedSoftware struct {
	SoftwareAPI
	turns
}

func (l limitedSoftware) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return inTurn(ctx, l.turns, in, optFns, l.SoftwareAPI.ListClusterNodes)
}

func (l limitedSoftware) DescribeClusterNode(ctx context.Context, in *sagemaker.DescribeClusterNodeInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	return inTurn(ctx, l.turns, in, optFns, l.SoftwareAPI.DescribeClusterNode)
}

// limitedFleet is limitedCluster for the list of the clusters.
type limitedFleet struct {
	FleetAPI
	turns
}

func (l limitedFleet) ListClusters(ctx context.Context, in *sagemaker.ListClustersInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	return inTurn(ctx, l.turns, in, optFns, l.FleetAPI.ListClusters)
}
