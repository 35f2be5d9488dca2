package hyperpod

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// check judges a roll by itself, before anything is called.
func (roll Roll) check() []hyperpodkit.Finding {
	var findings []hyperpodkit.Finding
	refuse := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	if roll.Image.id == "" {
		refuse("roll-image", "ImageId", "missing", "use AMI, DefaultImage or Release")
	}
	if !roll.Groups.all && len(roll.Groups.names) == 0 {
		refuse("roll-groups", "InstanceGroups", "no group is named, which to the service means every group", "use Named, or AllGroups if that is meant")
	}
	for i, name := range roll.Groups.names {
		if slices.Index(roll.Groups.names, name) < i {
			refuse("unique-names", fmt.Sprintf("InstanceGroups[%d].InstanceGroupName", i), fmt.Sprintf("%q is named twice", name), "name it once")
		}
	}
	if !roll.ReplaceRootVolumes {
		refuse("roll-consent", "ReplaceRootVolumes", "not consented to: the root volume of every node is replaced and its data lost", "set it to true")
	}
	switch {
	case !roll.Batch.allAtOnce && !roll.Batch.sized():
		refuse("roll-batch", batchPath+"MaximumBatchSize", "missing", "use Nodes or Percent, or AllAtOnce if all nodes may go at the same time")
	case roll.Batch.allAtOnce && roll.RollbackBatch.sized():
		refuse("roll-batch", batchPath+"RollbackMaximumBatchSize", "set beside AllAtOnce", "give Batch a size too")
	}
	findings = append(findings, roll.deployment().check()...)
	if roll.Groups.all && roll.Image.release != "" {
		findings = append(findings, modelFindings(smmodel.Shape("ImageReleaseVersion", "InstanceGroups[0].ImageReleaseVersion", roll.Image.release))...)
	}
	// The model judges what would be sent; which groups stand in it is not known yet
	// when all are meant.
	in := roll.request().input("c")
	findings = append(findings, modelFindings(slices.DeleteFunc(smmodel.Operation("UpdateClusterSoftware", in), func(v smmodel.Violation) bool {
		return roll.Image.id == "" && v.Path == "ImageId"
	}))...)
	return sorted(findings)
}

// request is a plan for the groups that are named, to judge what would be sent.
func (roll Roll) request() *RollPlan {
	p := &RollPlan{Image: roll.Image, Deployment: roll.deployment()}
	for _, name := range roll.Groups.names {
		p.Groups = append(p.Groups, RollGroup{Name: name})
	}
	return p
}

const batchPath = "DeploymentConfig.RollingUpdatePolicy."

// check judges what the service's model says nothing of.
func (d Deployment) check() []hyperpodkit.Finding {
	var findings []hyperpodkit.Finding
	refuse := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	for path, b := range map[string]Batch{batchPath + "MaximumBatchSize.Value": d.Batch, batchPath + "RollbackMaximumBatchSize.Value": d.RollbackBatch} {
		if b.kind == types.NodeUnavailabilityTypeCapacityPercentage && b.value > 100 {
			refuse("roll-batch", path, fmt.Sprintf("%d percent", b.value), "use 1 to 100")
		}
	}
	if d.WaitInterval < 0 || d.WaitInterval%time.Second != 0 {
		refuse("roll-wait", "DeploymentConfig.WaitIntervalInSeconds", d.WaitInterval.String()+" is no whole number of seconds", "use 0 to 3600 seconds")
	}
	return findings
}

// sorted puts findings in the order of their paths, so that they read the same on
// every run.
func sorted(findings []hyperpodkit.Finding) []hyperpodkit.Finding {
	slices.SortStableFunc(findings, func(a, b hyperpodkit.Finding) int { return strings.Compare(a.Path, b.Path) })
	return findings
}
