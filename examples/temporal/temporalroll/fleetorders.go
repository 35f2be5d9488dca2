package temporalroll

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// order does what somebody wants, in every part that it is about.
func (f *fleet) order(ctx workflow.Context, signal string, order Order) {
	by := ""
	if order.By != "" {
		by = " by " + order.By
	}
	switch signal {
	case SignalPause:
		f.Paused = true
		f.note(ctx, "paused%s", by)
		f.tell(ctx, signal, order)
	case SignalResume:
		f.Paused = false
		f.note(ctx, "resumed%s", by)
		f.tell(ctx, signal, order)
	case SignalApprove:
		if order.Wave < 0 || order.Wave >= len(f.Waves) {
			f.note(ctx, "refused: there is no wave %d to approve", order.Wave)
			return
		}
		f.Waves[order.Wave].Approved = now(ctx)
		f.note(ctx, "wave %s approved%s", f.Waves[order.Wave].Name, by)
	case SignalAbort:
		if f.Ending {
			f.note(ctx, "refused: the rollout is at its end, nothing is left to abort")
			return
		}
		if !slices.Contains([]rollout.Response{rollout.Stop, rollout.UndoWave, rollout.UndoAll}, order.Response) {
			f.note(ctx, "refused: response %q is none", order.Response)
			return
		}
		f.abort(ctx, order.Response, fmt.Sprintf("aborted%s: %s", by, order.Response), order.By)
	case SignalAnswer:
		for i := range f.Parts {
			if at := slices.Index(f.Parts[i].Targets, order.Target); at >= 0 && !f.ended(i) {
				order.Target = at
				f.signal(ctx, i, signal, order)
				return
			}
		}
		f.note(ctx, "refused: there is no target %d to answer for", order.Target)
	}
}

// abort has every part respond.
func (f *fleet) abort(ctx workflow.Context, response rollout.Response, text, by string) {
	f.Aborted = stronger(f.Aborted, response)
	f.note(ctx, "%s", text)
	f.tell(ctx, SignalAbort, Order{By: by, Response: response, Wave: f.begun()})
}

// tell signals all parts that have not ended.
func (f *fleet) tell(ctx workflow.Context, signal string, arg any) {
	for i := range f.Parts {
		f.signal(ctx, i, signal, arg)
	}
}

// signal signals a part. One that is not there any more without having told that it ended
// is lost.
func (f *fleet) signal(ctx workflow.Context, i int, signal string, arg any) {
	p := &f.Parts[i]
	if !p.Started || f.ended(i) {
		return
	}
	sent := workflow.SignalExternalWorkflow(ctx, p.ID, "", signal, arg)
	f.sent = append(f.sent, sent)
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := sent.Get(ctx, nil); err != nil && !f.ended(i) {
			f.Parts[i].Lost = reasonOf(err)
			f.changed = true
		}
	})
}

func (f *fleet) delivered(ctx workflow.Context) {
	for _, sent := range f.sent {
		_ = sent.Get(ctx, nil) // signal takes note of what it tells
	}
	f.sent = nil
}
