package rollout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// world is a fleet that answers steps at random, and holds the decider to its promises.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	s       State
	begin   State // as the journal's first snapshot has it
	journal []Entry
	now     time.Time
	running map[int]Step
	out     map[int]int32 // nodes out, by target
	sent    map[string]bool
	begun   map[int]bool
	unruly  bool // controls, crashes, lost answers
}

const (
	before = "ami-0aaaaaaaaaaaaaaaa"
	wanted = "ami-0bbbbbbbbbbbbbbbb"
)

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	one := func(n int) bool { return rng.IntN(n) == 0 }
	set := Settings{
		OnFailure: []Response{Stop, UndoWave, UndoAll}[rng.IntN(3)],
		Budget:    Budget{Wave: rng.IntN(4) - 1, Total: rng.IntN(5) - 1},
		Before:    one(3), After: one(3), Drain: one(2), Gate: one(2),
		Strategies: []Strategy{{OneByOne: one(2)}, {Replace: &Replace{Suffix: "-2", Canary: int32(rng.IntN(2))}}},
	}
	if one(2) {
		set.Limits = Limits{Wave: rng.IntN(4), Region: rng.IntN(4), Account: rng.IntN(4), Nodes: rng.IntN(12)}
	}
	if one(3) {
		set.WaitBusy = time.Duration(rng.IntN(10)) * time.Minute
	}
	w := &world{
		t: t, rng: rng, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), running: map[int]Step{},
		out: map[int]int32{}, sent: map[string]bool{}, begun: map[int]bool{}, unruly: one(2),
	}
	w.s = State{Version: Version, Settings: set}
	waves := 1 + rng.IntN(4)
	for i := range waves {
		w.s.Waves = append(w.s.Waves, Wave{Name: fmt.Sprint(i + 1), Bake: time.Duration(rng.IntN(3)) * time.Hour, Approval: i > 0 && one(8)})
	}
	for i := range waves + rng.IntN(12) {
		target := TargetState{
			Account: fmt.Sprintf("11112222333%d", rng.IntN(2)), Region: fmt.Sprintf("us-west-%d", 1+rng.IntN(2)),
			Cluster: fmt.Sprintf("train-%d", i), Wave: i % waves, Strategy: rng.IntN(2) * rng.IntN(2), Phase: PhaseWaiting,
		}
		for g := range 1 + rng.IntN(3) {
			target.Groups = append(target.Groups, GroupState{RollGroup: hyperpod.RollGroup{
				Name: fmt.Sprintf("g%d", g), Nodes: 8, Target: 8, Out: int32(1 + rng.IntN(4)), CurrentImage: before, DesiredImage: before, Back: hyperpod.AMI(before),
			}, Image: hyperpod.AMI(wanted)})
		}
		w.s.Targets = append(w.s.Targets, target)
	}
	w.begin = w.s.clone()
	w.keep(Change{Kind: ChangeBegun})
	return w
}

// keep applies changes as a runner does.
func (w *world) keep(changes ...Change) {
	e := Entry{Number: uint64(len(w.journal) + 1), Time: w.now, Changes: changes}
	w.journal = append(w.journal, e)
	require.NoError(w.t, w.s.Apply(e))
}

// live runs the rollout to its end.
func (w *world) live() {
	for range 100_000 {
		w.s.Now = w.now
		d := w.decide()
		switch {
		case d.Done:
			require.Empty(w.t, w.running)
			w.keep(Change{Kind: ChangeEnded})
			w.explained()
			return
		case len(d.Steps) > 0:
			w.start(d.Steps)
		default:
			w.pass(d)
		}
	}
	require.Fail(w.t, "the rollout does not end")
}

// decide asks for a decision, and now and then whether it depends on anything else.
func (w *world) decide() Decision {
	if w.rng.IntN(8) > 0 {
		return Next(w.s)
	}
	untouched := w.s.clone()
	d := Next(w.s)
	require.Equal(w.t, d, Next(w.s), "the same state, the same decision")
	require.Equal(w.t, d, Next(untouched), "a state that was kept gives the same decision")
	require.Equal(w.t, untouched, w.s.clone(), "a decision changes nothing")
	return d
}

