package scenarios

import (
	"errors"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

var errNotYet = errors.New("no heartbeat yet")

// gates are rollouts whose gate does not pass everywhere.
func gates() []Scenario {
	passes := func(n int) func(b *Bed, o *rollout.Options) {
		return func(_ *Bed, o *rollout.Options) {
			o.GateOptions = rollout.GateOptions{Passes: n, Interval: time.Minute, Patience: 20 * time.Minute}
		}
	}
	both := func(fns ...func(b *Bed, o *rollout.Options)) func(b *Bed, o *rollout.Options) {
		return func(b *Bed, o *rollout.Options) {
			for _, fn := range fns {
				fn(b, o)
			}
		}
	}
	afterBake := gate(func(cluster string, _ int, baked bool) error {
		if baked && cluster == "train-1" {
			return rollout.Refuse(errors.New("throughput fell by 30 %"))
		}
		return nil
	})
	return []Scenario{
		{
			Name: "the gate fails after the canary, which is undone", Spec: each(canary, onFailure(rollout.UndoWave)), Options: refuses("train-0"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, waiting, waiting), Failed: 1, Sent: 2,
				Says: map[string][]string{"train-0": {"the gate refused: loss is NaN", "workers: taken back"}, "": {"taking back train-0", "train-0 (111122223333, us-west-2) is taken back"}},
			},
		},
		{
			Name: "the gate fails after the canary, which stays", Spec: canary, Options: refuses("train-0"),
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting, waiting), Failed: 1, Sent: 1,
				Runs: map[string]string{"train-0": allNew}, Says: map[string][]string{"train-0": {"loss is NaN"}},
			},
		},
		{
			Name: "the gate fails within the budget", Spec: each(canary, budget(1, 1), onFailure(rollout.UndoAll)), Options: refuses("train-0"),
			Want: Want{
				Outcome: succeeded, Phases: phases(failed, rolled, rolled), Failed: 1, Sent: 3,
				Runs: map[string]string{"train-0": allNew}, Says: map[string][]string{"": {"wave 1% is rolled: 0 rolled, 1 failed"}},
			},
		},
		{
			Name: "a gate that flaps and settles",
			Options: both(passes(3), gate(func(_ string, n int, _ bool) error {
				if n <= 8 && n%2 == 1 {
					return errNotYet
				}
				return nil
			})),
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3},
		},
		{
			Name: "a gate that flaps for good", Spec: each(canary, onFailure(rollout.UndoWave)),
			Options: both(passes(3), gate(func(_ string, n int, _ bool) error {
				if n%3 == 0 {
					return errNotYet
				}
				return nil
			})),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, waiting, waiting), Failed: 1, Sent: 2,
				Says: map[string][]string{"train-0": {"did not pass 3 times in a row", "no heartbeat yet"}},
			},
		},
		{
			Name: "a gate that takes a while",
			Options: gate(func(_ string, n int, _ bool) error {
				if n < 5 {
					return errNotYet
				}
				return nil
			}),
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3},
		},
		{
			Name: "the gate fails after the bake only, and the wave is undone", Clusters: Fleet(4),
			Spec: each(bake(time.Hour), onFailure(rollout.UndoWave), func(spec *rollout.Spec) {
				spec.Waves = rollout.Waves([]string{"train-0"}, []string{"train-1", "train-2"}, []string{"train-3"})
			}),
			Options: afterBake,
			Want: Want{
				Outcome: undone, Phases: phases(rolled, takenBack, takenBack, waiting), Failed: 1, Sent: 5,
				Says: map[string][]string{"train-1": {"throughput fell by 30 %"}},
			},
		},
		{
			Name: "the gate fails after the bake only, and everything is undone", Clusters: Fleet(4),
			Spec: each(bake(time.Hour), onFailure(rollout.UndoAll), func(spec *rollout.Spec) {
				spec.Waves = rollout.Waves([]string{"train-0"}, []string{"train-1", "train-2"}, []string{"train-3"})
			}),
			Options: afterBake,
			Want:    Want{Outcome: undone, Phases: phases(takenBack, takenBack, takenBack, waiting), Failed: 1, Sent: 6},
		},
		{
			Name: "nodes run, by the library's own gate",
			Options: func(_ *Bed, o *rollout.Options) {
				o.Gate, o.GateOptions = rollout.NodesRunning(), rollout.GateOptions{Passes: 2}
			},
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3},
		},
	}
}
