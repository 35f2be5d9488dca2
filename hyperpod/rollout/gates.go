package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// AllOf returns a gate that passes when all of the gates do. They are asked in order, each
// of them every time, and what is wrong by any of them is told at once. One that refuses
// makes the whole refuse. Without gates, or with a nil one, it refuses.
func AllOf(gates ...Gate) Gate {
	gates = slices.Clone(gates)
	return func(ctx context.Context, v Visit) error {
		if len(gates) == 0 {
			return Refuse(errors.New("AllOf has no gates: name at least one"))
		}
		var errs []error
		for i, gate := range gates {
			if gate == nil {
				return Refuse(fmt.Errorf("gates[%d] of AllOf is nil", i))
			}
			if err := gate(ctx, v); err != nil {
				errs = append(errs, err)
			}
			if ctx.Err() != nil && len(errs) > 0 {
				break // the gates that follow could only say so too
			}
		}
		if len(errs) == 0 {
			return nil
		}
		return &allOfError{errs: errs}
	}
}

// allOfError is what several gates said.
type allOfError struct{ errs []error }

func (e *allOfError) Error() string {
	said := make([]string, len(e.errs))
	for i, err := range e.errs {
		said[i] = err.Error()
	}
	return strings.Join(said, "; ")
}

func (e *allOfError) Unwrap() []error { return e.errs }

// AlarmReader tells which alarms fire. A client of CloudWatch makes one in a few lines;
// the example of [AlarmsQuiet] shows how.
type AlarmReader interface {
	// FiringAlarms returns those of the names that are in alarm in the account and
	// Region. What INSUFFICIENT_DATA means is the reader's to judge. A name that does not
	// exist should be an error: DescribeAlarms leaves it out without a word, and a
	// misspelt alarm never fires.
	FiringAlarms(ctx context.Context, account, region string, names []string) ([]string, error)
}

// AlarmsQuiet returns a gate that passes while none of the alarms fires in the target's
// account and Region. While one does the gate waits for it, since alarms may fire because
// nodes were away; one that is to stop the target at once takes a gate of one's own that
// calls [Refuse]. No names, or no reader, is refused.
//
// A gate is asked before and after the bake, not during it: an alarm that fires and ends
// meanwhile is not seen. On EKS the service itself can watch alarms while it replaces
// nodes in batches, by the Deployment of the [Strategy].
//
// Reading alarms takes cloudwatch:DescribeAlarms, which no policy of this module's
// package policy grants.
func AlarmsQuiet(reader AlarmReader, names ...string) Gate {
	names = slices.Clone(names)
	return func(ctx context.Context, v Visit) error {
		if reader == nil {
			return Refuse(errors.New("AlarmsQuiet has no reader: give it one that asks CloudWatch"))
		}
		if len(names) == 0 {
			return Refuse(errors.New("AlarmsQuiet has no names: name the alarms"))
		}
		firing, err := reader.FiringAlarms(ctx, v.Account, v.Region, slices.Clone(names))
		if err != nil {
			return fmt.Errorf("reading alarms of account %s in %s: %w", v.Account, v.Region, err)
		}
		switch len(firing) {
		case 0:
			return nil
		case 1:
			return fmt.Errorf("alarm %q fires", firing[0])
		default:
			return fmt.Errorf("alarms %q fire", firing)
		}
	}
}
