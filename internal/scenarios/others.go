package scenarios

import (
	"context"
	"sync"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// others are rollouts over clusters that other people work on meanwhile.
func others() []Scenario {
	rollsBefore := func(ctx context.Context, b *Bed) error { return b.Roll(ctx, "train-1", Third) }
	// rollsAfterCheck takes the cluster between the look at it and the request.
	rollsAfterCheck := func(_ context.Context, b *Bed) error {
		b.Once("DescribeCluster", "train-1", 1, func(ctx context.Context) error { return b.Roll(ctx, "train-1", Third) })
		return nil
	}
	waits := func(spec *rollout.Spec) { spec.WaitBusy = 2 * hour }
	return []Scenario{
		{
			Name: "somebody else updates a cluster when its turn comes", Spec: budget(1, 1), Planned: rollsBefore,
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-1": "login=third workers=third"}, Says: map[string][]string{"train-1": {"nothing was sent", "SystemUpdating"}},
			},
		},
		{
			Name: "somebody else updates a cluster, which is waited for", Spec: waits, Planned: rollsBefore,
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3},
		},
		{
			Name: "somebody else updates a cluster when the rollout is planned", Spec: waits, Before: rollsBefore,
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3, Warned: []string{"SystemUpdating"}},
		},
		{
			Name: "a cluster that was waited for is taken back to what it ran by then", Spec: each(waits, onFailure(rollout.UndoAll)), Planned: rollsBefore, Options: refuses("train-1"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, takenBack, takenBack), Failed: 1, Sent: 6,
				Runs: map[string]string{"train-1": "login=third workers=third"},
			},
		},
		{
			Name: "somebody else is first by a moment", Spec: budget(1, 1), Planned: rollsAfterCheck,
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-1": "login=third workers=third"},
			},
		},
		{
			Name: "somebody else is first by a moment, and is waited for", Spec: waits, Planned: rollsAfterCheck,
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3},
		},
		{
			Name: "somebody else is first by a moment, is waited for, and comes back", Spec: each(waits, onFailure(rollout.UndoAll)), Planned: rollsAfterCheck, Options: refuses("train-1"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, takenBack, takenBack), Failed: 1, Sent: 6,
				Runs: map[string]string{"train-1": "login=third workers=third"},
			},
		},
		{
			Name: "somebody else does the same by a moment earlier", Spec: waits,
			Planned: func(_ context.Context, b *Bed) error {
				b.Once("DescribeCluster", "train-1", 1, func(ctx context.Context) error { return b.Roll(ctx, "train-1", New) })
				return nil
			},
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 2, Says: map[string][]string{"train-1": {"workers: unchanged"}}},
		},
		{
			Name: "somebody rolls a group to a third image as soon as it is possible", Spec: budget(1, 1), Planned: supersede("train-1"),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled), Failed: 1, Sent: 3,
				Runs: map[string]string{"train-1": "login=third workers=third"}, Says: map[string][]string{"train-1": {"superseded", Third}},
			},
		},
		{
			Name: "what somebody else has rolled since is left alone on the way back", Spec: onFailure(rollout.UndoAll), Planned: supersede("train-1"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, takenBack, takenBack), Failed: 1, Sent: 5,
				Runs: map[string]string{"train-1": "login=third workers=third"}, Says: map[string][]string{"train-1": {"is left alone"}},
			},
		},
		{
			Name: "a group that is no target changes", Spec: func(spec *rollout.Spec) { spec.Targets = spec.Targets[:2] },
			Meanwhile: []Event{{At: 5 * time.Minute, Do: func(ctx context.Context, b *Bed) error {
				b.Srv.FailLifecycle(Third, "exit status 7")
				return b.Roll(ctx, "train-2", Third)
			}}},
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2, Runs: map[string]string{"train-2": allOld}},
		},
		{
			Name: "a cluster is deleted before its turn", Spec: budget(1, 1),
			Planned: func(ctx context.Context, b *Bed) error {
				defer func() { <-time.After(hour) }()
				return b.Delete(ctx, "train-1")
			},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-1": "gone"}, Says: map[string][]string{"train-1": {"could not be found"}},
			},
		},
		{
			Name: "a cluster is being deleted when its turn comes", Spec: budget(1, 1), Planned: func(ctx context.Context, b *Bed) error { return b.Delete(ctx, "train-1") },
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-1": "gone"}, Says: map[string][]string{"train-1": {"Deleting"}},
			},
		},
		{
			Name: "a cluster is deleted as soon as it is updated", Spec: onFailure(rollout.UndoAll),
			Planned: afterUpdate("train-1", func(ctx context.Context, b *Bed) error { return b.Delete(ctx, "train-1") }),
			Want: Want{
				Outcome: partlyTakenBack, Phases: phases(takenBack, stuck, takenBack), Failed: 1, Sent: 5,
				Runs: map[string]string{"train-1": "gone"}, Says: map[string][]string{"train-1": {"taking back:"}},
			},
		},
		{
			Name: "a cluster is deleted and another one of its name is made", Spec: budget(1, 1),
			Planned: func(ctx context.Context, b *Bed) error {
				if err := b.Delete(ctx, "train-1"); err != nil {
					return err
				}
				<-time.After(hour)
				return b.Create(ctx, Train(1))
			},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, failed, rolled), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-1": allOld}, Says: map[string][]string{"train-1": {"could not be found"}},
			},
		},
	}
}

// supersede is somebody who brings a cluster onto Third as soon as the service takes it.
func supersede(cluster string) func(context.Context, *Bed) error {
	return afterUpdate(cluster, func(ctx context.Context, b *Bed) error { return b.Roll(ctx, cluster, Third) })
}

// afterUpdate is somebody who tries to do something to a cluster, again and again, from
// when the rollout has sent its update until the service takes it.
func afterUpdate(cluster string, do func(context.Context, *Bed) error) func(context.Context, *Bed) error {
	return func(_ context.Context, b *Bed) error {
		var mu sync.Mutex
		sent, done := false, false
		b.Once(updateSoftware, cluster, 1, func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			sent = true
			return nil
		})
		b.Srv.Faults().Before(func(ctx context.Context, op string, input any) error {
			if op != "DescribeCluster" || b.Name(clusterOf(input)) != cluster {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if sent && !done {
				done = do(ctx, b) == nil // it is refused before
			}
			return nil
		})
		return nil
	}
}
