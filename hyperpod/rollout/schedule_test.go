package rollout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// fleetOf is a state of one wave of targets that take 45 minutes each and have 4 nodes out.
func fleetOf(targets int, limits Limits) State {
	s := State{
		Version: Version, Waves: []Wave{{Name: "1"}},
		Settings: Settings{Strategies: []Strategy{{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}}}, OnFailure: Stop, Limits: limits},
	}
	for i := range targets {
		s.Targets = append(s.Targets, TargetState{
			Account: []string{"111122223333", "444455556666", "777788889999"}[i%3], Region: []string{"us-west-2", "us-east-1"}[i%2],
			Phase: PhaseWaiting, Groups: []GroupState{inPlace("workers", 4, 4)},
		})
	}
	return s
}

func TestTargetsAreScheduledWithinTheLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		targets int
		limits  Limits
		rounds  int // of 45 minutes
	}{
		"none":               {7, Limits{}, 1},
		"wave":               {7, Limits{Wave: 3}, 3},
		"Region":             {7, Limits{Region: 2}, 2},
		"account":            {7, Limits{Account: 1}, 3},
		"nodes":              {7, Limits{Nodes: 11}, 4},
		"several":            {7, Limits{Wave: 3, Account: 1, Nodes: 8}, 4},
		"no room for any":    {7, Limits{Nodes: 3}, 0},
		"no target":          {0, Limits{}, 0},
		"one after another":  {4, Limits{Wave: 1}, 4},
		"as much as allowed": {6, Limits{Wave: 6, Region: 3, Account: 2, Nodes: 24}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := fleetOf(tt.targets, tt.limits)
			assert.Equal(t, time.Duration(tt.rounds)*updateTime, s.waveTime(0, 1).takes)
			assert.Equal(t, time.Duration(tt.rounds)*updateTime*2, s.waveTime(0, 2).takes, "at half the pace")
		})
	}
}

func TestEstimate(t *testing.T) {
	in := func(nodes, out int32) GroupState { return inPlace("workers", nodes, out) }
	batches := hyperpod.Deployment{Batch: hyperpod.Nodes(2), WaitInterval: 5 * time.Minute}
	for name, tt := range map[string]struct {
		strategy Strategy
		groups   []GroupState
		want     time.Duration
		mutating int
	}{
		"batches":               {Strategy{Deployment: batches}, []GroupState{in(5, 2)}, 100 * time.Minute, 1},
		"one batch":             {Strategy{Deployment: batches}, []GroupState{in(2, 2)}, 30 * time.Minute, 1},
		"the longest group":     {Strategy{Deployment: batches}, []GroupState{in(5, 2), in(4, 2)}, 100 * time.Minute, 1},
		"group after group":     {Strategy{Deployment: batches, OneByOne: true}, []GroupState{in(5, 2), in(4, 2)}, 165 * time.Minute, 2},
		"empty group":           {Strategy{Deployment: batches}, []GroupState{in(0, 0)}, 0, 1},
		"not judged yet":        {Strategy{Deployment: batches}, []GroupState{in(5, 0)}, 45 * time.Minute, 1},
		"replace":               {Strategy{Replace: &Replace{Suffix: "-2"}}, []GroupState{in(5, 0)}, 35 * time.Minute, 2},
		"replace with a canary": {Strategy{Replace: &Replace{Suffix: "-2", Canary: 1}}, []GroupState{in(5, 0)}, 55 * time.Minute, 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := fleetOf(1, Limits{})
			s.Waves[0].Bake = time.Hour
			s.Settings.Strategies[0], s.Targets[0].Groups = tt.strategy, tt.groups
			e := (&Plan{State: s}).Estimate()
			assert.Equal(t, tt.want+time.Hour, e.Duration)
			assert.Equal(t, tt.mutating, e.Mutating)
			assert.Greater(t, e.Reading, tt.mutating)
		})
	}
}

// Nothing to do takes no time, and a check of each target all the same.
func TestEstimateOfNothing(t *testing.T) {
	s := fleetOf(3, Limits{})
	s.Waves[0].Bake = time.Hour
	for i := range s.Targets {
		s.Targets[i].current()
	}
	assert.Equal(t, Estimate{Reading: 3}, (&Plan{State: s}).Estimate())
}

// The estimated end comes closer to the end as targets come to theirs.
func TestEndIsLearnt(t *testing.T) {
	s := planned(20)
	s.Waves[1].Approval, s.Waves[2].Approval = false, false
	s.Settings.Limits.Wave = 3
	whole := &play{t: t, s: s.clone()}
	whole.perform(never)
	require.Equal(t, OutcomeSucceeded, whole.s.Outcome())
	took := whole.s.Ended.Sub(start)
	for _, tt := range []struct{ part, off float64 }{{0.01, 2.5}, {0.2, 0.1}, {0.5, 0.1}, {0.8, 0.1}, {0.99, 0.02}} {
		p := &play{t: t, s: s.clone()}
		p.perform(start.Add(time.Duration(tt.part * float64(took))))
		end, ok := p.s.End()
		require.True(t, ok)
		assert.InDelta(t, took.Hours(), end.Sub(start).Hours(), tt.off*took.Hours(), "after %v", tt.part)
		assert.Equal(t, end, p.s.Totals().End)
		assert.False(t, end.Before(p.s.Now))
	}
	_, ok := whole.s.End()
	assert.False(t, ok, "it has ended")
}

func TestNoEnd(t *testing.T) {
	for name, edit := range map[string]func(s *State){
		"not begun":       func(s *State) { s.Began = time.Time{} },
		"ended":           func(s *State) { s.Ended = s.Now },
		"just loaded":     func(s *State) { s.Now = time.Time{} },
		"paused":          func(s *State) { s.Paused = true },
		"aborted":         func(s *State) { s.Aborted = Stop },
		"asks":            func(s *State) { s.Targets[2].Phase = PhaseUnknown },
		"too many failed": func(s *State) { s.Targets[0].Failed = true },
		"needs approval": func(s *State) {
			s.Waves[1].Began, s.Waves[1].Approved, s.Waves[1].Approval = time.Time{}, time.Time{}, true
		},
		"as it is": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := planned(5)
			s.Waves[1].Approval = false
			p := &play{t: t, s: s}
			p.perform(start.Add(2 * time.Hour))
			if edit != nil {
				edit(&p.s)
			}
			end, ok := p.s.End()
			assert.Equal(t, edit == nil, ok)
			assert.Equal(t, edit != nil, end.IsZero())
		})
	}
}

func BenchmarkEnd(b *testing.B) {
	for name, targets := range map[string]int{"500": 500, "2000": 2000} {
		b.Run(name, func(b *testing.B) {
			s := fleetOf(targets, Limits{Wave: 20, Region: 10})
			s.Began, s.Now = start, start.Add(time.Hour)
			for b.Loop() {
				if _, ok := s.End(); !ok {
					b.Fatal("no end")
				}
			}
		})
	}
}
