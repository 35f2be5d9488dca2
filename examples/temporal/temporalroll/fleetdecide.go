package temporalroll

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// decide lets the parts go on to the next wave when all are through with the one before,
// has all of them respond when the budget is spent or one of them is lost, and lets them
// end when none has anything left to do: until then each may have to take back what it has
// done.
func (f *fleet) decide(ctx workflow.Context) {
	if !f.ready() {
		return
	}
	f.noteWaves(ctx)
	if f.Aborted == "" && !f.Ending {
		if why := f.spent(); why != "" {
			f.abort(ctx, f.OnFailure, fmt.Sprintf("%s: %s", why, f.OnFailure), "the fleet's budget")
		}
	}
	if part, ok := f.abortedPart(); ok && f.Aborted == "" && !f.Ending {
		f.abort(ctx, rollout.Stop, fmt.Sprintf("the workflow %s was aborted by itself: %s", part, rollout.Stop), "the abort of a part")
	}
	if lost := f.lost(); f.Aborted == "" && !f.Ending && len(lost) > 0 {
		f.abort(ctx, rollout.Stop, fmt.Sprintf("the workflow %s ended without a report: %s", lost[0], rollout.Stop), "the loss of a part")
	}
	if !f.Ending && f.through() {
		f.Ending = true
		f.tell(ctx, signalEnd, nil)
	}
	if f.Aborted != "" {
		return
	}
	w := f.wave()
	if w >= len(f.Waves) || w > 0 && f.Waves[w].Approval && f.Waves[w].Approved.IsZero() {
		return
	}
	for i := range f.Parts {
		p := &f.Parts[i]
		if p.Approved < w && p.Waves[w] {
			p.Approved = w
			f.signal(ctx, i, SignalApprove, Order{Wave: w, By: "the fleet"})
		}
	}
}

// through tells whether no part has anything left to do, and every one has said so after it
// heard of the last abort.
func (f *fleet) through() bool {
	for i := range f.Parts {
		told := &f.Parts[i].Progress
		if !f.ended(i) && (!told.Through || stronger(told.Heard, f.Aborted) != told.Heard) {
			return false
		}
	}
	return true
}

// abortedPart is a part that somebody has aborted.
func (f *fleet) abortedPart() (id string, ok bool) {
	for _, p := range f.Parts {
		if p.Progress.Aborted != "" {
			return p.ID, true
		}
	}
	return "", false
}

// wave is the wave whose turn it is: the first that is not over in all parts. When there
// is none it is the number of waves.
func (f *fleet) wave() int {
	for w := range f.Waves {
		for i := range f.Parts {
			if !f.waveOver(i, w) {
				return w
			}
		}
	}
	return len(f.Waves)
}

// begun is the last wave that has begun in some part, or was let begin there, and -1
// before the first.
func (f *fleet) begun() int {
	last := -1
	for i := range f.Parts {
		if w := f.Parts[i].Approved; w > 0 {
			last = max(last, w)
		}
		for w, progress := range f.Parts[i].Progress.Waves {
			if progress.Began {
				last = max(last, w)
			}
		}
	}
	return last
}

// waveOver tells whether a part is through with a wave.
func (f *fleet) waveOver(i, w int) bool {
	p := &f.Parts[i]
	return !p.Waves[w] || f.ended(i) || p.Progress.Through || w < len(p.Progress.Waves) && p.Progress.Waves[w].Over
}

// noteWaves keeps when waves began and were over in all parts.
func (f *fleet) noteWaves(ctx workflow.Context) {
	for w := range f.Waves {
		wave := &f.Waves[w]
		began, over := false, true
		for i := range f.Parts {
			p := &f.Parts[i]
			began = began || w < len(p.Progress.Waves) && p.Progress.Waves[w].Began
			over = over && f.waveOver(i, w)
		}
		if began && wave.Began.IsZero() {
			wave.Began = now(ctx)
			f.note(ctx, "wave %s began", wave.Name)
		}
		if began && over && wave.Ended.IsZero() && f.Aborted == "" {
			wave.Ended = now(ctx)
			f.note(ctx, "wave %s is over", wave.Name)
		}
	}
}

// spent says why the budget is, over all parts; empty while it is not.
func (f *fleet) spent() string {
	total := 0
	perWave := make([]int, len(f.Waves))
	for _, p := range f.Parts {
		for w, progress := range p.Progress.Waves {
			total += progress.Failed
			perWave[w] += progress.Failed
		}
	}
	if b := f.Budget.Total; b >= 0 && total > b {
		return fmt.Sprintf("%d targets failed in all parts, the budget allows %d", total, b)
	}
	for w, failed := range perWave {
		if b := f.Budget.Wave; b >= 0 && failed > b {
			return fmt.Sprintf("%d targets of wave %s failed in all parts, the budget allows %d", failed, f.Waves[w].Name, b)
		}
	}
	return ""
}

// ended tells whether a part has come to its end.
func (f *fleet) ended(i int) bool {
	p := &f.Parts[i]
	return p.Lost != "" || p.Progress.Outcome != "" && p.Progress.Outcome != rollout.OutcomeUnderWay
}

func (f *fleet) over() bool {
	for i := range f.Parts {
		if !f.ended(i) {
			return false
		}
	}
	return true
}

// end closes the rollout.
func (f *fleet) end(ctx workflow.Context) {
	f.noteWaves(ctx)
	f.Ended = now(ctx)
	f.note(ctx, "the rollout ended: %s", f.outcome())
}

// outcome is how the rollout stands, by how its parts do.
func (s *FleetState) outcome() rollout.Outcome {
	if s.Ended.IsZero() {
		return rollout.OutcomeUnderWay
	}
	all := map[rollout.Outcome]int{}
	for _, p := range s.Parts {
		outcome := p.Progress.Outcome
		if p.Lost != "" {
			outcome = rollout.OutcomeStopped
		}
		all[outcome]++
	}
	switch {
	case all[rollout.OutcomePartlyTakenBack] > 0:
		return rollout.OutcomePartlyTakenBack
	case s.Aborted == rollout.UndoAll, s.Aborted == rollout.UndoWave:
		if all[rollout.OutcomeSucceeded] > 0 && s.Aborted == rollout.UndoAll || len(s.lost()) > 0 {
			return rollout.OutcomePartlyTakenBack // it had ended before it could be told
		}
		return rollout.OutcomeTakenBack
	case all[rollout.OutcomeSucceeded] == len(s.Parts):
		return rollout.OutcomeSucceeded
	default:
		return rollout.OutcomeStopped
	}
}

func (s *FleetState) lost() []string {
	var lost []string
	for _, p := range s.Parts {
		if p.Lost != "" {
			lost = append(lost, p.ID+": "+p.Lost)
		}
	}
	return lost
}

// Totals count the targets of all parts, as of when they told.
func (s *FleetState) Totals() rollout.Totals {
	all := rollout.Totals{Wave: -1, Waves: len(s.Waves)}
	for _, p := range s.Parts {
		all = added(all, p.Progress.Totals, len(p.Targets))
	}
	return all
}

func added(all, part rollout.Totals, targets int) rollout.Totals {
	if part.Targets > 0 { // zero before the part has told anything
		all.Wave = max(all.Wave, part.Wave)
	}
	all.Targets += targets
	all.Active += part.Active
	all.Done += part.Done
	all.Failed += part.Failed
	return all
}

// stronger is the response that takes more back.
func stronger(a, b rollout.Response) rollout.Response {
	rank := map[rollout.Response]int{rollout.Stop: 1, rollout.UndoWave: 2, rollout.UndoAll: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
