package amishare

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// custom applies the rules for custom AMIs.
func (j *judge) custom(img types.Image) {
	if img.VirtualizationType != "" && img.VirtualizationType != types.VirtualizationTypeHvm {
		j.find(hyperpodkit.Error, RuleVirtualization, j.use.Image, fmt.Sprintf("has virtualization type %q", img.VirtualizationType), "use an HVM AMI")
	}
	if aws.ToBool(img.Public) {
		j.find(hyperpodkit.Warning, RulePublicImage, j.use.Image, "is public: every AWS account can launch it",
			"remove the launch permission of the group \"all\"")
	}
	j.volumes(img)
	j.base(img)
	if j.opts.Guard.Key == "" {
		return
	}
	j.guard(RuleImageTag, j.use.Image, img.Tags)
	for _, id := range snapshotIDs(img) {
		if snap, ok := j.seen.snapshots[id]; ok {
			j.guard(RuleSnapshotTag, id, snap.Tags)
		}
	}
}

// volumes applies the rules about what is in the AMI: one EBS root volume, whose
// snapshot is there, is complete, and is not encrypted unless allowed.
func (j *judge) volumes(img types.Image) {
	if img.RootDeviceType != types.DeviceTypeEbs {
		j.find(hyperpodkit.Error, RuleRootDevice, j.use.Image, fmt.Sprintf("has a root device of type %q", img.RootDeviceType), "use an AMI whose root device is an EBS volume")
		return
	}
	root := false
	for _, m := range volumes(img) {
		if aws.ToString(m.DeviceName) == aws.ToString(img.RootDeviceName) {
			root = true
			continue
		}
		j.find(hyperpodkit.Error, RuleExtraVolume, j.use.Image, "brings a further volume at "+aws.ToString(m.DeviceName),
			"make the AMI with its root volume alone; HyperPod adds volumes by InstanceStorageConfigs")
	}
	if !root {
		j.find(hyperpodkit.Error, RuleRootDevice, j.use.Image, fmt.Sprintf("has no EBS volume at its root device %s", aws.ToString(img.RootDeviceName)),
			"make the AMI anew from an instance or a snapshot")
	}
	for _, id := range snapshotIDs(img) {
		snap, ok := j.seen.snapshots[id]
		if !ok {
			j.find(hyperpodkit.Error, RuleSnapshotNotFound, id, "is the snapshot of "+j.use.Image+" but is not visible to this account; it may have been deleted",
				"make the AMI anew")
			continue
		}
		if snap.State != types.SnapshotStateCompleted {
			j.find(hyperpodkit.Error, RuleSnapshotState, id, fmt.Sprintf("is in state %q", snap.State), "wait until the snapshot is completed")
		}
		if snap.StorageTier == types.StorageTierArchive {
			j.find(hyperpodkit.Error, RuleSnapshotState, id, "is archived", "restore the snapshot to the standard tier")
		}
		if aws.ToBool(snap.Encrypted) {
			j.encrypted(id, aws.ToString(snap.KmsKeyId))
		}
	}
}
