package rollout

import (
	"slices"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// op is a place in a program.
type op struct {
	kind  StepKind
	round int
	// awaited is the change whose end a StepAwait waits for, and that a detour is about.
	awaited StepKind
}

// ops is the program that the target is in. It depends on what has been learnt of the
// groups, but never changes before the place that the target has reached.
func (s *State) ops(t *TargetState) []op {
	set := &s.Settings
	var ops []op
	add := func(kinds ...StepKind) {
		for _, k := range kinds {
			ops = append(ops, op{kind: k})
		}
	}
	change := func(kind StepKind, round int) {
		ops = append(ops, op{kind: kind, round: round}, op{kind: StepAwait, round: round, awaited: kind})
	}
	gate := func() {
		if set.Gate {
			add(StepGate)
		}
	}
	replace := s.strategy(t).Replace
	switch t.Program {
	case Forward:
		add(StepCheck)
		if set.Before {
			add(StepBefore, StepCheck)
		}
		if replace != nil {
			change(StepAdd, 0)
			gate()
			if replace.Canary > 0 {
				change(StepScale, 0)
				gate()
			}
			if set.Drain {
				add(StepDrain)
			}
			change(StepDelete, 0)
		} else {
			for i := range s.rounds(t) {
				change(StepUpdate, i)
			}
			gate()
		}
		if set.After {
			add(StepAfter)
		}
	case Confirm:
		add(StepGate)
	case Leave:
		add(StepAfter)
	case Back:
		add(StepCheckBack)
		if replace != nil {
			change(StepDelete, 0)
		} else {
			for i := range s.rounds(t) {
				change(StepUpdate, i)
			}
		}
		if t.Hooked {
			add(StepAfter)
		}
	}
	return ops
}

func (s *State) strategy(t *TargetState) *Strategy { return &s.Settings.Strategies[t.Strategy] }

// rounds are the groups of the target, by index, that are changed by one request each.
// With Replace all are.
func (s *State) rounds(t *TargetState) [][]int {
	strategy := s.strategy(t)
	var rounds [][]int
	images := map[hyperpod.Image]int{}
	for i := range t.Groups {
		g := &t.Groups[i]
		image, concerned := g.Image, !g.Skip
		if t.Program == Back {
			image, concerned = g.Back, g.Undo != nil
		}
		if !concerned {
			continue
		}
		if strategy.Replace != nil {
			image = hyperpod.Image{} // one request, whatever the images
		}
		at, known := images[image]
		if !known || strategy.OneByOne && strategy.Replace == nil {
			at = len(rounds)
			images[image] = at
			rounds = append(rounds, nil)
		}
		rounds[at] = append(rounds[at], i)
	}
	return rounds
}

// concerned are the groups, by index, that a step is about.
func (s *State) concerned(t *TargetState, o op) []int {
	if !o.kind.Changes() && o.awaited == "" {
		return span(0, len(t.Groups))
	}
	rounds := s.rounds(t)
	if o.round >= len(rounds) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(rounds[o.round]), func(i int) bool {
		return t.Program == Forward && t.Groups[i].Outcome == hyperpod.OutcomeUnchanged.String()
	})
}

// next is the step that the target comes to next, and false at the end of its program.
func (s *State) next(t *TargetState) (op, bool) {
	ops := s.ops(t)
	if t.Op >= len(ops) {
		return op{}, false
	}
	o := ops[t.Op]
	if t.Detour == "" {
		return o, true
	}
	return op{kind: t.Detour, round: o.round, awaited: o.kind}, true
}

// step is the whole of what an executor needs for it.
func (s *State) step(i int, o op) Step { return s.stepOf(i, &s.Targets[i], o) }

// stepOf is step for the target as it will be in another program.
func (s *State) stepOf(i int, t *TargetState, o op) Step {
	step := Step{
		Target: i, Kind: o.kind, Program: t.Program, Op: t.Op, Awaited: o.awaited,
		Account: t.Account, Region: t.Region, Cluster: t.Cluster, Name: t.Cluster, Wave: t.Wave,
		Strategy: *s.strategy(t), Baked: t.Program == Confirm,
	}
	if t.ARN != "" {
		step.Cluster = t.ARN
	}
	for _, at := range s.concerned(t, o) {
		step.Groups = append(step.Groups, t.Groups[at])
	}
	if o.kind == StepAwait || o.kind == StepFind {
		step.Requested = t.Requested
	}
	if o.kind == StepUpdate || o.awaited == StepUpdate && o.kind != StepCheck {
		step.Roll = s.roll(t, step.Groups)
	}
	if o.kind == StepUpdate {
		for _, g := range step.Roll.Groups {
			step.Out += g.Out
		}
	}
	return step
}

// roll is the plan for groups that are sent together, forward or back.
func (s *State) roll(t *TargetState, groups []GroupState) *hyperpod.RollPlan {
	p := &hyperpod.RollPlan{Cluster: t.Cluster, ARN: t.ARN, Deployment: s.strategy(t).deployment(t.Program), KeepDone: true}
	for _, g := range groups {
		if t.Program == Back {
			p.Image, p.Groups = g.Back, append(p.Groups, *g.Undo)
		} else {
			p.Image, p.Groups = g.Image, append(p.Groups, g.RollGroup)
		}
	}
	return p
}

// deployment is how the nodes of a target are replaced. On the way back nothing watches
// alarms or waits between batches: an alarm that still fires would stop it.
func (s *Strategy) deployment(p Program) hyperpod.Deployment {
	switch d := s.Deployment; {
	case p != Back:
		return d
	case d.RollbackBatch != (hyperpod.Batch{}):
		return hyperpod.Deployment{Batch: d.RollbackBatch}
	default:
		return hyperpod.Deployment{Batch: d.Batch}
	}
}
