package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// With more targets than mostTargets a report names those of which there is something to
// say, and counts the others. Of more than mostMoments moments it shows the first and the
// last.
const (
	mostTargets  = 40
	mostMoments  = 80
	firstMoments = 20
)

func (r *Report) large() bool { return len(r.Targets) > mostTargets }

// where names the target for people.
func (t *TargetReport) where() string {
	return fmt.Sprintf("%s (%s, %s)", t.Cluster, t.Account, t.Region)
}

// troubled tells whether somebody has to look at the target.
func (t *TargetReport) troubled() bool {
	return t.Phase == PhaseFailed || t.Phase == PhaseUnknown || t.Phase == PhaseStuck
}

// named tells whether a large report names the target.
func (t *TargetReport) named() bool {
	return t.troubled() || t.Failed || t.Phase == PhaseTakenBack
}

// phase is the target's phase in words.
func (t *TargetReport) phase() string {
	if t.Failed && t.Phase != PhaseFailed {
		return "failed and " + string(t.Phase)
	}
	return string(t.Phase)
}

// took is how long the target took to be rolled, whatever came later, or else to fail
// and, where it was, to be taken back.
func (t *TargetReport) took() string {
	switch {
	case t.Phase == PhaseCurrent, t.Phase == PhaseUnknown:
		return ""
	case !t.Rolled.IsZero():
		return elapsed(t.Began, t.Rolled)
	default:
		return elapsed(t.Began, t.Ended)
	}
}

func (t *TargetReport) nodes() string {
	nodes := int32(0)
	for _, g := range t.Groups {
		nodes += g.Nodes
	}
	return fmt.Sprint(nodes)
}

