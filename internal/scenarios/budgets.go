package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// budgets are rollouts of which targets fail, as many as may or one more.
func budgets() []Scenario {
	halves := func(spec *rollout.Spec) {
		spec.Waves = rollout.Waves([]string{"train-0", "train-1", "train-2"}, []string{"train-3", "train-4", "train-5"})
	}
	six := Fleet(6)
	return []Scenario{
		{
			Name: "budget used to the last", Clusters: six, Spec: each(halves, budget(2, 3), oneAfterAnother), Options: refuses("train-0", "train-2", "train-3"),
			Want: Want{
				Outcome: succeeded, Phases: phases(failed, rolled, failed, failed, rolled, rolled), Failed: 3, Sent: 6,
				Runs: map[string]string{"train-0": allNew, "train-2": allNew, "train-3": allNew},
			},
		},
		{
			Name: "one failure more than the total budget", Clusters: six, Spec: each(halves, budget(2, 3), oneAfterAnother), Options: refuses("train-0", "train-2", "train-3", "train-4"),
			Want: Want{
				Outcome: stopped, Phases: phases(failed, rolled, failed, failed, failed, waiting), Failed: 4, Sent: 5,
				Runs: map[string]string{"train-0": allNew, "train-2": allNew, "train-3": allNew, "train-4": allNew},
			},
		},
		{
			Name: "one failure more than the budget of a wave", Clusters: six, Spec: each(halves, budget(1, -1), oneAfterAnother), Options: refuses("train-0", "train-1"),
			Want: Want{
				Outcome: stopped, Phases: phases(failed, failed, waiting, waiting, waiting, waiting), Failed: 2, Sent: 2,
				Runs: map[string]string{"train-0": allNew, "train-1": allNew},
			},
		},
		{
			Name: "a budget for each wave does not add up", Clusters: six, Spec: each(halves, budget(1, -1), oneAfterAnother), Options: refuses("train-1", "train-4"),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled, rolled, failed, rolled), Failed: 2, Sent: 6,
				Runs: map[string]string{"train-1": allNew, "train-4": allNew},
			},
		},
		{
			Name: "what has begun when the budget is spent goes on to its end",
			Spec: func(spec *rollout.Spec) { spec.Limits.Wave = 2 }, Clusters: Fleet(4),
			Options: func(_ *Bed, o *rollout.Options) {
				// It fails while train-1 is being updated.
				o.Before = func(_ context.Context, v rollout.Visit) error {
					if v.Cluster != "train-0" {
						return nil
					}
					<-time.After(5 * time.Minute)
					return errors.New("a job does not end")
				}
			},
			Want: Want{
				Outcome: stopped, Phases: phases(failed, rolled, waiting, waiting), Failed: 1, Sent: 1,
				Runs: map[string]string{"train-0": allOld}, Says: map[string][]string{"train-0": {"the hook: a job does not end"}},
			},
		},
	}
}
