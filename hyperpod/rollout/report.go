package rollout

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Outcome is how a rollout stands as a whole.
type Outcome string

const (
	// OutcomeUnderWay means that it has not come to its end.
	OutcomeUnderWay Outcome = "under way"
	// OutcomeSucceeded means that every target was done, and no more failed than the
	// budget allows.
	OutcomeSucceeded Outcome = "succeeded"
	// OutcomeStopped means that it was stopped, and that what was changed stays.
	OutcomeStopped Outcome = "stopped"
	// OutcomeTakenBack means that every target that was to be taken back was.
	OutcomeTakenBack Outcome = "taken back"
	// OutcomePartlyTakenBack means that some could not be.
	OutcomePartlyTakenBack Outcome = "taken back in part"
)

// Outcome says how the rollout stands.
func (s *State) Outcome() Outcome {
	response := s.response()
	switch {
	case s.Ended.IsZero():
		return OutcomeUnderWay
	case response == Stop, response == "" && s.left():
		return OutcomeStopped
	case response == "":
		return OutcomeSucceeded
	}
	for i := range s.Targets {
		if s.Targets[i].Phase == PhaseStuck {
			return OutcomePartlyTakenBack
		}
	}
	return OutcomeTakenBack
}

// left tells whether a target has not had its turn, or was not brought to its end.
func (s *State) left() bool {
	for i := range s.Targets {
		if t := &s.Targets[i]; t.Phase == PhaseWaiting || t.Phase == PhaseFailed && !t.Failed {
			return true
		}
	}
	return false
}

// Report tells a rollout as it stands: by [Report.String] as text, by [Report.Markdown]
// for a change ticket, or as JSON.
type Report struct {
	// Name is the spec's. It may be empty.
	Name string `json:"name,omitempty"`
	// Outcome is how the rollout stands.
	Outcome Outcome `json:"outcome"`
	// Began and Ended bound the rollout. Ended is zero while it is under way.
	Began time.Time `json:"began,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	// Totals counts the targets.
	Totals Totals `json:"totals"`
	// Response is what is done, or was, instead of going forward: empty unless more
	// targets failed than the budget allows, or the rollout was aborted.
	Response Response `json:"response,omitempty"`
	// Paused says that nothing new is begun.
	Paused bool `json:"paused,omitempty"`
	// Waves and Targets are in the order in which they are begun.
	Waves   []WaveReport   `json:"waves"`
	Targets []TargetReport `json:"targets"`
	// Timeline is what happened to the rollout as a whole, in order.
	Timeline []Moment `json:"timeline,omitempty"`
}

// WaveReport is a wave of a [Report]. Times are zero before.
type WaveReport struct {
	// Name is the wave's, as its [Division] gave it.
	Name string `json:"name"`
	// Targets is how many targets it has, Failed how many of them failed.
	Targets int `json:"targets"`
	Failed  int `json:"failed,omitempty"`
	// Bake is how long nothing is done after the wave. Approval says that the wave waits to
	// be approved, Approved when it was.
	Bake     time.Duration `json:"bake,omitempty"`
	Approval bool          `json:"approval,omitempty"`
	Approved time.Time     `json:"approved,omitzero"`
	// Began, Rolled and Ended are those of [Wave].
	Began  time.Time `json:"began,omitzero"`
	Rolled time.Time `json:"rolled,omitzero"`
	Ended  time.Time `json:"ended,omitzero"`
}

// TargetReport is a target of a [Report]. Its place among the targets is the index that
// [Control.Answer] takes.
type TargetReport struct {
	// Account and Region are where the cluster is.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Cluster is the name or ARN as it was given, ARN the ARN once known.
	Cluster string `json:"cluster"`
	ARN     string `json:"arn,omitempty"`
	// Wave is the name of its wave, Phase where it stands. Failed says that it counts as a
	// failure, also after it was taken back.
	Wave   string `json:"wave"`
	Phase  Phase  `json:"phase"`
	Failed bool   `json:"failed,omitempty"`
	// Reason says why the target failed or could not be taken back, Question what is not
	// known of one that is [PhaseUnknown].
	Reason   string `json:"reason,omitempty"`
	Question string `json:"question,omitempty"`
	// Groups are the regular groups that are to run an image, in order.
	Groups []GroupReport `json:"groups,omitempty"`
	// Began, Rolled and Ended are those of [TargetState].
	Began  time.Time `json:"began,omitzero"`
	Rolled time.Time `json:"rolled,omitzero"`
	Ended  time.Time `json:"ended,omitzero"`
}

// GroupReport is an instance group of a [TargetReport].
type GroupReport struct {
	// Name of the group.
	Name string `json:"name"`
	// Nodes is how many instances the group had, Before the image that it ran, in the words
	// of [hyperpod.Image] and empty when that is not known, Image the one that it was to
	// run, New the group that replaces it.
	Nodes  int32          `json:"nodes"`
	Before string         `json:"before,omitempty"`
	Image  hyperpod.Image `json:"image"`
	New    string         `json:"new,omitempty"`
	// Outcome is how it came out, empty before that is known, Detail what more there is to
	// say.
	Outcome string `json:"outcome,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// LogValue implements [slog.LogValuer]: the outcome and the counts, without the targets.
func (r *Report) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("name", r.Name), slog.String("outcome", string(r.Outcome)),
		slog.Int("targets", r.Totals.Targets), slog.Int("done", r.Totals.Done), slog.Int("failed", r.Totals.Failed),
	}
	if !r.Began.IsZero() {
		attrs = append(attrs, slog.Time("began", r.Began))
	}
	if !r.Ended.IsZero() {
		attrs = append(attrs, slog.Time("ended", r.Ended))
	}
	return slog.GroupValue(attrs...)
}

