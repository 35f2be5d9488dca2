package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// hows are the ways in which targets are changed, in words and each once, and the letter
// of each strategy's. There are no letters when there is one way only.
func (s *State) hows() (hows, letters []string) {
	letters = make([]string, len(s.Settings.Strategies))
	used := make([]bool, len(letters))
	for i := range s.Targets {
		used[s.Targets[i].Strategy] = true
	}
	at := make([]int, len(letters))
	for i := range s.Settings.Strategies {
		if !used[i] {
			continue
		}
		how := s.how(&s.Settings.Strategies[i])
		if at[i] = slices.Index(hows, how); at[i] < 0 {
			at[i] = len(hows)
			hows = append(hows, how)
		}
	}
	if len(hows) > 1 {
		for i := range letters {
			letters[i] = letter(at[i])
		}
	}
	return hows, letters
}

// how says in words how a target is changed.
func (s *State) how(strategy *Strategy) string {
	if r := strategy.Replace; r != nil {
		how := fmt.Sprintf("replace: each group by a new one, named with %q at the end", r.Suffix)
		if r.Canary > 0 {
			how += fmt.Sprintf(", first %s of it as a canary, then all", counted(r.Canary, "instance"))
		}
		then := ", then the old one is deleted"
		if s.Settings.Drain {
			then = ", then the drain hook, then the old one is deleted"
		}
		return printable(how + then)
	}
	d := strategy.Deployment
	how := "in place: "
	if d.Batch == hyperpod.AllAtOnce || d.Batch == (hyperpod.Batch{}) {
		how += "all nodes of a group at once, not drained"
	} else {
		how += fmt.Sprintf("%s of a group at a time", d.Batch)
	}
	if d.RollbackBatch != d.Batch && d.RollbackBatch != (hyperpod.Batch{}) {
		how += fmt.Sprintf(", rolled back %s at a time", d.RollbackBatch)
	}
	if d.WaitInterval > 0 {
		how += fmt.Sprintf(", %s between batches", exactly(d.WaitInterval))
	}
	if len(d.Alarms) > 0 {
		how += ", watching " + strings.Join(d.Alarms, ", ")
	}
	if strategy.OneByOne {
		how += "; one group of a cluster after another"
	} else {
		how += "; the groups of a cluster together"
	}
	if strategy.Force {
		how += "; what the service is known to refuse is sent all the same"
	}
	return printable(how)
}

// rules say in words what holds for the whole rollout.
func (s *State) rules() [][2]string {
	set := &s.Settings
	rules := [][2]string{{"each target", strings.Join(s.course(), ", ")}}
	var limits []string
	for _, limit := range []struct {
		n    int
		what string
	}{
		{set.Limits.Wave, "target|"}, {set.Limits.Region, "target| of a Region"}, {set.Limits.Account, "target| of an account"}, {set.Limits.Nodes, "node| out"},
	} {
		if limit.n > 0 {
			noun, of, _ := strings.Cut(limit.what, "|")
			limits = append(limits, counted(limit.n, noun)+of)
		}
	}
	if len(limits) == 0 {
		limits = []string{"all targets of a wave, with no limit"}
	}
	rules = append(rules, [2]string{"at the same time", strings.Join(limits, ", ")})
	if windows := s.windowWords(); windows != "" {
		rules = append(rules, [2]string{"windows", windows})
	}
	if bakes := s.bakeWords(); bakes != "" {
		rules = append(rules, [2]string{"after a wave", bakes})
	}
	rules = append(rules, [2]string{"failures", s.budgetWords()})
	busy := "fails its target"
	if set.WaitBusy > 0 {
		busy = "is waited for, up to " + exactly(set.WaitBusy)
	}
	return append(rules,
		[2]string{"a busy cluster", busy},
		[2]string{"root volumes", "are replaced, and what is on them is lost"},
	)
}

// course is what happens to each target, in order.
func (s *State) course() []string {
	course := []string{"check"}
	if s.Settings.Before {
		course = append(course, "hook before")
	}
	course = append(course, "change", "proof")
	if s.Settings.Gate {
		course = append(course, "gate")
	}
	if s.Settings.After {
		course = append(course, "hook after")
	}
	return course
}

func (s *State) windowWords() string {
	var words []string
	for _, w := range s.Settings.Windows {
		words = append(words, w.String())
	}
	text := strings.Join(words, "; ")
	own := 0
	for i := range s.Targets {
		if s.Targets[i].Windows != nil {
			own++
		}
	}
	if own == 0 {
		return text
	}
	if text != "" {
		text += "; "
	}
	have := "have their own"
	if own == 1 {
		have = "has its own"
	}
	return text + counted(own, "target") + " " + have
}

func (s *State) bakeWords() string {
	bakes := slices.ContainsFunc(s.Waves, func(w Wave) bool { return w.Bake > 0 })
	switch {
	case bakes && s.Settings.Gate:
		return "a bake, then the gate of each of its targets once more"
	case bakes:
		return "a bake"
	default:
		return ""
	}
}

func (s *State) budgetWords() string {
	b := s.Settings.Budget
	then := map[Response]string{
		Stop: "no further target begins, and what was changed stays", UndoWave: "the wave is taken back", UndoAll: "all that was changed is taken back",
	}[s.Settings.OnFailure]
	number := func(n int) string {
		switch {
		case n < 0:
			return "any number"
		case n == 0:
			return "none"
		default:
			return fmt.Sprint(n)
		}
	}
	switch {
	case b.Wave < 0 && b.Total < 0:
		return "any number may fail"
	case b.Wave == 0 || b.Total == 0:
		return "none is allowed; at the first " + then
	default:
		return fmt.Sprintf("%s of a wave and %s in all may fail; at one more %s", number(b.Wave), number(b.Total), then)
	}
}

// unreckoned is what an estimate leaves out that this rollout has.
func (s *State) unreckoned() []string {
	var more []string
	if s.windowWords() != "" {
		more = append(more, "maintenance windows")
	}
	if slices.ContainsFunc(s.Waves[min(1, len(s.Waves)):], func(w Wave) bool { return w.Approval }) {
		more = append(more, "approvals")
	}
	if s.Settings.Before || s.Settings.After || s.Settings.Drain {
		more = append(more, "hooks")
	}
	if s.Settings.Gate {
		more = append(more, "gates that do not pass at once")
	}
	return more
}
