package hyperpod

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// GroupFrom rebuilds the group that was asked for from what DescribeCluster says of
// it, with nothing dropped. Of pairs of current and desired values it takes the
// desired one, and the target count: a current value would cancel what is still on
// its way. A description cannot tell whether an image was left out or named, nor a
// patch date that has passed.
//
// The findings are warnings: instances still run another image than the one that is
// desired. It is an error when what was asked for cannot be known: [ErrBusy] while a
// software update is being rolled back, for the current and the desired image are
// swapped until that ends; a volume of a kind that this SDK does not know; labels or
// taints without their desired values.
func GroupFrom(live types.ClusterInstanceGroupDetails) (Group, []hyperpodkit.Finding, error) {
	spec, err := specFrom(live, time.Now())
	if err != nil {
		return Group{}, nil, err
	}
	return GroupFromSpec(spec), differingImages(live, ""), nil
}

// differingImages warns when a group has instances on another image than the one
// that new instances get.
func differingImages(live types.ClusterInstanceGroupDetails, path string) []hyperpodkit.Finding {
	current, desired := aws.ToString(live.CurrentImageId), aws.ToString(live.DesiredImageId)
	if current == "" || desired == "" || current == desired || aws.ToInt32(live.CurrentCount) == 0 {
		return nil
	}
	return []hyperpodkit.Finding{{
		Level: hyperpodkit.Warning, Rule: "images-differ", Path: path,
		Found: fmt.Sprintf("group %q still has instances on %s while %s is desired; new ones start on the latter", aws.ToString(live.InstanceGroupName), current, desired),
	}}
}

// specFrom is GroupFrom as the SDK's own struct, at a time. It shares what the
// description holds: whoever changes it copies it first.
func specFrom(live types.ClusterInstanceGroupDetails, now time.Time) (types.ClusterInstanceGroupSpecification, error) {
	if live.SoftwareUpdateStatus == types.SoftwareUpdateStatusRollbackInProgress {
		return types.ClusterInstanceGroupSpecification{}, fmt.Errorf("%w: the software update of instance group %q is being rolled back, and its current and desired image are swapped until that ends", ErrBusy, aws.ToString(live.InstanceGroupName))
	}
	if err := knownVolumes(live.InstanceGroupName, live.InstanceStorageConfigs); err != nil {
		return types.ClusterInstanceGroupSpecification{}, err
	}
	if k := live.KubernetesConfig; k != nil && (k.DesiredLabels == nil && len(k.CurrentLabels) > 0 || k.DesiredTaints == nil && len(k.CurrentTaints) > 0) {
		return types.ClusterInstanceGroupSpecification{}, fmt.Errorf("instance group %q: KubernetesConfig has current labels or taints and does not say which are desired; sent back they would be removed", aws.ToString(live.InstanceGroupName))
	}
	spec := types.ClusterInstanceGroupSpecification{
		InstanceGroupName:       live.InstanceGroupName,
		InstanceCount:           live.TargetCount,
		MinInstanceCount:        live.MinCount,
		InstanceType:            live.InstanceType,
		InstanceRequirements:    requirementsFrom(live.InstanceRequirements),
		ExecutionRole:           live.ExecutionRole,
		LifeCycleConfig:         live.LifeCycleConfig,
		ThreadsPerCore:          live.ThreadsPerCore,
		InstanceStorageConfigs:  live.InstanceStorageConfigs,
		OnStartDeepHealthChecks: nilIfEmpty(live.OnStartDeepHealthChecks),
		TrainingPlanArn:         nonEmpty(live.TrainingPlanArn),
		OverrideVpcConfig:       live.OverrideVpcConfig,
		CapacityRequirements:    live.CapacityRequirements,
		ScheduledUpdateConfig:   live.ScheduledUpdateConfig,
		AutoPatchConfig:         autoPatchFrom(live.AutoPatchConfig, now),
		ImageId:                 firstText(live.DesiredImageId, live.CurrentImageId),
		KubernetesConfig:        kubernetesFrom(live.KubernetesConfig),
		SlurmConfig:             slurmFrom(live.SlurmConfig),
		NetworkInterface:        networkFrom(live.NetworkInterface),
	}
	// A release version is one of HyperPod's own images and goes with no AMI.
	if image := aws.ToString(spec.ImageId); image == "" || image == defaultImage {
		spec.ImageReleaseVersion = firstText(live.DesiredImageReleaseVersion, live.CurrentImageReleaseVersion)
	}
	return spec, nil
}

