package rollout

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAllOf(t *testing.T) {
	errHot := errors.New("it is hot")
	pass, sick, hot := Gate(func(context.Context, Visit) error { return nil }), Gate(func(context.Context, Visit) error { return errSick }), Gate(func(context.Context, Visit) error { return errHot })
	refuse := Gate(func(context.Context, Visit) error { return Refuse(errHot) })
	for name, tt := range map[string]struct {
		gates   []Gate
		want    string
		refused bool
	}{
		"all pass":         {gates: []Gate{pass, pass}},
		"one does not":     {gates: []Gate{pass, sick, pass}, want: "2 of 8 nodes are sick"},
		"two do not":       {gates: []Gate{sick, pass, hot}, want: "2 of 8 nodes are sick; it is hot"},
		"a refusal wins":   {gates: []Gate{sick, refuse, pass}, want: "2 of 8 nodes are sick; it is hot", refused: true},
		"a list in a list": {gates: []Gate{pass, AllOf(sick, refuse)}, want: "2 of 8 nodes are sick; it is hot", refused: true},
		"none":             {want: "AllOf has no gates: name at least one", refused: true},
		"one that is not":  {gates: []Gate{pass, nil}, want: "gates[1] of AllOf is nil", refused: true},
		"a nil after a no": {gates: []Gate{sick, nil}, want: "gates[1] of AllOf is nil", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			err := AllOf(tt.gates...)(t.Context(), Visit{})
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
			var refused *RefusedError
			assert.Equal(t, tt.refused, errors.As(err, &refused))
		})
	}
}

func TestAllOfAsksInOrder(t *testing.T) {
	var order []int
	gates := make([]Gate, 3)
	for i := range gates {
		gates[i] = func(context.Context, Visit) error { order = append(order, i); return errSick }
	}
	all := AllOf(gates...)
	gates[0] = nil // the caller's slice is not kept
	err := all(t.Context(), Visit{})
	assert.Equal(t, []int{0, 1, 2}, order)
	require.ErrorIs(t, err, errSick)
}

// Once the context has ended every gate could only say so.
func TestAllOfEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	stopped := []Gate{1: func(ctx context.Context, _ Visit) error { asked++; return ctx.Err() }}
	stopped[0] = func(ctx context.Context, v Visit) error { cancel(); return stopped[1](ctx, v) }
	require.ErrorIs(t, AllOf(stopped...)(ctx, Visit{}), context.Canceled)
	assert.Equal(t, 1, asked)
}

// alarms fire by account and Region.
type alarms struct {
	firing map[string][]string
	err    error
	before func()
}

func (a *alarms) FiringAlarms(_ context.Context, account, region string, names []string) ([]string, error) {
	if a.before != nil {
		a.before()
	}
	if a.err != nil {
		return nil, a.err
	}
	return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(a.firing[account+"/"+region], name) }), nil
}

func TestAlarmsQuiet(t *testing.T) {
	for name, tt := range map[string]struct {
		reader AlarmReader
		names  []string
		want   string
		final  bool
	}{
		"quiet":                   {reader: &alarms{}, names: []string{"loss", "gpu"}},
		"one fires":               {reader: &alarms{firing: map[string][]string{"111122223333/us-west-2": {"gpu", "other"}}}, names: []string{"loss", "gpu"}, want: `alarm "gpu" fires`},
		"two fire":                {reader: &alarms{firing: map[string][]string{"111122223333/us-west-2": {"gpu", "loss"}}}, names: []string{"loss", "gpu"}, want: `alarms ["loss" "gpu"] fire`},
		"one fires elsewhere":     {reader: &alarms{firing: map[string][]string{"111122223333/us-east-1": {"loss"}, "444455556666/us-west-2": {"loss"}}}, names: []string{"loss"}},
		"they cannot be read":     {reader: &alarms{err: errSick}, names: []string{"loss"}, want: "reading alarms of account 111122223333 in us-west-2: 2 of 8 nodes are sick"},
		"there is no reader":      {names: []string{"loss"}, want: "AlarmsQuiet has no reader: give it one that asks CloudWatch", final: true},
		"there are no names":      {reader: &alarms{}, want: "AlarmsQuiet has no names: name the alarms", final: true},
		"the reader is throttled": {reader: &alarms{err: errThrottled}, names: []string{"loss"}, want: "reading alarms of account 111122223333 in us-west-2: " + errThrottled.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			err := AlarmsQuiet(tt.reader, tt.names...)(t.Context(), Visit{Account: "111122223333", Region: "us-west-2"})
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
			var refused *RefusedError
			assert.Equal(t, tt.final, errors.As(err, &refused))
		})
	}
}

// An alarm that fires while nodes are away is waited for.
func TestAnAlarmThatEndsIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const here = "111122223333/us-west-2"
		reader := &alarms{firing: map[string][]string{here: {"loss"}}}
		began := time.Now()
		reader.before = func() {
			if time.Since(began) >= 5*time.Minute {
				reader.firing = nil
			}
		}
		v := Visit{Account: "111122223333", Region: "us-west-2"}
		names := []string{"gpu", "loss"}
		gate := AlarmsQuiet(reader, names...)
		clear(names)
		require.NoError(t, askGate(t.Context(), gate, v, GateOptions{}))
		assert.InDelta(t, 5*time.Minute, time.Since(began), float64(30*time.Second))

		reader.before, reader.firing = nil, map[string][]string{here: {"gpu", "loss"}}
		err := askGate(t.Context(), gate, v, GateOptions{Patience: time.Minute})
		require.ErrorContains(t, err, `alarms ["gpu" "loss"] fire`, "what becomes of the names elsewhere does not matter")
	})
}
