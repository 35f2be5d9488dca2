package rollout

import (
	"context"
	"errors"
)

// ErrConflict means that an entry was not kept because the journal is not at the version
// that its writer expected: somebody else has written to it meanwhile.
var ErrConflict = errors.New("the journal has changed")

// Store keeps the journal of one rollout. A runner uses it from one goroutine at a time;
// several processes may use it.
type Store interface {
	// Append keeps an entry after the entry with the number expected, 0 for the first,
	// and gives it the next number. It returns once the entry would survive the end of
	// the process. An error that wraps [ErrConflict] means that expected is not the last
	// entry: nothing is kept. After any other error it is not known whether it is.
	Append(ctx context.Context, e Entry, expected uint64) error

	// Load returns the entries after the one with the number after, in order, and none
	// when there are none. With 0, and when entries after it were dropped for a snapshot
	// that was kept meanwhile, it begins with the last entry that has one. That there is
	// no entry of that number, and never was, is an error.
	Load(ctx context.Context, after uint64) ([]Entry, error)
}
