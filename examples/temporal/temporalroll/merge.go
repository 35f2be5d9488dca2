package temporalroll

import (
	"slices"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// merged makes one report of those of the parts. A part without one leaves its targets
// out.
func merged(s FleetState, parts []*rollout.Report) *rollout.Report {
	r := &rollout.Report{
		Name: s.Name, Outcome: s.outcome(), Began: s.Began, Ended: s.Ended, Timeline: slices.Clone(s.Timeline),
		Totals: rollout.Totals{Wave: -1, Waves: len(s.Waves)},
	}
	for _, w := range s.Waves {
		r.Waves = append(r.Waves, rollout.WaveReport{Name: w.Name, Ended: w.Ended})
	}
	type placed struct {
		at int
		rollout.TargetReport
	}
	var targets []placed
	for i, part := range parts {
		if part == nil {
			r.Totals = added(r.Totals, rollout.Totals{}, len(s.Parts[i].Targets))
			continue
		}
		r.Totals = added(r.Totals, part.Totals, len(s.Parts[i].Targets))
		for w := range part.Waves {
			mergeWave(&r.Waves[w], part.Waves[w])
		}
		for at, t := range part.Targets {
			targets = append(targets, placed{s.Parts[i].Targets[at], t})
		}
		for _, m := range part.Timeline {
			r.Timeline = append(r.Timeline, rollout.Moment{Time: m.Time, Text: s.Parts[i].Account + " " + s.Parts[i].Region + ": " + m.Text})
		}
	}
	slices.SortFunc(targets, func(a, b placed) int { return a.at - b.at })
	for _, t := range targets {
		r.Targets = append(r.Targets, t.TargetReport)
	}
	slices.SortStableFunc(r.Timeline, func(a, b rollout.Moment) int { return a.Time.Compare(b.Time) })
	return r
}

// mergeWave adds what a part tells of a wave: it began with the first part, and was rolled
// with the last.
func mergeWave(w *rollout.WaveReport, part rollout.WaveReport) {
	w.Targets += part.Targets
	w.Failed += part.Failed
	if !part.Began.IsZero() && (w.Began.IsZero() || part.Began.Before(w.Began)) {
		w.Began = part.Began
	}
	w.Rolled = latest(w.Rolled, part.Rolled)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
