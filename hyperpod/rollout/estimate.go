package rollout

import (
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// What users report of how long operations take; AWS documents no figures. An update of
// software took 30 to 60 minutes and more, instances 5 to 25 minutes to add and 15 to 20
// to remove.
const (
	batchTime   = 30 * time.Minute // one batch of nodes
	updateTime  = 45 * time.Minute // all nodes at once
	addTime     = 20 * time.Minute
	scaleTime   = 20 * time.Minute
	removalTime = 15 * time.Minute
)

// How long half of the operations take at most, as package waiter polls for.
const (
	typicalUpdate = 45 * time.Minute
	typicalChange = 15 * time.Minute
)

// Estimate is what a rollout may take when nothing fails.
type Estimate struct {
	// Duration is from its beginning to its end, the bakes included. What nobody can
	// know beforehand is not: waiting for maintenance windows, approvals and clusters
	// that are busy, hooks, and gates that do not pass at once.
	Duration time.Duration
	// Mutating is how many calls change something, Reading how many do not: the checks of
	// targets and the polls, at the default cadence. Not counted are those that hooks, gates
	// and image checkers make, lists of nodes, and what is sent again.
	Mutating, Reading int
	// Nodes is how many nodes are replaced.
	Nodes int
}

// Estimate reckons what the rollout takes: targets are done one after another as the
// limits allow, each in the time that users report of AWS, which documents none: 30
// minutes for a batch and the wait interval between two, 45 for all nodes at once; with
// [Replace] 20 to add the new groups, 20 to bring them from the canary to their size, and
// 15 to delete the old ones. The size of the instances and their lifecycle scripts may
// halve or double that.
func (p *Plan) Estimate() Estimate {
	s := &p.State
	var e Estimate
	polls := map[phase]int{}
	for i := range s.Targets {
		t := &s.Targets[i]
		e.Reading++
		if t.nothingToDo() {
			continue
		}
		for j := range t.Groups {
			if g := &t.Groups[j]; !g.Skip {
				e.Nodes += int(g.Nodes)
			}
		}
		if s.Settings.Before {
			e.Reading++
		}
		for _, ph := range s.phases(t) {
			if _, known := polls[ph]; !known {
				polls[ph] = pollsOf(ph)
			}
			e.Mutating++
			e.Reading += ph.reads + polls[ph]
		}
	}
	for w := range s.Waves {
		if work := s.waveTime(w, 1); work.changes {
			e.Duration += work.takes + s.Waves[w].Bake
		}
	}
	return e
}

// phase is a change of a target and the wait for its end.
type phase struct {
	takes   time.Duration
	typical time.Duration // what its wait polls for
	out     int           // nodes that are out meanwhile
	reads   int           // calls that the change needs to be made
}

// phases are what is changed in a target that has not begun, in order.
func (s *State) phases(t *TargetState) []phase {
	strategy := s.strategy(t)
	if strategy.Replace != nil {
		phases := []phase{
			{takes: addTime, typical: typicalChange, reads: replaceReads},
			{takes: scaleTime, typical: typicalChange, reads: replaceReads},
			{takes: removalTime, typical: typicalChange, reads: replaceReads},
		}
		if strategy.Replace.Canary == 0 {
			phases[1] = phases[2]
			phases = phases[:2]
		}
		return phases
	}
	forward := *t
	forward.Program = Forward
	var phases []phase
	for _, round := range s.rounds(&forward) {
		ph := phase{typical: typicalUpdate}
		for _, i := range round {
			g := &t.Groups[i]
			ph.out += int(g.Out)
			ph.takes = max(ph.takes, strategy.updateTime(g))
		}
		phases = append(phases, ph)
	}
	return phases
}

// replaceReads are the calls that a change of groups makes before it sends something: a
// description to see what is there, and one by which it is judged.
const replaceReads = 2

// updateTime is how long the update of a group takes in place.
func (s *Strategy) updateTime(g *GroupState) time.Duration {
	switch b := s.Deployment.Batch; {
	case g.Nodes <= 0:
		return 0
	case b == hyperpod.AllAtOnce, b == (hyperpod.Batch{}), g.Out <= 0:
		return updateTime
	default:
		batches := int64((g.Nodes + g.Out - 1) / g.Out)
		return time.Duration(batches*int64(batchTime) + (batches-1)*int64(s.Deployment.WaitInterval))
	}
}

// pollsOf counts the polls of a wait that ends when the phase does.
func pollsOf(ph phase) int {
	cadence := poll.Cadence{Typical: ph.typical}
	polls := 1
	for at := time.Duration(0); at < ph.takes; polls++ {
		at += cadence.Pause(at, poll.Trend{})
	}
	return polls
}
