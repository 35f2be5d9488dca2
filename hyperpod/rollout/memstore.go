package rollout

import (
	"context"
	"fmt"
	"sync"
)

// MemStore is a [Store] in memory, for tests and for engines that keep the entries
// elsewhere. What it is given goes through JSON, so that it shares nothing with its
// callers and tells early what would not survive in a file. Of what came before the last
// snapshot it keeps nothing. It may be used from several goroutines.
type MemStore struct {
	mu      sync.Mutex
	dropped uint64   // how many entries came before those that are kept
	kept    [][]byte // the last with a snapshot, or the first, and all after it
}

var _ Store = (*MemStore)(nil)

// NewMemStore returns a store that holds nothing.
func NewMemStore() *MemStore { return &MemStore{} }

// Append implements [Store].
func (s *MemStore) Append(ctx context.Context, e Entry, expected uint64) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("journal: append entry %d: %w", expected+1, err)
	}
	data, err := sealEntry(e, expected+1)
	if err != nil {
		return fmt.Errorf("journal: encode entry %d: %w", expected+1, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last(); expected != last {
		return conflict("journal", expected, fmt.Sprintf("its last entry is %d", last))
	}
	if e.Snapshot != nil {
		s.dropped, s.kept = expected, nil
	}
	s.kept = append(s.kept, data)
	return nil
}

// Load implements [Store]. Entries before the last snapshot are gone: with an earlier
// number it begins with that snapshot too. A number beyond the last entry is an error.
func (s *MemStore) Load(ctx context.Context, after uint64) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("journal: load the entries after %d: %w", after, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last(); after > last {
		return nil, beyond("journal", after)
	}
	var entries []Entry
	for number := max(after, s.dropped) + 1; number <= s.last(); number++ {
		e, err := unsealEntry(s.kept[number-s.dropped-1], number)
		if err != nil {
			return nil, fmt.Errorf("journal: entry %d does not survive JSON: %w", number, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (s *MemStore) last() uint64 { return s.dropped + uint64(len(s.kept)) }

func conflict(journal string, expected uint64, found string) error {
	return fmt.Errorf("%s: append after entry %d: %w: %s; load what is new and decide again", journal, expected, ErrConflict, found)
}

func beyond(journal string, after uint64) error {
	return fmt.Errorf("%s: load the entries after %d: there is no entry %d; this is not the journal that it was read from, or somebody has removed files", journal, after, after)
}
