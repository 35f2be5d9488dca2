package scenarios

import (
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// waves are rollouts that go through.
func waves() []Scenario {
	labelled := Fleet(4)
	for i := range labelled {
		labelled[i].Labels = map[string]string{"stage": []string{"prod", "dev", "prod", "test"}[i]}
	}
	return []Scenario{
		{
			Name: "one wave goes through",
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3, Says: map[string][]string{"": {"wave 1 is rolled: 3 rolled"}}},
		},
		{
			Name:     "waves by percentage, one after another, each bakes",
			Clusters: Fleet(5),
			Spec:     each(bake(time.Hour), func(spec *rollout.Spec) { spec.Waves = rollout.Percentages(20, 60, 100) }),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled, rolled), Sent: 5,
				Check: func(s rollout.State) []string { return apart(s, 3, time.Hour) },
			},
		},
		{
			Name:     "waves by label",
			Clusters: labelled,
			Spec:     func(spec *rollout.Spec) { spec.Waves = rollout.ByLabel("stage", "dev", "test", "prod") },
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled), Sent: 4,
				Says: map[string][]string{"": {"wave dev began", "wave test began", "wave prod began"}},
				Check: func(s rollout.State) []string {
					d := apart(s, 3, 0)
					for i, wave := range []string{"prod", "dev", "prod", "test"} {
						if got := s.Waves[s.Targets[i].Wave].Name; got != wave {
							d = append(d, fmt.Sprintf("target %d is in wave %s, want %s", i, got, wave))
						}
					}
					return d
				},
			},
		},
		{
			Name:     "waves by name",
			Clusters: Fleet(3),
			Spec: func(spec *rollout.Spec) {
				spec.Waves = rollout.Waves([]string{"train-2"}, []string{"train-0", "train-1"})
			},
			Options: refuses("train-2"),
			Want: Want{
				Outcome: stopped, Phases: phases(waiting, waiting, failed), Failed: 1, Sent: 1,
				Runs: map[string]string{"train-2": allNew},
			},
		},
		{
			Name:     "a label without a wave is refused",
			Clusters: labelled,
			Spec:     func(spec *rollout.Spec) { spec.Waves = rollout.ByLabel("stage", "dev", "prod") },
			Want:     Want{Refused: []string{"train-3", "test"}},
		},
	}
}

// apart tells what is wrong with waves that are to come one after another, the next when
// the last has baked.
func apart(s rollout.State, n int, baked time.Duration) []string {
	if len(s.Waves) != n {
		return []string{fmt.Sprintf("%d waves, want %d", len(s.Waves), n)}
	}
	var d []string
	for w := range s.Waves {
		if got := s.Waves[w].Ended.Sub(s.Waves[w].Rolled); got != baked {
			d = append(d, fmt.Sprintf("wave %d baked for %s, want %s", w, got, baked))
		}
		if w > 0 && s.Waves[w].Began.Before(s.Waves[w-1].Ended) {
			d = append(d, fmt.Sprintf("wave %d began before wave %d had ended", w, w-1))
		}
	}
	return d
}
