package poll_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// resource is done from a moment on and remembers when it was looked at, as
// times since it was made.
type resource struct {
	made  time.Time
	done  time.Duration // negative: never
	polls []time.Duration
	each  func(n int) error // what else happens at the n-th poll, from 1
}

func newResource(done time.Duration) *resource { return &resource{made: time.Now(), done: done} }

func (r *resource) observe(context.Context) (poll.Observation[string], error) {
	age := time.Since(r.made)
	r.polls = append(r.polls, age)
	if r.each != nil {
		if err := r.each(len(r.polls)); err != nil {
			return poll.Observation[string]{}, err
		}
	}
	if r.done >= 0 && age >= r.done {
		return poll.Observation[string]{Value: "ready", Verdict: poll.Done, Status: "Ready"}, nil
	}
	return poll.Observation[string]{Value: "coming", Status: "Coming", Reason: "not all is there"}, nil
}

// every sets a fixed interval, so that the times of polls are exact.
func every(d time.Duration) func(*poll.Options) {
	return func(o *poll.Options) { o.Interval, o.Jitter = d, -1 }
}

func TestPollsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		got, err := poll.Wait(t.Context(), "r", r.observe)
		require.NoError(t, err)
		assert.Equal(t, "ready", got)
		assert.Equal(t, []time.Duration{0}, r.polls)
	})
}

func TestZeroOptionsHaveDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(-1)
		got, err := poll.Wait(t.Context(), "r", r.observe)
		var timeout *poll.TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.Equal(t, "coming", got, "the last value comes with the error")
		assert.Equal(t, poll.DefaultTimeout, timeout.Waited)
		assert.Greater(t, timeout.Attempts, int(poll.DefaultTimeout/poll.DefaultInterval))
	})
}

func TestPollsOnceMoreAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(100 * time.Second)
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) { o.Timeout = 100 * time.Second })
		require.NoError(t, err, "reached in the last moment")
		assert.Equal(t, []time.Duration{0, time.Minute, 100 * time.Second}, r.polls)
	})
}

func TestTimesOutOnlyAfterAPollThatBeganAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(-1)
		r.each = func(n int) error {
			if n == 2 { // begins at 60 s, before the deadline, and comes back after it
				time.Sleep(time.Minute)
			}
			return nil
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) { o.Timeout = 100 * time.Second })
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Equal(t, []time.Duration{0, time.Minute, 2 * time.Minute}, r.polls)
	})
}

func TestContextDeadline(t *testing.T) {
	const second = time.Second
	for name, tt := range map[string]struct {
		left    time.Duration
		timeout time.Duration
		want    []time.Duration
	}{
		"the last poll begins a second earlier":   {100 * second, -1, []time.Duration{0, 60 * second, 99 * second}},
		"exactly a second left":                   {second, -1, []time.Duration{0}},
		"less than a second left":                 {second / 2, -1, []time.Duration{0}},
		"none left":                               {0, -1, nil},
		"own timeout within the last second":      {100 * second, 99*second + second/2, []time.Duration{0, 60 * second, 99 * second, 99*second + second/2}},
		"own timeout after the context":           {100 * second, 101 * second, []time.Duration{0, 60 * second, 99 * second}},
		"a regular poll falls on the last moment": {61 * second, -1, []time.Duration{0, 60 * second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cause := errors.New("maintenance window closes")
				ctx, cancel := context.WithTimeoutCause(t.Context(), tt.left, cause)
				defer cancel()
				r := newResource(-1)
				_, err := poll.Wait(ctx, "r", r.observe, every(time.Minute), func(o *poll.Options) { o.Timeout = tt.timeout })

				var timeout *poll.TimeoutError
				require.ErrorAs(t, err, &timeout)
				assert.Equal(t, tt.want, r.polls)
				assert.Equal(t, len(tt.want), timeout.Attempts)
				require.ErrorIs(t, err, poll.ErrTimeout)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if tt.timeout < 0 || tt.timeout > tt.left {
					require.ErrorIs(t, err, cause)
					require.ErrorContains(t, err, cause.Error())
					assert.Equal(t, tt.left, time.Since(r.made), "returns when the context ends, so that the cause is known")
				}
			})
		})
	}
}

func TestOwnTimeoutIsDeadlineExceeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := poll.Wait(t.Context(), "r", newResource(-1).observe, func(o *poll.Options) { o.Timeout = time.Minute })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.NotErrorIs(t, err, poll.ErrStopped)
	})
}

func TestCancellationStopsAtOnce(t *testing.T) {
	cause := errors.New("operator pressed ^C")
	t.Run("in a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(90*time.Second, func() { cancel(cause) })
			r := newResource(-1)
			_, err := poll.Wait(ctx, "r", r.observe, every(time.Minute))
			assert.Equal(t, 90*time.Second, time.Since(r.made))
			assert.Len(t, r.polls, 2)
			requireStopped(t, err, cause)
		})
	})
	t.Run("in the first second of a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Millisecond, func() { cancel(cause) })
			r := newResource(-1)
			_, err := poll.Wait(ctx, "r", r.observe, every(time.Minute))
			assert.Equal(t, time.Millisecond, time.Since(r.made))
			requireStopped(t, err, cause)
		})
	})
	t.Run("in a poll", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			begin := time.Now()
			_, err := poll.Wait(ctx, "r", func(ctx context.Context) (poll.Observation[int], error) {
				<-ctx.Done()
				return poll.Observation[int]{}, ctx.Err()
			})
			assert.Equal(t, time.Second, time.Since(begin))
			requireStopped(t, err, cause)
		})
	})
	t.Run("before the first poll", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			r := newResource(0)
			_, err := poll.Wait(ctx, "r", r.observe)
			assert.Empty(t, r.polls)
			requireStopped(t, err, cause)
		})
	})
	t.Run("what the poll found in spite of it counts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			r := newResource(0)
			r.each = func(int) error { cancel(cause); return nil }
			_, err := poll.Wait(ctx, "r", r.observe)
			require.NoError(t, err)
		})
	})
}

func requireStopped(t *testing.T, err, cause error) {
	t.Helper()
	var stopped *poll.StoppedError
	require.ErrorAs(t, err, &stopped)
	require.ErrorIs(t, err, poll.ErrStopped)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, cause.Error())
}

func TestFailureSaysWhatAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		detail := errors.New("no capacity")
		observe := func(context.Context) (poll.Observation[int], error) {
			return poll.Observation[int]{
				Value: 7, Verdict: poll.Failed, Status: "Failed", Reason: "the last straw",
				Resource: "arn:r", Err: detail,
			}, nil
		}
		got, err := poll.Wait(t.Context(), "r", observe)
		assert.Equal(t, 7, got)
		var failed *poll.FailedError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "arn:r", failed.Resource)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorIs(t, err, detail)
		require.EqualError(t, err, `arn:r: failed in status "Failed": the last straw (1 poll in 0s)`)
	})
}

func TestUnknownStatusKeepsWaitingAndIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []poll.Event
		observe := func(context.Context) (poll.Observation[int], error) {
			return poll.Observation[int]{Status: "Hibernating", Unknown: true}, nil
		}
		_, err := poll.Wait(t.Context(), "r", observe, every(time.Minute), func(o *poll.Options) {
			o.Timeout = time.Hour
			o.OnPoll = func(_ context.Context, e poll.Event) { events = append(events, e) }
		})
		var timeout *poll.TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Unknown)
		require.EqualError(t, err, `r: timed out in status "Hibernating", which this version does not know (61 polls in 1h0m0s)`)
		require.Len(t, events, 61)
		assert.True(t, events[0].Unknown)
	})
}

func TestToleratedErrorsAreRiddenOutAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := errors.New("rate exceeded")
		tolerate := func(o *poll.Options) {
			o.Timeout = time.Hour
			o.Tolerate = func(err error) bool { return errors.Is(err, throttled) }
		}
		storm := func(n int) error {
			if n > 3 {
				return fmt.Errorf("storm %d: %w", n, throttled)
			}
			return nil
		}

		r := newResource(-1)
		r.each = storm
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), tolerate)
		var timeout *poll.TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.Equal(t, 61, timeout.Attempts)
		assert.Equal(t, "Coming", timeout.Status, "the last status outlives the storm")
		require.EqualError(t, timeout.Tolerated, "storm 61: rate exceeded")
		require.ErrorContains(t, err, "last error ridden out: storm 61: rate exceeded")
		require.NotErrorIs(t, err, throttled, "an error that was ridden out is told, not the cause")

		r = newResource(90 * time.Second)
		r.each = func(n int) error {
			if n < 3 {
				return storm(9)
			}
			return nil
		}
		_, err = poll.Wait(t.Context(), "r", r.observe, every(time.Minute), tolerate)
		require.NoError(t, err)
		assert.Len(t, r.polls, 3)
	})
}

func TestOtherErrorsStopTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denied := errors.New("access denied")
		r := newResource(-1)
		r.each = func(n int) error {
			if n == 2 {
				return denied
			}
			return nil
		}
		got, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) {
			o.Tolerate = func(err error) bool { return !errors.Is(err, denied) }
		})
		assert.Equal(t, "coming", got)
		require.ErrorIs(t, err, poll.ErrStopped)
		require.ErrorIs(t, err, denied)
		require.EqualError(t, err, `r: wait stopped in status "Coming": not all is there (2 polls in 1m0s): access denied`)
	})
}

func TestAPollWithoutAnAnswerIsRiddenOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		_, err := poll.Wait(t.Context(), "r", func(ctx context.Context) (poll.Observation[string], error) {
			if len(r.polls) == 0 {
				r.polls = append(r.polls, 0)
				<-ctx.Done() // the connection was lost without a word
				return poll.Observation[string]{}, ctx.Err()
			}
			return r.observe(ctx)
		}, every(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, poll.DefaultPollTimeout+time.Minute, time.Since(r.made))
	})
}

func TestJitterShortensThePauseWithinItsBounds(t *testing.T) {
	for name, tt := range map[string]struct{ jitter, least float64 }{
		"default": {0, 1 - poll.DefaultJitter}, "half": {0.5, 0.5}, "none": {-1, 1}, "more than all": {7, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const interval = time.Hour
				r := newResource(1000 * time.Hour)
				_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) {
					o.Interval, o.Jitter, o.Timeout = interval, tt.jitter, -1
				})
				require.NoError(t, err)
				shortest, longest := interval, time.Duration(0)
				for i := 1; i < len(r.polls); i++ {
					pause := r.polls[i] - r.polls[i-1]
					shortest, longest = min(shortest, pause), max(longest, pause)
				}
				assert.LessOrEqual(t, longest, interval)
				assert.GreaterOrEqual(t, shortest, time.Duration(tt.least*float64(interval)))
				if tt.least < 1 {
					assert.Less(t, shortest, longest, "pauses differ")
				}
			})
		})
	}
}

