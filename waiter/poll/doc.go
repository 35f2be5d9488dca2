// Package poll is the loop that decides when to look at one resource again, and
// what to say when the wait ends. It knows no service: the caller hands it a
// function that looks once and classifies what it saw.
//
//	image, err := poll.Wait(ctx, "image", look, func(o *poll.Options) { o.Timeout = time.Hour })
//
// # Jobs
//
//   - Wait for one resource: [Wait], with an [Observer] that returns an [Observation].
//   - Wait for many, with polls that a scheduler makes: [Track], then [Tracker.Next] says when,
//     [Tracker.Saw] takes what was seen, and [Tracker.Ended] is for a context that ends.
//   - Look once, within the time that a poll may take: [Look].
//   - Plan polls by what is known of an operation: [Cadence.Pause], and [Trend.Saw] for the
//     [Counts] that it tells.
//
// # When it looks
//
//   - At once, and then a pause after the previous poll came back: [Options].Interval
//     where it is set, else what the [Cadence] makes of the time gone by and of the
//     [Counts] seen. Jitter shortens it at random. A receive from Wake ends it early,
//     though never in its first second.
//   - Once more at the deadline of [Options].Timeout. The wait times out only
//     when a poll that began at or after that moment has come back: if with an
//     error that is ridden out, three more are made, a second apart.
//   - A second before the deadline of the context. No regular poll begins after
//     that; the wait then returns when the context ends, so that the error
//     carries the context's own cause. The first poll is made in any case: with
//     less than a second left it is the last one too. With no time left, or after
//     a cancellation, there is no poll at all.
//   - Never after a cancellation, which also ends a pause at once. A poll under
//     way is cancelled through its context, and what it found counts if it came
//     back without an error.
//
// # What ends it
//
// The observer gives one of three verdicts: [Pending], [Done] or [Failed]. A
// status that it does not know is Pending with Unknown set: the wait goes on, and
// the errors say so. Done counts once it has held for [Options].Settle. An error
// that [Options].Tolerate accepts is ridden out and kept, any other ends the wait.
//
// # Options
//
// [Options] say how long, how often, and which errors are ridden out; each zero member
// means the default that stands beside it. OnPoll is told of every poll as an [Event], which
// is made for log/slog.
//
// # Errors
//
// [*FailedError] is the resource's own failure, [*TimeoutError] means that the
// time was up, [*StoppedError] that the wait was given up. All carry a [Progress]:
// last status and reason, attempts, time waited, last tolerated error.
// errors.Is finds [ErrFailed], [ErrTimeout], [ErrStopped]; in a timeout also
// [context.DeadlineExceeded], be it the caller's deadline or the wait's own; in a
// stop [context.Canceled]; and in both the cause that the caller gave its context.
//
// # Testing
//
// The loop goes by the clock of package time: inside a testing/synctest bubble a wait of
// hours takes no time, and its pauses are exact once Jitter is negative.
package poll
