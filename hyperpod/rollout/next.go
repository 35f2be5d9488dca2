package rollout

import (
	"fmt"
	"slices"
	"time"
)

// Next says what is to be done now. It is a function of the state alone, [State].Now
// included: the same state gives the same decision, on any machine with the same time
// zone database, and the state is not changed. An engine begins the steps, keeps what
// comes of them by [State.Apply], and asks again.
func Next(s State) Decision {
	if !s.Ended.IsZero() {
		return Decision{Done: true}
	}
	d := newDecider(&s)
	d.goOn()
	d.takeBack()
	d.confirm()
	d.begin()
	d.conclude()
	return d.Decision
}

// decider makes one decision.
type decider struct {
	Decision
	s        *State
	usage    usage
	response Response // empty while the rollout goes forward
	calendar calendar
	window   *ajar // the settings' windows, once asked
	held     int   // steps that wait for nothing but room
	running  bool  // a step is under way
	open     bool  // there is something left to do
}

func newDecider(s *State) *decider {
	d := &decider{s: s, response: s.response(), calendar: newCalendar()}
	d.usage = newUsage(s, d.response)
	return d
}

// goOn goes on with the targets that have begun.
func (d *decider) goOn() {
	for i := range d.s.Targets {
		t := &d.s.Targets[i]
		switch {
		case t.Phase == PhaseUnknown:
			d.Asks = append(d.Asks, i)
			d.wait("%s: it is not known whether the service accepted the request: %s", t.where(), t.Question)
		case t.Phase != PhaseActive:
		case t.Running:
			d.open, d.running = true, true
		default:
			d.resume(i, t)
		}
	}
}

// resume goes on with one target whose last step has ended.
func (d *decider) resume(i int, t *TargetState) {
	o, more := d.s.next(t)
	if !more {
		return
	}
	switch {
	case d.turnsBack(t, o):
		return // to takeBack
	case d.response == "" || t.Program != Forward || t.Touched:
		d.run(i, t, o)
	case t.Hooked:
		d.start(i, t, Leave)
	default: // nothing was changed, and nothing will be
	}
}

// turnsBack tells whether an active target is to be taken back now. What was sent is
// awaited first.
func (d *decider) turnsBack(t *TargetState, o op) bool {
	return !t.Running && t.Program != Back && d.goesBack(t) && o.kind != StepAwait && o.kind != StepFind
}

// run begins a step when its time has come and there is room for it.
func (d *decider) run(i int, t *TargetState, o op) {
	d.open = true
	if t.NotBefore.After(d.s.Now) {
		d.wake(t.NotBefore)
		d.wait("%s: its cluster is busy, or refuses requests for the moment", t.where())
		return
	}
	step := d.s.step(i, o)
	if !d.usage.takesNodes(int(step.Out)) {
		d.held++
		return
	}
	d.Steps = append(d.Steps, step)
}

// start begins a program of a target, if there is room for another one.
func (d *decider) start(i int, t *TargetState, p Program) {
	d.open = true
	if t.Phase != PhaseActive && !d.usage.takesTarget(t) {
		d.held++
		return
	}
	begun := *t
	begun.Program, begun.Op, begun.Detour = p, 0, ""
	o, more := d.s.next(&begun)
	if !more {
		return
	}
	step := d.s.stepOf(i, &begun, o)
	d.Steps = append(d.Steps, step)
}

// goesBack tells whether the response is about the target.
func (d *decider) goesBack(t *TargetState) bool { return d.s.goesBack(t, d.response) }

// takeBack begins to take targets back, the last begun first.
func (d *decider) takeBack() {
	for i := len(d.s.Targets) - 1; i >= 0; i-- {
		t := &d.s.Targets[i]
		switch t.Phase {
		case PhaseActive:
			if o, _ := d.s.next(t); d.turnsBack(t, o) {
				d.start(i, t, Back)
			}
		case PhaseRolled, PhaseFailed:
			if d.goesBack(t) {
				d.start(i, t, Back)
			}
		case PhaseWaiting, PhaseCurrent, PhaseUnknown, PhaseTakenBack, PhaseStuck:
		}
	}
}

