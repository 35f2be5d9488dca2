package rollout

import "time"

// waveWork is what is left to do in a wave.
type waveWork struct {
	takes   time.Duration
	changes bool // something is changed in it
}

// job is a target in a schedule.
type job struct {
	target *TargetState
	phases []phase
	begun  bool
	ends   time.Duration // of the phase under way
	busy   bool          // a phase is under way
}

// waveTime reckons how long it takes to do what is left of a wave: targets begin in their
// order, as soon as the limits allow. pace is how long things take, as a multiple of what
// is reported of AWS.
func (s *State) waveTime(w int, pace float64) waveWork {
	l := newUsage(&State{Settings: s.Settings, Waves: s.Waves}, "")
	var work waveWork
	var jobs []*job
	for i := range s.Targets {
		t := &s.Targets[i]
		switch {
		case t.Wave != w:
			continue
		case t.Phase == PhaseRolled:
			work.changes = true
		case t.Phase == PhaseWaiting && !t.nothingToDo():
			jobs = append(jobs, &job{target: t, phases: scaled(s.phases(t), pace)})
		case t.Phase == PhaseActive && t.Program == Forward:
			j := &job{target: t, begun: true, phases: []phase{{takes: s.leftOf(t, pace), out: int(t.Out)}}}
			l.add(t)
			jobs = append(jobs, j)
		}
	}
	work.changes = work.changes || len(jobs) > 0
	for len(jobs) > 0 {
		for _, j := range jobs {
			j.begin(&l, work.takes)
		}
		next, some := nextEnd(jobs)
		if !some {
			break // what is left never finds room
		}
		work.takes = next
		left := jobs[:0]
		for _, j := range jobs {
			if !j.end(&l, next) {
				left = append(left, j)
			}
		}
		jobs = left
	}
	return work
}

// begin begins the job's next phase if there is room for it.
func (j *job) begin(l *usage, now time.Duration) {
	if j.busy || !j.begun && !l.takesTarget(j.target) {
		return
	}
	j.begun = true
	if l.takesNodes(j.phases[0].out) {
		j.busy, j.ends = true, now+j.phases[0].takes
	}
}

// end ends the job's phase if its time has come, and tells whether it was the last.
func (j *job) end(l *usage, now time.Duration) bool {
	if !j.busy || j.ends > now {
		return false
	}
	l.nodes -= j.phases[0].out
	j.busy, j.phases = false, j.phases[1:]
	if len(j.phases) > 0 {
		return false
	}
	l.waves[j.target.Wave]--
	l.regions[j.target.Region]--
	l.account[j.target.Account]--
	return true
}

// nextEnd is when the next phase ends, and false when none is under way.
func nextEnd(jobs []*job) (time.Duration, bool) {
	var next time.Duration
	some := false
	for _, j := range jobs {
		if j.busy && (!some || j.ends < next) {
			next, some = j.ends, true
		}
	}
	return next, some
}

func scaled(phases []phase, pace float64) []phase {
	for i := range phases {
		phases[i].takes = time.Duration(float64(phases[i].takes) * pace)
	}
	return phases
}

// leftOf is how long a target that has begun will take from now.
func (s *State) leftOf(t *TargetState, pace float64) time.Duration {
	whole := float64(s.targetTime(t)) * pace
	return max(0, time.Duration(whole)-s.Now.Sub(t.Began))
}

// targetTime is how long a target takes by itself, by what is reported of AWS.
func (s *State) targetTime(t *TargetState) time.Duration {
	var sum time.Duration
	for _, ph := range s.phases(t) {
		sum += ph.takes
	}
	return sum
}

// End estimates at State.Now when the rollout ends: what is left takes as [Plan.Estimate]
// has it, made slower or faster by how the targets rolled so far came out of that, and
// the bakes. Waiting for maintenance windows, and for approvals of waves whose turn has
// not come, is not counted.
//
// There is none, and ok is false, before the rollout has begun and after its end, while
// Now is zero, as it is in a state that was just loaded, while it is paused, a wave whose
// turn has come waits for its approval, or a target asks for an [Answer], and while
// targets are being taken back or the rollout has been stopped.
func (s *State) End() (end time.Time, ok bool) {
	if s.Now.IsZero() || s.Began.IsZero() || !s.Ended.IsZero() || s.Paused || s.response() != "" {
		return time.Time{}, false
	}
	for i := range s.Targets {
		if s.Targets[i].Phase == PhaseUnknown {
			return time.Time{}, false
		}
	}
	pace := s.pace()
	end = s.Now
	turn := true // of the first wave that is not over
	for w := range s.Waves {
		wave := &s.Waves[w]
		switch {
		case !wave.Ended.IsZero():
			continue
		case !wave.Rolled.IsZero():
			if baked := wave.Rolled.Add(wave.Bake); baked.After(end) {
				end = baked
			}
			turn = false
			continue
		case turn && w > 0 && wave.Approval && wave.Approved.IsZero():
			return time.Time{}, false
		}
		turn = false
		if work := s.waveTime(w, pace); work.changes {
			end = end.Add(work.takes + wave.Bake)
		}
	}
	return end, true
}

// pace is how long the targets rolled so far took, as a multiple of what is reported of
// AWS; 1 before the first.
func (s *State) pace() float64 {
	var took, reported time.Duration
	for i := range s.Targets {
		if t := &s.Targets[i]; !t.Rolled.IsZero() {
			took += t.Rolled.Sub(t.Began)
			reported += s.targetTime(t)
		}
	}
	if took <= 0 || reported <= 0 {
		return 1
	}
	return float64(took) / float64(reported)
}
