package hyperpod

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// checkGroup judges a group's specification. path is where it stands in the request,
// empty when it stands alone.
func checkGroup(spec types.ClusterInstanceGroupSpecification, path string, in setting) []hyperpodkit.Finding {
	findings := modelFindings(smmodel.Shape("ClusterInstanceGroupSpecification", path, &spec))
	return append(findings, groupRules(&spec, path, in)...)
}

// groupRules judges of a group what the model cannot say.
func groupRules(spec *types.ClusterInstanceGroupSpecification, path string, in setting) []hyperpodkit.Finding {
	c := checker{in: in, path: path}
	c.instances(spec)
	c.image(spec)
	c.volumes(spec.InstanceStorageConfigs)
	c.lifecycle(spec.LifeCycleConfig)
	c.kubernetes(spec)
	c.slurm(spec.SlurmConfig)
	c.schedule(spec.ScheduledUpdateConfig)
	if patch := spec.AutoPatchConfig; patch != nil {
		c.deployment("AutoPatchConfig.DeploymentConfig", patch.DeploymentConfig)
	}
	c.healthChecks(spec.OnStartDeepHealthChecks)
	if r := spec.CapacityRequirements; r != nil && r.Spot != nil && r.OnDemand != nil {
		c.add(hyperpodkit.Unknown, "one-capacity", "CapacityRequirements", "Spot and OnDemand are both set, and AWS does not say what that means", "set one of the two")
	}
	return c.findings
}

// checkRestricted judges a restricted group's specification, as checkGroup does that
// of a regular one.
func checkRestricted(spec types.ClusterRestrictedInstanceGroupSpecification, path string, in setting) []hyperpodkit.Finding {
	findings := modelFindings(smmodel.Shape("ClusterRestrictedInstanceGroupSpecification", path, &spec))
	return append(findings, restrictedRules(&spec, path, in)...)
}

// restrictedRules judges of a restricted group what the model cannot say.
func restrictedRules(spec *types.ClusterRestrictedInstanceGroupSpecification, path string, in setting) []hyperpodkit.Finding {
	c := checker{in: in, path: path, restricted: true}
	c.volumes(spec.InstanceStorageConfigs)
	c.schedule(spec.ScheduledUpdateConfig)
	c.healthChecks(spec.OnStartDeepHealthChecks)
	return c.findings
}

// instances holds what the SDK's ClusterInstanceGroupSpecification says of instance
// types and counts, and the developer guide of flexible instance groups.
func (c *checker) instances(spec *types.ClusterInstanceGroupSpecification) {
	switch {
	case spec.InstanceType == "" && spec.InstanceRequirements == nil:
		c.refuse("instance-type", "InstanceType", "missing", "set InstanceType, or InstanceRequirements for a flexible group")
	case spec.InstanceType != "" && spec.InstanceRequirements != nil:
		c.refuse("instance-type", "InstanceRequirements", "InstanceType is set too", "set one of the two")
	case spec.InstanceRequirements != nil:
		c.needsContinuous("InstanceRequirements", "set InstanceType")
	}
	if r := spec.InstanceRequirements; r != nil {
		for i, t := range r.InstanceTypes {
			if slices.Index(r.InstanceTypes, t) < i {
				c.refuse("unique-types", fmt.Sprintf("InstanceRequirements.InstanceTypes[%d]", i), fmt.Sprintf("%s is named twice", t), "name it once, where its priority is")
			}
		}
	}
	if spec.MinInstanceCount == nil {
		return
	}
	if spec.InstanceCount != nil && *spec.MinInstanceCount > *spec.InstanceCount {
		c.refuse("min-count", "MinInstanceCount", fmt.Sprintf("%d is more than InstanceCount, %d", *spec.MinInstanceCount, *spec.InstanceCount), "lower it")
	}
	c.needsContinuous("MinInstanceCount", "leave it out")
}

func (c *checker) image(spec *types.ClusterInstanceGroupSpecification) {
	image := aws.ToString(spec.ImageId)
	if image == "" || image == defaultImage {
		return
	}
	if c.in.mode == wholeMode {
		c.warn("needs-continuous", "ImageId", "an AMI on a cluster whose NodeProvisioningMode is not Continuous",
			"AWS shows AMIs of one's own on Continuous clusters only; it does not say that others refuse them")
	}
	for _, field := range []struct {
		member string
		set    bool
	}{
		{"AutoPatchConfig", spec.AutoPatchConfig != nil},
		{"ScheduledUpdateConfig", spec.ScheduledUpdateConfig != nil},
		{"ImageReleaseVersion", spec.ImageReleaseVersion != nil},
	} {
		if field.set {
			c.warn("managed-image-fields", field.member, "it is meant for HyperPod's own images, and the group runs "+image, "leave it out")
		}
	}
}

