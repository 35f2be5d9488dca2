package scenarios

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// undoing are rollouts that are taken back, or cannot be.
func undoing() []Scenario {
	two := func(spec *rollout.Spec) { spec.Waves = rollout.Percentages(50, 100) }
	// breakOld has no node start on Old any more once the rollout has sent an update.
	breakOld := func(cluster string) func(context.Context, *Bed) error {
		return func(_ context.Context, b *Bed) error {
			b.Once(updateSoftware, cluster, 2, func(context.Context) error { b.Srv.FailLifecycle(Old, "exit status 9"); return nil })
			return nil
		}
	}
	return []Scenario{
		{
			Name: "two waves are undone, the last begun first", Clusters: Fleet(4), Spec: each(two, oneAfterAnother, onFailure(rollout.UndoAll)), Options: refuses("train-3"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, takenBack, takenBack, takenBack), Failed: 1, Sent: 8,
				Check: func(s rollout.State) []string {
					first := func(target string) int {
						return slices.IndexFunc(s.Timeline, func(m rollout.Moment) bool { return strings.HasPrefix(m.Text, "taking back "+target) })
					}
					if first("train-3") > first("train-2") || first("train-1") > first("train-0") {
						return []string{"a target is taken back before one of its wave that began later"}
					}
					return nil
				},
			},
		},
		{
			Name: "only the second of two waves is undone", Clusters: Fleet(4), Spec: each(two, onFailure(rollout.UndoWave)), Options: refuses("train-3"),
			Want: Want{Outcome: undone, Phases: phases(rolled, rolled, takenBack, takenBack), Failed: 1, Sent: 6},
		},
		{
			Name: "the way back fails as well", Clusters: Fleet(1), Spec: onFailure(rollout.UndoAll), Options: refuses("train-0"), Planned: breakOld("train-0"),
			Want: Want{
				Outcome: partlyTakenBack, Phases: phases(stuck), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-0": allNew}, Says: map[string][]string{"train-0": {"loss is NaN", "taking back:", "exit status 9"}, "": {"could not be taken back"}},
			},
		},
		{
			Name: "one target cannot be taken back, the others are", Spec: onFailure(rollout.UndoAll),
			Planned: afterUpdate("train-2", func(ctx context.Context, b *Bed) error { return b.Delete(ctx, "train-2") }),
			Want: Want{
				Outcome: partlyTakenBack, Phases: phases(takenBack, takenBack, stuck), Failed: 1, Sent: 5, Runs: map[string]string{"train-2": "gone"},
			},
		},
		{
			Name: "abort while updates are in flight", Clusters: Fleet(4), Spec: func(spec *rollout.Spec) { spec.Limits.Wave = 2 },
			Orders: []Order{abort(10*time.Minute, rollout.UndoAll)},
			Want:   Want{Outcome: undone, Phases: phases(takenBack, takenBack, waiting, waiting), Sent: 4, Says: map[string][]string{"": {"aborted by the operator: undo-all"}}},
		},
		{
			Name: "abort while updates are being sent, which fail", Clusters: Fleet(2), Orders: []Order{abort(2*time.Minute, rollout.UndoAll)},
			Planned: func(_ context.Context, b *Bed) error {
				b.Srv.Faults().Delay(updateSoftware, 5*time.Minute)
				b.Srv.FailLifecycle(New, "exit status 7")
				return nil
			},
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, takenBack), Failed: 2, Sent: 2, Says: map[string][]string{"train-0": {"exit status 7"}},
			},
		},
		{
			Name: "the cluster is busy when it is to be taken back", Clusters: Fleet(1), Spec: onFailure(rollout.UndoAll),
			Options: func(b *Bed, o *rollout.Options) {
				o.Gate = func(ctx context.Context, v rollout.Visit) error {
					return rollout.Refuse(errors.Join(errors.New("loss is NaN"), b.Roll(ctx, v.Cluster, New, "login")))
				}
			},
			Want: Want{Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 2},
		},
		{
			Name: "abort that stops", Clusters: Fleet(3), Spec: oneAfterAnother, Orders: []Order{abort(10*time.Minute, rollout.Stop)},
			Want: Want{Outcome: stopped, Phases: phases(rolled, waiting, waiting), Sent: 1},
		},
		{
			Name: "abort while a wave bakes", Clusters: Fleet(4), Spec: each(two, bake(2*hour)), Orders: []Order{abort(hour, rollout.UndoWave)},
			Want: Want{Outcome: undone, Phases: phases(takenBack, takenBack, waiting, waiting), Sent: 4},
		},
		{
			Name: "a stop and then an abort that undoes everything", Clusters: Fleet(4), Spec: each(two, bake(hour)),
			Orders: []Order{abort(100*time.Minute, rollout.Stop), abort(101*time.Minute, rollout.UndoAll)},
			Want:   Want{Outcome: undone, Phases: phases(takenBack, takenBack, takenBack, takenBack), Sent: 8},
		},
	}
}
