package temporalroll

import (
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// PartTargets is how many targets a part has at most.
const PartTargets = 500

// Part is a part of a fleet: targets of one account and Region.
type Part struct {
	// ID is the id of its workflow.
	ID      string `json:"id"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Targets are the indices of its targets in the plan.
	Targets []int `json:"targets"`
	// Waves say for each wave whether the part has targets of it.
	Waves []bool `json:"waves"`
}

// split divides the state of a rollout into parts of at most so many targets, in the order
// in which their targets come. Limits are divided with them, so that all parts together
// keep them.
func split(id string, s *rollout.State, most int) ([]Part, []rollout.State, error) {
	if most <= 0 {
		most = PartTargets
	}
	type place struct{ account, region string }
	open := map[place]int{} // the part that takes more targets
	numbers := map[place]int{}
	var parts []Part
	var states []rollout.State
	for i := range s.Targets {
		t := &s.Targets[i]
		at := place{t.Account, t.Region}
		n, known := open[at]
		if !known || len(parts[n].Targets) >= most {
			n = len(parts)
			open[at] = n
			numbers[at]++
			parts = append(parts, Part{
				ID: fmt.Sprintf("%s/%s/%s/%d", id, t.Account, t.Region, numbers[at]), Account: t.Account, Region: t.Region,
				Waves: make([]bool, len(s.Waves)),
			})
			states = append(states, emptied(s))
		}
		parts[n].Targets = append(parts[n].Targets, i)
		parts[n].Waves[t.Wave] = true
		states[n].Targets = append(states[n].Targets, *t)
	}
	if err := divideLimits(s, parts, states); err != nil {
		return nil, nil, err
	}
	return parts, states, nil
}

// emptied is the state without targets. Every wave but the first waits for the fleet.
func emptied(s *rollout.State) rollout.State {
	part := *s
	part.Targets, part.Timeline = nil, nil
	part.Waves = append([]rollout.Wave(nil), s.Waves...)
	for w := range part.Waves {
		part.Waves[w].Approval = w > 0
	}
	return part
}

// divideLimits gives each part its share of the limits that it has in common with others,
// by the number of its targets.
func divideLimits(s *rollout.State, parts []Part, states []rollout.State) error {
	all := func(Part) string { return "" }
	for _, l := range []struct {
		name   string
		shared func(Part) string // parts of the same value share the limit
		of     func(*rollout.Limits) *int
	}{
		{"Wave", all, func(l *rollout.Limits) *int { return &l.Wave }},
		{"Region", func(p Part) string { return p.Region }, func(l *rollout.Limits) *int { return &l.Region }},
		{"Account", func(p Part) string { return p.Account }, func(l *rollout.Limits) *int { return &l.Account }},
		{"Nodes", all, func(l *rollout.Limits) *int { return &l.Nodes }},
	} {
		limit := *l.of(&s.Settings.Limits)
		if limit <= 0 {
			continue
		}
		groups := map[string][]int{}
		for i, p := range parts {
			groups[l.shared(p)] = append(groups[l.shared(p)], i)
		}
		for _, members := range groups {
			shares, ok := share(limit, members, parts)
			if !ok {
				return fmt.Errorf("Limits.%s is %d and is shared by %d parts, one for each account and Region and %d targets: allow one for each at least, or run it in one process", l.name, limit, len(members), PartTargets)
			}
			for i, member := range members {
				*l.of(&states[member].Settings.Limits) = shares[i]
			}
		}
	}
	return fits(parts, states)
}

// share divides a limit by the number of targets. Everyone has one at least, and together
// they have no more than the limit.
func share(limit int, members []int, parts []Part) ([]int, bool) {
	if limit < len(members) {
		return nil, false
	}
	total := 0
	for _, m := range members {
		total += len(parts[m].Targets)
	}
	spare := limit - len(members)
	shares := make([]int, len(members))
	left := spare
	for i, m := range members {
		shares[i] = 1 + spare*len(parts[m].Targets)/total
		left -= shares[i] - 1
	}
	for i := 0; left > 0; i, left = (i+1)%len(shares), left-1 {
		shares[i]++
	}
	return shares, true
}

// fits refuses shares of Limits.Nodes in which a single group has no room.
func fits(parts []Part, states []rollout.State) error {
	for i := range states {
		limit := states[i].Settings.Limits.Nodes
		if limit <= 0 {
			continue
		}
		for _, t := range states[i].Targets {
			if states[i].Settings.Strategies[t.Strategy].Replace != nil {
				continue
			}
			for _, g := range t.Groups {
				if !g.Skip && int(g.Out) > limit {
					return fmt.Errorf("%s (%s, %s): %d nodes of group %s would be out at the same time, and the share of Limits.Nodes that part %s has is %d: use smaller batches or a higher limit, or run it in one process",
						t.Cluster, t.Account, t.Region, g.Out, g.Name, parts[i].ID, limit)
				}
			}
		}
	}
	return nil
}
