package scenarios

import (
	"context"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// oneNode replaces one node of a group at a time.
var oneNode = hyperpod.Deployment{Batch: hyperpod.Nodes(1)}

// service are rollouts whose updates the service does not bring to their end.
func service() []Scenario {
	broken := func(_ context.Context, b *Bed) error { b.Srv.FailLifecycle(New, "exit status 7"); return nil }
	watched := oneNode
	watched.WaitInterval, watched.Alarms = 10*time.Minute, []string{"loss-nan"}
	deregister := func(after string) func(context.Context, *Bed) error {
		return func(_ context.Context, b *Bed) error {
			b.Once(updateSoftware, after, 1, func(context.Context) error { b.Refuse(New, "the AMI is not there"); return nil })
			return nil
		}
	}
	return []Scenario{
		{
			Name: "the AMI is gone midway", Clusters: Fleet(4), Spec: each(oneAfterAnother, budget(1, 1)), Planned: deregister("train-1"),
			Want: Want{
				Outcome: stopped, Phases: phases(rolled, rolled, failed, failed), Failed: 2, Sent: 2,
				Runs: map[string]string{"train-2": allOld, "train-3": allOld}, Says: map[string][]string{"train-2": {"the AMI is not there"}},
			},
		},
		{
			Name: "the AMI is gone midway, and what has it is taken back", Clusters: Fleet(4), Spec: each(oneAfterAnother, onFailure(rollout.UndoAll)), Planned: deregister("train-0"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, failed, waiting, waiting), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-1": allOld},
			},
		},
		{
			Name: "the AMI is refused at once", Before: func(_ context.Context, b *Bed) error { b.Refuse(New, "the AMI is not there"); return nil },
			Want: Want{Refused: []string{"train-0", "train-1", "train-2", "the AMI is not there"}},
		},
		{
			Name: "nodes do not start on the AMI, and the service rolls back", Spec: canary, Planned: broken,
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting, waiting), Failed: 1, Sent: 1,
				Runs: map[string]string{"train-0": allOld}, Says: map[string][]string{"train-0": {"rolled back", "exit status 7"}},
			},
		},
		{
			Name: "nodes do not start on the AMI, and the word of the service is Failed", Spec: each(canary, onFailure(rollout.UndoAll)), Planned: broken,
			Emulator: func(o *hyperpodtest.Options) { o.RollbackEndsFailed = true },
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, waiting, waiting), Failed: 1, Sent: 1,
				Says: map[string][]string{"train-0": {"rolled back"}},
			},
		},
		{
			Name: "one group of a request is rolled back, the other one is not", Clusters: Fleet(1), Spec: onFailure(rollout.UndoAll), Planned: broken,
			Meanwhile: []Event{{At: 10 * time.Minute, Do: func(_ context.Context, b *Bed) error { b.Srv.MendLifecycle(New); return nil }}},
			Want: Want{
				Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 1,
			},
		},
		{
			Name: "an alarm fires between batches", Spec: each(canary, strategy(rollout.Strategy{Deployment: watched})),
			Meanwhile: []Event{{At: 30 * time.Minute, Do: func(_ context.Context, b *Bed) error { b.Srv.SetAlarm("loss-nan", true); return nil }}},
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting, waiting), Failed: 1, Sent: 1,
				Runs: map[string]string{"train-0": allOld}, Says: map[string][]string{"train-0": {"workers: rolled back"}},
			},
		},
		{
			Name: "an alarm fires and goes on firing, and the wave is undone", Clusters: Fleet(2),
			Spec: each(strategy(rollout.Strategy{Deployment: watched}), onFailure(rollout.UndoWave)), Options: refuses("train-1"),
			Meanwhile: []Event{{At: 90 * time.Minute, Do: func(_ context.Context, b *Bed) error { b.Srv.SetAlarm("loss-nan", true); return nil }}},
			Want:      Want{Outcome: undone, Phases: phases(takenBack, takenBack), Failed: 1, Sent: 4},
		},
		{
			Name: "a disruption budget protects a node", Spec: each(canary, strategy(rollout.Strategy{Deployment: oneNode})),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.SetDisruptionBudget("train-0", "workers", 1); return nil },
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting, waiting), Failed: 1, Sent: 1,
				Runs: map[string]string{"train-0": "login=new workers=new+old"}, Says: map[string][]string{"train-0": {"workers: incomplete"}},
			},
		},
		{
			Name: "a disruption budget protects a node, and the wave is undone", Spec: each(canary, strategy(rollout.Strategy{Deployment: oneNode}), onFailure(rollout.UndoWave)),
			Planned: func(_ context.Context, b *Bed) error {
				b.Srv.SetDisruptionBudget("train-0", "workers", 1)
				return nil
			},
			Meanwhile: []Event{{At: hour / 2, Do: func(_ context.Context, b *Bed) error { b.Srv.SetDisruptionBudget("train-0", "workers", 0); return nil }}},
			Want:      Want{Outcome: undone, Phases: phases(takenBack, waiting, waiting), Failed: 1, Sent: 2},
		},
		{
			Name: "one group after another, and the second fails", Clusters: Fleet(1),
			Spec: each(onFailure(rollout.UndoAll), strategy(rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}, OneByOne: true})),
			Planned: func(_ context.Context, b *Bed) error {
				b.Once(updateSoftware, "train-0", 2, func(context.Context) error { b.Srv.FailLifecycle(New, "exit status 7"); return nil })
				return nil
			},
			Want: Want{Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 3, Says: map[string][]string{"train-0": {"exit status 7"}}},
		},
		{
			Name: "one group after another, all well", Clusters: Fleet(2),
			Spec: strategy(rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}, OneByOne: true}),
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 4},
		},
	}
}
