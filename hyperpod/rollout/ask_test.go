package rollout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

var (
	errSick      = errors.New("2 of 8 nodes are sick")
	errThrottled = fmt.Errorf("reading: %w", &smithy.OperationError{
		ServiceID: "CloudWatch", OperationName: "DescribeAlarms", Err: &smithy.GenericAPIError{Code: "ThrottlingException"},
	})
	errNoEndpoint = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	errNoService  = &smithy.OperationError{ServiceID: "CloudWatch", OperationName: "DescribeAlarms", Err: errNoEndpoint}
)

// saying returns a gate that gives the answers in turn and then the last for ever, and
// how often it was asked.
func saying(answers ...error) (Gate, *int) {
	asked := 0
	return func(context.Context, Visit) error {
		answer := answers[min(asked, len(answers)-1)]
		asked++
		return answer
	}, &asked
}

func TestAskGate(t *testing.T) {
	refusal := Refuse(errSick)
	for name, tt := range map[string]struct {
		answers []error
		passes  int
		asked   int
		want    string // of the error, empty when it passes
	}{
		"passes at once":                    {answers: []error{nil}, asked: 1},
		"passes in time":                    {answers: []error{errSick, errSick, nil}, asked: 3},
		"has to pass more than once":        {answers: []error{nil}, passes: 3, asked: 3},
		"flaps and then holds":              {answers: []error{nil, errSick, nil, nil, errSick, nil}, passes: 3, asked: 8},
		"flaps, where one pass is enough":   {answers: []error{errSick, nil, errSick}, asked: 2},
		"refuses":                           {answers: []error{refusal}, asked: 1, want: "the gate refused: 2 of 8 nodes are sick"},
		"refuses, wrapped":                  {answers: []error{fmt.Errorf("canary: %w", refusal)}, asked: 1, want: "the gate refused: canary: 2 of 8 nodes are sick"},
		"refuses after a pass":              {answers: []error{nil, refusal}, passes: 2, asked: 2, want: "the gate refused, asked 2 times in "},
		"refuses what is no answer":         {answers: []error{Refuse(errThrottled), nil}, asked: 2},
		"throttled before it passes":        {answers: []error{errThrottled, errThrottled, nil}, asked: 3},
		"throttled between passes":          {answers: []error{nil, errThrottled, nil}, passes: 2, asked: 3},
		"a service of one's own is down":    {answers: []error{nil, errNoEndpoint, nil, nil}, passes: 2, asked: 4},
		"a service of AWS is down":          {answers: []error{nil, errNoService, nil}, passes: 2, asked: 3},
		"one of several is throttled":       {answers: []error{nil, &allOfError{[]error{errThrottled, errSick}}, nil, nil}, passes: 2, asked: 4},
		"all of several are throttled":      {answers: []error{nil, &allOfError{[]error{errThrottled, errThrottled}}, nil}, passes: 2, asked: 3},
		"one of several refuses":            {answers: []error{&allOfError{[]error{errThrottled, refusal}}}, asked: 1, want: "the gate refused: "},
		"negative numbers are the defaults": {answers: []error{nil}, passes: -1, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate, asked := saying(tt.answers...)
				began := time.Now()
				err := askGate(t.Context(), gate, Visit{Cluster: "train"}, GateOptions{Interval: time.Minute, Passes: tt.passes})
				assert.Equal(t, tt.asked, *asked)
				pauses := time.Duration(tt.asked-1) * time.Minute
				assert.LessOrEqual(t, time.Since(began), pauses)
				assert.GreaterOrEqual(t, time.Since(began), pauses*9/10)
				if tt.want == "" {
					require.NoError(t, err)
					return
				}
				var e *gateError
				require.ErrorAs(t, err, &e)
				assert.True(t, e.Refused)
				assert.Equal(t, tt.asked, e.Asked)
				require.ErrorContains(t, err, tt.want)
				assert.NotErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
}

func TestAskGateUntilThePatienceIsOver(t *testing.T) {
	flapping := func() Gate {
		sick := false
		return func(context.Context, Visit) error {
			if sick = !sick; sick {
				return errSick
			}
			return nil
		}
	}
	always := func(err error) func() Gate {
		return func() Gate { gate, _ := saying(err); return gate }
	}
	for name, tt := range map[string]struct {
		gate  func() Gate
		opts  GateOptions
		waits time.Duration
		want  []string
		is    error
	}{
		"never passes": {
			always(errSick),
			GateOptions{Interval: time.Minute, Patience: 10 * time.Minute},
			10 * time.Minute,
			[]string{"the gate was not passed in 10m0s, asked 1", "times: 2 of 8 nodes are sick"},
			errSick,
		},
		"by default": {always(errSick), GateOptions{}, 10 * time.Minute, []string{"in 10m0s", "asked 2"}, errSick},
		"by default with passes": {
			always(errSick), GateOptions{Passes: 21}, 20 * time.Minute, []string{"in 20m0s"}, errSick,
		},
		"flaps": {
			flapping,
			GateOptions{Interval: 30 * time.Second, Patience: 10 * time.Minute, Passes: 2},
			10 * time.Minute,
			[]string{"in 10m0s, asked", "times", "2 of 8 nodes are sick"},
			errSick,
		},
		"passes too late": {
			func() Gate {
				began := time.Now()
				return func(context.Context, Visit) error {
					if time.Since(began) < 10*time.Minute {
						return errSick
					}
					return nil
				}
			},
			GateOptions{Interval: time.Minute, Patience: 10 * time.Minute, Passes: 2},
			10 * time.Minute,
			[]string{"the gate did not pass 2 times in a row in 10m0s, asked 1", "when it last did not pass: 2 of 8 nodes are sick"},
			errSick,
		},
		"throttled throughout": {
			always(errThrottled),
			GateOptions{Interval: time.Minute, Patience: 10 * time.Minute},
			10*time.Minute + 3*time.Second,
			[]string{"the gate gave no answer in 10m3s, asked 1", "ThrottlingException"},
			errThrottled,
		},
		"hangs": {
			func() Gate {
				return func(ctx context.Context, _ Visit) error { <-ctx.Done(); return errNoEndpoint }
			},
			GateOptions{Interval: time.Minute, Patience: 10 * time.Minute},
			15 * time.Minute,
			[]string{"the gate was not passed in 15m0s, asked 2 times: no answer within 5m0s: "},
			syscall.ECONNREFUSED,
		},
		"hangs on a call that is ridden out otherwise": {
			func() Gate {
				return func(ctx context.Context, _ Visit) error { <-ctx.Done(); return errThrottled }
			},
			GateOptions{Interval: time.Minute, Patience: time.Minute},
			10 * time.Minute,
			[]string{"asked 2 times: no answer within 5m0s"},
			errThrottled,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := askGate(t.Context(), tt.gate(), Visit{Cluster: "train"}, tt.opts)
				assert.Equal(t, tt.waits, time.Since(began))
				var e *gateError
				require.ErrorAs(t, err, &e)
				assert.False(t, e.Refused)
				require.ErrorIs(t, err, tt.is)
				for _, want := range tt.want {
					require.ErrorContains(t, err, want)
				}
				assert.NotErrorIs(t, err, poll.ErrTimeout, "the gate's error is not that of a wait")
			})
		})
	}
}