// images are the images before and after, each pair once.
func (t *TargetReport) images() string {
	var pairs []string
	for _, g := range t.Groups {
		if pair := fromTo(g.Before, g.Image); !slices.Contains(pairs, pair) {
			pairs = append(pairs, pair)
		}
	}
	const most = 2
	if more := len(pairs) - most; more > 0 {
		pairs = append(pairs[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(pairs, ", ")
}

func fromTo(before string, image hyperpod.Image) string {
	if before == image.String() {
		return before
	}
	return cmp.Or(before, "unknown") + " -> " + image.String()
}

// facts are the first lines of the report.
func (r *Report) facts() []string {
	var facts []string
	switch {
	case r.Began.IsZero():
	case !r.Ended.IsZero():
		facts = append(facts, fmt.Sprintf("began %s UTC, ended %s UTC, took %s", stamp(r.Began), stamp(r.Ended), elapsed(r.Began, r.Ended)))
	case !r.Totals.End.IsZero():
		facts = append(facts, fmt.Sprintf("began %s UTC, may end %s UTC", stamp(r.Began), stamp(r.Totals.End)))
	default:
		facts = append(facts, fmt.Sprintf("began %s UTC", stamp(r.Began)))
	}
	targets := counted(len(r.Targets), "target") + ": " + strings.Join(countPhases(r.Targets, (*TargetReport).phase), ", ")
	facts = append(facts, targets)
	if does := r.Response.words(!r.Ended.IsZero()); does != "" && !r.Began.IsZero() {
		facts = append(facts, does)
	}
	if r.Paused {
		facts = append(facts, "paused: nothing new is begun")
	}
	return facts
}

// words say what a response does, or did.
func (r Response) words(over bool) string {
	was, were := "is", "are"
	if over {
		was, were = "was", "were"
	}
	switch r {
	case Stop:
		return fmt.Sprintf("no further target %s begun, and what had been changed stays", was)
	case UndoWave:
		return fmt.Sprintf("no further target %s begun, and those of the wave under way %s taken back", was, were)
	case UndoAll:
		return fmt.Sprintf("no further target %s begun, and all that had been changed %s taken back", was, were)
	default:
		return ""
	}
}

// standing is the outcome in words.
func (r *Report) standing() string {
	if r.Began.IsZero() {
		return "not begun"
	}
	return string(r.Outcome)
}

// countPhases counts targets by what is said of them, in the order of first mention.
func countPhases(targets []TargetReport, of func(*TargetReport) string) []string {
	counts := map[string]int{}
	var phases []string
	for i := range targets {
		phase := of(&targets[i])
		if counts[phase]++; counts[phase] == 1 {
			phases = append(phases, phase)
		}
	}
	for i, phase := range phases {
		phases[i] = fmt.Sprintf("%d %s", counts[phase], phase)
	}
	return phases
}

func (r *Report) waves() table {
	t := table{head: []column{foreign("Wave"), ours("Targets"), ours("Failed"), ours("State"), ours("Began"), ours("Rolled"), ours("Ended")}}
	for i, w := range r.Waves {
		failed := ""
		if w.Failed > 0 {
			failed = fmt.Sprint(w.Failed)
		}
		t.add(w.Name, fmt.Sprint(w.Targets), failed, r.waveState(i), stamp(w.Began), stamp(w.Rolled), stamp(w.Ended))
	}
	return t
}

// waveState says in words where a wave stands.
func (r *Report) waveState(i int) string {
	w := &r.Waves[i]
	ended := !r.Ended.IsZero()
	switch {
	case !w.Ended.IsZero():
		return "over"
	case w.Began.IsZero() && ended:
		return "not begun"
	case ended:
		return "broken off"
	case w.Began.IsZero() && r.Response == "" && i > 0 && w.Approval && w.Approved.IsZero() && !r.Waves[i-1].Ended.IsZero():
		return "waits for its approval"
	case w.Began.IsZero():
		return "waiting"
	case !w.Rolled.IsZero() && w.Bake > 0 && r.Response == "":
		return "bakes until " + stamp(w.Rolled.Add(w.Bake))
	default:
		return "under way"
	}
}

// targets is the table of the targets, and what to say of those that it leaves out.
func (r *Report) targets(reasons bool) (table, string) {
	t := table{head: []column{
		foreign("Cluster"), foreign("Account"), foreign("Region"), foreign("Wave"), ours("Phase"), ours("Nodes"), foreign("Image"), ours("Took"), foreign("Reason"),
	}}
	var others []TargetReport
	for i := range r.Targets {
		target := &r.Targets[i]
		if r.large() && !target.named() {
			others = append(others, *target)
			continue
		}
		reason := ""
		if reasons {
			reason = cmp.Or(target.Reason, target.Question)
		}
		t.add(target.Cluster, target.Account, target.Region, target.Wave, target.phase(), target.nodes(), target.images(), target.took(), reason)
	}
	if len(others) == 0 {
		return t, ""
	}
	and := ""
	if len(t.rows) > 0 {
		and = "and "
	}
	return t, fmt.Sprintf("%s%s not listed: %s", and, counted(len(others), "target"), strings.Join(countPhases(others, (*TargetReport).phase), ", "))
}

// reasonGroup is targets that came to the same for the same reason.
type reasonGroup struct {
	phase, reason string
	targets       []string
}

// reasons are why targets failed or could not be taken back.
func (r *Report) reasons() []reasonGroup {
	var groups []reasonGroup
	for i := range r.Targets {
		t := &r.Targets[i]
		if t.Reason == "" {
			continue
		}
		at := slices.IndexFunc(groups, func(g reasonGroup) bool { return g.phase == t.phase() && g.reason == t.Reason })
		if at < 0 {
			at = len(groups)
			groups = append(groups, reasonGroup{phase: t.phase(), reason: t.Reason})
		}
		groups[at].targets = append(groups[at].targets, t.where())
	}
	return groups
}

// moments are those of the timeline that are shown: the first, how many are left out, and
// the last.
func (r *Report) moments() (first []Moment, left int, last []Moment) {
	if left = len(r.Timeline) - mostMoments; left <= 0 {
		return r.Timeline, 0, nil
	}
	return r.Timeline[:firstMoments], left, r.Timeline[firstMoments+left:]
}

// timeline are the lines of the timeline.
func (r *Report) timeline() []string {
	var lines []string
	add := func(moments []Moment) {
		for _, m := range moments {
			lines = append(lines, stamp(m.Time)+"  "+printable(m.Text))
		}
	}
	first, left, last := r.moments()
	add(first)
	if left > 0 {
		lines = append(lines, fmt.Sprintf("... %s not shown, the JSON has them all", counted(left, "moment")))
	}
	add(last)
	return lines
}

// questions are the indices of the targets that ask.
func (r *Report) questions() []int {
	var asks []int
	for i := range r.Targets {
		if r.Targets[i].Phase == PhaseUnknown {
			asks = append(asks, i)
		}
	}
	return asks
}

// howToAnswer says what can be answered to a target that asks.
const howToAnswer = "Look at the cluster and give one of these answers, by Control.Answer with the target's number:"

// answers are the answers with what they mean.
func answers() [][2]string {
	return [][2]string{
		{string(AnswerSent), "the service has accepted the request: the rollout goes on and waits for it"},
		{string(AnswerNotSent), "the service has not: the rollout looks at the cluster anew and sends it"},
		{string(AnswerGiveUp), "the target becomes a failed one"},
	}
}
