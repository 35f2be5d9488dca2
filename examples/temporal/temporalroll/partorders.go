package temporalroll

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

type channel struct {
	signal string
	workflow.ReceiveChannel
}

// cancels tells whether the workflow was cancelled and has not responded to that.
func (p *part) cancels() bool { return p.cancelled && p.state.Aborted == "" }

// orphaned tells whether the part waits for a fleet that is gone.
func (p *part) orphaned() bool { return p.alone && p.idle && !p.through && p.state.Aborted == "" }

// takeIn applies what has happened.
func (p *part) takeIn(ctx workflow.Context) error {
	ended, ask := p.ended, p.due && p.idle
	p.due, p.ended = false, nil
	if err := p.apply(ctx, ended...); err != nil { // without changes, too: a wave may have baked
		return err
	}
	for _, c := range p.orders {
		var order Order
		for c.ReceiveAsync(&order) {
			p.order(ctx, c.signal, order)
			order = Order{}
		}
	}
	switch {
	case p.cancels():
		p.order(ctx, SignalAbort, Order{Response: rollout.Stop, By: "a cancellation of the workflow"})
	case p.orphaned():
		p.order(ctx, SignalAbort, Order{Response: rollout.Stop, By: "the loss of its fleet"})
	}
	var order Order
	for p.hand.ReceiveAsync(&order) {
		p.leaving, p.queue = true, order.Queue
	}
	for p.end.ReceiveAsync(nil) {
		p.let = true
	}
	for p.tell.ReceiveAsync(nil) {
		ask = true
	}
	if ask {
		p.report(ctx, true)
	}
	return nil
}

// order applies what somebody wants. What does not fit the state changes nothing.
func (p *part) order(ctx workflow.Context, signal string, order Order) {
	change, ok := order.change(signal)
	if !ok {
		return
	}
	if change.Kind == rollout.ChangeAborted {
		p.heard = stronger(p.heard, order.Response)
		change.Response = p.response(order)
	}
	entry := rollout.Entry{Time: now(ctx), Changes: []rollout.Change{change}}
	tried, err := tried(p.state, entry)
	if err != nil {
		workflow.GetLogger(ctx).Warn("order refused", "signal", signal, "error", err)
		p.refused = append(p.refused, "refused: "+signal+": "+err.Error())
		return
	}
	p.state = tried
}

// response is what an abort means here. A part that has not begun the wave that is to be
// taken back has nothing of it.
func (p *part) response(order Order) rollout.Response {
	if order.Response == rollout.UndoWave && p.in.Fleet != "" && p.state.Totals().Wave < order.Wave {
		return rollout.Stop
	}
	return order.Response
}

// tried is the state after an entry. The state itself stays.
func tried(s rollout.State, e rollout.Entry) (rollout.State, error) {
	for _, c := range e.Changes {
		if c.Kind == rollout.ChangeAborted && !slices.Contains([]rollout.Response{rollout.Stop, rollout.UndoWave, rollout.UndoAll}, c.Response) {
			return s, fmt.Errorf("response %q: use %s, %s or %s", c.Response, rollout.Stop, rollout.UndoWave, rollout.UndoAll)
		}
	}
	document, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	var after rollout.State
	if err := json.Unmarshal(document, &after); err != nil {
		return s, err
	}
	return after, after.Apply(e)
}
