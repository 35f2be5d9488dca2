package hyperpod

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// defaultImage is the literal that stands for HyperPod's own newest image.
const defaultImage = "default"

// setting is what is known of the cluster that a group is meant for. The zero value
// knows nothing, and then nothing that depends on it is judged.
type setting struct {
	orchestrator string // "eks", "slurm", or "" when unknown
	mode         mode
}

// mode is a cluster's node provisioning mode, as far as it is known.
type mode uint8

const (
	unknownMode mode = iota
	continuousMode
	wholeMode // operations succeed or are rolled back as a whole
)

// settingOf reads a live cluster's setting.
func settingOf(orchestrator *types.ClusterOrchestrator, provisioning types.ClusterNodeProvisioningMode) setting {
	s := setting{orchestrator: "slurm", mode: wholeMode}
	if orchestrator != nil && orchestrator.Eks != nil {
		s.orchestrator = "eks"
	}
	if provisioning == types.ClusterNodeProvisioningModeContinuous {
		s.mode = continuousMode
	}
	return s
}

// modelFindings turns violations of the service's model into findings. An unknown
// instance type is a warning: new ones appear more often than this library.
func modelFindings(violations []smmodel.Violation) []hyperpodkit.Finding {
	findings := make([]hyperpodkit.Finding, 0, len(violations))
	for _, v := range violations {
		level := hyperpodkit.Error
		if v.Rule == smmodel.Enum && v.Shape == "ClusterInstanceType" {
			level = hyperpodkit.Warning
		}
		findings = append(findings, hyperpodkit.Finding{Level: level, Rule: "model-" + string(v.Rule), Path: v.Path, Found: v.Found(), Fix: v.Fix()})
	}
	return findings
}

// onlyErrors are the findings that stop a workflow.
func onlyErrors(findings []hyperpodkit.Finding) []hyperpodkit.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f hyperpodkit.Finding) bool { return f.Level != hyperpodkit.Error })
}

// checkGroup judges a group's specification. path is where it stands in the request,
// empty when it stands alone.
func checkGroup(spec types.ClusterInstanceGroupSpecification, path string, in setting) []hyperpodkit.Finding {
	c := groupChecker{in: in, path: path, findings: modelFindings(smmodel.Shape("ClusterInstanceGroupSpecification", path, spec))}
	c.instances(spec)
	c.image(spec)
	c.volumes(spec.InstanceStorageConfigs)
	if spec.KubernetesConfig != nil && in.orchestrator == "slurm" {
		c.refuse("orchestrator-fields", "KubernetesConfig", "the cluster is orchestrated by Slurm", "leave it out")
	}
	if spec.SlurmConfig != nil && in.orchestrator == "eks" {
		c.refuse("orchestrator-fields", "SlurmConfig", "the cluster is orchestrated by EKS", "leave it out")
	}
	return c.findings
}

type groupChecker struct {
	in       setting
	path     string
	findings []hyperpodkit.Finding
}

func (c *groupChecker) add(level hyperpodkit.Level, rule, member, found, fix string) {
	path := member
	if c.path != "" {
		path = c.path + "." + member
	}
	c.findings = append(c.findings, hyperpodkit.Finding{Level: level, Rule: rule, Path: path, Found: found, Fix: fix})
}

func (c *groupChecker) refuse(rule, member, found, fix string) {
	c.add(hyperpodkit.Error, rule, member, found, fix)
}

func (c *groupChecker) instances(spec types.ClusterInstanceGroupSpecification) {
	switch {
	case spec.InstanceType == "" && spec.InstanceRequirements == nil:
		c.refuse("instance-type", "InstanceType", "missing", "set InstanceType, or InstanceRequirements for a flexible group")
	case spec.InstanceType != "" && spec.InstanceRequirements != nil:
		c.refuse("instance-type", "InstanceRequirements", "InstanceType is set too", "set one of the two")
	case spec.InstanceRequirements != nil && c.in.mode == wholeMode:
		c.refuse("needs-continuous", "InstanceRequirements", "the cluster's NodeProvisioningMode is not Continuous", "set InstanceType")
	}
	if spec.MinInstanceCount == nil {
		return
	}
	if spec.InstanceCount != nil && *spec.MinInstanceCount > *spec.InstanceCount {
		c.refuse("min-count", "MinInstanceCount", fmt.Sprintf("%d is more than InstanceCount, %d", *spec.MinInstanceCount, *spec.InstanceCount), "lower it")
	}
	if c.in.mode == wholeMode {
		c.refuse("needs-continuous", "MinInstanceCount", "the cluster's NodeProvisioningMode is not Continuous", "leave it out")
	}
}

func (c *groupChecker) image(spec types.ClusterInstanceGroupSpecification) {
	image := aws.ToString(spec.ImageId)
	if image == "" || image == defaultImage {
		return
	}
	if c.in.mode == wholeMode {
		c.add(hyperpodkit.Warning, "needs-continuous", "ImageId", "an AMI on a cluster whose NodeProvisioningMode is not Continuous",
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
			c.add(hyperpodkit.Warning, "managed-image-fields", field.member, "it is meant for HyperPod's own images, and the group runs "+image, "leave it out")
		}
	}
}

// volumes holds the EBS rules of the SDK's ClusterEbsVolumeConfig and of the AWS
// guide's page on customer managed keys.
func (c *groupChecker) volumes(volumes []types.ClusterInstanceStorageConfig) {
	roots, secondaries := 0, 0
	for i, v := range volumes {
		ebs, ok := v.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)
		if !ok || ebs == nil {
			continue
		}
		at := fmt.Sprintf("InstanceStorageConfigs[%d].EbsVolumeConfig.", i)
		root := aws.ToBool(ebs.Value.RootVolume)
		if root {
			roots++
		} else {
			secondaries++
		}
		switch {
		case root && ebs.Value.VolumeKmsKeyId == nil:
			c.refuse("root-volume", at+"VolumeKmsKeyId", "missing on a root volume", "name the key that is to encrypt it")
		case root && ebs.Value.VolumeSizeInGB != nil:
			c.refuse("root-volume", at+"VolumeSizeInGB", "set on a root volume", "leave it out: the AMI says how large it is")
		case !root && ebs.Value.VolumeSizeInGB == nil:
			c.refuse("volume-size", at+"VolumeSizeInGB", "missing", "give a size of 1 to 16384 GB")
		}
		if ebs.Value.VolumeKmsKeyId != nil && c.in.mode == wholeMode {
			c.refuse("needs-continuous", at+"VolumeKmsKeyId", "the cluster's NodeProvisioningMode is not Continuous", "leave the key out")
		}
	}
	if roots > 1 {
		c.refuse("one-volume", "InstanceStorageConfigs", fmt.Sprintf("%d root volumes", roots), "keep one")
	}
	if secondaries > 1 {
		c.refuse("one-volume", "InstanceStorageConfigs", fmt.Sprintf("%d secondary EBS volumes", secondaries), "keep one")
	}
}
