package emul

import "sync"

// Log keeps the newest entries of a sequence. The zero value keeps all.
type Log[T any] struct {
	mu      sync.Mutex
	max     int
	entries []T
}

// NewLog returns a log of the newest max entries. Zero or less keeps all.
func NewLog[T any](limit int) *Log[T] { return &Log[T]{max: limit} }

// Add appends an entry and forgets the oldest beyond the limit.
func (l *Log[T]) Add(entry T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entry)
	// Forget in bulk: one copy for every max entries, not one for each.
	if l.max > 0 && len(l.entries) >= 2*l.max {
		l.entries = append([]T(nil), l.entries[len(l.entries)-l.max:]...)
	}
}

// All returns a copy of the entries, oldest first.
func (l *Log[T]) All() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.entries
	if l.max > 0 && len(kept) > l.max {
		kept = kept[len(kept)-l.max:]
	}
	return append([]T(nil), kept...)
}
