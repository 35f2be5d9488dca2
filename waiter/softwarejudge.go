package waiter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// softwareWait judges the groups of one software update.
type softwareWait struct {
	*target
	api      SoftwareAPI
	update   Update
	since    requestTime
	before   map[string]Group // from Update.Before, or as first seen
	ran      map[string]bool  // groups whose update was seen under way
	checked  time.Time        // when the nodes were first asked, zero if not yet
	outcomes []GroupSoftware
}

func newSoftwareWait(api SoftwareAPI, t *target, update Update) *softwareWait {
	update.Groups = slices.Clone(update.Groups)
	if update.Image == "" {
		update.Image = defaultImage
	}
	w := &softwareWait{
		target: t, api: limitedSoftware{api, t.opts.turns()}, update: update, since: newRequestTime(update, t.started),
		before: map[string]Group{}, ran: map[string]bool{},
		outcomes: make([]GroupSoftware, len(update.Groups)),
	}
	if update.Before != nil {
		for _, g := range snapshotOf(update.Before).Groups {
			w.before[g.Name] = g
		}
	}
	for i, name := range update.Groups {
		w.outcomes[i].Group = name
	}
	return w
}

// ruling is what the description of the cluster says of one group. When the
// nodes are to be asked the outcome is theirs to give.
type ruling struct {
	GroupSoftware
	askNodes bool
}

func (r ruling) pending() bool { return r.Outcome == SoftwareUndecided && !r.askNodes }

func undecided(format string, args ...any) ruling {
	return ruled(SoftwareUndecided, format, args...)
}

func ruled(o SoftwareOutcome, format string, args ...any) ruling {
	return ruling{GroupSoftware: GroupSoftware{Outcome: o, Reason: fmt.Sprintf(format, args...)}}
}

// judge is the wait's view of one snapshot. It asks the nodes only when every
// group is at its end.
func (w *softwareWait) judge(ctx context.Context, s Snapshot) (finding, error) {
	w.since.learn(w.last)
	rulings := make([]ruling, len(w.update.Groups))
	for i, name := range w.update.Groups {
		if g, exists := s.Group(name); exists {
			if _, known := w.before[name]; !known {
				w.before[name] = g
			}
		}
		rulings[i] = w.rule(s, name)
		rulings[i].Group = name
	}
	f, inService := w.standing(s)
	failed := s.Status == types.ClusterStatusFailed
	if f.Verdict == poll.Failed && !failed {
		return f, nil
	}
	var open []string
	for i, r := range rulings {
		if failed && r.pending() {
			r.Outcome, r.Reason = SoftwareFailed, f.Reason
		}
		if r.pending() {
			open = append(open, fmt.Sprintf("group %s: %s", r.Group, r.Reason))
		}
		w.outcomes[i] = r.GroupSoftware
	}
	if len(open) > 0 || !inService && !failed {
		w.checked = time.Time{}
		f.Reason = strings.Join(append(open, notEmpty(f.Reason)...), "; ")
		f.Counts = s.updated(w.update.Groups)
		return f, nil
	}
	settled, err := w.askNodes(ctx, s, rulings)
	if err != nil {
		return finding{}, err
	}
	if c := w.conclude(s, settled); !failed || c.Verdict != poll.Done {
		return c, nil
	}
	return f, nil
}

func notEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// conclude makes one finding of the outcomes. Nodes and groups that contradict
// each other are given the time in which the service may show less than it knows.
func (w *softwareWait) conclude(s Snapshot, settled bool) finding {
	unmet := slices.DeleteFunc(slices.Clone(w.outcomes), func(g GroupSoftware) bool { return g.Outcome.acceptable() })
	switch err := (&SoftwareError{Groups: unmet}); {
	case !settled && time.Since(w.checked) < w.opts.Lag:
		return finding{Reason: "the update is over, and the nodes do not all bear it out yet: " + err.Error()}
	case len(unmet) > 0:
		return finding{Verdict: poll.Failed, Err: err, Reason: err.Error() + w.because(s)}
	default:
		return finding{Verdict: poll.Done}
	}
}

// rule judges one group by the description of the cluster.
func (w *softwareWait) rule(s Snapshot, name string) ruling {
	g, exists := s.Group(name)
	switch {
	case !exists && !w.lagged():
		return undecided("does not exist yet")
	case !exists:
		return ruled(SoftwareFailed, "the cluster has no such group")
	case g.Restricted:
		return ruled(SoftwareNeverStarted, "a restricted group cannot be updated")
	}
	switch g.SoftwareUpdate {
	case types.SoftwareUpdateStatusPending, types.SoftwareUpdateStatusInProgress, types.SoftwareUpdateStatusRollbackInProgress:
		w.ran[name] = true
		return undecided("software update %s%s", g.SoftwareUpdate, onDesired(g))
	case types.SoftwareUpdateStatusSucceeded, types.SoftwareUpdateStatusFailed, types.SoftwareUpdateStatusRollbackComplete, "":
		if w.fresh(g) {
			return w.ended(g)
		}
		return w.notSeenToRun(g)
	default:
		return undecided("software update %s (a status that this version does not know)", g.SoftwareUpdate)
	}
}

