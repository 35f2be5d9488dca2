package waiter

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go/middleware"
)

// Limiter bounds the rate of the API calls of all waits that are given the same one
// in [Options]. SageMaker does not publish the rates at which it throttles; they are
// counted per account and Region.
//
// It is a token bucket: burst calls may be made at once, and then one whenever a
// token has come. Calls are served in the order in which they ask. It starts no
// goroutine and may be used by many. A nil Limiter, and the zero value, limit
// nothing.
type Limiter struct {
	turn  chan struct{} // held by the call that is served next
	every time.Duration // between two tokens
	burst float64

	mu     sync.Mutex
	tokens float64
	asOf   time.Time
}

// NewLimiter returns a limiter of so many calls per second, after a burst of at most
// burst calls. A rate of zero or less limits nothing; a burst below 1 means 1.
func NewLimiter(callsPerSecond float64, burst int) *Limiter {
	if !(callsPerSecond > 0) || math.IsInf(callsPerSecond, 1) {
		return &Limiter{}
	}
	full := math.Max(float64(burst), 1)
	return &Limiter{
		turn:  make(chan struct{}, 1),
		every: time.Duration(math.Min(math.Ceil(float64(time.Second)/callsPerSecond), math.MaxInt64/2)),
		burst: full, tokens: full, asOf: time.Now(),
	}
}

// Wait waits until a call may be made. It returns the error of ctx when that ends
// first, and then takes nothing from the others.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil || l == nil || l.turn == nil {
		return err
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	for {
		pause := l.take()
		if pause <= 0 {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// take takes a token, or returns how long it is until there is one.
func (l *Limiter) take() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tokens = math.Min(l.burst, l.tokens+float64(now.Sub(l.asOf))/float64(l.every))
	l.asOf = now
	// What rounding may leave of a token is not worth another pause.
	if missing := 1 - l.tokens; missing > 1e-6 {
		return max(time.Duration(math.Ceil(missing*float64(l.every))), 1)
	}
	l.tokens--
	return 0
}

// limit waits for a call's turn and returns the options that make the client's
// retries wait for theirs.
func (l *Limiter) limit(ctx context.Context, optFns []func(*sagemaker.Options)) ([]func(*sagemaker.Options), error) {
	if l == nil || l.turn == nil {
		return optFns, nil
	}
	if err := l.Wait(ctx); err != nil {
		return nil, err
	}
	return append(slices.Clip(optFns), func(o *sagemaker.Options) {
		o.APIOptions = append(slices.Clip(o.APIOptions), l.limitRetries)
	}), nil
}

// limitRetries makes every attempt but the first wait for its turn. It does nothing
// to a client that does not retry.
func (l *Limiter) limitRetries(stack *middleware.Stack) error {
	if _, retries := stack.Finalize.Get("Retry"); !retries {
		return nil
	}
	attempts := 0
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("hyperpodkit:Limiter",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if attempts++; attempts > 1 {
				if err := l.Wait(ctx); err != nil {
					return middleware.FinalizeOutput{}, middleware.Metadata{}, err
				}
			}
			return next.HandleFinalize(ctx, in)
		}), "Retry", middleware.After)
}

// limitedCluster makes a client's calls wait for their turn.
type limitedCluster struct {
	api     ClusterAPI
	limiter *Limiter
}

func (l limitedCluster) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	optFns, err := l.limiter.limit(ctx, optFns)
	if err != nil {
		return nil, err
	}
	return l.api.DescribeCluster(ctx, in, optFns...)
}

// limitedNodes is limitedCluster for the list of the nodes.
type limitedNodes struct {
	api     NodesAPI
	limiter *Limiter
}

func (l limitedNodes) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	optFns, err := l.limiter.limit(ctx, optFns)
	if err != nil {
		return nil, err
	}
	return l.api.ListClusterNodes(ctx, in, optFns...)
}

// limitedSoftware is limitedCluster for the calls of a software update.
type limitedSoftware struct {
	SoftwareAPI
	limiter *Limiter
}

func (l limitedSoftware) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return limitedNodes{l.SoftwareAPI, l.limiter}.ListClusterNodes(ctx, in, optFns...)
}

func (l limitedSoftware) DescribeClusterNode(ctx context.Context, in *sagemaker.DescribeClusterNodeInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	optFns, err := l.limiter.limit(ctx, optFns)
	if err != nil {
		return nil, err
	}
	return l.SoftwareAPI.DescribeClusterNode(ctx, in, optFns...)
}

// limitedFleet is limitedCluster for the list of the clusters.
type limitedFleet struct {
	FleetAPI
	limiter *Limiter
}

func (l limitedFleet) ListClusters(ctx context.Context, in *sagemaker.ListClustersInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	optFns, err := l.limiter.limit(ctx, optFns)
	if err != nil {
		return nil, err
	}
	return l.FleetAPI.ListClusters(ctx, in, optFns...)
}
