package rollout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Whatever was in the way of an update may have been about its groups.
func TestAnUpdateThatWasNotAcceptedIsJudgedAnew(t *testing.T) {
	for name, kind := range map[string]ResultKind{"another operation is in the way": ResultBusy, "too many requests": ResultNotSent} {
		t.Run(name, func(t *testing.T) {
			p := &play{t: t, s: planned(1)}
			p.s.Settings.WaitBusy = time.Hour
			var kinds []StepKind
			p.answer = func(step Step) (Result, time.Duration) {
				kinds = append(kinds, step.Kind)
				switch {
				case step.Kind == StepUpdate && len(kinds) == 2:
					return Result{Kind: kind}, 0
				case step.Kind == StepCheck && len(kinds) == 3: // scaled meanwhile, and rolled by somebody else
					r := Result{Kind: ResultDone}
					for _, g := range step.Groups {
						g.Nodes, g.Target, g.Out, g.CurrentImage = 40, 40, 10, "ami-0aaaaaaaaaaaaaaaa"
						r.Groups = append(r.Groups, g)
					}
					return r, 0
				case step.Kind == StepUpdate:
					assert.Equal(t, int32(20), step.Out)
					assert.Equal(t, "ami-0aaaaaaaaaaaaaaaa", step.Roll.Groups[0].CurrentImage)
				}
				return Result{}, 0
			}
			p.perform(never)
			assert.Equal(t, []StepKind{StepCheck, StepUpdate, StepCheck, StepUpdate, StepAwait, StepGate, StepGate}, kinds)
			assert.Equal(t, OutcomeSucceeded, p.s.Outcome())
		})
	}
}

func TestAnUpdateThatIsRefusedThroughoutFails(t *testing.T) {
	for name, tt := range map[string]struct {
		kind     ResultKind
		patience time.Duration
	}{
		"another operation is in the way": {ResultBusy, 20 * time.Minute},
		"too many requests":               {ResultNotSent, 4 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			p := &play{t: t, s: planned(1)}
			p.s.Settings.WaitBusy, p.s.Settings.OnFailure = 20*time.Minute, Stop
			sent := 0
			p.answer = func(step Step) (Result, time.Duration) {
				if step.Kind == StepUpdate {
					sent++
					return Result{Kind: tt.kind, Reason: "Rate exceeded"}, 0
				}
				return Result{}, 0
			}
			p.perform(start.AddDate(0, 0, 2))
			assert.Equal(t, PhaseFailed, p.s.Targets[0].Phase)
			assert.Contains(t, p.s.Targets[0].Reason, "Rate exceeded")
			assert.InDelta(t, tt.patience.Minutes(), p.s.Ended.Sub(start).Minutes(), 2)
			assert.LessOrEqual(t, sent, int(tt.patience/time.Minute)+1)
			assert.Equal(t, int32(0), p.s.Targets[0].Out)
		})
	}
}