// fresh reports whether the final status of the group is of this update.
func (w *softwareWait) fresh(g Group) bool {
	before, known := w.before[g.Name]
	return w.ran[g.Name] ||
		known && g.SoftwareUpdate != "" && g.SoftwareUpdate != before.SoftwareUpdate ||
		known && w.complete(g) && !w.complete(before)
}

// ended judges a group whose final status is of this update.
func (w *softwareWait) ended(g Group) ruling {
	run, tells := w.runs(g)
	old, told := w.runs(w.before[g.Name])
	cameTrue := w.complete(g) && !w.complete(w.before[g.Name])
	switch {
	case unsuccessful(g) && !cameTrue:
		return w.undone(g)
	case tells && told && run.desired != run.wanted && run.desired == old.current:
		return ruled(SoftwareRolledBack, "the service reports %s, and the group is back on %s", g.SoftwareUpdate, run.desired)
	case tells && run.desired != run.wanted && !run.ambiguous():
		return superseded(run)
	default:
		return ruling{askNodes: true}
	}
}

// unsuccessful reports whether the group's status is one of failure.
func unsuccessful(g Group) bool {
	return g.SoftwareUpdate == types.SoftwareUpdateStatusRollbackComplete || g.SoftwareUpdate == types.SoftwareUpdateStatusFailed
}

// undone judges a group whose update did not succeed: the word Failed stands for
// a clean rollback too.
func (w *softwareWait) undone(g Group) ruling {
	run, tells := w.runs(g)
	switch {
	case g.SoftwareUpdate == types.SoftwareUpdateStatusRollbackComplete:
		return ruled(SoftwareRolledBack, "the service reports %s", g.SoftwareUpdate)
	case tells && run.current == run.desired && run.desired != run.wanted && allOnDesired(g):
		return ruled(SoftwareRolledBack, "the service reports %s, and the group is back on %s", g.SoftwareUpdate, run.current)
	default:
		return ruled(SoftwareFailed, "the service reports %s%s", g.SoftwareUpdate, onDesired(g))
	}
}

// notSeenToRun judges a group whose final status may be of an earlier update.
func (w *softwareWait) notSeenToRun(g Group) ruling {
	switch {
	case g.RollingUpdate:
		return undecided("the configuration of an update is active")
	case !w.lagged():
		return undecided("no sign of the update yet")
	}
	run, tells := w.runs(g)
	old, told := w.runs(w.before[g.Name])
	switch {
	case !tells || unsuccessful(g):
		return ruling{askNodes: true}
	case run.desired == run.wanted && told && old.desired != run.wanted && !w.complete(g):
		return undecided("the update was accepted and is not seen to run yet%s", onDesired(g))
	case run.desired == run.wanted:
		return ruling{askNodes: true}
	case told && run.desired != old.desired:
		return superseded(run)
	default:
		return ruled(SoftwareNeverStarted, "the group is still meant to run %s, and no update was seen", run.desired)
	}
}

func superseded(run software) ruling {
	r := ruled(SoftwareSuperseded, "the group is meant to run %s now, not %s", run.desired, run.wanted)
	r.SupersededBy = run.desired
	return r
}

// lagged is counted from the request, or from the wait should the request seem to lie
// in the future.
func (w *softwareWait) lagged() bool {
	return w.target.lagged() || time.Since(w.since.ours) >= w.opts.Lag
}

// defaultImage is what the service reports for HyperPod-managed images.
const defaultImage = "default"

// software is what a group runs, is meant to run, and was asked to run, all three
// as image or all three as release version.
type software struct{ current, desired, wanted string }

// ambiguous reports whether the requested AMI may stand behind "default": the
// service may report a HyperPod public AMI so.
func (s software) ambiguous() bool { return s.desired == defaultImage && s.wanted != defaultImage }

// runs returns what the group runs, and false when what the service reports of it
// cannot tell an update from none: nothing, or "default" both before and after.
func (w *softwareWait) runs(g Group) (software, bool) {
	wanted := w.update.Image
	switch before := w.before[g.Name].CurrentImage; {
	case w.update.ReleaseVersion != "" && g.DesiredRelease != "":
		return software{g.CurrentRelease, g.DesiredRelease, w.update.ReleaseVersion}, true
	case g.DesiredImage == "":
		return software{}, false
	case wanted != defaultImage, g.DesiredImage != defaultImage, before != "" && before != defaultImage:
		return software{g.CurrentImage, g.DesiredImage, wanted}, true
	default:
		return software{}, false
	}
}

// complete reports whether the group says that it runs what was asked for, on
// every instance.
func (w *softwareWait) complete(g Group) bool {
	run, tells := w.runs(g)
	return tells && run.current == run.wanted && run.desired == run.wanted && allOnDesired(g)
}

func allOnDesired(g Group) bool { return g.OnDesired == nil || *g.OnDesired >= g.Current }

// onDesired tells how many instances are on the desired image, for a message.
func onDesired(g Group) string {
	if g.OnDesired == nil || g.DesiredImage == "" {
		return ""
	}
	return fmt.Sprintf(", %d of %d instances on %s", *g.OnDesired, g.Current, g.DesiredImage)
}
