package rollout

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// play is a rollout whose steps are answered by a script instead of a service.
type play struct {
	t *testing.T
	s State
	// answer says how a step ends and how long it takes. Nil, and a result without a kind,
	// mean that it goes well.
	answer func(step Step) (Result, time.Duration)
	number uint64
}

// perform runs the rollout to its end, or until it is over a time, or waits for somebody.
func (p *play) perform(until time.Time) {
	p.t.Helper()
	type underWay struct {
		step   Step
		result Result
		ends   time.Time
	}
	var steps []underWay
	if p.s.Now.IsZero() {
		p.s.Now = start
		p.keep(Change{Kind: ChangeBegun})
	}
	for {
		d := Next(p.s)
		if d.Done {
			p.keep(Change{Kind: ChangeEnded})
			return
		}
		for _, step := range d.Steps {
			p.keep(Change{Kind: ChangeStarted, Target: step.Target, Step: &Start{Kind: step.Kind, Program: step.Program, Op: step.Op, Out: step.Out}})
			result, takes := p.outcome(step)
			steps = append(steps, underWay{step, result, p.s.Now.Add(takes)})
		}
		next := -1
		for i := range steps {
			if next < 0 || steps[i].ends.Before(steps[next].ends) {
				next = i
			}
		}
		wakes := !d.Wake.IsZero() && (next < 0 || d.Wake.Before(steps[next].ends))
		switch {
		case wakes && d.Wake.After(until), !wakes && next >= 0 && steps[next].ends.After(until):
			p.s.Now = until
			return
		case wakes:
			p.s.Now = d.Wake
		case next < 0:
			return // somebody has to say something
		default:
			p.s.Now = steps[next].ends
			p.keep(Change{Kind: ChangeFinished, Target: steps[next].step.Target, Result: &steps[next].result})
			steps = append(steps[:next], steps[next+1:]...)
		}
	}
}

func (p *play) keep(c Change) {
	p.t.Helper()
	p.number++
	require.NoError(p.t, p.s.Apply(Entry{Number: p.number, Time: p.s.Now, Changes: []Change{c}}))
}

// outcome is what a step comes to.
func (p *play) outcome(step Step) (Result, time.Duration) {
	takes := 2 * time.Second
	if step.Kind == StepAwait {
		takes = 37*time.Minute + time.Duration(step.Target%5)*time.Minute
	}
	if p.answer != nil {
		result, other := p.answer(step)
		if other > 0 {
			takes = other
		}
		if result.Kind != "" {
			return result, takes
		}
	}
	r := Result{Kind: ResultDone}
	for _, g := range step.Groups {
		switch {
		case step.Kind == StepCheckBack && g.Sent:
			g.Undo = &hyperpod.RollGroup{Name: g.Name, Nodes: g.Nodes, Target: g.Target, Out: g.Out}
		case step.Kind == StepAwait && step.Program == Back:
			g.Outcome = hyperpod.OutcomeTakenBack.String()
		case step.Kind == StepAwait && step.Awaited == StepDelete:
			g.Outcome, g.Detail = "replaced", "by group "+g.New
		case step.Kind == StepAwait && step.Awaited == StepUpdate:
			g.Outcome = hyperpod.OutcomeOnImage.String()
		default:
			continue
		}
		r.Groups = append(r.Groups, g)
	}
	return r, takes
}

const (
	oldAMI = "ami-0123456789abcdef0"
	midAMI = "ami-0fedcba9876543210"
)

// planned is a state of clusters train-0, train-1 and so on: the first is the canary, the
// others are divided into two waves. Each has 8 workers and a login node.
func planned(clusters int) State {
	s := State{
		Version: Version, Name: "golden AMI of March",
		Settings: Settings{
			Strategies: []Strategy{{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(25), WaitInterval: 10 * time.Minute, Alarms: []string{"loss-nan"}}}},
			OnFailure:  UndoWave, Gate: true,
		},
		Waves: []Wave{{Name: "canary", Bake: time.Hour}, {Name: "half", Bake: time.Hour, Approval: true}, {Name: "rest", Approval: true}},
	}
	for i := range clusters {
		t := TargetState{
			Account: []string{"111122223333", "444455556666"}[i%2], Region: []string{"us-west-2", "eu-central-1", "us-east-1"}[i%3],
			Cluster: fmt.Sprintf("train-%d", i), Phase: PhaseWaiting, Wave: min(i, 1),
			Groups: []GroupState{inPlace("login", 1, 1), inPlace("workers", 8, 2)},
		}
		if i > clusters/2 {
			t.Wave = 2
		}
		s.Targets = append(s.Targets, t)
	}
	return s
}

func inPlace(name string, nodes, out int32) GroupState {
	return GroupState{
		RollGroup: hyperpod.RollGroup{
			Name: name, Nodes: nodes, Target: nodes, Out: out, CurrentImage: oldAMI, DesiredImage: oldAMI, Back: hyperpod.AMI(oldAMI),
		},
		Image: hyperpod.AMI(midAMI),
	}
}

// current has the target run the image already.
func (t *TargetState) current() {
	for i := range t.Groups {
		g := &t.Groups[i]
		g.CurrentImage, g.DesiredImage, g.Skip, g.Outcome = midAMI, midAMI, true, hyperpod.OutcomeUnchanged.String()
	}
}

func (p *play) approve(wave int) { p.keep(Change{Kind: ChangeApproved, Wave: wave, By: "Ada"}) }

var never = start.AddDate(1, 0, 0)
