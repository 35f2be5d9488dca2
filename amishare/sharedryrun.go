package amishare

import (
	"context"
	"errors"
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// DryRun asks EC2 whether it would let the plan's writes be made, one call for each,
// and makes none (EC2 API Reference, "DryRun"). EC2 judges permissions, not whether the
// rest of the request is right. The error joins an [*ImageError] for each write that it
// would refuse.
func (s *Sharer) DryRun(ctx context.Context, plan *SharePlan) error {
	var errs []error
	for _, c := range plan.Changes {
		err := s.modify(ctx, c, true)
		switch {
		case awserr.Code(err) == "DryRunOperation":
			continue
		case err == nil:
			err = errDryRun
		}
		errs = append(errs, &ImageError{Image: plan.Image, Resource: c.Resource, Err: service(fmt.Errorf("%s: %w", c.verb(), err))})
	}
	return errors.Join(errs...)
}

// errDryRun is what would be a fault of a fake: EC2 answers a dry run by an error.
var errDryRun = errors.New("a dry run was answered as if it were none")