// Report makes a report of the state.
func (s *State) Report() *Report {
	r := &Report{
		Name: s.Name, Outcome: s.Outcome(), Began: s.Began, Ended: s.Ended, Totals: s.Totals(),
		Response: s.response(), Paused: s.Paused, Timeline: slices.Clone(s.Timeline),
	}
	for _, w := range s.Waves {
		r.Waves = append(r.Waves, WaveReport{
			Name: w.Name, Bake: w.Bake, Approval: w.Approval, Approved: w.Approved, Began: w.Began, Rolled: w.Rolled, Ended: w.Ended,
		})
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		w := &r.Waves[t.Wave]
		w.Targets++
		if t.Failed {
			w.Failed++
		}
		target := TargetReport{
			Account: t.Account, Region: t.Region, Cluster: t.Cluster, ARN: t.ARN, Wave: w.Name,
			Phase: t.Phase, Failed: t.Failed, Reason: t.Reason, Question: t.Question,
			Began: t.Began, Rolled: t.Rolled, Ended: t.Ended,
		}
		for _, g := range t.Groups {
			target.Groups = append(target.Groups, GroupReport{
				Name: g.Name, Nodes: g.Nodes, Before: g.ran(), Image: g.Image, New: g.New, Outcome: g.Outcome, Detail: g.Detail,
			})
		}
		r.Targets = append(r.Targets, target)
	}
	return r
}

// ran is what the group ran before, in the words of a [hyperpod.Image].
func (g *GroupState) ran() string {
	if g.CurrentRelease != "" && (g.CurrentImage == "" || g.CurrentImage == hyperpod.DefaultImage.ID()) {
		return hyperpod.Release(g.CurrentRelease).String()
	}
	return g.CurrentImage
}

// FailedError is a rollout that came to its end otherwise than it was to.
type FailedError struct {
	// Outcome is how it ended.
	Outcome Outcome
	// Targets are those that failed or could not be taken back, with their reasons.
	Targets []TargetReport
}

// Error tells the outcome and the first reasons.
func (e *FailedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rollout: %s", e.Outcome)
	const most = 3
	for i, t := range e.Targets {
		if i == most {
			fmt.Fprintf(&b, "; and %d more targets", len(e.Targets)-most)
			break
		}
		fmt.Fprintf(&b, "; %s (%s, %s): %s", t.Cluster, t.Account, t.Region, t.Reason)
	}
	return b.String()
}

// Unwrap returns [ErrFailed].
func (e *FailedError) Unwrap() error { return ErrFailed }

// LogValue implements [slog.LogValuer].
func (e *FailedError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("outcome", string(e.Outcome))}
	for i, t := range e.Targets {
		attrs = append(attrs, slog.String(fmt.Sprintf("target%d", i+1), fmt.Sprintf("%s (%s, %s): %s", t.Cluster, t.Account, t.Region, t.Reason)))
	}
	return slog.GroupValue(attrs...)
}

// err is the error that a rollout's end stands for.
func (s *State) err() error {
	outcome := s.Outcome()
	if outcome == OutcomeSucceeded {
		return nil
	}
	e := &FailedError{Outcome: outcome}
	for _, t := range s.Report().Targets {
		if t.Failed || t.Phase == PhaseStuck {
			e.Targets = append(e.Targets, t)
		}
	}
	return e
}
