package amishare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// apply makes the changes of a report, reads them back, and undoes them when any of
// that fails.
func (s *Sharer) apply(ctx context.Context, report *ShareReport) error {
	resource, err := s.write(ctx, report)
	if err == nil {
		resource, err = report.Image, s.verify(ctx, report)
	}
	if err == nil {
		report.succeeded()
		return nil
	}
	failure := &ImageError{Image: report.Image, Resource: resource, Err: service(err)}
	undo := s.undo(ctx, report)
	report.failed()
	if undo != nil {
		return errors.Join(failure, undo)
	}
	return failure
}

// write makes the changes until one fails, and returns whose.
func (s *Sharer) write(ctx context.Context, report *ShareReport) (string, error) {
	for i := range report.Changes {
		c := &report.Changes[i]
		if err := ctx.Err(); err != nil {
			return c.Resource, fmt.Errorf("before the next change: %w", context.Cause(ctx))
		}
		err := s.modify(ctx, *c, false)
		if err == nil || !refused(err) {
			c.State = ChangeUnknown
		}
		if err != nil {
			return c.Resource, fmt.Errorf("%s: %w", c.verb(), err)
		}
	}
	return "", nil
}

// refused reports whether EC2 surely did not do what it was asked. A call that was
// throttled may be the retry of one that was done and whose answer was lost.
func refused(err error) bool {
	return awserr.Code(err) != "" && !awserr.IsTransient(err)
}

// verify waits until all changes are seen. Those of snapshots are seen late.
func (s *Sharer) verify(ctx context.Context, report *ShareReport) error {
	if len(report.Changes) == 0 {
		return nil
	}
	_, err := poll.Wait(ctx, report.Image, func(ctx context.Context) (poll.Observation[struct{}], error) {
		return s.compare(ctx, report.Changes)
	}, func(o *poll.Options) { *o = s.opts.Verify })
	if errors.Is(err, poll.ErrTimeout) {
		return fmt.Errorf("%w: EC2 answered that the grants were changed, and does not show it: %w", ErrNotVerified, err)
	}
	return err
}

// compare reads the grants of the changed resources once and tells which changes they
// do not show.
func (s *Sharer) compare(ctx context.Context, changes []GrantChange) (poll.Observation[struct{}], error) {
	seen := poll.Observation[struct{}]{Verdict: poll.Done, Status: "as wanted"}
	now, err := s.readAll(ctx, changes)
	if err != nil {
		return seen, err
	}
	var missing []string
	for _, c := range changes {
		if !c.made(now[c.Resource]) && !slices.Contains(missing, c.Resource) {
			missing = append(missing, c.Resource)
		}
	}
	if len(missing) > 0 {
		seen.Verdict, seen.Status = poll.Pending, "not as wanted"
		seen.Reason = "the change does not show on " + strings.Join(missing, ", ")
	}
	return seen, nil
}

// readAll reads the grants of the resources of changes, each once.
func (s *Sharer) readAll(ctx context.Context, changes []GrantChange) (map[string]Principals, error) {
	now := map[string]Principals{}
	for _, c := range changes {
		if _, ok := now[c.Resource]; ok {
			continue
		}
		grants, err := s.read(ctx, c.Resource)
		if err != nil {
			return nil, err
		}
		now[c.Resource] = grants
	}
	return now, nil
}

// read returns with whom an AMI or a snapshot is shared.
func (s *Sharer) read(ctx context.Context, id string) (Principals, error) {
	read, what := volumePermissions, "create volume permissions"
	if imagePattern.MatchString(id) {
		read, what = launchPermissions, "launch permissions"
	}
	ids, err := read(ctx, s.api, id)
	if err != nil {
		return nil, fmt.Errorf("reading the %s: %w", what, err)
	}
	return principalsOf(ids), nil
}

// modify sends one change, in the structured form alone.
func (s *Sharer) modify(ctx context.Context, c GrantChange, dryRun bool) error {
	var dry *bool
	if dryRun {
		dry = aws.Bool(true)
	}
	if imagePattern.MatchString(c.Resource) {
		_, err := s.api.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{
			ImageId: aws.String(c.Resource), DryRun: dry,
			LaunchPermission: &types.LaunchPermissionModifications{Add: each(c.Add, Principal.launch), Remove: each(c.Remove, Principal.launch)},
		})
		return err
	}
	_, err := s.api.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{
		SnapshotId: aws.String(c.Resource), DryRun: dry,
		CreateVolumePermission: &types.CreateVolumePermissionModifications{Add: each(c.Add, Principal.createVolume), Remove: each(c.Remove, Principal.createVolume)},
	})
	return err
}

// each is nil for nobody, so that nothing is sent for it.
func each[T any](list Principals, to func(Principal) T) []T {
	var out []T
	for _, p := range list {
		out = append(out, to(p))
	}
	return out
}
