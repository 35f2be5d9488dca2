package bench

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/retry"
	kubernetes "k8s.io/apimachinery/pkg/util/wait"
)

// loop waits until done says so. It is what stands around the SDK's calls where there is
// no waiter: the SDK has none for clusters.
type loop struct {
	name string
	wait func(ctx context.Context, done func(context.Context) (bool, error)) error
}

// longest is a timeout that no job reaches.
const longest = 24 * time.Hour

func loops() []loop {
	return []loop{
		{"SDK, its waiters' loop", waitLikeTheSDK},
		{"SDK, StateChangeConf", waitLikeTerraform},
		{"SDK, cenkalti/backoff", waitWithBackoff},
		{"SDK, Kubernetes' wait, 30 s", waitLikeKubernetes},
	}
}

// endpointOf turns any look into the call of a waiter that the SDK has.
type endpointOf func(context.Context) (bool, error)

func (done endpointOf) DescribeEndpoint(ctx context.Context, _ *sagemaker.DescribeEndpointInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeEndpointOutput, error) {
	ok, err := done(ctx)
	if ok {
		return &sagemaker.DescribeEndpointOutput{EndpointStatus: types.EndpointStatusInService}, err
	}
	return &sagemaker.DescribeEndpointOutput{EndpointStatus: types.EndpointStatusCreating}, err
}

func waitLikeTheSDK(ctx context.Context, done func(context.Context) (bool, error)) error {
	return sagemaker.NewEndpointInServiceWaiter(endpointOf(done), func(o *sagemaker.EndpointInServiceWaiterOptions) {
		o.MinDelay, o.MaxDelay = 15*time.Second, 2*time.Minute
	}).Wait(ctx, &sagemaker.DescribeEndpointInput{}, longest)
}

func waitLikeTerraform(ctx context.Context, done func(context.Context) (bool, error)) error {
	conf := retry.StateChangeConf{
		Pending: []string{"pending"}, Target: []string{"done"}, Timeout: longest,
		Refresh: func() (any, string, error) {
			ok, err := done(ctx)
			if ok {
				return done, "done", err
			}
			return done, "pending", err
		},
	}
	_, err := conf.WaitForStateContext(ctx)
	return err
}

var errPending = errors.New("not done yet")

func waitWithBackoff(ctx context.Context, done func(context.Context) (bool, error)) error {
	_, err := backoff.Retry(ctx, func() (bool, error) {
		ok, err := done(ctx)
		if err != nil {
			return false, backoff.Permanent(err)
		}
		if !ok {
			return false, errPending
		}
		return true, nil
	}, backoff.WithMaxElapsedTime(longest))
	return err
}

func waitLikeKubernetes(ctx context.Context, done func(context.Context) (bool, error)) error {
	return kubernetes.PollUntilContextTimeout(ctx, 30*time.Second, longest, true, done)
}
