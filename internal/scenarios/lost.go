package scenarios

import (
	"context"
	"io"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// lost are rollouts with requests of which nobody knows whether they were accepted.
func lost() []Scenario {
	answerLost := func(_ context.Context, b *Bed) error { b.Srv.Faults().LoseResponse(updateSoftware, 1); return nil }
	requestLost := func(_ context.Context, b *Bed) error {
		b.Srv.Faults().Fail(updateSoftware, 1, io.ErrUnexpectedEOF)
		return nil
	}
	managed := Train(0)
	for i := range managed.Groups {
		managed.Groups[i] = managed.Groups[i].WithDefaultImage()
	}
	publish := func(_ context.Context, b *Bed) error { b.Srv.PublishRelease("1.5.0"); return nil }
	// Nothing tells whether the newest image was sent to groups on HyperPod's own.
	asks := func(s Scenario) Scenario {
		s.Clusters, s.Before, s.Spec = []Cluster{managed}, publish, each(image(hyperpod.ImageVersion{ID: "default"}), s.Spec)
		return s
	}
	nothing := func(*rollout.Spec) {}
	const newest, former = "login=1.5.0 workers=1.5.0", "login=1.4.0 workers=1.4.0"
	return []Scenario{
		{
			Name: "an answer is lost", Clusters: Fleet(2), Planned: answerLost,
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2},
		},
		{
			Name: "an answer is lost, and the client tries again", Clusters: Fleet(2), Planned: answerLost, Retries: true,
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2},
		},
		{
			Name: "all answers are lost", Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().LoseResponse(updateSoftware, -1); return nil },
			Spec: onFailure(rollout.UndoAll), Options: refuses("train-1"),
			Want: Want{Outcome: undone, Phases: phases(takenBack, takenBack, takenBack), Failed: 1, Sent: 6},
		},
		{
			Name: "an answer is lost and the process ends", Clusters: Fleet(1), Planned: answerLost, Orders: []Order{restart(10*time.Second, time.Minute)},
			Want: Want{Outcome: succeeded, Phases: phases(rolled), Sent: 1},
		},
		{
			Name: "an answer is lost, the process ends, and the update is over by the time it is back", Clusters: Fleet(1), Planned: answerLost,
			Orders: []Order{restart(10*time.Second, 5*hour)},
			Want:   Want{Outcome: succeeded, Phases: phases(rolled), Sent: 1},
		},
		{
			Name: "a request is lost on its way", Clusters: Fleet(2), Planned: requestLost, // it counts, though nothing came of it
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 3},
		},
		{
			Name: "a request is lost on its way, and the client tries again", Clusters: Fleet(2), Planned: requestLost, Retries: true,
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 3},
		},
		asks(Scenario{
			Name: "nobody knows, and nobody says", Spec: nothing, Planned: answerLost, Orders: []Order{restart(10*time.Second, hour)},
			Want: Want{
				Outcome: rollout.OutcomeUnderWay, Phases: phases(unknown), Sent: 1, Runs: map[string]string{"train-0": newest},
				Says: map[string][]string{"train-0": {"the same with the update and without it"}},
			},
		}),
		asks(Scenario{
			Name: "nobody knows, and the answer is that it was sent", Spec: nothing, Planned: answerLost,
			Orders: []Order{restart(10*time.Second, hour), answer(rollout.AnswerSent)},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled), Sent: 1, Runs: map[string]string{"train-0": newest},
				Says: map[string][]string{"": {"answered by the operator: sent"}},
			},
		}),
		asks(Scenario{
			Name: "nobody knows, and the answer is that it was not sent", Spec: nothing, Planned: requestLost,
			Orders: []Order{answer(rollout.AnswerNotSent)},
			Want:   Want{Outcome: succeeded, Phases: phases(rolled), Sent: 2, Runs: map[string]string{"train-0": newest}},
		}),
		asks(Scenario{
			Name: "nobody knows, and the answer is that it was sent, which is wrong", Spec: nothing, Planned: requestLost,
			Orders: []Order{answer(rollout.AnswerSent)},
			Want: Want{
				Outcome: stopped, Phases: phases(failed), Failed: 1, Sent: 1, Runs: map[string]string{"train-0": former},
				Says: map[string][]string{"train-0": {"never started"}},
			},
		}),
		asks(Scenario{
			Name: "nobody knows, and the target is given up", Spec: nothing, Planned: requestLost, Orders: []Order{answer(rollout.AnswerGiveUp)},
			Want: Want{
				Outcome: stopped, Phases: phases(failed), Failed: 1, Sent: 1, Runs: map[string]string{"train-0": former},
				Says: map[string][]string{"train-0": {"given up"}},
			},
		}),
	}
}
