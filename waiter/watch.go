package waiter

import (
	"context"
	"iter"
	"slices"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Watch looks at a cluster again and again and gives what each look saw, with the
// [Progress] of each group, for dashboards and progress bars. It waits for nothing: it
// goes on until the loop over it is left, which stops it, or until an error ends it. It
// calls nothing before it is ranged over, and begins anew each time it is.
//
// The errors are those of a wait: [poll.ErrGone] when the cluster does not exist,
// [poll.ErrReplaced] when its name belongs to another one, and what ends the context. The
// snapshot beside an error is zero. An error that is ridden out is told to
// [Options].Poll.OnPoll only.
//
// A zero [Options].Poll.Timeout means as long as the context allows. Settle, Lag and
// AtMinCount mean nothing here. As it knows of no operation, it looks every
// [poll.DefaultInterval] unless [Options].Poll says otherwise. The pause begins when the loop asks for the next
// snapshot, so that a slow reader causes no more calls.
func Watch(ctx context.Context, api ClusterAPI, nameOrARN string, optFns ...func(*Options)) iter.Seq2[Snapshot, error] {
	optFns = slices.Clone(optFns)
	return func(yield func(Snapshot, error) bool) {
		t := newTarget(api, nameOrARN, optFns)
		t.opts.Poll.Settle = poll.Settle{}
		if t.opts.Poll.Timeout == 0 {
			t.opts.Poll.Timeout = -1
		}
		_, err := t.wait(ctx, func(_ context.Context, s Snapshot) (finding, error) {
			if !yield(s, nil) {
				return finding{Verdict: poll.Done}, nil
			}
			return finding{Reason: s.progress()}, nil
		})
		if err != nil {
			yield(Snapshot{}, err)
		}
	}
}
