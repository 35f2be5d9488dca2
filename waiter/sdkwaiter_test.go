package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// sdkShaped is how the SDK's waiters look, for their own operation and options.
type sdkShaped[In, Out, O any] interface {
	Wait(context.Context, *In, time.Duration, ...func(*O)) error
	WaitForOutput(context.Context, *In, time.Duration, ...func(*O)) (*Out, error)
}

var (
	_ sdkShaped[sagemaker.DescribeEndpointInput, sagemaker.DescribeEndpointOutput, sagemaker.EndpointInServiceWaiterOptions] = (*sagemaker.EndpointInServiceWaiter)(nil)
	_ sdkShaped[sagemaker.DescribeClusterInput, sagemaker.DescribeClusterOutput, waiter.Options]                             = (*waiter.ClusterWaiter)(nil)
)

func TestSDKShapedWaiters(t *testing.T) {
	in := &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")}
	for name, tt := range map[string]struct {
		make     func(waiter.ClusterAPI, ...func(*waiter.Options)) *waiter.ClusterWaiter
		timeline []moment
		after    time.Duration
	}{
		"in service": {waiter.NewClusterInServiceWaiter, []moment{at(0, cluster(creating)), at(minute, cluster(inService, group("workers", gCreating, 0, 4)))}, minute},
		"stable":     {waiter.NewClusterStableWaiter, []moment{at(0, cluster(inService, group("workers", gCreating, 0, 4))), at(9*minute, cluster(inService, group("workers", gInService, 4, 4)))}, 9 * minute},
		"deleted":    {waiter.NewClusterDeletedWaiter, []moment{at(0, cluster(deleting)), fails(minute, errNotFound)}, minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(tt.timeline...)
				out, err := tt.make(f, exact).WaitForOutput(t.Context(), in, time.Hour)
				require.NoError(t, err)
				assert.NotNil(t, out)
				assert.Equal(t, tt.after, time.Since(f.born))
			})
			bubble(t, func(t *testing.T) {
				f := newFake(tt.timeline[0])
				err := tt.make(f).Wait(t.Context(), in, 10*minute, exact, func(o *waiter.Options) { o.Poll.Timeout = time.Hour })
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, 10*minute, time.Since(f.born), "maxWaitDur decides")
			})
		})
	}
}

func TestSDKShapedWaitersRefuse(t *testing.T) {
	f := newFake()
	w := waiter.NewClusterInServiceWaiter(f)
	require.ErrorContains(t, w.Wait(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")}, 0), "maxWaitDur must be greater than zero")
	require.ErrorContains(t, w.Wait(t.Context(), nil, time.Hour), "ClusterName is empty")
	require.ErrorContains(t, w.Wait(t.Context(), &sagemaker.DescribeClusterInput{}, time.Hour), "ClusterName is empty")
	assert.Empty(t, f.describes)
}
