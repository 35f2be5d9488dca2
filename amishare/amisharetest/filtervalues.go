package amisharetest

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func tagValues(list []types.Tag, name string) ([]string, bool) {
	var values []string
	key, byValue := strings.CutPrefix(name, "tag:")
	if !byValue && name != "tag-key" {
		return nil, false
	}
	for _, t := range list {
		switch {
		case !byValue:
			values = append(values, aws.ToString(t.Key))
		case aws.ToString(t.Key) == key:
			values = append(values, aws.ToString(t.Value))
		}
	}
	return values, true
}

func imageValues(i *types.Image, name string) ([]string, bool) {
	if field, ok := strings.CutPrefix(name, "block-device-mapping."); ok {
		return mappingValues(i.BlockDeviceMappings, field)
	}
	one := func(s string) ([]string, bool) { return present(s), true }
	switch name {
	case "architecture":
		return one(string(i.Architecture))
	case "boot-mode":
		return one(string(i.BootMode))
	case "creation-date":
		return one(aws.ToString(i.CreationDate))
	case "description":
		return one(aws.ToString(i.Description))
	case "ena-support":
		return one(boolean(i.EnaSupport))
	case "free-tier-eligible":
		return one(boolean(i.FreeTierEligible))
	case "hypervisor":
		return one(string(i.Hypervisor))
	case "image-allowed":
		return one(boolean(i.ImageAllowed))
	case "image-id":
		return one(aws.ToString(i.ImageId))
	case "image-type":
		return one(string(i.ImageType))
	case "is-public":
		return one(boolean(i.Public))
	case "kernel-id":
		return one(aws.ToString(i.KernelId))
	case "manifest-location":
		return one(aws.ToString(i.ImageLocation))
	case "name":
		return one(aws.ToString(i.Name))
	case "owner-alias":
		return one(aws.ToString(i.ImageOwnerAlias))
	case "owner-id":
		return one(aws.ToString(i.OwnerId))
	case "platform":
		return one(string(i.Platform))
	case "product-code", "product-code.type":
		return productCodes(i.ProductCodes, name), true
	case "public-ssm-parameter-name":
		return one(aws.ToString(i.PublicSsmParameterName))
	case "ramdisk-id":
		return one(aws.ToString(i.RamdiskId))
	case "root-device-name":
		return one(aws.ToString(i.RootDeviceName))
	case "root-device-type":
		return one(string(i.RootDeviceType))
	case "source-image-id":
		return one(aws.ToString(i.SourceImageId))
	case "source-image-region":
		return one(aws.ToString(i.SourceImageRegion))
	case "source-instance-id":
		return one(aws.ToString(i.SourceInstanceId))
	case "sriov-net-support":
		return one(aws.ToString(i.SriovNetSupport))
	case "state":
		return one(string(i.State))
	case "state-reason-code", "state-reason-message":
		return stateReason(i.StateReason, name), true
	case "virtualization-type":
		return one(string(i.VirtualizationType))
	default:
		return tagValues(i.Tags, name)
	}
}

func productCodes(codes []types.ProductCode, name string) []string {
	var values []string
	for _, c := range codes {
		if name == "product-code" {
			values = append(values, aws.ToString(c.ProductCodeId))
		} else {
			values = append(values, string(c.ProductCodeType))
		}
	}
	return values
}

func stateReason(reason *types.StateReason, name string) []string {
	switch {
	case reason == nil:
		return nil
	case name == "state-reason-code":
		return present(aws.ToString(reason.Code))
	default:
		return present(aws.ToString(reason.Message))
	}
}

func mappingValues(mappings []types.BlockDeviceMapping, field string) ([]string, bool) {
	switch field {
	case "delete-on-termination", "device-name", "encrypted", "snapshot-id", "volume-size", "volume-type":
	default:
		return nil, false
	}
	var values []string
	for _, m := range mappings {
		ebs := m.Ebs
		if ebs == nil {
			ebs = &types.EbsBlockDevice{}
		}
		var value string
		switch field {
		case "delete-on-termination":
			value = boolean(ebs.DeleteOnTermination)
		case "device-name":
			value = aws.ToString(m.DeviceName)
		case "encrypted":
			value = boolean(ebs.Encrypted)
		case "snapshot-id":
			value = aws.ToString(ebs.SnapshotId)
		case "volume-size":
			value = integer(ebs.VolumeSize)
		case "volume-type":
			value = string(ebs.VolumeType)
		}
		values = append(values, present(value)...)
	}
	return values, true
}

func snapshotValues(s *types.Snapshot, name string) ([]string, bool) {
	one := func(v string) ([]string, bool) { return present(v), true }
	switch name {
	case "description":
		return one(aws.ToString(s.Description))
	case "encrypted":
		return one(boolean(s.Encrypted))
	case "owner-alias":
		return one(aws.ToString(s.OwnerAlias))
	case "owner-id":
		return one(aws.ToString(s.OwnerId))
	case "progress":
		return one(aws.ToString(s.Progress))
	case "snapshot-id":
		return one(aws.ToString(s.SnapshotId))
	case "start-time":
		return one(aws.ToTime(s.StartTime).Format(time.RFC3339))
	case "status":
		return one(string(s.State))
	case "storage-tier":
		return one(string(s.StorageTier))
	case "transfer-type":
		return one(string(s.TransferType))
	case "volume-id":
		return one(aws.ToString(s.VolumeId))
	case "volume-size":
		return one(integer(s.VolumeSize))
	default:
		return tagValues(s.Tags, name)
	}
}

func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func boolean(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

func integer(i *int32) string {
	if i == nil {
		return ""
	}
	return strconv.Itoa(int(*i))
}
