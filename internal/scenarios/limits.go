package scenarios

import (
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// limits are rollouts that may do so much at the same time.
func limits() []Scenario {
	spread := []Cluster{
		{Name: "west-0"},
		{Name: "west-1"},
		{Name: "east-0", Region: otherRegion},
		{Name: "east-1", Region: otherRegion},
		{Name: "theirs-0", Account: otherAccount},
		{Name: "theirs-1", Account: otherAccount},
	}
	for i := range spread {
		spread[i].Groups = Train(0).Groups
	}
	all := phases(rolled, rolled, rolled, rolled, rolled, rolled)
	limit := func(l rollout.Limits) func(*rollout.Spec) {
		return func(spec *rollout.Spec) { spec.Limits = l }
	}
	one := func(*rollout.TargetState) string { return "" }
	return []Scenario{
		{
			Name: "two targets of a wave at a time", Clusters: Fleet(6), Spec: limit(rollout.Limits{Wave: 2}),
			Want: Want{Outcome: succeeded, Phases: all, Sent: 6, Check: func(s rollout.State) []string { return together(s, 2, one) }},
		},
		{
			Name: "one target of a Region at a time", Clusters: spread, Spec: limit(rollout.Limits{Region: 1}),
			Want: Want{Outcome: succeeded, Phases: all, Sent: 6, Check: func(s rollout.State) []string {
				return append(together(s, 1, func(t *rollout.TargetState) string { return t.Region }), together(s, 2, one)...)
			}},
		},
		{
			Name: "one target of an account at a time", Clusters: spread, Spec: limit(rollout.Limits{Account: 1}),
			Want: Want{Outcome: succeeded, Phases: all, Sent: 6, Check: func(s rollout.State) []string {
				return append(together(s, 1, func(t *rollout.TargetState) string { return t.Account }), together(s, 2, one)...)
			}},
		},
		{
			Name: "so many nodes at a time, summed over the groups", Clusters: Fleet(4),
			Spec: each(strategy(rollout.Strategy{Deployment: oneNode}), limit(rollout.Limits{Nodes: 5})), // 2 for each cluster
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled), Sent: 4, Check: func(s rollout.State) []string { return together(s, 2, one) }},
		},
		{
			Name: "one node at a time", Clusters: Fleet(2),
			Spec: each(strategy(rollout.Strategy{Deployment: oneNode, OneByOne: true}), limit(rollout.Limits{Nodes: 1})),
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 4},
		},
		{
			Name: "a group that alone is more than the limit", Clusters: Fleet(2),
			Spec: each(limit(rollout.Limits{Nodes: 1}), strategy(rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}, OneByOne: true})),
			Want: Want{Refused: []string{"train-0", "train-1", "2 nodes would be out at the same time", "Limits.Nodes is 1"}},
		},
		{
			Name: "groups that together are more than the limit", Clusters: Fleet(2),
			Spec: each(strategy(rollout.Strategy{Deployment: oneNode}), limit(rollout.Limits{Nodes: 1})),
			Want: Want{Refused: []string{"2 nodes", "OneByOne"}},
		},
		{
			Name: "the limits hold on the way back", Clusters: Fleet(4),
			Spec: each(limit(rollout.Limits{Wave: 1}), onFailure(rollout.UndoAll), func(spec *rollout.Spec) {
				spec.Strategy.Deployment.Batch = hyperpod.AllAtOnce
			}), Options: refuses("train-3"),
			Want: Want{Outcome: undone, Phases: phases(takenBack, takenBack, takenBack, takenBack), Failed: 1, Sent: 8, Check: func(s rollout.State) []string {
				// Began is of the way forward, so the ends tell.
				for i := range 3 {
					if gap := s.Targets[i].Ended.Sub(s.Targets[i+1].Ended); gap < hour/3 {
						return []string{fmt.Sprintf("targets %d and %d were taken back %s after another", i, i+1, gap)}
					}
				}
				return nil
			}},
		},
	}
}

// together tells where not exactly so many targets of a kind had an update under way at
// the same time at most.
func together(s rollout.State, n int, kind func(t *rollout.TargetState) string) []string {
	most := map[string]int{}
	for i := range s.Targets {
		now, at := 0, s.Targets[i].Requested
		for j := range s.Targets {
			if o := &s.Targets[j]; kind(o) == kind(&s.Targets[i]) && !o.Requested.After(at) && o.Ended.After(at) {
				now++
			}
		}
		most[kind(&s.Targets[i])] = max(most[kind(&s.Targets[i])], now)
	}
	var d []string
	for k, got := range most {
		if got != n {
			d = append(d, fmt.Sprintf("%d targets of %q at the same time, want %d", got, k, n))
		}
	}
	return d
}
