package rollout

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/hyperpodkit/hyperpodkit"
)

// Conditions that a program may want to tell apart, by errors.Is.
var (
	// ErrInvalid: the spec was refused before anything was sent. The error is an
	// [*InvalidError].
	ErrInvalid = errors.New("invalid rollout")
	// ErrBegun: the journal holds a rollout already. Resume it, or use another journal.
	ErrBegun = errors.New("the journal holds a rollout already")
	// ErrNotBegun: the journal is empty.
	ErrNotBegun = errors.New("the journal is empty")
	// ErrTakenOver: another runner goes on with the rollout.
	ErrTakenOver = errors.New("another runner has taken the rollout over")
	// ErrAsks: nothing can go on before somebody answers for targets of which it is not
	// known whether their request was accepted. See [Control.Answer].
	ErrAsks = errors.New("the rollout asks for an answer")
	// ErrFailed: the rollout has ended and not every target runs its image.
	ErrFailed = errors.New("the rollout did not succeed")
)

// InvalidError is a rollout that was refused: every mistake at once, and nothing was
// sent.
type InvalidError struct {
	// Findings are the mistakes. Path is the member of the [Spec], Resource the target
	// where there is one.
	Findings []hyperpodkit.Finding
	causes   []error
}

// Error lists the mistakes, one a line when there is more than one.
func (e *InvalidError) Error() string {
	if len(e.Findings) == 1 {
		return "invalid rollout, nothing was sent: " + plain(e.Findings[0])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "invalid rollout, nothing was sent: %d mistakes", len(e.Findings))
	for _, f := range e.Findings {
		b.WriteString("\n\t" + plain(f))
	}
	return b.String()
}

// plain is a finding without its level, which goes without saying in an error.
func plain(f hyperpodkit.Finding) string {
	return strings.TrimPrefix(f.String(), f.Level.String()+": ")
}

// Unwrap returns [ErrInvalid], and the errors of calls where there were any.
func (e *InvalidError) Unwrap() []error { return append([]error{ErrInvalid}, e.causes...) }

// LogValue implements [slog.LogValuer].
func (e *InvalidError) LogValue() slog.Value {
	var attrs []slog.Attr
	for i, f := range e.Findings {
		attrs = append(attrs, slog.String(fmt.Sprintf("finding%d", i+1), f.String()))
	}
	return slog.GroupValue(attrs...)
}
