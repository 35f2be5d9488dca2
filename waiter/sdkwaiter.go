package waiter

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// ClusterWaiter has the methods of the waiters that the SDK generates, for programs
// that are written for those. Its waits are those of this package; see there for what
// they return. The input's ClusterName is a name or an ARN.
type ClusterWaiter struct {
	wait func(ctx context.Context, nameOrARN string, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error)
}

// NewClusterInServiceWaiter makes a waiter of [ClusterInService].
func NewClusterInServiceWaiter(client ClusterAPI, optFns ...func(*Options)) *ClusterWaiter {
	return newClusterWaiter(client, ClusterInService, optFns)
}

// NewClusterStableWaiter makes a waiter of [ClusterStable].
func NewClusterStableWaiter(client ClusterAPI, optFns ...func(*Options)) *ClusterWaiter {
	return newClusterWaiter(client, ClusterStable, optFns)
}

// NewClusterDeletedWaiter makes a waiter of [ClusterDeleted]. Its output is the last
// description seen, nil when there was none.
func NewClusterDeletedWaiter(client ClusterAPI, optFns ...func(*Options)) *ClusterWaiter {
	return newClusterWaiter(client, clusterDeleted, optFns)
}

type clusterWait func(ctx context.Context, api ClusterAPI, nameOrARN string, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error)

func newClusterWaiter(client ClusterAPI, wait clusterWait, first []func(*Options)) *ClusterWaiter {
	first = slices.Clone(first)
	return &ClusterWaiter{wait: func(ctx context.Context, name string, then ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
		return wait(ctx, client, name, slices.Concat(first, then)...)
	}}
}

// Wait waits for at most maxWaitDur, which must be greater than zero and takes the
// place of [Options].Poll.Timeout.
func (w *ClusterWaiter) Wait(ctx context.Context, params *sagemaker.DescribeClusterInput, maxWaitDur time.Duration, optFns ...func(*Options)) error {
	_, err := w.WaitForOutput(ctx, params, maxWaitDur, optFns...)
	return err
}

// WaitForOutput is Wait, and returns the last description seen, also together with an
// error.
func (w *ClusterWaiter) WaitForOutput(ctx context.Context, params *sagemaker.DescribeClusterInput, maxWaitDur time.Duration, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
	switch {
	case maxWaitDur <= 0:
		return nil, errors.New("wait for a cluster: maxWaitDur must be greater than zero")
	case params == nil || aws.ToString(params.ClusterName) == "":
		return nil, errors.New("wait for a cluster: ClusterName is empty: give a name or an ARN")
	}
	limit := func(o *Options) { o.Poll.Timeout = maxWaitDur }
	return w.wait(ctx, *params.ClusterName, slices.Concat(optFns, []func(*Options){limit})...)
}
