package policy

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

var (
	// ErrInvalidDocument is the condition of a policy document that cannot be
	// read or evaluated. The details are a [*DocumentError].
	ErrInvalidDocument = errors.New("invalid policy document")
	// ErrInvalidScope is the condition of a [Scope] or a list of workflows for
	// which no policy can be generated. The details are a [*ScopeError].
	ErrInvalidScope = errors.New("invalid policy scope")
)

// Position is a place in the text of a document. Its zero value means that there
// is no text, because the document was built in memory.
type Position struct {
	// Offset counts bytes from 0.
	Offset int
	// Line and Column count from 1; Column counts bytes.
	Line, Column int
}

// String returns "line:column", or nothing for the zero value.
func (p Position) String() string {
	if p.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%d", p.Line, p.Column)
}

// Problem is one thing that is wrong with a document or a scope.
type Problem struct {
	// Path is the element, such as "Statement[1].Effect" or
	// "Scope.ExecutionRoles[0]". Empty means the document as a whole.
	Path string
	// Position is where the element stands in the text, if there is one.
	Position Position
	// Message is what was wrong and what to do about it.
	Message string

	check string // the code of the check of IAM Access Analyzer, if it is another than the path tells
}

// String returns the problem as one line.
func (p Problem) String() string {
	s := p.Message
	if p.Path != "" {
		s = p.Path + ": " + s
	}
	if at := p.Position.String(); at != "" {
		s = at + ": " + s
	}
	return s
}

// DocumentError lists what is wrong with a policy document. It unwraps to
// [ErrInvalidDocument].
type DocumentError struct {
	// Problems has at least one element, in the order of the document.
	Problems []Problem
}

// Error returns one line for one problem, and a line for each of several.
func (e *DocumentError) Error() string { return problemText(ErrInvalidDocument, e.Problems) }

// Unwrap returns [ErrInvalidDocument].
func (e *DocumentError) Unwrap() error { return ErrInvalidDocument }

// LogValue implements [slog.LogValuer].
func (e *DocumentError) LogValue() slog.Value { return problemLog(e.Problems) }

// ScopeError lists everything that is wrong with the input of [Generate]. It
// unwraps to [ErrInvalidScope].
type ScopeError struct {
	// Problems has at least one element, in the order of Scope's fields.
	Problems []Problem
}

// Error returns one line for one problem, and a line for each of several.
func (e *ScopeError) Error() string { return problemText(ErrInvalidScope, e.Problems) }

// Unwrap returns [ErrInvalidScope].
func (e *ScopeError) Unwrap() error { return ErrInvalidScope }

// LogValue implements [slog.LogValuer].
func (e *ScopeError) LogValue() slog.Value { return problemLog(e.Problems) }

func problemLog(problems []Problem) slog.Value {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return slog.GroupValue(slog.Any("problems", lines))
}

func problemText(what error, problems []Problem) string {
	if len(problems) == 1 {
		return what.Error() + ": " + problems[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %d problems", what, len(problems))
	for _, p := range problems {
		b.WriteString("\n\t" + p.String())
	}
	return b.String()
}
