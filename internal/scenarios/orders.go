package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// orders are rollouts that somebody pauses, approves or restarts.
func orders() []Scenario {
	two := func(spec *rollout.Spec) { spec.Waves = rollout.Percentages(50, 100) }
	return []Scenario{
		{
			Name: "paused and resumed", Spec: oneAfterAnother, Orders: []Order{pause(10 * time.Minute), resume(5 * hour)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3, Says: map[string][]string{"": {"paused by the operator", "resumed by the operator"}},
				Check: func(s rollout.State) []string {
					return append(within(s, 0, 0, 10*time.Minute), within(s, 1, 5*hour, 5*hour+time.Minute)...)
				},
			},
		},
		{
			Name: "what is taken back goes on in a pause", Spec: each(oneAfterAnother, onFailure(rollout.UndoAll)), Options: refuses("train-0"),
			Orders: []Order{pause(10 * time.Minute)},
			Want:   Want{Outcome: undone, Phases: phases(takenBack, waiting, waiting), Failed: 1, Sent: 2},
		},
		{
			Name: "the second wave waits for its approval", Clusters: Fleet(4), Spec: each(two, func(spec *rollout.Spec) { spec.Approval = true }),
			Orders: []Order{approve(10*hour, 1)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled), Sent: 4, Says: map[string][]string{"": {"approved by the operator"}},
				Check: func(s rollout.State) []string {
					return append(within(s, 1, 0, time.Minute), within(s, 2, 10*hour, 10*hour+time.Minute)...)
				},
			},
		},
		{
			Name: "approved before the wave's turn", Clusters: Fleet(4), Spec: each(two, func(spec *rollout.Spec) { spec.Approval = true }),
			Orders: []Order{approve(time.Minute, 1)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled), Sent: 4,
				Check: func(s rollout.State) []string { return within(s, 2, 0, hour) },
			},
		},
		{
			Name: "the process ends while a wave bakes", Spec: each(canary, bake(2*hour)), Orders: []Order{restart(hour, 30*time.Minute)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Check: func(s rollout.State) []string { return apart(s, 2, 2*hour) },
			},
		},
		{
			Name: "the process ends while a wave bakes, and is away for longer", Spec: each(canary, bake(2*hour)), Orders: []Order{restart(hour, 10*hour)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Check: func(s rollout.State) []string { return within(s, 1, 11*hour, 11*hour+time.Minute) },
			},
		},
		{
			Name: "the process ends while updates are under way", Orders: []Order{restart(10*time.Minute, 5*time.Minute)},
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3, Says: map[string][]string{"": {"another runner took the rollout over"}}},
		},
		{
			Name: "the process ends while updates are under way, and the service rolls back meanwhile", Spec: onFailure(rollout.UndoAll),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.FailLifecycle(New, "exit status 7"); return nil },
			Orders:  []Order{restart(10*time.Minute, 10*hour)},
			Want:    Want{Outcome: undone, Phases: phases(takenBack, takenBack, takenBack), Failed: 3, Sent: 3},
		},
		{
			Name: "the process ends while targets are taken back", Spec: onFailure(rollout.UndoAll), Options: refuses("train-0"), Orders: []Order{restart(hour/2, time.Minute)},
			Want: Want{Outcome: undone, Phases: phases(takenBack, takenBack, takenBack), Failed: 1, Sent: 6},
		},
		{
			Name: "the process ends before the request is sent", Clusters: Fleet(1),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().Delay(updateSoftware, time.Minute); return nil },
			Orders:  []Order{restart(30*time.Second, time.Minute)},
			Want:    Want{Outcome: succeeded, Phases: phases(rolled), Sent: 1},
		},
	}
}

// within tells whether a target began at another time than it was to, since the rollout
// began.
func within(s rollout.State, target int, from, until time.Duration) []string {
	began := s.Targets[target].Began.Sub(s.Began)
	if s.Targets[target].Began.IsZero() || began < from || began > until {
		return []string{fmt.Sprintf("target %d began %s after the rollout, want %s to %s", target, began, from, until)}
	}
	return nil
}
