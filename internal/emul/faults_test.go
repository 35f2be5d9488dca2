package emul

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errInjected = errors.New("injected")

// service counts what reached it.
type service struct {
	faults           Faults
	answered, change int
}

func (s *service) call(ctx context.Context, operation string) (string, error) {
	return Around(ctx, &s.faults, operation, &struct{ Name string }{operation}, func(ignore bool) (string, error) {
		s.answered++
		if !ignore {
			s.change++
		}
		return "done", nil
	})
}

func TestFail(t *testing.T) {
	var s service
	s.faults.Fail("Update", 2, errInjected)
	s.faults.Fail("", 1, io.EOF)
	var got []error
	for _, operation := range []string{"Update", "Describe", "Update", "Update", "Describe"} {
		_, err := s.call(t.Context(), operation)
		got = append(got, err)
	}
	assert.Equal(t, []error{errInjected, io.EOF, errInjected, nil, nil}, got)
	assert.Equal(t, 2, s.change)

	s.faults.Fail("Update", -1, errInjected)
	s.faults.Fail("Describe", 0, errInjected)
	for range 5 {
		_, err := s.call(t.Context(), "Update")
		require.ErrorIs(t, err, errInjected)
	}
	out, err := s.call(t.Context(), "Describe")
	require.NoError(t, err)
	assert.Equal(t, "done", out)
	s.faults.Clear()
	_, err = s.call(t.Context(), "Update")
	require.NoError(t, err)
}

func TestLoseResponseAndIgnore(t *testing.T) {
	var s service
	s.faults.LoseResponse("Update", 1)
	out, err := s.call(t.Context(), "Update")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.True(t, IsLost(err))
	var connection interface{ ConnectionError() bool }
	require.ErrorAs(t, err, &connection)
	assert.True(t, connection.ConnectionError(), "what the SDK's retryer looks for")
	assert.Empty(t, out)
	assert.Equal(t, 1, s.change, "the change was made")

	s.faults.Ignore("Update", 1)
	out, err = s.call(t.Context(), "Update")
	require.NoError(t, err)
	assert.Equal(t, "done", out)
	assert.Equal(t, 2, s.answered)
	assert.Equal(t, 1, s.change, "the change was not made")
	assert.False(t, IsLost(nil))
}

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s service
		throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
		s.faults.Throttle("Describe", 2, throttled)
		passed := func() (n int) {
			for range 5 {
				if _, err := s.call(t.Context(), "Describe"); err == nil {
					n++
				} else {
					require.ErrorIs(t, err, throttled)
				}
			}
			return n
		}
		assert.Equal(t, 2, passed())
		time.Sleep(500 * time.Millisecond)
		assert.Equal(t, 1, passed())
		time.Sleep(time.Hour)
		assert.Equal(t, 2, passed(), "what is not used is not kept for more than a second")
		_, err := s.call(t.Context(), "Update")
		require.NoError(t, err)
	})
}

func TestRatesAndDelaysAreInEmulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := service{faults: Faults{Clock: NewClock(60)}}
		s.faults.Delay("", time.Minute)
		s.faults.Throttle("", 1.0/60, errInjected)
		start := time.Now()
		for range 3 {
			_, err := s.call(t.Context(), "Update")
			require.NoError(t, err)
		}
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestDelayEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s service
		s.faults.Delay("Update", time.Hour)
		s.faults.Delay("Update", time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := s.call(ctx, "Update")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Zero(t, s.answered)
		_, err = s.call(t.Context(), "Update")
		require.NoError(t, err)
		assert.Equal(t, 2*time.Hour+time.Minute, time.Since(start))
	})
}

func TestHooks(t *testing.T) {
	var s service
	var seen []string
	note := func(what string) Before {
		return func(_ context.Context, operation string, input any) error {
			named, ok := input.(*struct{ Name string })
			assert.True(t, ok)
			assert.Equal(t, operation, named.Name)
			named.Name = "changed"
			seen = append(seen, what)
			if operation == "Refused" {
				return errInjected
			}
			// No lock is held: the hook may use the faults and make calls.
			s.faults.Fail("None", 1, errInjected)
			return nil
		}
	}
	s.faults.Before(note("first"))
	s.faults.Before(note("second"))
	s.faults.After(func(_ context.Context, _ string, input any, _ error) {
		if named, ok := input.(*struct{ Name string }); ok {
			named.Name = "changed"
		}
	})
	s.faults.After(func(_ context.Context, operation string, input any, err error) {
		assert.Equal(t, &struct{ Name string }{operation}, input)
		if err != nil {
			seen = append(seen, err.Error())
			return
		}
		seen = append(seen, "answered")
	})
	_, err := s.call(t.Context(), "Update")
	require.NoError(t, err)
	_, err = s.call(t.Context(), "Refused")
	require.ErrorIs(t, err, errInjected)
	assert.Equal(t, []string{"first", "second", "answered", "first", "injected"}, seen)
	assert.Equal(t, 1, s.answered)
}

func TestFaultsFromManyGoroutines(t *testing.T) {
	var faults Faults
	faults.Fail("Update", 100, errInjected)
	faults.Before(func(context.Context, string, any) error { return nil })
	var wg sync.WaitGroup
	failed := make(chan error, 500)
	for range 50 {
		wg.Go(func() {
			for range 10 {
				if _, err := Around(t.Context(), &faults, "Update", nil, func(bool) (int, error) { return 0, nil }); err != nil {
					failed <- err
				}
				faults.After(func(context.Context, string, any, error) {})
			}
		})
	}
	wg.Wait()
	assert.Len(t, failed, 100)
}
