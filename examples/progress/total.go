package progress

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// whole is the bar of a rollout. What it shows is read by the goroutine that draws.
type whole struct {
	bar    *mpb.Bar                      // nil when it could not be drawn
	now    atomic.Pointer[rollout.Event] // the last one
	hidden atomic.Int64                  // groups without a bar
}

// total brings the bar of the rollout up to date. It stands below the bars of groups.
func (b *bars) total(e rollout.Event) {
	if b.whole == nil {
		b.draw()
		w := &whole{}
		w.now.Store(&e)
		w.bar, _ = b.container.Add(0, style().Build(), mpb.BarPriority(math.MaxInt32),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return w.wave() }, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(show(func() string { return totals(*w.now.Load()) }, countColumns)),
		)
		b.whole = w
	}
	b.whole.now.Store(&e)
	if b.whole.bar != nil {
		b.whole.bar.SetTotal(int64(e.Totals.Targets), false)
		b.whole.bar.SetCurrent(int64(e.Totals.Done))
	}
}

// wave says which wave is under way, and how many of its groups are not to be seen.
func (w *whole) wave() string {
	text := "rollout"
	if t := w.now.Load().Totals; t.Wave >= 0 {
		text += fmt.Sprintf("  wave %d of %d", t.Wave+1, t.Waves)
	}
	if n := w.hidden.Load(); n > 0 {
		text += fmt.Sprintf(", %d more groups", n)
	}
	return text
}

// endTotal draws the bar of the rollout for the last time, and takes away what is left of
// the groups'.
func (b *bars) endTotal() {
	for flow := range b.rows {
		b.clear(flow.place)
	}
	clear(b.hidden)
	b.count()
	if b.whole != nil && b.whole.bar != nil {
		b.whole.bar.Abort(false)
	}
	b.whole = nil
	b.close()
}
