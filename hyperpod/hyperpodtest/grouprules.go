package hyperpodtest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest/internal/cron"
	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
)

// groupRules checks sent groups by themselves and together.
type groupRules struct {
	server     *Server
	who        request
	continuous bool
	eks        bool
}

func (r groupRules) check(groups []types.ClusterInstanceGroupSpecification, restricted []types.ClusterRestrictedInstanceGroupSpecification) error {
	seen := map[string]bool{}
	for _, g := range restricted {
		if seen[*g.InstanceGroupName] {
			return invalid("Instance group name %s is used more than once.", *g.InstanceGroupName)
		}
		seen[*g.InstanceGroupName] = true
		if err := r.restricted(g); err != nil {
			return err
		}
	}
	for _, g := range groups {
		if seen[*g.InstanceGroupName] {
			return invalid("Instance group name %s is used more than once.", *g.InstanceGroupName)
		}
		seen[*g.InstanceGroupName] = true
		if err := r.group(g); err != nil {
			return err
		}
	}
	return nil
}

func (r groupRules) restricted(g types.ClusterRestrictedInstanceGroupSpecification) error {
	name := *g.InstanceGroupName
	if len(volumeKeys(g.InstanceStorageConfigs)) > 0 {
		return invalid("VolumeKmsKeyId is not supported for the restricted instance group %s.", name)
	}
	if err := validSchedule(name, g.ScheduledUpdateConfig); err != nil {
		return err
	}
	return r.volumes(name, g.InstanceStorageConfigs)
}

func (r groupRules) group(g types.ClusterInstanceGroupSpecification) error {
	name := *g.InstanceGroupName
	image := aws.ToString(g.ImageId)
	switch {
	case (g.InstanceType == "") == (g.InstanceRequirements == nil):
		return invalid("Instance group %s must have exactly one of InstanceType and InstanceRequirements.", name)
	case g.InstanceRequirements != nil && !r.continuous:
		return invalid("InstanceRequirements of instance group %s needs NodeProvisioningMode Continuous.", name)
	case g.InstanceRequirements != nil && repeats(g.InstanceRequirements.InstanceTypes):
		return invalid("InstanceRequirements of instance group %s names an instance type twice.", name)
	case !r.eks && slices.Contains(g.OnStartDeepHealthChecks, types.DeepHealthCheckTypeMultiNodeTrainingValidation):
		return invalid("OnStartDeepHealthChecks of instance group %s: MultiNodeTrainingValidation is supported for clusters orchestrated by EKS only.", name)
	case g.MinInstanceCount != nil && !r.continuous:
		return invalid("MinInstanceCount of instance group %s needs NodeProvisioningMode Continuous.", name)
	case aws.ToInt32(g.MinInstanceCount) > *g.InstanceCount:
		return invalid("MinInstanceCount of instance group %s is greater than its InstanceCount.", name)
	case g.KubernetesConfig != nil && !r.eks:
		return invalid("KubernetesConfig of instance group %s is supported for clusters orchestrated by EKS only.", name)
	case g.SlurmConfig != nil && r.eks:
		return invalid("SlurmConfig of instance group %s is supported for clusters orchestrated by Slurm only.", name)
	case g.ImageReleaseVersion != nil && image != "" && image != defaultImage:
		return invalid("ImageReleaseVersion of instance group %s cannot be combined with the AMI %s.", name, image)
	case r.server.options.StrictRoles && accountOf(*g.ExecutionRole) != r.who.who.Account:
		return invalid("ExecutionRole %s of instance group %s is of another account than %s.", *g.ExecutionRole, name, r.who.who.Account)
	}
	if err := validSchedule(name, g.ScheduledUpdateConfig); err != nil {
		return err
	}
	if err := validKubernetes(name, g); err != nil {
		return err
	}
	return r.volumes(name, g.InstanceStorageConfigs)
}

func repeats[T cmp.Ordered](list []T) bool {
	return len(slices.Compact(slices.Sorted(slices.Values(list)))) < len(list)
}

func validSchedule(group string, config *types.ScheduledUpdateConfig) error {
	if config == nil {
		return nil
	}
	if _, err := cron.Parse(aws.ToString(config.ScheduleExpression)); err != nil {
		return invalid("ScheduledUpdateConfig of instance group %s: %v", group, err)
	}
	return nil
}

// reservedPrefixes are those of labels and taints that the service keeps for itself, by
// the SDK's documentation of ClusterKubernetesConfig.
var reservedPrefixes = []string{"kubernetes.io/", "k8s.io/", "sagemaker.amazonaws.com/", "eks.amazonaws.com/", "k8s.aws/", "karpenter.sh/"}

func validKubernetes(name string, g types.ClusterInstanceGroupSpecification) error {
	if g.KubernetesConfig == nil {
		return nil
	}
	keys := slices.Collect(maps.Keys(g.KubernetesConfig.Labels))
	for _, t := range g.KubernetesConfig.Taints {
		keys = append(keys, *t.Key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		for _, prefix := range reservedPrefixes {
			if strings.HasPrefix(key, prefix) {
				return invalid("KubernetesConfig of instance group %s uses the reserved prefix %s.", name, prefix)
			}
		}
	}
	if len(g.KubernetesConfig.Taints) > 0 && len(g.OnStartDeepHealthChecks) > 0 {
		return invalid("KubernetesConfig of instance group %s cannot have taints beside OnStartDeepHealthChecks.", name)
	}
	return nil
}

func (r groupRules) volumes(name string, volumes []types.ClusterInstanceStorageConfig) error {
	roots, secondaries := 0, 0
	for _, v := range ebs.Volumes(volumes) {
		root, key, size := aws.ToBool(v.RootVolume), v.VolumeKmsKeyId, v.VolumeSizeInGB
		switch {
		case root && key == nil:
			return invalid("The root volume of instance group %s must have a VolumeKmsKeyId.", name)
		case root && size != nil:
			return invalid("The root volume of instance group %s must not have a VolumeSizeInGB.", name)
		case !root && size == nil:
			return invalid("A volume of instance group %s must have a VolumeSizeInGB.", name)
		case key != nil && !r.continuous:
			return invalid("VolumeKmsKeyId of instance group %s needs NodeProvisioningMode Continuous.", name)
		case root:
			roots++
		default:
			secondaries++
		}
	}
	if roots > 1 || secondaries > 1 {
		return invalid("Instance group %s has more than one root or more than one secondary EBS volume.", name)
	}
	return nil
}

// accountOf is the account in an ARN, empty in anything else.
func accountOf(s string) string {
	a, _ := arn.Parse(s)
	return a.AccountID
}