// confirm asks the gates of the wave that has baked.
func (d *decider) confirm() {
	w := d.s.lastBegun()
	if w < 0 || d.response != "" {
		return
	}
	wave := &d.s.Waves[w]
	if wave.Rolled.IsZero() || !wave.Ended.IsZero() || !d.s.confirms(w) {
		return
	}
	if baked := wave.Rolled.Add(wave.Bake); baked.After(d.s.Now) {
		return // begin wakes for it
	}
	for i := range d.s.Targets {
		if t := &d.s.Targets[i]; t.Wave == w && t.Phase == PhaseRolled && !t.Confirmed {
			d.start(i, t, Confirm)
		}
	}
}

// begin begins targets of the wave whose turn it is.
func (d *decider) begin() {
	if d.response != "" {
		return
	}
	w, more := d.turn()
	if !more {
		return
	}
	d.open = true
	wave := &d.s.Waves[w]
	switch {
	case d.s.Paused:
		d.wait("paused")
		return
	case w > 0 && wave.Approval && wave.Approved.IsZero():
		d.wait("wave %s waits for its approval", wave.Name)
		return
	}
	for i := range d.s.Targets {
		t := &d.s.Targets[i]
		if t.Wave != w || t.Phase != PhaseWaiting {
			continue
		}
		if d.inWindow(t) {
			d.start(i, t, Forward)
		}
	}
}

// inWindow tells whether a target may begin now, and says when it may otherwise.
func (d *decider) inWindow(t *TargetState) bool {
	var a ajar
	if t.Windows != nil {
		a = d.ajar(t.Windows)
	} else {
		if d.window == nil { // the same for all that have none of their own
			shared := d.ajar(d.s.Settings.Windows)
			d.window = &shared
		}
		a = *d.window
	}
	switch {
	case a.err != nil:
		d.wait("%s: %v", t.where(), a.err)
	case !a.open:
		d.wake(a.next)
		d.wait("the maintenance window opens at %s", a.next.UTC().Format(time.RFC3339))
	}
	return a.open && a.err == nil
}

// ajar is whether windows are open, and until or from when.
type ajar struct {
	open bool
	next time.Time
	err  error
}

func (d *decider) ajar(windows []Window) ajar {
	open, next, err := d.calendar.open(windows, d.s.Now)
	return ajar{open, next, err}
}

// turn is the wave whose targets may begin, and false when there is none: all are over,
// or one is under way that has none left to begin.
func (d *decider) turn() (int, bool) {
	for w := range d.s.Waves {
		wave := &d.s.Waves[w]
		if !wave.Ended.IsZero() {
			continue
		}
		c := d.s.countWave(w)
		if c.targets == 0 {
			continue // a state may hold a part of a rollout
		}
		if wave.Rolled.IsZero() {
			return w, c.waiting > 0
		}
		end, over := d.s.waveEnd(w, c, d.s.Now)
		if over {
			continue
		}
		d.open = true
		if end.After(d.s.Now) {
			d.wake(end)
			d.wait("wave %s bakes until %s", wave.Name, end.Format(time.RFC3339))
		}
		return w, false
	}
	return 0, false
}

// conclude says whether the rollout has come to its end. It has also when all that is
// left waits for room that nobody will make: nodes of targets that failed while the
// service goes on with them.
func (d *decider) conclude() {
	if d.held > 0 {
		d.wait("%d steps wait for room within the limits", d.held)
		if !d.running && len(d.Steps) == 0 && d.Wake.IsZero() {
			d.open = false
		}
	}
	d.Done = !d.open && len(d.Steps) == 0 && len(d.Asks) == 0
}

// wait says what is waited for, each thing once.
func (d *decider) wait(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.Waiting, text) {
		d.Waiting = append(d.Waiting, text)
	}
}

// wake keeps the earliest time that the decision is to be made anew.
func (d *decider) wake(at time.Time) {
	if !at.IsZero() && (d.Wake.IsZero() || at.Before(d.Wake)) {
		d.Wake = at
	}
}
