package amishare

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// undo takes back the changes that were made or may have been, the last one first, and
// reads back whether that worked. It has a time budget of its own, which the end of
// the caller's context does not shorten. It removes only what this change added, so
// that grants to others which somebody has made meanwhile stay; EC2 does not tell who
// made a grant, so one to the same principal does not.
func (s *Sharer) undo(ctx context.Context, report *ShareReport) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.CleanupTimeout)
	defer cancel()
	var back []*GrantChange
	for i := range slices.Backward(report.Changes) {
		if c := &report.Changes[i]; c.State == ChangeUnknown {
			back = append(back, c)
		}
	}
	if len(back) == 0 {
		return nil
	}
	var errs []error
	var taken []GrantChange
	for _, c := range back {
		if err := s.takeBack(ctx, c.inverse()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", c.Resource, c.inverse().verb(), err))
			continue
		}
		taken = append(taken, c.inverse())
	}
	err := s.seeUndone(ctx, report.Image, back, taken)
	if err != nil {
		errs = append(errs, err)
	}
	for _, c := range back {
		if c.State != ChangeUndone {
			return fmt.Errorf("%w, see the report: %w", ErrNotUndone, errors.Join(errs...))
		}
	}
	return nil
}

// takeBack sends one change until EC2 takes it, refuses it, or the time is up.
func (s *Sharer) takeBack(ctx context.Context, c GrantChange) error {
	_, err := poll.Wait(ctx, c.Resource, func(ctx context.Context) (poll.Observation[struct{}], error) {
		return poll.Observation[struct{}]{Verdict: poll.Done}, s.modify(ctx, c, false)
	}, s.patiently)
	return err
}

// seeUndone waits until the changes that EC2 says it has taken back are seen to be, and
// tells each change's state from the last look.
func (s *Sharer) seeUndone(ctx context.Context, image string, back []*GrantChange, taken []GrantChange) error {
	var all []GrantChange
	for _, c := range back {
		all = append(all, c.inverse())
	}
	var last map[string]Principals
	_, err := poll.Wait(ctx, image, func(ctx context.Context) (poll.Observation[struct{}], error) {
		now, err := s.readAll(ctx, all)
		if err != nil {
			return poll.Observation[struct{}]{}, err
		}
		last = now
		seen := poll.Observation[struct{}]{Verdict: poll.Done, Status: "as before"}
		for _, c := range taken {
			if !c.made(now[c.Resource]) {
				seen.Verdict, seen.Status, seen.Reason = poll.Pending, "not as before", "the change still shows on "+c.Resource
			}
		}
		return seen, nil
	}, s.patiently)
	for _, c := range back {
		if last == nil {
			continue
		}
		sent := slices.ContainsFunc(taken, func(t GrantChange) bool { return sameChanges([]GrantChange{t}, []GrantChange{c.inverse()}) })
		switch shows := c.inverse().made(last[c.Resource]); {
		case shows && sent:
			c.State = ChangeUndone
		case !shows:
			c.State = ChangeRemains
		}
	}
	return err
}

// patiently waits as long as the context allows.
func (s *Sharer) patiently(o *poll.Options) {
	*o = s.opts.Verify
	o.Timeout = -1
}
