package amisharetest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// maxModifications is the limit of one ModifySnapshotAttribute (EC2 API Reference).
const maxModifications = 500

func describeSnapshotAttribute(r *request, in *ec2.DescribeSnapshotAttributeInput) (*ec2.DescribeSnapshotAttributeOutput, func(), error) {
	id := aws.ToString(in.SnapshotId)
	if err := r.allow("DescribeSnapshotAttribute", r.snapshotResource(id, r.encryption(id))); err != nil {
		return nil, nil, err
	}
	if in.Attribute == "" {
		return nil, nil, missing("Attribute")
	}
	snap, err := r.ownSnapshot(in.SnapshotId)
	if err != nil {
		return nil, nil, err
	}
	out := &ec2.DescribeSnapshotAttributeOutput{SnapshotId: deep.Copy(in.SnapshotId)}
	switch in.Attribute {
	case types.SnapshotAttributeNameCreateVolumePermission:
		out.CreateVolumePermissions = snap.shown(r.now).create()
	case types.SnapshotAttributeNameProductCodes:
		out.ProductCodes = []types.ProductCode{}
	default:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid. Unknown attribute.", in.Attribute)
	}
	return out, nil, nil
}

// modifySnapshotAttribute refuses to add and remove in one call and more than 500
// modifications, as the API Reference says; the codes of both are inferred.
func modifySnapshotAttribute(r *request, in *ec2.ModifySnapshotAttributeInput) (*ec2.ModifySnapshotAttributeOutput, func(), error) {
	asked, malformed := createChange(in)
	keys := createKeys(asked)
	if err := r.allow("ModifySnapshotAttribute", r.snapshotResource(aws.ToString(in.SnapshotId), keys)); err != nil {
		return nil, nil, err
	}
	snap, err := r.ownSnapshot(in.SnapshotId)
	switch {
	case err != nil:
		return nil, nil, err
	case malformed != nil:
		return nil, nil, malformed
	case asked.size() == 0:
		return nil, nil, missing("CreateVolumePermission")
	case len(asked.add) > 0 && len(asked.remove) > 0:
		return nil, nil, refuse("InvalidParameterCombination", "You can't add and remove create volume permissions in a single operation")
	case asked.size() > maxModifications:
		return nil, nil, refuse("InvalidParameterValue", "%d modifications are more than the limit of %d", asked.size(), maxModifications)
	}
	for _, to := range slices.Concat(asked.add, asked.remove) {
		if err := checkCreateGrant(to); err != nil {
			return nil, nil, err
		}
	}
	if err := r.checkCreate(snap, asked.add); err != nil {
		return nil, nil, err
	}
	return &ec2.ModifySnapshotAttributeOutput{}, func() {
		snap.permit(asked.of(snap.grants), r.now, r.server.opts.SnapshotPermissionLag)
	}, nil
}

func resetSnapshotAttribute(r *request, in *ec2.ResetSnapshotAttributeInput) (*ec2.ResetSnapshotAttributeOutput, func(), error) {
	keys := map[string][]string{"ec2:Attribute": present(string(in.Attribute))}
	if err := r.allow("ResetSnapshotAttribute", r.snapshotResource(aws.ToString(in.SnapshotId), keys)); err != nil {
		return nil, nil, err
	}
	snap, err := r.ownSnapshot(in.SnapshotId)
	switch {
	case err != nil:
		return nil, nil, err
	case in.Attribute == "":
		return nil, nil, missing("Attribute")
	case in.Attribute != types.SnapshotAttributeNameCreateVolumePermission:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	return &ec2.ResetSnapshotAttributeOutput{}, func() {
		snap.permit(nil, r.now, r.server.opts.SnapshotPermissionLag)
	}, nil
}

// createKeys are the condition keys of a change. That ec2:Attribute has the name that
// the request has is inferred.
func createKeys(asked change) map[string][]string {
	keys := map[string][]string{"ec2:Attribute": {string(types.SnapshotAttributeNameCreateVolumePermission)}}
	for prefix, list := range map[string]grants{"ec2:Add/": asked.add, "ec2:Remove/": asked.remove} {
		for _, to := range list {
			if to.user != "" {
				keys[prefix+"userId"] = append(keys[prefix+"userId"], to.user)
			}
			if to.group != "" {
				keys[prefix+"group"] = append(keys[prefix+"group"], to.group)
			}
		}
	}
	return keys
}

// createChange reads both forms of a request.
func createChange(in *ec2.ModifySnapshotAttributeInput) (change, error) {
	var c change
	switch in.Attribute {
	case "", types.SnapshotAttributeNameCreateVolumePermission:
	case types.SnapshotAttributeNameProductCodes:
		return c, refuse("InvalidParameterValue", "Only volume creation permissions can be modified.")
	default:
		return c, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	if in.CreateVolumePermission != nil {
		c = change{createGrants(in.CreateVolumePermission.Add), createGrants(in.CreateVolumePermission.Remove)}
	}
	return c.with(in.OperationType, flatGrants(in.UserIds, in.GroupNames, nil, nil), in.CreateVolumePermission != nil)
}

// checkCreate applies the rules for granting. The refusal for aws/ebs is the
// service's own; that for a public grant has its code by analogy.
func (r *request) checkCreate(snap *snapshot, add grants) error {
	public := add.public()
	switch {
	case len(add) == 0:
		return nil
	case public && r.own().blockSnapshots != types.SnapshotBlockPublicAccessStateUnblocked:
		return refuse("OperationNotPermitted", "You can't publicly share this snapshot because block public access for snapshots is enabled for this account.")
	case snap.managed(r.region):
		return refuse("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
	case public && aws.ToBool(snap.Encrypted):
		return refuse("OperationNotPermitted", "Encrypted snapshots cannot be shared publicly")
	default:
		return nil
	}
}

func checkCreateGrant(to grant) error {
	switch {
	case to.user != "" && !accountID.MatchString(to.user):
		return refuse("InvalidParameterValue", "Value (%s) for parameter userId is invalid.", to.user)
	case to.group != "" && !isEveryone(to.group):
		return refuse("InvalidParameterValue", "Value (%s) for parameter group is invalid.", to.group)
	case to == grant{}:
		return missing("CreateVolumePermission")
	default:
		return nil
	}
}
