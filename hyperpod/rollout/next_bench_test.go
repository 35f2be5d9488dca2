package rollout

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// midway is a rollout of targets of 4 groups, of which every other one of the second wave
// is under way.
func midway(b *testing.B, targets int) State {
	b.Helper()
	at := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	s := State{Version: Version, Settings: Settings{Strategies: []Strategy{{}}, OnFailure: UndoAll, Gate: true, Limits: Limits{Region: targets, Nodes: 1 << 20}}}
	for w := range 5 {
		s.Waves = append(s.Waves, Wave{Name: fmt.Sprint(w), Bake: time.Hour})
	}
	for i := range targets {
		t := TargetState{Account: "111122223333", Region: "us-west-2", Cluster: fmt.Sprintf("train-%d", i), Wave: i * 5 / targets, Phase: PhaseWaiting}
		for g := range 4 {
			t.Groups = append(t.Groups, GroupState{RollGroup: hyperpod.RollGroup{Name: fmt.Sprintf("g%d", g), Nodes: 8, Out: 8, CurrentImage: before}, Image: hyperpod.AMI(wanted)})
		}
		if t.Wave == 0 {
			t.Phase, t.Program, t.Confirmed = PhaseRolled, Confirm, true
		}
		s.Targets = append(s.Targets, t)
	}
	s.Waves[0].Began, s.Waves[0].Rolled, s.Waves[0].Ended = at, at, at
	s.Now = at.Add(time.Hour)
	for i, step := range Next(s).Steps {
		if i%2 == 0 {
			require.NoError(b, s.Apply(Entry{Time: s.Now, Changes: []Change{{Kind: ChangeStarted, Target: step.Target, Step: &Start{Kind: step.Kind, Program: step.Program, Op: step.Op}}}}))
		}
	}
	return s
}

func BenchmarkNext(b *testing.B) {
	for _, targets := range []int{500, 2000} {
		b.Run(fmt.Sprintf("%d targets", targets), func(b *testing.B) {
			s := midway(b, targets)
			b.ReportAllocs()
			for b.Loop() {
				Next(s)
			}
		})
	}
}

func BenchmarkApply(b *testing.B) {
	s := midway(b, 500)
	step := Next(s).Steps[0]
	start := Entry{Time: s.Now, Changes: []Change{{Kind: ChangeStarted, Target: step.Target, Step: &Start{Kind: step.Kind, Program: step.Program, Op: step.Op}}}}
	lost := Entry{Time: s.Now, Changes: []Change{{Kind: ChangeFinished, Target: step.Target, Result: &Result{Kind: ResultLost}}}}
	for b.Loop() {
		if s.Apply(start) != nil || s.Apply(lost) != nil {
			b.Fatal("the entries do not fit")
		}
	}
}
