package hyperpod

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// GroupOutcome is how an instance group came out of a workflow.
type GroupOutcome uint8

const (
	// OutcomeUndecided means that the workflow ended before it was seen how the group
	// comes out. Detail is the group's status word then.
	OutcomeUndecided GroupOutcome = iota
	// OutcomeInService means that the group is in service with as many instances as it
	// was to have.
	OutcomeInService
	// OutcomeDeleted means that the group is gone.
	OutcomeDeleted
	// OutcomeOnImage means that every node runs the image that was asked for.
	OutcomeOnImage
	// OutcomeUnproven means that nothing speaks against [OutcomeOnImage], but that the
	// service reports too little to tell. It is no error.
	OutcomeUnproven
	// OutcomeUnchanged means that the group ran the image already, and was left alone.
	OutcomeUnchanged
	// OutcomeNotRolled means that the group is a restricted one, whose image the service
	// does not change.
	OutcomeNotRolled
	// OutcomeReset means that the group is in service and its target is another count than
	// was asked for: the service has put the former one back after a failure, somebody
	// else has changed it, or the request was never carried out.
	OutcomeReset
	// OutcomeRolledBack means that the service has put the former image back.
	OutcomeRolledBack
	// OutcomeIncomplete means that the software update is over, and that nodes are left on
	// the former image.
	OutcomeIncomplete
	// OutcomeSuperseded means that the group is to run another image by now, neither the
	// one that was asked for nor the former.
	OutcomeSuperseded
	// OutcomeNeverStarted means that no sign of the software update was seen.
	OutcomeNeverStarted
	// OutcomeFailed means that the service calls the group failed, or that its software
	// update failed and the former image was not put back cleanly.
	OutcomeFailed
	// OutcomeTakenBack means that the group came onto the image, and was taken back to what
	// it ran before because another group failed. Where the service does not say which
	// image runs, Detail says that it is unproven.
	OutcomeTakenBack
	// OutcomeNotReached means that the workflow ended before it came to the group, which
	// was left alone.
	OutcomeNotReached
)

// String returns the outcome in words, such as "in service" or "rolled back".
func (o GroupOutcome) String() string {
	switch o {
	case OutcomeUndecided:
		return "undecided"
	case OutcomeInService:
		return "in service"
	case OutcomeDeleted:
		return "deleted"
	case OutcomeOnImage:
		return "on the image"
	case OutcomeUnproven:
		return "unproven"
	case OutcomeUnchanged:
		return "unchanged"
	case OutcomeNotRolled:
		return "not rolled"
	case OutcomeReset:
		return "reset"
	case OutcomeRolledBack:
		return "rolled back"
	case OutcomeIncomplete:
		return "incomplete"
	case OutcomeSuperseded:
		return "superseded"
	case OutcomeNeverStarted:
		return "never started"
	case OutcomeFailed:
		return "failed"
	case OutcomeTakenBack:
		return "taken back"
	case OutcomeNotReached:
		return "not reached"
	default:
		return "unknown"
	}
}

// MarshalText encodes the outcome as its words.
func (o GroupOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome's words.
func (o *GroupOutcome) UnmarshalText(text []byte) error {
	for outcome := OutcomeUndecided; outcome <= OutcomeNotReached; outcome++ {
		if outcome.String() == string(text) {
			*o = outcome
			return nil
		}
	}
	return fmt.Errorf("%q is no outcome of a group", text)
}

// countOutcome judges a group that was to have a count, by a description of it, and says
// what there is to add. A cluster that is not Continuous may give its groups no status.
func countOutcome(status types.InstanceGroupStatus, cluster types.ClusterStatus, current, target, wanted int32) (outcome GroupOutcome, detail string) {
	if status == "" && cluster == types.ClusterStatusInservice {
		status = types.InstanceGroupStatusInservice
	}
	switch {
	case status == types.InstanceGroupStatusFailed:
		return OutcomeFailed, ""
	case status != types.InstanceGroupStatusInservice:
		return OutcomeUndecided, cmp.Or(string(status), string(cluster))
	case target != wanted:
		return OutcomeReset, ""
	case current != wanted:
		return OutcomeUndecided, string(status)
	default:
		return OutcomeInService, ""
	}
}

// softwareOutcome is how a wait for a software update judged a group.
func softwareOutcome(o waiter.SoftwareOutcome) GroupOutcome {
	switch o {
	case waiter.SoftwareSucceeded:
		return OutcomeOnImage
	case waiter.SoftwareUnproven:
		return OutcomeUnproven
	case waiter.SoftwareRolledBack:
		return OutcomeRolledBack
	case waiter.SoftwareFailed:
		return OutcomeFailed
	case waiter.SoftwareIncomplete:
		return OutcomeIncomplete
	case waiter.SoftwareNeverStarted:
		return OutcomeNeverStarted
	case waiter.SoftwareSuperseded:
		return OutcomeSuperseded
	case waiter.SoftwareUndecided:
		return OutcomeUndecided
	default:
		return OutcomeUndecided
	}
}
