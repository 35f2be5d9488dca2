package rollout

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// numbered is the entry that these tests write under a number. Every seventh has a
// snapshot, and the first.
func numbered(number uint64) Entry {
	e := Entry{
		Number:  number,
		Time:    time.Date(2026, time.March, 29, 1, 30, 0, 0, time.UTC).Add(time.Duration(number) * time.Second),
		Runner:  fmt.Sprintf("runner-%d", number),
		Changes: []Change{{Kind: ChangeStarted, Target: int(number), Step: &Start{Kind: StepUpdate, Program: Forward, Op: 2, Out: 4}}},
	}
	if number%5 == 0 {
		nodes := int32(3)
		e.Changes = append(e.Changes, Change{Kind: ChangeFinished, Target: int(number), Result: &Result{Kind: ResultDone, Groups: []GroupState{{
			RollGroup: hyperpod.RollGroup{Name: "workers", Nodes: 4, OnDesired: &nodes, Back: hyperpod.Release("1.2.3")},
			Image:     hyperpod.AMI("ami-0123456789abcdef0"), Sent: true,
		}}}})
	}
	if number == 1 || number%7 == 0 {
		e.Snapshot = &State{
			Version: Version, Name: fmt.Sprintf("before %d", number), Began: e.Time,
			Settings: Settings{
				Strategies: []Strategy{{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(25), Alarms: []string{"loss"}}}},
				OnFailure:  UndoWave,
			},
			Waves: []Wave{{Name: "canary", Bake: time.Hour}},
		}
	}
	return e
}

// fill appends entries up to the one with the number last.
func fill(t *testing.T, s Store, from, last uint64) {
	t.Helper()
	for number := from; number <= last; number++ {
		require.NoError(t, s.Append(t.Context(), numbered(number), number-1))
	}
}

// between are the entries from one number to another.
func between(from, to uint64) []Entry {
	var entries []Entry
	for number := from; number <= to; number++ {
		entries = append(entries, numbered(number))
	}
	return entries
}

func load(t *testing.T, s Store, after uint64) []Entry {
	t.Helper()
	entries, err := s.Load(t.Context(), after)
	require.NoError(t, err)
	return entries
}

func TestMemStore(t *testing.T) {
	testStore(t, func(*testing.T) (Store, func() Store) {
		s := NewMemStore()
		return s, func() Store { return s }
	})
}

func TestFileStore(t *testing.T) {
	testStore(t, func(t *testing.T) (Store, func() Store) {
		t.Helper()
		dir := t.TempDir()
		open := func() Store {
			s, err := OpenFileStore(dir)
			require.NoError(t, err)
			return s
		}
		return open(), open
	})
}

