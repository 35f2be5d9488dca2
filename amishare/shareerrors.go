package amishare

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/hyperpodkit/hyperpodkit"
)

// Errors of sharing and adopting, beside those of looking at an AMI. Each comes in an
// [*ImageError], whose Resource is what it is about: the AMI, a snapshot or a
// principal.
var (
	// ErrNoPrincipals means that nobody was named.
	ErrNoPrincipals = errors.New("no principals: name at least one")
	// ErrPublic means that everyone was named without [SharerOptions.AllowPublic].
	ErrPublic = errors.New("everyone is every AWS account; set AllowPublic if that is meant")
	// ErrOwnAccount means that the AMI's own account was named, which needs no grant.
	ErrOwnAccount = errors.New("the account owns the image and needs no grant")
	// ErrDuplicate means that a principal was named twice, or both to be granted and to
	// be removed.
	ErrDuplicate = errors.New("named twice")
	// ErrQuota means that the AMI would be shared with more than 1,000 principals.
	ErrQuota = errors.New("more than 1,000 principals")
	// ErrUnfit means that the AMI breaks a rule: see [*UnfitError].
	ErrUnfit = errors.New("unfit to be shared")
	// ErrStale means that the grants are no longer those that a plan saw.
	ErrStale = errors.New("the grants have changed since the plan was made; plan again")
	// ErrNotUndone means that a change failed and could not be taken back entirely: the
	// report tells what remains.
	ErrNotUndone = errors.New("could not be undone")
	// ErrRegion means that a name is not that of a Region.
	ErrRegion = errors.New("not a Region")
	// ErrAdopted means that an AMI needs no copy to be used here.
	ErrAdopted = errors.New("image can be used as it is")
	// ErrCopyFailed means that EC2 could not copy an AMI.
	ErrCopyFailed = errors.New("copy failed")
)

// UnfitError is why an AMI is not shared or copied. It unwraps to [ErrUnfit].
type UnfitError struct {
	// Findings are those of level error, at least one.
	Findings []hyperpodkit.Finding
}

// Error lists what was found and what to do about it.
func (e *UnfitError) Error() string {
	list := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		list[i] = f.String()
	}
	return ErrUnfit.Error() + ": " + strings.Join(list, "; ")
}

// Unwrap returns [ErrUnfit].
func (e *UnfitError) Unwrap() error { return ErrUnfit }

// LogValue implements [slog.LogValuer].
func (e *UnfitError) LogValue() slog.Value { return slog.GroupValue(findingsAttr(e.Findings)) }

// unfit returns the error for findings, nil when none is of level error.
func unfit(image string, findings []hyperpodkit.Finding) error {
	var bad []hyperpodkit.Finding
	for _, f := range findings {
		if f.Level == hyperpodkit.Error {
			bad = append(bad, f)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &ImageError{Image: image, Resource: bad[0].Resource, Err: &UnfitError{Findings: bad}}
}