// A gate that takes its time may have no more than passed.
func TestAskGateThatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context, Visit) error { time.Sleep(6 * time.Minute); return nil }
		err := askGate(t.Context(), slow, Visit{}, GateOptions{Interval: time.Minute, Patience: 10 * time.Minute, Passes: 4})
		require.ErrorAs(t, err, new(*gateError))
		assert.Regexp(t, "^the gate did not pass 4 times in a row in 1[89]m[0-9]+s, asked 3 times$", err.Error())
	})
}

// A gate passes that is in time by its last asking.
func TestAskGateOnceMoreAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.NoError(t, askGate(t.Context(), func(context.Context, Visit) error {
			if time.Since(began) < 10*time.Minute {
				return errSick
			}
			return nil
		}, Visit{}, GateOptions{Interval: 7 * time.Minute, Patience: 10 * time.Minute}))
		assert.Equal(t, 10*time.Minute, time.Since(began))
	})
}

// A context that ends is no failure of the gate.
func TestAskGateUntilItsContextEnds(t *testing.T) {
	cause := errors.New("the runner is stopped")
	hanging := func(ctx context.Context, _ Visit) error { <-ctx.Done(); return errSick }
	sick, _ := saying(errSick)
	refusing := func(ctx context.Context, _ Visit) error { <-ctx.Done(); return Refuse(ctx.Err()) }
	for name, gate := range map[string]Gate{"in a pause": sick, "while it is asked": hanging, "a gate that takes it for a refusal": refusing} {
		t.Run(name+", cancelled", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(90*time.Second, func() { cancel(cause) })
				began := time.Now()
				err := askGate(ctx, gate, Visit{}, GateOptions{Interval: time.Minute, Patience: -1})
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				assert.NotErrorAs(t, err, new(*gateError))
				assert.Equal(t, 90*time.Second, time.Since(began))
			})
		})
		t.Run(name+", out of time", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 9*time.Minute, cause)
				defer cancel()
				err := askGate(ctx, gate, Visit{}, GateOptions{})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, cause)
				assert.NotErrorAs(t, err, new(*gateError))
			})
		})
	}
	t.Run("before it is asked", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		gate, asked := saying(nil)
		require.ErrorIs(t, askGate(ctx, gate, Visit{}, GateOptions{}), context.Canceled)
		assert.Zero(t, *asked)
	})
}

func TestAskGateForAsLongAsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		gate := func(ctx context.Context, _ Visit) error {
			_, limited := ctx.Deadline()
			assert.False(t, limited)
			if time.Since(began) < 48*time.Hour {
				return errSick
			}
			return nil
		}
		require.NoError(t, askGate(t.Context(), gate, Visit{}, GateOptions{Interval: time.Hour, Patience: -1}))
	})
}

// With these options a healthy target would fail too.
func TestOptionsByWhichNoGateCouldPass(t *testing.T) {
	gate, asked := saying(nil)
	err := askGate(t.Context(), gate, Visit{}, GateOptions{Interval: time.Minute, Patience: 3 * time.Minute, Passes: 5})
	require.ErrorContains(t, err, "GateOptions: 5 passes, 1m0s apart, take 4m0s, and Patience is 3m0s")
	require.ErrorAs(t, err, new(*gateError))
	assert.Zero(t, *asked)
}

func TestAPanicOfAGateIsNotRecovered(t *testing.T) {
	assert.PanicsWithValue(t, "a bug", func() {
		_ = askGate(t.Context(), func(context.Context, Visit) error { panic("a bug") }, Visit{}, GateOptions{})
	})
}

func TestAGateGetsTheVisit(t *testing.T) {
	want := Visit{Account: "111122223333", Region: "us-west-2", Cluster: "train", ARN: "arn", Wave: 2, Groups: []string{"workers"}, Baked: true}
	require.NoError(t, askGate(t.Context(), func(_ context.Context, v Visit) error {
		assert.Equal(t, want, v)
		return nil
	}, want, GateOptions{}))
}

func TestRefuse(t *testing.T) {
	require.NoError(t, Refuse(nil))
	err := fmt.Errorf("canary: %w", Refuse(errSick))
	require.ErrorIs(t, err, errSick)
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, errSick, refused.Err)
	assert.EqualError(t, err, "canary: 2 of 8 nodes are sick")
}