// testStore is what every Store must do. The function open makes one and says how another
// process would open the same journal.
func testStore(t *testing.T, open func(t *testing.T) (Store, func() Store)) {
	t.Helper()
	for _, test := range []struct {
		name string
		do   func(t *testing.T, s Store, again func() Store)
	}{
		{"an empty journal has no entries", func(t *testing.T, s Store, _ func() Store) {
			assert.Empty(t, load(t, s, 0))
		}},
		{"entries come back in order, all that they hold", func(t *testing.T, s Store, again func() Store) {
			fill(t, s, 1, 6)
			assert.Equal(t, between(1, 6), load(t, s, 0))
			assert.Equal(t, between(1, 6), load(t, again(), 0))
		}},
		{"only what is new", func(t *testing.T, s Store, again func() Store) {
			fill(t, s, 1, 5)
			for after := uint64(1); after <= 4; after++ {
				assert.Equal(t, between(after+1, 5), load(t, again(), after))
			}
			assert.Empty(t, load(t, s, 5))
		}},
		{"beyond the end is another journal", func(t *testing.T, s Store, _ func() Store) {
			fill(t, s, 1, 3)
			_, err := s.Load(t.Context(), 4)
			require.ErrorContains(t, err, "there is no entry 4")
			_, err = s.Load(t.Context(), 900)
			require.ErrorContains(t, err, "there is no entry 900")
		}},
		{"from the start means from the last snapshot", func(t *testing.T, s Store, again func() Store) {
			fill(t, s, 1, 16)
			assert.Equal(t, between(14, 16), load(t, s, 0))
			assert.Equal(t, between(14, 16), load(t, again(), 0))
		}},
		{"who lags behind a snapshot begins with it", func(t *testing.T, s Store, again func() Store) {
			fill(t, s, 1, 16)
			for after := uint64(1); after <= 13; after++ {
				assert.Equal(t, between(14, 16), load(t, again(), after), "after %d", after)
			}
			assert.Equal(t, between(15, 16), load(t, again(), 14))
		}},
		{"without a snapshot from the first", func(t *testing.T, s Store, _ func() Store) {
			for number := uint64(1); number <= 3; number++ {
				e := numbered(number)
				e.Snapshot = nil
				require.NoError(t, s.Append(t.Context(), e, number-1))
			}
			entries := load(t, s, 0)
			require.Len(t, entries, 3)
			assert.Equal(t, uint64(1), entries[0].Number)
		}},
		{"the number is the store's", func(t *testing.T, s Store, _ func() Store) {
			e := numbered(1)
			e.Number = 77
			require.NoError(t, s.Append(t.Context(), e, 0))
			assert.Equal(t, between(1, 1), load(t, s, 0))
			assert.Equal(t, uint64(77), e.Number)
		}},
		{"a conflict keeps nothing", func(t *testing.T, s Store, again func() Store) {
			require.ErrorIs(t, s.Append(t.Context(), numbered(2), 1), ErrConflict)
			fill(t, s, 1, 9)
			for _, expected := range []uint64{0, 1, 6, 7, 8, 10, 11, 100, math.MaxUint64} {
				require.ErrorIs(t, again().Append(t.Context(), numbered(14), expected), ErrConflict, "expected %d", expected)
			}
			assert.Equal(t, between(7, 9), load(t, s, 0))
			fill(t, s, 10, 10)
		}},
		{"copy in", func(t *testing.T, s Store, _ func() Store) {
			e := numbered(1)
			require.NoError(t, s.Append(t.Context(), e, 0))
			e.Changes[0].Step.Op, e.Snapshot.Name = 99, "changed"
			assert.Equal(t, between(1, 1), load(t, s, 0))
		}},
		{"copy out", func(t *testing.T, s Store, _ func() Store) {
			fill(t, s, 1, 1)
			got := load(t, s, 0)
			got[0].Changes[0].Step.Op, got[0].Snapshot.Waves[0].Name = 99, "changed"
			assert.Equal(t, between(1, 1), load(t, s, 0))
		}},
		{"what JSON cannot hold is not kept", func(t *testing.T, s Store, _ func() Store) {
			e := numbered(1)
			e.Time = time.Date(10_000, time.January, 1, 0, 0, 0, 0, time.UTC)
			err := s.Append(t.Context(), e, 0)
			require.ErrorContains(t, err, "encode entry 1")
			require.NotErrorIs(t, err, ErrConflict)
			assert.Empty(t, load(t, s, 0))
			fill(t, s, 1, 1)
		}},
		{"a context that has ended", func(t *testing.T, s Store, _ func() Store) {
			fill(t, s, 1, 2)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.ErrorIs(t, s.Append(ctx, numbered(3), 2), context.Canceled)
			_, err := s.Load(ctx, 0)
			require.ErrorIs(t, err, context.Canceled)
			_, err = s.Load(ctx, 1)
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, between(1, 2), load(t, s, 0))
		}},
		{"each number goes to one writer", testRace},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, again := open(t)
			test.do(t, s, again)
		})
	}
}

// testRace has writers append after the same entry, and a reader who sees that no entry is
// missing or changes.
func testRace(t *testing.T, s Store, again func() Store) {
	const writers, last = 4, 60
	fill(t, s, 1, 1)
	var won [last + 1]atomic.Int32
	var writing, reading sync.WaitGroup
	for w := range writers {
		mine := s
		if w%2 == 1 {
			mine = again()
		}
		writing.Go(func() {
			for expected := uint64(1); expected < last; expected++ {
				e := numbered(expected + 1)
				e.Runner = fmt.Sprintf("writer-%d", w)
				err := mine.Append(t.Context(), e, expected)
				if err == nil {
					won[e.Number].Add(1)
				} else if !errors.Is(err, ErrConflict) {
					t.Errorf("append %d: %v", e.Number, err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	seen := map[uint64]string{}
	reading.Go(func() {
		mine, after := again(), uint64(1)
		for ended := false; !ended; {
			select {
			case <-done:
				ended = true // what is there now is read once more
			default:
			}
			entries, err := mine.Load(t.Context(), after)
			if err != nil {
				t.Errorf("load after %d: %v", after, err)
				return
			}
			for i, e := range entries {
				if e.Number != after+1 && (i > 0 || e.Snapshot == nil) {
					t.Errorf("entry %d follows entry %d and has no snapshot", e.Number, after)
				}
				after, seen[e.Number] = e.Number, e.Runner
			}
			whole, err := mine.Load(t.Context(), 0)
			if err != nil {
				t.Errorf("load: %v", err)
				return
			}
			assert.NotNil(t, whole[0].Snapshot)
			for i, e := range whole {
				assert.Equal(t, whole[0].Number+uint64(i), e.Number)
			}
		}
	})
	writing.Wait()
	close(done)
	reading.Wait()
	for number := uint64(2); number <= last; number++ {
		assert.Equal(t, int32(1), won[number].Load(), "entry %d", number)
	}
	for _, e := range load(t, s, 0) {
		assert.Equal(t, seen[e.Number], e.Runner, "entry %d was seen as another", e.Number)
	}
	assert.Contains(t, seen, uint64(last))
}
