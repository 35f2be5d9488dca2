package temporalroll

import (
	"reflect"

	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// PartProgress is what a part tells its fleet.
type PartProgress struct {
	Index int `json:"index"`
	// Totals are those of the part, as of when it told.
	Totals rollout.Totals `json:"totals"`
	// Waves say how each wave stands in the part.
	Waves []WaveProgress `json:"waves,omitempty"`
	// Asks are targets that are unknown, by their index in the part.
	Asks []int `json:"asks,omitempty"`
	// Through says that the part has nothing left to do unless it is told to take
	// something back.
	Through bool `json:"through,omitempty"`
	// Aborted is the response that somebody gave to the part, and Heard the one of those
	// that takes back most, before it was fitted to the part.
	Aborted rollout.Response `json:"aborted,omitempty"`
	Heard   rollout.Response `json:"heard,omitempty"`
	// Outcome is how the part stands.
	Outcome rollout.Outcome `json:"outcome,omitempty"`
}

// WaveProgress is how a wave stands in a part.
type WaveProgress struct {
	Targets int `json:"targets,omitempty"`
	Failed  int `json:"failed,omitempty"`
	// Rolled counts targets that run the image. It is told with the next thing that the
	// fleet needs to know.
	Rolled int  `json:"rolled,omitempty"`
	Began  bool `json:"began,omitempty"`
	// Over says that the wave has baked and passed its gates, or has no targets here.
	Over bool `json:"over,omitempty"`
}

// progress is what the part has to tell.
func (p *part) progress() PartProgress {
	s := &p.state
	told := PartProgress{Index: p.in.Index, Totals: s.Totals(), Through: p.through, Aborted: s.Aborted, Heard: p.heard, Outcome: s.Outcome(), Waves: make([]WaveProgress, len(s.Waves))}
	for w := range s.Waves {
		told.Waves[w].Began = !s.Waves[w].Began.IsZero()
		told.Waves[w].Over = !s.Waves[w].Ended.IsZero()
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		w := &told.Waves[t.Wave]
		w.Targets++
		if t.Failed {
			w.Failed++
		}
		switch t.Phase {
		case rollout.PhaseRolled, rollout.PhaseCurrent:
			w.Rolled++
		case rollout.PhaseUnknown:
			told.Asks = append(told.Asks, i)
		case rollout.PhaseWaiting, rollout.PhaseActive, rollout.PhaseFailed, rollout.PhaseTakenBack, rollout.PhaseStuck:
		}
	}
	for w := range told.Waves {
		told.Waves[w].Over = told.Waves[w].Over || told.Waves[w].Targets == 0
	}
	return told
}

// matters is what of the progress the fleet acts on.
func (t PartProgress) matters() PartProgress {
	m := PartProgress{Index: t.Index, Asks: t.Asks, Through: t.Through, Aborted: t.Aborted, Heard: t.Heard, Outcome: t.Outcome}
	for _, w := range t.Waves {
		w.Rolled = 0
		m.Waves = append(m.Waves, w)
	}
	return m
}

// report tells the fleet how the part stands, when that is something new to act on, or
// when it was asked.
func (p *part) report(ctx workflow.Context, asked bool) {
	if p.in.Fleet == "" {
		return
	}
	progress := p.progress()
	if !asked && reflect.DeepEqual(progress.matters(), p.told.matters()) {
		return
	}
	p.told = progress
	tell := workflow.SignalExternalWorkflow(ctx, p.in.Fleet, "", signalProgress, progress)
	p.tells = append(p.tells, tell)
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := tell.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("the fleet was not told", "fleet", p.in.Fleet, "error", err)
			p.alone = true
		}
	})
}

// delivered waits until all that was told has arrived. A fleet that is gone hears no more.
func (p *part) delivered(ctx workflow.Context) {
	for _, tell := range p.tells {
		_ = tell.Get(ctx, nil) // report takes note of what it tells
	}
	p.tells = nil
}
