package amisharetest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// maxEntities is how many principals one AMI can be shared with in a Region, an
// organisation counting as one (EC2 User Guide, "AMI quotas").
const maxEntities = 1000

func describeImageAttribute(r *request, in *ec2.DescribeImageAttributeInput) (*ec2.DescribeImageAttributeOutput, func(), error) {
	if err := r.allow("DescribeImageAttribute", r.imageResource(aws.ToString(in.ImageId))); err != nil {
		return nil, nil, err
	}
	if in.Attribute == "" {
		return nil, nil, missing("Attribute")
	}
	img, err := r.ownImage(in.ImageId)
	if err != nil {
		return nil, nil, err
	}
	out := &ec2.DescribeImageAttributeOutput{ImageId: deep.Copy(in.ImageId)}
	switch in.Attribute {
	case types.ImageAttributeNameLaunchPermission:
		out.LaunchPermissions = img.grants.launch()
	case types.ImageAttributeNameDescription:
		out.Description = attribute(img.Description)
	case types.ImageAttributeNameKernel:
		out.KernelId = attribute(img.KernelId)
	case types.ImageAttributeNameRamdisk:
		out.RamdiskId = attribute(img.RamdiskId)
	case types.ImageAttributeNameProductCodes:
		out.ProductCodes = append([]types.ProductCode{}, deep.Copy(img.ProductCodes)...)
	case types.ImageAttributeNameSriovNetSupport:
		out.SriovNetSupport = attribute(img.SriovNetSupport)
	case types.ImageAttributeNameBootMode:
		out.BootMode = attribute(optional(string(img.BootMode)))
	case types.ImageAttributeNameTpmSupport:
		out.TpmSupport = attribute(optional(string(img.TpmSupport)))
	case types.ImageAttributeNameUefiData:
		out.UefiData = attribute(nil)
	case types.ImageAttributeNameLastLaunchedTime:
		out.LastLaunchedTime = attribute(img.LastLaunchedTime)
	case types.ImageAttributeNameImdsSupport:
		out.ImdsSupport = attribute(optional(string(img.ImdsSupport)))
	case types.ImageAttributeNameDeregistrationProtection:
		out.DeregistrationProtection = attribute(img.DeregistrationProtection)
	case types.ImageAttributeNameBlockDeviceMapping:
		// Deprecated; the SDK's doc comment gives this refusal.
		return nil, nil, refuse("AuthFailure", "Unauthorized attempt to access restricted resource")
	default:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid. Unknown attribute.", in.Attribute)
	}
	return out, nil, nil
}

func attribute(value *string) *types.AttributeValue {
	return &types.AttributeValue{Value: deep.Copy(value)}
}

func modifyImageAttribute(r *request, in *ec2.ModifyImageAttributeInput) (*ec2.ModifyImageAttributeOutput, func(), error) {
	if err := r.allow("ModifyImageAttribute", r.imageResource(aws.ToString(in.ImageId), imageKeys(in))); err != nil {
		return nil, nil, err
	}
	img, err := r.ownImage(in.ImageId)
	if err != nil {
		return nil, nil, err
	}
	asked, err := launchChange(in)
	if err != nil {
		return nil, nil, err
	}
	if err := r.checkLaunch(img, asked); err != nil {
		return nil, nil, err
	}
	description, imds := in.Description, in.ImdsSupport
	switch aws.ToString(in.Attribute) {
	case "description":
		description = cmp.Or(description, &types.AttributeValue{Value: in.Value})
	case "imdsSupport":
		imds = cmp.Or(imds, &types.AttributeValue{Value: in.Value})
	}
	if asked.size() == 0 && description == nil && imds == nil {
		return nil, nil, refuse("InvalidParameterCombination", "No attributes specified.")
	}
	if imds != nil && aws.ToString(imds.Value) != string(types.ImdsSupportValuesV20) {
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter imdsSupport is invalid. Expected: 'v2.0'.", aws.ToString(imds.Value))
	}
	return &ec2.ModifyImageAttributeOutput{}, func() {
		img.grants = asked.of(img.grants)
		if description != nil {
			img.Description = description.Value
		}
		if imds != nil {
			img.ImdsSupport = types.ImdsSupportValuesV20
		}
	}, nil
}

