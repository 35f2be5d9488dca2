package bench

import (
	"context"
	"io"
	"log"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/retry"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// The simulations replay the pauses of loops. These tests run the loops themselves,
// in bubbles of simulated time.

const few = 50 // timelines of each course

// bubble is a resource that goes through a timeline from now on.
type bubble struct {
	line  Timeline
	told  bool
	began time.Time
	calls int
}

// look takes as long as a call, and sees the resource as it is when it begins.
func (b *bubble) look() (poll.Counts, bool) {
	b.calls++
	age := time.Since(b.began)
	time.Sleep(latency)
	var counts poll.Counts
	if b.told {
		counts = b.line.Counts(age)
	}
	return counts, age >= b.line.End()
}

func (b *bubble) outcome(err error) Outcome {
	if err != nil {
		return Outcome{Calls: b.calls, Missed: true}
	}
	return Outcome{Calls: b.calls, Lag: time.Since(b.began) - b.line.End()}
}

func each(t *testing.T, check func(t *testing.T, b *bubble, timeout time.Duration)) {
	t.Helper()
	for _, course := range append([]Course{Opaque, Steady}, Uneven...) {
		for _, timeout := range []time.Duration{-1, 20 * time.Minute} {
			lines := draw(course, few, around(creation))
			for _, line := range lines.All {
				synctest.Test(t, func(t *testing.T) {
					check(t, &bubble{line: line, told: lines.Told, began: time.Now()}, timeout)
				})
			}
		}
	}
}

func TestTheSimulationIsTheLoopOfPoll(t *testing.T) {
	each(t, func(t *testing.T, b *bubble, timeout time.Duration) {
		_, err := poll.Wait(t.Context(), "r", func(context.Context) (poll.Observation[int], error) {
			counts, done := b.look()
			if done {
				return poll.Observation[int]{Verdict: poll.Done}, nil
			}
			return poll.Observation[int]{Counts: counts}, nil
		}, func(o *poll.Options) {
			o.Cadence.Typical, o.Jitter, o.Timeout = creation, -1, timeout
		})
		if timeout < 0 {
			timeout = plenty
		}
		even := func() float64 { return 1 }
		assert.Equal(t, wait(b.line, b.told, cadence(creation, timeout, even)), b.outcome(err))
	})
}

func TestTheSimulationIsStateChangeConf(t *testing.T) {
	writer := log.Writer()
	t.Cleanup(func() { log.SetOutput(writer) })
	log.SetOutput(io.Discard) // it logs every poll
	each(t, func(t *testing.T, b *bubble, timeout time.Duration) {
		if timeout < 0 {
			timeout = plenty
		}
		conf := retry.StateChangeConf{
			Pending: []string{"pending"}, Target: []string{"done"}, Timeout: timeout,
			Refresh: func() (any, string, error) {
				if _, done := b.look(); done {
					return b, "done", nil
				}
				return b, "pending", nil
			},
		}
		_, err := conf.WaitForStateContext(t.Context())
		want := wait(b.line, b.told, Terraform().New(nil, timeout))
		require.Equal(t, want, b.outcome(err))
	})
}

// endpoint is a client of the SDK's waiter for endpoints, which stands for the loop
// that the SDK generates for all its waiters.
type endpoint struct{ *bubble }

func (e endpoint) DescribeEndpoint(context.Context, *sagemaker.DescribeEndpointInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeEndpointOutput, error) {
	status := types.EndpointStatusCreating
	if _, done := e.look(); done {
		status = types.EndpointStatusInService
	}
	return &sagemaker.DescribeEndpointOutput{EndpointStatus: status}, nil
}

func TestTheSimulationIsTheLoopOfTheSDK(t *testing.T) {
	each(t, func(t *testing.T, b *bubble, timeout time.Duration) {
		if timeout < 0 {
			timeout = plenty
		}
		const least, most = 15 * time.Second, 2 * time.Minute
		repeatable(t)
		err := sagemaker.NewEndpointInServiceWaiter(endpoint{b}, func(o *sagemaker.EndpointInServiceWaiterOptions) {
			o.MinDelay, o.MaxDelay = least, most
		}).Wait(t.Context(), &sagemaker.DescribeEndpointInput{}, timeout)
		repeatable(t)
		assert.Equal(t, wait(b.line, b.told, SDK(least, most).New(nil, timeout)), b.outcome(err))
	})
}

func TestJitterIsThatOfPoll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	c := poll.Cadence{Typical: creation}
	pauser := Ours(creation).New(rng, plenty)
	least, most := 1.0, 0.0
	for range 1000 {
		pause, _ := pauser(Look{Polls: 1, Ended: latency})
		part := pause.Seconds() / c.Pause(latency, poll.Trend{}).Seconds()
		least, most = min(least, part), max(most, part)
	}
	assert.InDelta(t, 1-poll.DefaultJitter, least, 0.01)
	assert.InDelta(t, 1, most, 0.01)
}
