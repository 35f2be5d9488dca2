package poll

import (
	"context"
	"time"
)

// The defaults of [Options].
const (
	// DefaultTimeout is longer than the slowest single operation known: a group
	// that misses its minimum count is rolled back after three hours.
	DefaultTimeout = 4 * time.Hour
	// DefaultInterval is the lower end of what AWS's own tools for HyperPod use. It
	// is the interval where neither [Options].Interval nor Cadence says anything.
	DefaultInterval = 15 * time.Second
	// DefaultJitter keeps waits that began together from polling together.
	DefaultJitter = 0.1
	// DefaultPollTimeout ends a poll whose connection was lost without a word.
	DefaultPollTimeout = 5 * time.Minute
)

// Options says how to wait. The zero value works: each zero member means the
// default that stands beside it.
type Options struct {
	// Timeout is how long to wait in all. Zero means [DefaultTimeout], negative
	// means as long as the context allows. One more poll is made when it has
	// passed.
	Timeout time.Duration
	// Interval fixes the pause between the end of one poll and the start of the
	// next, and so bounds how late a change is seen. Zero or negative means that
	// Cadence decides.
	Interval time.Duration
	// Cadence says what is known of the operation, for pauses that are long while
	// its end is unlikely and short while it is near. Zero means nothing: the
	// pause is [DefaultInterval] then.
	Cadence Cadence
	// Jitter is the part of a pause, up to 1, by which it is shortened at random.
	// Zero means [DefaultJitter], negative means none.
	Jitter float64
	// PollTimeout bounds a single poll. One that exceeds it counts as a lost
	// connection and is ridden out, whatever Tolerate says. Zero means
	// [DefaultPollTimeout], negative means no bound.
	PollTimeout time.Duration
	// Settle is how long the resource must stay done. Zero means that once is
	// enough.
	Settle Settle
	// Tolerate reports whether an error of the observer is to be ridden out. Nil
	// tolerates none; package waiter sets it for AWS's services.
	Tolerate func(error) bool
	// Throttled reports whether an error of the observer means that calls come too
	// fast. Each such poll doubles the pauses to come, up to [LongestPause], and
	// each other poll takes one doubling back. A fixed Interval stays as it is.
	// Nil means that no error does; package waiter sets it for AWS's services.
	Throttled func(error) bool
	// OnPoll is told of every poll, right after it, before the wait pauses or
	// returns. It runs in the caller's goroutine with no lock held, and the wait
	// goes on when it returns.
	OnPoll func(context.Context, Event)
	// Wake ends a pause early when something is received from it, for example
	// because an event arrived. The first second of a pause is kept in any case,
	// so that a flood of events is no flood of calls. Give it a buffer of one and
	// send without blocking: nothing is lost then. Polling goes on whether or not
	// anything is sent. Nil never wakes, and a closed channel does so no more.
	Wake <-chan struct{}
}

// Settle says how long a resource must stay done before the wait believes it.
// When both members are set, both must be met. An error that is ridden out
// neither counts nor interrupts.
type Settle struct {
	// Polls is the number of consecutive polls. Zero means one.
	Polls int
	// For is the time between the end of the first and the start of the last of
	// them. The pause is cut so that the last is made as soon as For has passed.
	For time.Duration
}

// minPause is what stays of a pause that is ended early. It is also how long
// before the context's deadline the last poll begins.
const minPause = time.Second

func resolve(optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Jitter == 0 {
		o.Jitter = DefaultJitter
	}
	o.Jitter = min(max(o.Jitter, 0), 1)
	if o.PollTimeout == 0 {
		o.PollTimeout = DefaultPollTimeout
	}
	o.Settle.Polls = max(o.Settle.Polls, 1)
	return o
}
