package scenarios

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// replacing are rollouts that add new groups and delete the old ones.
func replacing() []Scenario {
	by := func(canary int32) func(*rollout.Spec) {
		return strategy(rollout.Strategy{Replace: &rollout.Replace{Suffix: "-b", Canary: canary}})
	}
	// logged has a gate and a drain that note which nodes there are, and fails as it is told.
	logged := func(fails string) func(b *Bed, o *rollout.Options) {
		return func(b *Bed, o *rollout.Options) {
			o.Gate = func(ctx context.Context, v rollout.Visit) error {
				b.Log("gate %s", counted(ctx, v))
				if v.Cluster == fails {
					return rollout.Refuse(errors.New("loss is NaN"))
				}
				return nil
			}
			o.Drain = func(ctx context.Context, v rollout.Visit) error { b.Log("drain %s", counted(ctx, v)); return nil }
		}
	}
	const replaced = "login-b=new workers-b=new"
	return []Scenario{
		{
			Name: "groups are replaced: canary, gate, scale, drain, delete", Clusters: Fleet(1), Spec: by(1), Options: logged(""),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled), Sent: 0, Runs: map[string]string{"train-0": replaced},
				Log:  []string{"gate workers-b:1 login-b:1", "gate workers-b:2 login-b:1", "drain workers:2 login:1"},
				Says: map[string][]string{"train-0": {"workers: replaced: by group workers-b"}},
			},
		},
		{
			Name: "groups are replaced all at once", Clusters: Fleet(2), Spec: by(0), Options: logged(""),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 0, Runs: map[string]string{"train-0": replaced, "train-1": replaced},
			},
		},
		{
			Name: "the canary of a replacement fails its gate", Clusters: Fleet(1), Spec: each(by(1), onFailure(rollout.UndoWave)), Options: logged("train-0"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 0, Log: []string{"gate workers-b:1 login-b:1"},
				Says: map[string][]string{"train-0": {"loss is NaN", "workers: taken back"}},
			},
		},
		{
			Name: "the canary of a replacement fails its gate, and stays", Clusters: Fleet(1), Spec: by(1), Options: logged("train-0"),
			Want: Want{
				Outcome: stopped, Phases: phases(failed), Failed: 1, Sent: 0,
				Runs: map[string]string{"train-0": "login-b=new login=old workers-b=new workers=old"},
			},
		},
		{
			Name: "a new group does not get its instances", Clusters: Fleet(1), Spec: each(by(1), onFailure(rollout.UndoAll)),
			Planned: func(_ context.Context, b *Bed) error {
				b.Srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 5)
				return nil
			},
			Want: Want{
				Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 0, Says: map[string][]string{"train-0": {"group workers-b: Updating, 1 of 2 instances", "; capacity: node ", "of group workers-b"}},
			},
		},
		{
			Name: "what was replaced cannot be taken back", Clusters: Fleet(2), Spec: each(by(1), oneAfterAnother, onFailure(rollout.UndoAll)), Options: logged("train-1"),
			Want: Want{
				Outcome: partlyTakenBack, Phases: phases(stuck, takenBack), Failed: 1, Sent: 0,
				Runs: map[string]string{"train-0": replaced}, Says: map[string][]string{"train-0": {"its successor", "stays"}},
			},
		},
		{
			Name: "somebody has made a group of the new name", Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{Workers("workers", 1), Workers("workers-b", 1)}}},
			Spec: each(by(1), func(spec *rollout.Spec) { spec.Targets[0].Groups = hyperpod.Named("workers") }),
			Want: Want{Refused: []string{"workers-b"}},
		},
		{
			Name: "the process ends while groups are replaced", Clusters: Fleet(1), Spec: by(1), Options: logged(""),
			Orders: []Order{restart(5*time.Minute, time.Minute), restart(18*time.Minute, hour)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled), Sent: 0, Runs: map[string]string{"train-0": replaced},
				Log: []string{"gate workers-b:1 login-b:1", "gate workers-b:2 login-b:1", "drain workers:2 login:1"},
			},
		},
		{
			Name: "the answers to changes of groups are lost", Clusters: Fleet(1), Spec: by(1), Options: logged(""),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().LoseResponse("UpdateCluster", 3); return nil },
			Want:    Want{Outcome: succeeded, Phases: phases(rolled), Sent: 0, Runs: map[string]string{"train-0": replaced}},
		},
		{
			Name: "a replacement changes the instance type", Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{Workers("workers", 2)}}}, Spec: by(0),
			Options: func(b *Bed, o *rollout.Options) {
				o.Replacement = func(v rollout.Visit, g hyperpod.Group) hyperpod.Group {
					if v.Cluster != "train-0" {
						b.fail(errors.New("the replacement is of " + v.Cluster))
					}
					return g.WithInstances(types.ClusterInstanceTypeMlC54xlarge, 2)
				}
			},
			Want: Want{Outcome: succeeded, Phases: phases(rolled), Sent: 0, Runs: map[string]string{"train-0": "workers-b=new"}},
		},
	}
}

// counted is what a visit's groups have for nodes that run.
func counted(ctx context.Context, v rollout.Visit) string {
	var text []string
	for _, group := range v.Groups {
		running := 0
		for n, err := range v.HyperPod.Cluster(v.Cluster).Nodes(ctx, func(o *hyperpod.NodesOptions) { o.Groups = []string{group} }) {
			if err != nil {
				return err.Error()
			}
			if n.Group == group && n.Status == types.ClusterInstanceStatusRunning {
				running++
			}
		}
		text = append(text, fmt.Sprintf("%s:%d", group, running))
	}
	return strings.Join(text, " ")
}