func TestSettle(t *testing.T) {
	const minute = time.Minute
	for name, tt := range map[string]struct {
		settle poll.Settle
		broken time.Duration // not done at this age
		want   time.Duration
		polls  int
	}{
		"once is enough":                {poll.Settle{}, -1, 0, 1},
		"three polls in a row":          {poll.Settle{Polls: 3}, -1, 2 * minute, 3},
		"a break begins the run anew":   {poll.Settle{Polls: 3}, minute, 4 * minute, 5},
		"for a time":                    {poll.Settle{For: 90 * time.Second}, -1, 90 * time.Second, 3},
		"a break begins the time anew":  {poll.Settle{For: 90 * time.Second}, minute, 210 * time.Second, 5},
		"both, where the time is short": {poll.Settle{Polls: 4, For: time.Second}, -1, 121 * time.Second, 4},
		"both, where the polls are few": {poll.Settle{Polls: 2, For: 3 * minute}, -1, 3 * minute, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				made, polls := time.Now(), 0
				observe := func(context.Context) (poll.Observation[int], error) {
					polls++
					if time.Since(made) == tt.broken {
						return poll.Observation[int]{}, nil
					}
					return poll.Observation[int]{Verdict: poll.Done}, nil
				}
				_, err := poll.Wait(t.Context(), "r", observe, every(minute), func(o *poll.Options) { o.Settle = tt.settle })
				require.NoError(t, err)
				assert.Equal(t, tt.want, time.Since(made))
				assert.Equal(t, tt.polls, polls)
			})
		})
	}
}

func TestAnErrorDoesNotInterruptSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(0)
		r.each = func(n int) error {
			if n == 2 {
				return errors.New("lost")
			}
			return nil
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) {
			o.Settle.Polls = 3
			o.Tolerate = func(error) bool { return true }
		})
		require.NoError(t, err)
		assert.Len(t, r.polls, 4)
	})
}

func TestNotSettledAtTheDeadlineIsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := poll.Wait(t.Context(), "r", newResource(0).observe, every(time.Minute), func(o *poll.Options) {
			o.Settle.For, o.Timeout = time.Hour, time.Minute
		})
		require.ErrorIs(t, err, poll.ErrTimeout)
		require.ErrorContains(t, err, "not held for long enough")
	})
}

func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		r := newResource(25 * time.Minute)
		for _, at := range []time.Duration{500 * time.Millisecond, 20 * time.Minute, 25 * time.Minute} {
			time.AfterFunc(at, func() { wake <- struct{}{} })
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Hour), func(o *poll.Options) { o.Wake = wake })
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, time.Second, 20 * time.Minute, 25 * time.Minute}, r.polls,
			"the first second of a pause is kept, the rest ends when woken")
	})
}

func TestAFloodOfWakesIsNoFloodOfPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1000)
		for range cap(wake) {
			wake <- struct{}{}
		}
		r := newResource(10 * time.Second)
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Hour), func(o *poll.Options) { o.Wake = wake })
		require.NoError(t, err)
		assert.Len(t, r.polls, 11)
	})
}

func TestAClosedWakeChannelDoesNotWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{})
		close(wake)
		r := newResource(90 * time.Minute)
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Hour), func(o *poll.Options) { o.Wake = wake })
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, time.Hour, 2 * time.Hour}, r.polls)
	})
}

func TestOnPollComesAfterEachPollAndBeforeTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		r := newResource(2 * time.Minute)
		r.each = func(n int) error {
			order = append(order, fmt.Sprint("poll ", n))
			if n == 2 {
				return errors.New("lost")
			}
			return nil
		}
		_, err := poll.Wait(t.Context(), "r", r.observe, every(time.Minute), func(o *poll.Options) {
			o.Tolerate = func(error) bool { return true }
			o.OnPoll = func(_ context.Context, e poll.Event) {
				order = append(order, fmt.Sprintf("told %d %v %q %v", e.Attempts, e.Verdict, e.Status, e.Err))
			}
		})
		require.NoError(t, err)
		assert.Equal(t, []string{
			"poll 1", `told 1 pending "Coming" <nil>`,
			"poll 2", `told 2 pending "Coming" lost`,
			"poll 3", `told 3 done "Ready" <nil>`,
		}, order)
	})
}

func TestADayOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newResource(24 * time.Hour)
		_, err := poll.Wait(t.Context(), "r", r.observe, func(o *poll.Options) { o.Timeout = -1 })
		require.NoError(t, err)
		lag := time.Since(r.made) - r.done
		assert.LessOrEqual(t, lag, poll.DefaultInterval)
	})
}