// imageKeys are the condition keys of a change. There is none for with whom an AMI is
// shared. That ec2:Attribute has the name that the request has is inferred.
func imageKeys(in *ec2.ModifyImageAttributeInput) map[string][]string {
	keys := map[string][]string{}
	set := func(name string, value *string) {
		keys["ec2:Attribute"] = append(keys["ec2:Attribute"], name)
		if value != nil {
			keys["ec2:Attribute/"+name] = []string{*value}
		}
	}
	if in.Description != nil {
		set(string(types.ImageAttributeNameDescription), in.Description.Value)
	}
	if in.ImdsSupport != nil {
		set(string(types.ImageAttributeNameImdsSupport), in.ImdsSupport.Value)
	}
	if name := aws.ToString(in.Attribute); name != "" && name != string(types.ImageAttributeNameLaunchPermission) {
		set(name, in.Value)
	}
	if in.LaunchPermission != nil || in.OperationType != "" || aws.ToString(in.Attribute) == string(types.ImageAttributeNameLaunchPermission) {
		set(string(types.ImageAttributeNameLaunchPermission), nil)
	}
	return keys
}

// launchChange reads both forms of a request.
func launchChange(in *ec2.ModifyImageAttributeInput) (change, error) {
	var c change
	if in.LaunchPermission != nil {
		c = change{launchGrants(in.LaunchPermission.Add), launchGrants(in.LaunchPermission.Remove)}
	}
	switch aws.ToString(in.Attribute) {
	case "", "launchPermission", "description", "imdsSupport":
	default:
		return c, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", *in.Attribute)
	}
	flat := flatGrants(in.UserIds, in.UserGroups, in.OrganizationArns, in.OrganizationalUnitArns)
	return c.with(in.OperationType, flat, in.LaunchPermission != nil)
}

func (r *request) checkLaunch(img *image, asked change) error {
	for _, to := range slices.Concat(asked.add, asked.remove) {
		if err := checkLaunchGrant(to); err != nil {
			return err
		}
	}
	if len(asked.add) == 0 {
		return nil
	}
	if err := r.checkShare(img, asked.add.public()); err != nil {
		return err
	}
	if n := len(asked.of(img.grants)); n > maxEntities && n > len(img.grants) {
		return refuse("ResourceLimitExceeded", "The image '%s' would be shared with %d entities, more than the quota of %d", *img.ImageId, n, maxEntities)
	}
	return nil
}

// checkShare applies the rules for granting anything. The refusal for aws/ebs is
// the service's own; that for a public grant has its code by analogy.
func (r *request) checkShare(img *image, public bool) error {
	if img.State != types.ImageStateAvailable {
		return refuse("InvalidAMIID.Unavailable", "The image ID '%s' is not available", *img.ImageId)
	}
	if public && r.own().blockImages {
		return refuse("OperationNotPermitted", "You can't publicly share this image because block public access for AMIs is enabled for this account.")
	}
	for _, id := range img.snapshots() {
		snap, ok := r.here().snapshots[id]
		switch {
		case !ok || !aws.ToBool(snap.Encrypted):
		case snap.managed(r.region):
			return refuse("InvalidParameter", "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.")
		case public:
			return refuse("InvalidParameter", "Encrypted snapshot %s can't be shared publicly. Specify another snapshot.", id)
		}
	}
	return nil
}

func checkLaunchGrant(to grant) error {
	for _, item := range []struct {
		kind, value string
		valid       func(string) bool
	}{
		{"userId", to.user, accountID.MatchString},
		{"group", to.group, isEveryone},
		{"organizationArn", to.organization, orgARN.MatchString},
		{"organizationalUnitArn", to.unit, unitARN.MatchString},
	} {
		if item.value != "" && !item.valid(item.value) {
			return refuse("InvalidAMIAttributeItemValue", `Invalid attribute item value "%s" for %s item type.`, item.value, item.kind)
		}
	}
	if to == (grant{}) {
		return missing("LaunchPermission")
	}
	return nil
}

func resetImageAttribute(r *request, in *ec2.ResetImageAttributeInput) (*ec2.ResetImageAttributeOutput, func(), error) {
	keys := map[string][]string{"ec2:Attribute": present(string(in.Attribute))}
	if err := r.allow("ResetImageAttribute", r.imageResource(aws.ToString(in.ImageId), keys)); err != nil {
		return nil, nil, err
	}
	img, err := r.ownImage(in.ImageId)
	switch {
	case err != nil:
		return nil, nil, err
	case in.Attribute == "":
		return nil, nil, missing("Attribute")
	case in.Attribute != types.ResetImageAttributeNameLaunchPermission:
		return nil, nil, refuse("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	return &ec2.ResetImageAttributeOutput{}, func() { img.grants = nil }, nil
}