// lifecycle warns of scripts that cannot be found; inferred from the SDK's
// ClusterLifeCycleConfig, which names the scripts relative to SourceS3Uri.
func (c *checker) lifecycle(config *types.ClusterLifeCycleConfig) {
	if config == nil {
		return
	}
	switch scripts := config.OnCreate != nil || config.OnInitComplete != nil; {
	case scripts && config.SourceS3Uri == nil:
		c.warn("lifecycle-source", "LifeCycleConfig.SourceS3Uri", "missing, and a script is named", "say where the scripts lie")
	case !scripts && config.SourceS3Uri != nil:
		c.warn("lifecycle-source", "LifeCycleConfig.SourceS3Uri", "set, and no script is named", "set OnCreate or OnInitComplete")
	}
}

// slurm holds the rules of the developer guide's page on continuous provisioning with
// Slurm.
func (c *checker) slurm(config *types.ClusterSlurmConfig) {
	switch {
	case config != nil && c.in.orchestrator == "eks":
		c.refuse("orchestrator-fields", "SlurmConfig", "the cluster is orchestrated by EKS", "leave it out")
	case config == nil && c.in.orchestrator == "slurm" && c.in.mode == continuousMode:
		c.warn("slurm-config", "SlurmConfig", "missing, and the cluster is a Continuous one on Slurm", "say with NodeType what the group's nodes do")
	}
}

// schedule holds the form of a schedule as the developer guide's page on updating the
// software of a cluster gives it.
func (c *checker) schedule(config *types.ScheduledUpdateConfig) {
	if config == nil {
		return
	}
	if text := aws.ToString(config.ScheduleExpression); text != "" {
		inner, opened := strings.CutPrefix(text, "cron(")
		inner, closed := strings.CutSuffix(inner, ")")
		if !opened || !closed || len(strings.Fields(inner)) != 6 {
			c.refuse("schedule", "ScheduledUpdateConfig.ScheduleExpression", "no cron expression of six fields",
				"use cron(minutes hours day-of-month month day-of-week year), such as cron(0 3 ? * SUN *)")
		}
	}
	c.deployment("ScheduledUpdateConfig.DeploymentConfig", config.DeploymentConfig)
}

// deployment judges how the group is to update itself. That batches and alarms are for
// EKS is said by the developer guide of UpdateClusterSoftware; that it holds for
// updates by schedule too is inferred.
func (c *checker) deployment(at string, config *types.DeploymentConfiguration) {
	if config == nil {
		return
	}
	if c.in.orchestrator == "slurm" {
		c.warn("needs-eks", at, "batches, waits and alarms are for clusters on EKS, and this one is on Slurm", "leave it out")
	}
	policy := config.RollingUpdatePolicy
	if policy == nil {
		return
	}
	c.percentage(at+".RollingUpdatePolicy.MaximumBatchSize.Value", policy.MaximumBatchSize)
	c.percentage(at+".RollingUpdatePolicy.RollbackMaximumBatchSize.Value", policy.RollbackMaximumBatchSize)
}

func (c *checker) percentage(at string, size *types.CapacitySizeConfig) {
	if size != nil && size.Type == types.NodeUnavailabilityTypeCapacityPercentage && aws.ToInt32(size.Value) > 100 {
		c.warn("batch-size", at, fmt.Sprintf("%d percent", *size.Value), "use 1 to 100")
	}
}

func (c *checker) healthChecks(checks []types.DeepHealthCheckType) {
	for i, check := range checks {
		at := fmt.Sprintf("OnStartDeepHealthChecks[%d]", i)
		if slices.Index(checks, check) < i {
			c.warn("unique-checks", at, fmt.Sprintf("%s is named twice", check), "name it once")
		}
		if check == types.DeepHealthCheckTypeMultiNodeTrainingValidation && c.in.orchestrator == "slurm" {
			c.warn("needs-eks", at, string(check)+" is known on clusters on EKS only, and this one is on Slurm", "leave it out")
		}
	}
}