// restrictedFrom is specFrom for a restricted group, and shares in the same way.
func restrictedFrom(live types.ClusterRestrictedInstanceGroupDetails) (types.ClusterRestrictedInstanceGroupSpecification, error) {
	if err := knownVolumes(live.InstanceGroupName, live.InstanceStorageConfigs); err != nil {
		return types.ClusterRestrictedInstanceGroupSpecification{}, err
	}
	spec := types.ClusterRestrictedInstanceGroupSpecification{
		InstanceGroupName:       live.InstanceGroupName,
		InstanceCount:           live.TargetCount,
		InstanceType:            live.InstanceType,
		ExecutionRole:           live.ExecutionRole,
		InstanceStorageConfigs:  live.InstanceStorageConfigs,
		OnStartDeepHealthChecks: nilIfEmpty(live.OnStartDeepHealthChecks),
		OverrideVpcConfig:       live.OverrideVpcConfig,
		ScheduledUpdateConfig:   live.ScheduledUpdateConfig,
		ThreadsPerCore:          live.ThreadsPerCore,
		TrainingPlanArn:         nonEmpty(live.TrainingPlanArn),
	}
	if e := live.EnvironmentConfig; e != nil {
		spec.EnvironmentConfig = &types.EnvironmentConfig{FSxLustreConfig: e.FSxLustreConfig}
	}
	return spec, nil
}

// knownVolumes refuses a group with a kind of volume that this SDK does not know: it
// arrives as nil, and sent back it would silently be gone.
func knownVolumes(group *string, volumes []types.ClusterInstanceStorageConfig) error {
	for i, v := range volumes {
		if _, unknown := v.(*types.UnknownUnionMember); v == nil || unknown {
			return fmt.Errorf("instance group %q: InstanceStorageConfigs[%d] is of a kind that this SDK does not know and would be lost; use a newer aws-sdk-go-v2/service/sagemaker", aws.ToString(group), i)
		}
	}
	return nil
}

func requirementsFrom(live *types.ClusterInstanceRequirementDetails) *types.ClusterInstanceRequirements {
	if live == nil {
		return nil
	}
	if len(live.DesiredInstanceTypes) > 0 {
		return &types.ClusterInstanceRequirements{InstanceTypes: live.DesiredInstanceTypes}
	}
	return &types.ClusterInstanceRequirements{InstanceTypes: live.CurrentInstanceTypes}
}

// autoPatchFrom keeps a patch date only while it lies ahead: sending one schedules it.
func autoPatchFrom(live *types.ClusterAutoPatchConfigDetails, now time.Time) *types.ClusterAutoPatchConfig {
	if live == nil {
		return nil
	}
	spec := &types.ClusterAutoPatchConfig{PatchingStrategy: live.PatchingStrategy, DeploymentConfig: live.DeploymentConfig}
	schedule := live.DesiredPatchSchedule
	if schedule == nil {
		schedule = live.CurrentPatchSchedule
	}
	if schedule != nil && schedule.NextPatchDate != nil && schedule.NextPatchDate.After(now) {
		spec.PatchSchedule = &types.ClusterPatchSchedule{NextPatchDate: schedule.NextPatchDate}
	}
	return spec
}

// kubernetesFrom keeps nil and empty apart: the service reads the lists as the whole
// truth, so an empty one removes what is there.
func kubernetesFrom(live *types.ClusterKubernetesConfigDetails) *types.ClusterKubernetesConfig {
	if live == nil {
		return nil
	}
	return &types.ClusterKubernetesConfig{Labels: live.DesiredLabels, Taints: live.DesiredTaints}
}

func slurmFrom(live *types.ClusterSlurmConfigDetails) *types.ClusterSlurmConfig {
	if live == nil {
		return nil
	}
	return &types.ClusterSlurmConfig{NodeType: live.NodeType, PartitionNames: live.PartitionNames}
}

func networkFrom(live *types.ClusterNetworkInterfaceDetails) *types.ClusterNetworkInterface {
	if live == nil {
		return nil
	}
	return &types.ClusterNetworkInterface{InterfaceType: live.InterfaceType}
}

func nonEmpty(s *string) *string {
	if aws.ToString(s) == "" {
		return nil
	}
	return s
}

func firstText(first, second *string) *string {
	if s := nonEmpty(first); s != nil {
		return s
	}
	return nonEmpty(second)
}

func nilIfEmpty[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}