// start begins steps, and holds them to what the rollout promises.
func (w *world) start(steps []Step) {
	spent := w.s.response() != ""
	var changes []Change
	for _, step := range steps {
		t := &w.s.Targets[step.Target]
		require.NotContains(w.t, w.running, step.Target, "one step at a time")
		if step.Program == Forward && !w.begun[step.Target] {
			w.begun[step.Target] = true
			require.False(w.t, spent, "nothing begins once the budget is spent")
			require.False(w.t, w.s.Paused, "nothing begins in a pause")
			for _, other := range w.s.Targets {
				if other.Wave < t.Wave {
					require.NotContains(w.t, []Phase{PhaseWaiting, PhaseActive, PhaseUnknown}, other.Phase, "waves are one after another")
				}
			}
		}
		if step.Kind.Changes() {
			key := fmt.Sprint(step.Target, step.Program, step.Op)
			require.False(w.t, w.sent[key], "%s was sent already", key)
			w.sent[key] = true
			w.out[step.Target] = step.Out
		}
		w.running[step.Target] = step
		changes = append(changes, Change{Kind: ChangeStarted, Target: step.Target, Step: &Start{Kind: step.Kind, Program: step.Program, Op: step.Op, Out: step.Out}})
	}
	w.keep(changes...)
	w.limits()
}

// limits counts what is out and under way, by what was begun.
func (w *world) limits() {
	l := w.s.Settings.Limits
	nodes := 0
	for _, n := range w.out {
		nodes += int(n)
	}
	if l.Nodes > 0 {
		require.LessOrEqual(w.t, nodes, l.Nodes, "nodes out at once")
	}
	regions, accounts, waves := map[string]int{}, map[string]int{}, map[int]int{}
	for i := range w.running {
		t := &w.s.Targets[i]
		regions[t.Region]++
		accounts[t.Account]++
		waves[t.Wave]++
	}
	for _, n := range regions {
		require.True(w.t, l.Region == 0 || n <= l.Region, "targets in a Region")
	}
	for _, n := range accounts {
		require.True(w.t, l.Account == 0 || n <= l.Account, "targets in an account")
	}
	for _, n := range waves {
		require.True(w.t, l.Wave == 0 || n <= l.Wave, "targets in a wave")
	}
}

// pass lets something happen: a step ends, somebody gives an order, time goes by.
func (w *world) pass(d Decision) {
	if w.unruly && w.rng.IntN(20) == 0 {
		w.meddle()
		return
	}
	if len(w.running) > 0 && (d.Wake.IsZero() || w.rng.IntN(3) > 0) {
		w.now = w.now.Add(time.Duration(w.rng.IntN(600)) * time.Second)
		ids := make([]int, 0, len(w.running))
		for i := range w.running {
			ids = append(ids, i)
		}
		slices.Sort(ids)
		i := ids[w.rng.IntN(len(ids))]
		w.finish(i, w.result(w.running[i]))
		return
	}
	switch {
	case !d.Wake.IsZero():
		if d.Wake.After(w.now) {
			w.now = d.Wake
		}
	case w.s.Paused:
		w.keep(Change{Kind: ChangeResumed})
	case len(d.Asks) > 0:
		w.answer(d.Asks[0])
	default:
		for i := range w.s.Waves {
			if wave := &w.s.Waves[i]; wave.Approval && wave.Approved.IsZero() {
				w.keep(Change{Kind: ChangeApproved, Wave: i})
				return
			}
		}
		require.Fail(w.t, "nothing is under way, and nothing is waited for", "%+v", d)
	}
}

func (w *world) answer(i int) {
	answer := []Answer{AnswerSent, AnswerNotSent, AnswerGiveUp}[w.rng.IntN(3)]
	if answer != AnswerSent {
		w.unsent(i, w.s.Targets[i].Program, w.s.Targets[i].Op)
	}
	if answer == AnswerNotSent {
		w.out[i] = 0
		w.planAnew(i, w.s.Targets[i].Program)
	}
	w.keep(Change{Kind: ChangeAnswered, Target: i, Answer: answer})
}

