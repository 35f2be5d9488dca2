package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// What stands in the table often.
const (
	waiting   = rollout.PhaseWaiting
	rolled    = rollout.PhaseRolled
	current   = rollout.PhaseCurrent
	failed    = rollout.PhaseFailed
	unknown   = rollout.PhaseUnknown
	takenBack = rollout.PhaseTakenBack
	stuck     = rollout.PhaseStuck

	succeeded       = rollout.OutcomeSucceeded
	stopped         = rollout.OutcomeStopped
	undone          = rollout.OutcomeTakenBack
	partlyTakenBack = rollout.OutcomePartlyTakenBack

	allOld = "login=old workers=old"
	allNew = "login=new workers=new"
)

func phases(p ...rollout.Phase) []rollout.Phase { return p }

// canary has the first target in a wave of its own.
func canary(spec *rollout.Spec) { spec.Waves = rollout.Percentages(1, 100) }

// each makes one change of a spec of several.
func each(edits ...func(*rollout.Spec)) func(*rollout.Spec) {
	return func(spec *rollout.Spec) {
		for _, edit := range edits {
			edit(spec)
		}
	}
}

func onFailure(r rollout.Response) func(*rollout.Spec) {
	return func(spec *rollout.Spec) { spec.OnFailure = r }
}

func budget(wave, total int) func(*rollout.Spec) {
	return func(spec *rollout.Spec) { spec.Budget = rollout.Budget{Wave: wave, Total: total} }
}

func bake(d time.Duration) func(*rollout.Spec) {
	return func(spec *rollout.Spec) { spec.Bake = d }
}

func strategy(s rollout.Strategy) func(*rollout.Spec) {
	return func(spec *rollout.Spec) { spec.Strategy = s }
}

// oneAfterAnother works on one target at a time.
func oneAfterAnother(spec *rollout.Spec) { spec.Limits.Wave = 1 }

// image brings everything onto another image.
func image(v hyperpod.ImageVersion) func(*rollout.Spec) {
	return func(spec *rollout.Spec) { spec.Images = hyperpod.WantedImages{{Image: v}} }
}

// gate is one that says of a cluster, by its name and how often it was asked of it,
// counted from 1 and anew after the bake, what is wrong.
func gate(say func(cluster string, n int, baked bool) error) func(b *Bed, o *rollout.Options) {
	return func(_ *Bed, o *rollout.Options) {
		var mu sync.Mutex
		asked := map[string]int{}
		o.Gate = func(_ context.Context, v rollout.Visit) error {
			mu.Lock()
			defer mu.Unlock()
			key := fmt.Sprint(v.Cluster, v.Baked)
			asked[key]++
			return say(v.Cluster, asked[key], v.Baked)
		}
	}
}

// refuses is a gate that refuses some clusters.
func refuses(clusters ...string) func(b *Bed, o *rollout.Options) {
	return gate(func(cluster string, _ int, _ bool) error {
		if slices.Contains(clusters, cluster) {
			return rollout.Refuse(errors.New("loss is NaN"))
		}
		return nil
	})
}

// Orders.

func pause(at time.Duration) Order  { return Order{At: at, Kind: OrderPause} }
func resume(at time.Duration) Order { return Order{At: at, Kind: OrderResume} }

func abort(at time.Duration, r rollout.Response) Order {
	return Order{At: at, Kind: OrderAbort, Response: r}
}

func approve(at time.Duration, wave int) Order { return Order{At: at, Kind: OrderApprove, Wave: wave} }

func answer(a rollout.Answer) Order { return Order{At: 2 * hour, Kind: OrderAnswer, Answer: a} }

func restart(at, away time.Duration) Order { return Order{At: at, Kind: OrderRestart, Away: away} }

const (
	hour = time.Hour
	day  = 24 * hour
)
