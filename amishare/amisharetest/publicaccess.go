package amisharetest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Block public access for AMIs and for snapshots is a setting of an account in a
// Region. On AWS a change takes up to ten minutes for AMIs (EC2 User Guide, "Block
// public access to your AMIs"); here it takes effect at once.

const unblocked = "unblocked"

func getImageBlockPublicAccessState(r *request, _ *ec2.GetImageBlockPublicAccessStateInput) (*ec2.GetImageBlockPublicAccessStateOutput, func(), error) {
	state := unblocked
	if r.own().blockImages {
		state = string(types.ImageBlockPublicAccessEnabledStateBlockNewSharing)
	}
	return &ec2.GetImageBlockPublicAccessStateOutput{
		ImageBlockPublicAccessState: aws.String(state), ManagedBy: types.ManagedByAccount,
	}, nil, r.allow("GetImageBlockPublicAccessState")
}

func enableImageBlockPublicAccess(r *request, in *ec2.EnableImageBlockPublicAccessInput) (*ec2.EnableImageBlockPublicAccessOutput, func(), error) {
	if err := r.allow("EnableImageBlockPublicAccess"); err != nil {
		return nil, nil, err
	}
	switch in.ImageBlockPublicAccessState {
	case types.ImageBlockPublicAccessEnabledStateBlockNewSharing:
	case "":
		return nil, nil, missing("ImageBlockPublicAccessState")
	default:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter imageBlockPublicAccessState is invalid.", in.ImageBlockPublicAccessState)
	}
	out := &ec2.EnableImageBlockPublicAccessOutput{ImageBlockPublicAccessState: in.ImageBlockPublicAccessState}
	return out, func() { r.own().blockImages = true }, nil
}

func disableImageBlockPublicAccess(r *request, _ *ec2.DisableImageBlockPublicAccessInput) (*ec2.DisableImageBlockPublicAccessOutput, func(), error) {
	out := &ec2.DisableImageBlockPublicAccessOutput{ImageBlockPublicAccessState: types.ImageBlockPublicAccessDisabledStateUnblocked}
	return out, func() { r.own().blockImages = false }, r.allow("DisableImageBlockPublicAccess")
}

func getSnapshotBlockPublicAccessState(r *request, _ *ec2.GetSnapshotBlockPublicAccessStateInput) (*ec2.GetSnapshotBlockPublicAccessStateOutput, func(), error) {
	out := &ec2.GetSnapshotBlockPublicAccessStateOutput{State: r.own().blockSnapshots, ManagedBy: types.ManagedByAccount}
	return out, nil, r.allow("GetSnapshotBlockPublicAccessState")
}

func enableSnapshotBlockPublicAccess(r *request, in *ec2.EnableSnapshotBlockPublicAccessInput) (*ec2.EnableSnapshotBlockPublicAccessOutput, func(), error) {
	if err := r.allow("EnableSnapshotBlockPublicAccess"); err != nil {
		return nil, nil, err
	}
	switch in.State {
	case types.SnapshotBlockPublicAccessStateBlockAllSharing, types.SnapshotBlockPublicAccessStateBlockNewSharing:
	case "":
		return nil, nil, missing("State")
	case types.SnapshotBlockPublicAccessStateUnblocked:
		fallthrough
	default:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter state is invalid.", in.State)
	}
	out := &ec2.EnableSnapshotBlockPublicAccessOutput{State: in.State}
	return out, func() { r.own().blockSnapshots = in.State }, nil
}

func disableSnapshotBlockPublicAccess(r *request, _ *ec2.DisableSnapshotBlockPublicAccessInput) (*ec2.DisableSnapshotBlockPublicAccessOutput, func(), error) {
	out := &ec2.DisableSnapshotBlockPublicAccessOutput{State: types.SnapshotBlockPublicAccessStateUnblocked}
	return out, func() { r.own().blockSnapshots = out.State }, r.allow("DisableSnapshotBlockPublicAccess")
}