// unsent allows a change to be sent once more: the first one was not accepted.
func (w *world) unsent(i int, p Program, op int) { delete(w.sent, fmt.Sprint(i, p, op)) }

// planAnew allows the way back to be gone once more: what is back already is left alone.
func (w *world) planAnew(i int, p Program) {
	for op := range 10 {
		if p == Back {
			w.unsent(i, p, op)
		}
	}
}

// meddle crashes the runner or gives an order.
func (w *world) meddle() {
	switch w.rng.IntN(5) {
	case 0:
		clear(w.running)
		w.keep(Change{Kind: ChangeTaken})
	case 1:
		w.keep(Change{Kind: ChangePaused})
	case 2:
		w.keep(Change{Kind: ChangeResumed})
	case 3:
		if w.rng.IntN(20) == 0 {
			w.keep(Change{Kind: ChangeAborted, Response: []Response{Stop, UndoWave, UndoAll}[w.rng.IntN(3)]})
		}
	default:
		w.now = w.now.Add(time.Minute)
	}
}

func (w *world) finish(i int, r Result) {
	step := w.running[i]
	delete(w.running, i)
	switch {
	case step.Kind == StepAwait && !r.Unfinished, step.Kind.Changes() && (r.Kind == ResultBusy || r.Kind == ResultFailed), r.Kind == ResultNotSent:
		w.out[i] = 0
	}
	if step.Kind == StepCheckBack && r.Kind == ResultDone {
		w.out[i] = 0 // it is judged by the cluster at rest
	}
	if step.Kind.Changes() && r.Kind == ResultBusy || r.Kind == ResultNotSent {
		w.unsent(i, step.Program, step.Op)
	}
	if r.Kind == ResultNotSent {
		w.planAnew(i, step.Program)
	}
	w.keep(Change{Kind: ChangeFinished, Target: i, Result: &r})
}

// result is a random end that a step may have.
func (w *world) result(step Step) Result {
	reason := fmt.Sprintf("%s of %s", step.Kind, step.Program)
	n := w.rng.IntN(40)
	if !w.unruly {
		n = 10 + w.rng.IntN(30)
	}
	r := Result{Kind: ResultDone}
	switch {
	case step.Kind == StepFind && n < 5:
		return Result{Kind: ResultUnknown, Reason: reason}
	case step.Kind == StepFind && n < 20:
		return Result{Kind: ResultNotSent}
	case step.Kind == StepFind:
		return r
	case n < 5:
		return Result{Kind: ResultLost}
	case n == 10:
		return Result{Kind: ResultFailed, Reason: reason, Unfinished: step.Kind == StepAwait && w.rng.IntN(2) == 0}
	case n == 12 && step.Kind.Changes():
		return Result{Kind: ResultNotSent, Reason: reason}
	case n == 11 && step.Kind != StepAwait && step.Kind != StepGate:
		return Result{Kind: ResultBusy, Reason: reason}
	}
	if step.Kind != StepCheck && step.Kind != StepCheckBack {
		return r
	}
	for _, g := range step.Groups {
		switch {
		case step.Kind == StepCheck:
			if g.Skip = w.rng.IntN(8) == 0; g.Skip {
				g.Outcome = hyperpod.OutcomeUnchanged.String()
			}
		case g.Sent && w.rng.IntN(4) > 0:
			undo := g.RollGroup
			g.Undo = &undo
		default:
			g.Undo = nil
		}
		r.Groups = append(r.Groups, g)
	}
	return r
}

