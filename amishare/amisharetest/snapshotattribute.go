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
		out.CreateVolumePermissions = append([]types.CreateVolumePermission{}, deep.Copy(snap.shown(r.now))...)
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
	add, remove, malformed := createChanges(in)
	keys := createKeys(add, remove)
	if err := r.allow("ModifySnapshotAttribute", r.snapshotResource(aws.ToString(in.SnapshotId), keys)); err != nil {
		return nil, nil, err
	}
	snap, err := r.ownSnapshot(in.SnapshotId)
	switch {
	case err != nil:
		return nil, nil, err
	case malformed != nil:
		return nil, nil, malformed
	case len(add)+len(remove) == 0:
		return nil, nil, missing("CreateVolumePermission")
	case len(add) > 0 && len(remove) > 0:
		return nil, nil, refuse("InvalidParameterCombination", "You can't add and remove create volume permissions in a single operation")
	case len(add)+len(remove) > maxModifications:
		return nil, nil, refuse("InvalidParameterValue", "%d modifications are more than the limit of %d", len(add)+len(remove), maxModifications)
	}
	for _, p := range slices.Concat(add, remove) {
		if err := checkCreatePermission(p); err != nil {
			return nil, nil, err
		}
	}
	if err := r.checkCreate(snap, add); err != nil {
		return nil, nil, err
	}
	var after []types.CreateVolumePermission
	for _, p := range slices.Concat(snap.create, add) {
		if !hasCreate(remove, p) && !hasCreate(after, p) {
			after = append(after, p)
		}
	}
	return &ec2.ModifySnapshotAttributeOutput{}, func() {
		snap.permit(after, r.now, r.server.opts.SnapshotPermissionLag)
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
func createKeys(add, remove []types.CreateVolumePermission) map[string][]string {
	keys := map[string][]string{"ec2:Attribute": {string(types.SnapshotAttributeNameCreateVolumePermission)}}
	for prefix, list := range map[string][]types.CreateVolumePermission{"ec2:Add/": add, "ec2:Remove/": remove} {
		for _, p := range list {
			if p.UserId != nil {
				keys[prefix+"userId"] = append(keys[prefix+"userId"], *p.UserId)
			}
			if p.Group != "" {
				keys[prefix+"group"] = append(keys[prefix+"group"], string(p.Group))
			}
		}
	}
	return keys
}

func createChanges(in *ec2.ModifySnapshotAttributeInput) (add, remove []types.CreateVolumePermission, err error) {
	switch in.Attribute {
	case "", types.SnapshotAttributeNameCreateVolumePermission:
	case types.SnapshotAttributeNameProductCodes:
		return nil, nil, refuse("InvalidParameterValue", "Only volume creation permissions can be modified.")
	default:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	if in.CreateVolumePermission != nil {
		add, remove = in.CreateVolumePermission.Add, in.CreateVolumePermission.Remove
	}
	var flat []types.CreateVolumePermission
	for _, id := range in.UserIds {
		flat = append(flat, types.CreateVolumePermission{UserId: aws.String(id)})
	}
	for _, group := range in.GroupNames {
		flat = append(flat, types.CreateVolumePermission{Group: types.PermissionGroup(group)})
	}
	switch in.OperationType {
	case types.OperationTypeAdd:
		add = append(add, flat...)
	case types.OperationTypeRemove:
		remove = append(remove, flat...)
	case "":
		if len(flat) > 0 && in.CreateVolumePermission == nil {
			return nil, nil, missing("OperationType")
		}
	default:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter operationType is invalid.", in.OperationType)
	}
	return add, remove, nil
}

// checkCreate applies the rules for granting. The refusal for aws/ebs is the
// service's own; that for a public grant has its code by analogy.
func (r *request) checkCreate(snap *snapshot, add []types.CreateVolumePermission) error {
	public := slices.ContainsFunc(add, func(p types.CreateVolumePermission) bool { return p.Group == types.PermissionGroupAll })
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

func checkCreatePermission(p types.CreateVolumePermission) error {
	switch {
	case p.UserId != nil && !accountID.MatchString(*p.UserId):
		return refuse("InvalidParameterValue", "Value (%s) for parameter userId is invalid.", *p.UserId)
	case p.Group != "" && p.Group != types.PermissionGroupAll:
		return refuse("InvalidParameterValue", "Value (%s) for parameter group is invalid.", p.Group)
	case p.UserId == nil && p.Group == "":
		return missing("CreateVolumePermission")
	default:
		return nil
	}
}

func hasCreate(list []types.CreateVolumePermission, p types.CreateVolumePermission) bool {
	return slices.ContainsFunc(list, func(q types.CreateVolumePermission) bool {
		return p.Group == q.Group && aws.ToString(p.UserId) == aws.ToString(q.UserId)
	})
}
