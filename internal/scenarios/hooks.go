package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// hooks are rollouts with hooks before and after each target.
func hooks() []Scenario {
	// logged has all hooks and a gate, and says of each what is wrong with it.
	logged := func(wrong map[string]error) func(b *Bed, o *rollout.Options) {
		return func(b *Bed, o *rollout.Options) {
			hook := func(what string) rollout.Hook {
				return func(_ context.Context, v rollout.Visit) error {
					at := what + " " + v.Cluster
					if v.Baked {
						at += " baked"
					}
					b.Log("%s", at)
					if err := wrong[at]; err != nil {
						return rollout.Refuse(err)
					}
					return nil
				}
			}
			o.Before, o.After, o.Gate = hook("before"), hook("after"), rollout.Gate(hook("gate"))
		}
	}
	errHook := errors.New("cordon failed")
	two := Fleet(2)
	return []Scenario{
		{
			Name: "hooks and gates in order", Clusters: two, Spec: each(oneAfterAnother, bake(hour)), Options: logged(nil),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2,
				Log: []string{
					"before train-0", "gate train-0", "after train-0", "before train-1", "gate train-1", "after train-1",
					"gate train-0 baked", "gate train-1 baked",
				},
			},
		},
		{
			Name: "the hook before fails", Clusters: two, Spec: oneAfterAnother, Options: logged(map[string]error{"before train-0": errHook}),
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting), Failed: 1, Sent: 0, Log: []string{"before train-0", "after train-0"},
				Runs: map[string]string{"train-0": allOld}, Says: map[string][]string{"train-0": {"cordon failed"}},
			},
		},
		{
			Name: "the gate fails, and the hook after runs", Clusters: two, Spec: oneAfterAnother, Options: logged(map[string]error{"gate train-0": errHook}),
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting), Failed: 1, Sent: 1, Log: []string{"before train-0", "gate train-0", "after train-0"},
				Runs: map[string]string{"train-0": allNew},
			},
		},
		{
			Name: "the update fails, and the hook after runs", Clusters: two, Spec: oneAfterAnother, Options: logged(nil),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.FailLifecycle(New, "exit status 7"); return nil },
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting), Failed: 1, Sent: 1, Log: []string{"before train-0", "after train-0"},
				Runs: map[string]string{"train-0": allOld},
			},
		},
		{
			Name: "the hook after fails", Clusters: two, Spec: oneAfterAnother, Options: logged(map[string]error{"after train-0": errHook}),
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting), Failed: 1, Sent: 1, Log: []string{"before train-0", "gate train-0", "after train-0"},
				Runs: map[string]string{"train-0": allNew}, Says: map[string][]string{"train-0": {"the hook: cordon failed"}},
			},
		},
		{
			Name: "what is taken back ends with the hook after", Clusters: two, Spec: each(oneAfterAnother, onFailure(rollout.UndoAll)), Options: logged(map[string]error{"gate train-0": errHook}),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, waiting), Failed: 1, Sent: 2,
				Log: []string{"before train-0", "gate train-0", "after train-0"},
			},
		},
		{
			Name: "an abort while the hook before runs", Clusters: two, Spec: oneAfterAnother,
			Options: func(b *Bed, o *rollout.Options) {
				o.Before = func(_ context.Context, v rollout.Visit) error {
					b.Log("before %s", v.Cluster)
					<-time.After(10 * time.Minute)
					return nil
				}
				o.After = func(_ context.Context, v rollout.Visit) error { b.Log("after %s", v.Cluster); return nil }
			},
			Orders: []Order{abort(5*time.Minute, rollout.Stop)},
			Want:   Want{Outcome: stopped, Phases: phases(waiting, waiting), Sent: 0, Log: []string{"before train-0", "after train-0"}},
		},
		{
			Name: "a cluster is busy after the hook before", Clusters: two, Spec: each(oneAfterAnother, func(spec *rollout.Spec) { spec.WaitBusy = hour }),
			Options: func(b *Bed, o *rollout.Options) {
				o.Before = func(ctx context.Context, v rollout.Visit) error {
					b.Log("before %s", v.Cluster)
					if v.Cluster == "train-0" {
						return b.Roll(ctx, v.Cluster, Third)
					}
					return nil
				}
			},
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2, Log: []string{"before train-0", "before train-1"}},
		},
	}
}