// explained holds the end to what a report owes.
func (w *world) explained() {
	require.False(w.t, w.s.Ended.IsZero())
	failed, perWave := 0, make([]int, len(w.s.Waves))
	for i := range w.s.Targets {
		t := &w.s.Targets[i]
		require.NotContains(w.t, []Phase{PhaseActive, PhaseUnknown}, t.Phase)
		if t.Failed {
			failed++
			perWave[t.Wave]++
			assert.NotEmpty(w.t, t.Reason)
		}
		if t.Phase == PhaseStuck || t.Phase == PhaseFailed {
			assert.NotEmpty(w.t, t.Reason)
		}
		if t.Phase == PhaseWaiting {
			assert.NotEqual(w.t, OutcomeSucceeded, w.s.Outcome())
			assert.True(w.t, w.s.response() != "" || w.noRoom(), "a target was left out for no reason")
			assert.False(w.t, t.Touched)
		}
		if t.Touched && w.s.response() == UndoAll {
			assert.Contains(w.t, []Phase{PhaseTakenBack, PhaseStuck}, t.Phase)
		}
	}
	replayed := w.begin
	for _, e := range w.journal {
		require.NoError(w.t, replayed.Apply(e))
	}
	w.s.Now = time.Time{}
	require.Equal(w.t, w.s.clone(), replayed.clone(), "the journal gives the state")
}

// noRoom tells whether a target has failed that keeps nodes out for good.
func (w *world) noRoom() bool {
	for i := range w.s.Targets {
		if w.s.Targets[i].Out > 0 {
			return true
		}
	}
	return false
}

func TestDeciderKeepsItsPromises(t *testing.T) {
	for seed := range uint64(400) {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { newWorld(t, seed).live() }) {
			return
		}
	}
}

// A hook that fails says nothing of an update that the service goes on with.
func TestNodesStayOutUntilTheirUpdateEnds(t *testing.T) {
	s := State{Settings: Settings{Strategies: []Strategy{{}}, Before: true, After: true, OnFailure: Stop, Budget: Budget{Wave: 1, Total: 1}}, Waves: []Wave{{Name: "1"}}}
	s.Targets = []TargetState{{Cluster: "train", Phase: PhaseWaiting, Groups: []GroupState{{RollGroup: hyperpod.RollGroup{Name: "g", Nodes: 4, Out: 4}, Image: hyperpod.AMI(wanted)}}}}
	for _, r := range []Result{
		{Kind: ResultDone}, {Kind: ResultDone}, {Kind: ResultDone}, {Kind: ResultDone}, // check, hook, check, update
		{Kind: ResultFailed, Reason: "timed out", Unfinished: true}, // await
		{Kind: ResultFailed, Reason: "no uncordon"},                 // hook
	} {
		d := Next(s)
		require.Len(t, d.Steps, 1)
		require.NoError(t, s.Apply(Entry{Changes: []Change{Started(d.Steps[0]), Finished(d.Steps[0], r)}}))
	}
	assert.Equal(t, PhaseFailed, s.Targets[0].Phase)
	assert.Equal(t, int32(4), s.Targets[0].Out)
	assert.Equal(t, "timed out; the hook after: no uncordon", s.Targets[0].Reason)
}

// The hook after runs once: when it fails it is not run again for the target's failure.
func TestTheHookAfterThatFailsRunsOnce(t *testing.T) {
	s := State{Settings: Settings{Strategies: []Strategy{{}}, After: true, OnFailure: Stop}, Waves: []Wave{{Name: "1"}}}
	s.Targets = []TargetState{{Cluster: "train", Phase: PhaseWaiting, Groups: []GroupState{{RollGroup: hyperpod.RollGroup{Name: "g", Nodes: 4}, Image: hyperpod.AMI(wanted)}}}}
	var kinds []StepKind
	for d := Next(s); !d.Done; d = Next(s) {
		require.Len(t, d.Steps, 1)
		r := Result{Kind: ResultDone}
		if kinds = append(kinds, d.Steps[0].Kind); d.Steps[0].Kind == StepAfter {
			r = Result{Kind: ResultFailed, Reason: "no uncordon"}
		}
		require.NoError(t, s.Apply(Entry{Changes: []Change{Started(d.Steps[0]), Finished(d.Steps[0], r)}}))
	}
	assert.Equal(t, []StepKind{StepCheck, StepUpdate, StepAwait, StepAfter}, kinds)
	assert.Equal(t, PhaseFailed, s.Targets[0].Phase)
}
