package amishare

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/hyperpodkit/hyperpodkit"
)

// ChangeState is what became of one write.
type ChangeState uint8

const (
	// ChangeNotMade was not sent, or EC2 refused it.
	ChangeNotMade ChangeState = iota
	// ChangeMade was made and seen.
	ChangeMade
	// ChangeUndone may have been made, and was seen to be as before afterwards.
	ChangeUndone
	// ChangeRemains was made, at least in part, and could not be undone.
	ChangeRemains
	// ChangeUnknown may have been made; EC2 could not be asked, or gave no reliable
	// answer.
	ChangeUnknown
)

// String returns "not made", "made", "undone", "remains" or "unknown".
func (s ChangeState) String() string {
	switch s {
	case ChangeNotMade:
		return "not made"
	case ChangeMade:
		return "made"
	case ChangeUndone:
		return "undone"
	case ChangeRemains:
		return "remains"
	case ChangeUnknown:
		return "unknown"
	default:
		return "invalid"
	}
}

// MarshalText encodes the state as its name.
func (s ChangeState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *ChangeState) UnmarshalText(text []byte) error {
	for state := ChangeNotMade; state <= ChangeUnknown; state++ {
		if state.String() == string(text) {
			*s = state
			return nil
		}
	}
	return fmt.Errorf("amishare: %q is no state of a change", text)
}

// ShareOutcome is how a change ended as a whole.
type ShareOutcome uint8

const (
	// SharedNothing means that nothing was changed: an error came first, or it was a
	// dry run.
	SharedNothing ShareOutcome = iota
	// SharedAsWanted means that everything is as asked, and was seen to be.
	SharedAsWanted
	// SharedAsBefore means that a change failed and was undone.
	SharedAsBefore
	// SharedBetween means that some of it remains or may remain: see the changes.
	SharedBetween
)

// String returns "nothing changed", "as wanted", "undone" or "not undone".
func (o ShareOutcome) String() string {
	switch o {
	case SharedNothing:
		return "nothing changed"
	case SharedAsWanted:
		return "as wanted"
	case SharedAsBefore:
		return "undone"
	case SharedBetween:
		return "not undone"
	default:
		return "invalid"
	}
}

// MarshalText encodes the outcome as its text.
func (o ShareOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// ShareReport tells what a [Sharer] did: what it planned, and for each write what
// became of it. It prints as a table, and marshals to JSON by its members' names.
type ShareReport struct {
	SharePlan
	// Outcome is how it ended.
	Outcome ShareOutcome
}

func newShareReport(plan *SharePlan) *ShareReport {
	report := &ShareReport{SharePlan: *plan}
	report.Changes = slices.Clone(plan.Changes)
	return report
}

func (r *ShareReport) succeeded() {
	r.Outcome = SharedAsWanted
	for i := range r.Changes {
		r.Changes[i].State = ChangeMade
	}
}

// failed sums up what became of the changes.
func (r *ShareReport) failed() {
	for _, c := range r.Changes {
		switch c.State {
		case ChangeUndone:
			r.Outcome = max(r.Outcome, SharedAsBefore)
		case ChangeRemains, ChangeUnknown:
			r.Outcome = SharedBetween
		case ChangeNotMade, ChangeMade:
		}
	}
}

// String returns the report as a table: a line for each write, and below it the
// grants that were kept and what else was found.
func (r *ShareReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n", r.Action, r.Image, r.Outcome)
	if len(r.Changes) > 0 {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		// A strings.Builder does not fail, so neither do these.
		_, _ = fmt.Fprintln(w, "RESOURCE\tCHANGE\tRESULT")
		for _, c := range r.Changes {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", c.Resource, c.verb(), c.State)
		}
		_ = w.Flush()
	}
	writeKept(&b, r.Kept)
	writeFindings(&b, r.Findings)
	return b.String()
}

// LogValue implements [slog.LogValuer].
func (r *ShareReport) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, c := range r.Changes {
		attrs = append(attrs, slog.String(c.Resource, c.verb()+": "+c.State.String()))
	}
	return slog.GroupValue(
		slog.String("action", string(r.Action)), slog.String("image", r.Image), slog.String("outcome", r.Outcome.String()),
		slog.GroupAttrs("changes", attrs...), slog.Int("kept", len(r.Kept)), findingsAttr(r.Findings),
	)
}

func findingsAttr(findings []hyperpodkit.Finding) slog.Attr {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.String()
	}
	return slog.Any("findings", lines)
}

// verb says what a change does, with the first few principals by name.
func (c GrantChange) verb() string {
	verb, list := "grant ", c.Add
	if len(c.Remove) > 0 {
		verb, list = "remove ", c.Remove
	}
	const named = 3
	var ids []string
	for _, p := range list[:min(named, len(list))] {
		ids = append(ids, p.String())
	}
	s := verb + strings.Join(ids, ", ")
	if n := len(list) - named; n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}
