package hyperpod

import (
	"slices"

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

// checker collects findings on one part of a request.
type checker struct {
	in         setting
	path       string // of the part, empty when it stands alone
	restricted bool   // the part is a restricted group
	findings   []hyperpodkit.Finding
}

func (c *checker) add(level hyperpodkit.Level, rule, member, found, fix string) {
	path := member
	if c.path != "" {
		path = c.path + "." + member
	}
	c.findings = append(c.findings, hyperpodkit.Finding{Level: level, Rule: rule, Path: path, Found: found, Fix: fix})
}

// refuse is for what the service surely refuses.
func (c *checker) refuse(rule, member, found, fix string) {
	c.add(hyperpodkit.Error, rule, member, found, fix)
}

func (c *checker) warn(rule, member, found, fix string) {
	c.add(hyperpodkit.Warning, rule, member, found, fix)
}

// needsContinuous refuses a member on a cluster that is known not to be Continuous.
func (c *checker) needsContinuous(member, fix string) {
	if c.in.mode == wholeMode {
		c.refuse("needs-continuous", member, "the cluster's NodeProvisioningMode is not Continuous", fix)
	}
}
