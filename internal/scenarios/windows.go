package scenarios

import (
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// windows are rollouts that may begin targets at some times only. Bubbles begin at midnight
// UTC on a Saturday, and a fleet is there within the first hours.
func windows() []Scenario {
	nightly := func(start string, d time.Duration) []rollout.Window {
		return []rollout.Window{{Zone: "UTC", Start: start, Duration: d}}
	}
	opens := func(w []rollout.Window) func(*rollout.Spec) {
		return func(spec *rollout.Spec) { spec.Windows = w }
	}
	return []Scenario{
		{
			Name: "the window is closed and opens later", Spec: opens(nightly("20:00", 2*hour)),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Check: func(s rollout.State) []string { return atHour(s, 0, 20, 0) },
			},
		},
		{
			Name: "the window closes in the middle, and what has begun goes on", Spec: each(oneAfterAnother, opens(nightly("20:00", 40*time.Minute))),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Check: func(s rollout.State) []string {
					d := append(atHour(s, 0, 20, 0), atHour(s, 1, 20, 0)...)
					if end := s.Targets[1].Ended; end.Hour() != 20 || end.Minute() < 45 {
						d = append(d, "the second did not go on when the window closed, it ended "+end.String())
					}
					return append(d, atHour(s, 2, 20, 1)...)
				},
			},
		},
		{
			Name: "a target has windows of its own",
			Spec: func(spec *rollout.Spec) {
				spec.Windows = nightly("20:00", 2*hour)
				spec.Targets[1].Windows = nightly("22:00", 2*hour)
			},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Check: func(s rollout.State) []string { return append(atHour(s, 0, 20, 0), atHour(s, 1, 22, 0)...) },
			},
		},
		{
			Name: "nothing waits for a window to be taken back", Spec: each(canary, opens(nightly("20:00", 10*time.Minute)), onFailure(rollout.UndoAll)), Options: refuses("train-0"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, waiting, waiting), Failed: 1, Sent: 2,
				Check: func(s rollout.State) []string {
					if took := s.Ended.Sub(s.Targets[0].Began); took > 2*hour {
						return []string{"it was taken back after " + took.String()}
					}
					return nil
				},
			},
		},
		{
			Name: "no window will open before the abort", Spec: opens([]rollout.Window{{Zone: "Europe/Berlin", Days: []time.Weekday{time.Wednesday}, Start: "02:30", Duration: hour}}),
			Orders: []Order{abort(3*hour, rollout.UndoAll)},
			Want:   Want{Outcome: undone, Phases: phases(waiting, waiting, waiting), Sent: 0},
		},
	}
}

// atHour tells whether a target began at another time of day than it was to, days after
// the rollout did.
func atHour(s rollout.State, target, hour, days int) []string {
	began := s.Targets[target].Began.UTC()
	want := time.Date(s.Began.Year(), s.Began.Month(), s.Began.Day()+days, hour, 0, 0, 0, time.UTC)
	if began.Before(want) || began.After(want.Add(40*time.Minute)) {
		return []string{s.Targets[target].Cluster + " began at " + began.String() + ", want " + want.String()}
	}
	return nil
}
