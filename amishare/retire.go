package amishare

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Retirer takes AMIs out of use: it tells whether one is unused, and deprecates it on
// request. It never disables, deregisters or deletes anything, since a cluster needs
// its AMIs and their snapshots for as long as it may replace a node.
type Retirer struct {
	api   RetirerAPI
	inUse InUse
	opts  Options
}

// NewRetirer returns a retirer on an EC2 client of the AMIs' account and Region. inUse
// tells what needs an AMI: the clusters of every Region and account that may use it.
func NewRetirer(api RetirerAPI, inUse InUse, optFns ...func(*Options)) *Retirer {
	return &Retirer{api: api, inUse: inUse, opts: resolve(api, optFns)}
}

// RetireOptions are those of [Retirer.Retire].
type RetireOptions struct {
	// Deprecate asks for the AMI to be deprecated when it is unused. Without it, Retire
	// only tells.
	Deprecate bool
	// At is when the AMI is to be deprecated, to the minute and at most ten years ahead
	// (EC2 API Reference, EnableImageDeprecation). Zero means a minute from now.
	At time.Time
}

// RetireReport tells whether an AMI is unused, and what was done. It marshals to JSON
// by its members' names.
type RetireReport struct {
	// Image is the AMI's id, and Name its name.
	Image, Name string
	// Uses is what needs the AMI, as far as it could be told. Empty when it is unused, or
	// nothing could be told.
	Uses []string
	// Unused says that nothing needs it. False when that could not be told.
	Unused bool
	// Deprecated is when the AMI is or was deprecated, as last seen. Zero means never.
	Deprecated time.Time
	// Changed says that EC2 was asked to deprecate the AMI and said that it did.
	Changed bool
}

// LogValue implements [slog.LogValuer].
func (r *RetireReport) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("image", r.Image), slog.Any("uses", r.Uses), slog.Bool("unused", r.Unused), slog.Bool("changed", r.Changed)}
	if !r.Deprecated.IsZero() {
		attrs = append(attrs, slog.Time("deprecated", r.Deprecated))
	}
	return slog.GroupValue(attrs...)
}

// String returns the report as a line, and one for each use.
func (r *RetireReport) String() string {
	s := strings.TrimSpace(r.Image+" "+r.Name) + ": "
	switch {
	case len(r.Uses) > 0:
		s += "in use"
	case r.Unused:
		s += "unused"
	default:
		s += "not known whether in use"
	}
	switch {
	case r.Deprecated.IsZero():
	case r.Changed:
		s += ", now deprecated as of " + r.Deprecated.UTC().Format(time.DateOnly)
	default:
		s += ", deprecated as of " + r.Deprecated.UTC().Format(time.DateOnly)
	}
	return strings.Join(append([]string{s}, r.Uses...), "\n  ")
}

// errNoInUse is about the retirer, not about the AMI.
var errNoInUse = errors.New("nothing tells what uses the image: give NewRetirer an InUse")

// Retire tells whether an AMI of this account is unused, as far as its InUse knows: the
// inventory of package hyperpod knows the current and the desired images of instance
// groups, and not what a rollout that has ended would go back to. With
// [RetireOptions.Deprecate] it then deprecates an unused one, and returns when that is
// seen; one that is deprecated by then already is left as it is. Between the look and
// the change a cluster may take the AMI into use. Deprecation stops no such use: it
// warns, and hides the AMI from others.
//
// The report is never nil. Each error is an [*ImageError] that unwraps to [ErrImageID],
// [ErrImageNotFound], [ErrNotOwner], what InUse says, [ErrInUse] when the AMI was to be
// deprecated and is in use (all before any change), [ErrNotVerified], or what the SDK
// says.
func (r *Retirer) Retire(ctx context.Context, imageID string, optFns ...func(*RetireOptions)) (*RetireReport, error) {
	var opts RetireOptions
	for _, fn := range optFns {
		fn(&opts)
	}
	report := &RetireReport{Image: imageID}
	fail := func(err error) (*RetireReport, error) {
		return report, &ImageError{Image: imageID, Resource: imageID, Err: service(err)}
	}
	if !opts.At.IsZero() && opts.At.Before(time.Now()) {
		return fail(fmt.Errorf("RetireOptions.At is %s, which is in the past", opts.At.UTC().Format(time.RFC3339)))
	}
	img, err := lookImage(ctx, r.api, imageID, "self")
	if err != nil {
		return report, err
	}
	report.Name, report.Deprecated = aws.ToString(img.Name), timeOf(img.DeprecationTime)
	if r.inUse == nil {
		return fail(errNoInUse)
	}
	uses, err := r.inUse.ImageInUse(ctx, imageID)
	report.Uses, report.Unused = slices.Clone(uses), err == nil && len(uses) == 0
	switch {
	case opts.Deprecate && !report.Unused:
		return fail(notUnused(uses, err))
	case err != nil:
		return fail(notUnused(nil, err))
	case !opts.Deprecate:
		return report, nil
	}
	at := opts.At
	if at.IsZero() {
		at = time.Now().Add(time.Minute)
	}
	if !report.Deprecated.IsZero() && !report.Deprecated.After(at) {
		return report, nil
	}
	if _, err := r.api.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: aws.String(imageID), DeprecateAt: aws.Time(at)}); err != nil {
		return fail(fmt.Errorf("deprecating: %w", err))
	}
	report.Changed = true
	seen, err := r.deprecated(ctx, imageID, at)
	if !seen.IsZero() {
		report.Deprecated = seen
	}
	if err != nil {
		return fail(err)
	}
	return report, nil
}

// notUnused is the error for an answer of an [InUse] that is not plain nothing. A use is
// a use also when the rest could not be told.
func notUnused(uses []string, err error) error {
	if err != nil {
		err = fmt.Errorf("asking what uses the image: %w", err)
	}
	if len(uses) == 0 {
		return err
	}
	used := fmt.Errorf("%w: %s; move what uses it to another image first", ErrInUse, strings.Join(uses, "; "))
	if err == nil {
		return used
	}
	return fmt.Errorf("%w; and there may be more: %w", used, err)
}

// deprecated waits until the AMI is seen to be deprecated at a time, to the minute.
func (r *Retirer) deprecated(ctx context.Context, imageID string, at time.Time) (time.Time, error) {
	seen, err := poll.Wait(ctx, imageID, func(ctx context.Context) (poll.Observation[time.Time], error) {
		images, err := lookupImages(ctx, r.api, []string{imageID}, "self")
		if err != nil {
			return poll.Observation[time.Time]{}, err
		}
		obs := poll.Observation[time.Time]{Value: timeOf(images[imageID].DeprecationTime), Status: "not visible"}
		if obs.Value.Sub(at).Abs() <= time.Minute {
			obs.Verdict, obs.Status = poll.Done, "visible"
		}
		return obs, nil
	}, func(o *poll.Options) { *o = r.opts.Verify })
	if errors.Is(err, poll.ErrTimeout) {
		return seen, fmt.Errorf("%w: %w", ErrNotVerified, err)
	}
	return seen, err
}
