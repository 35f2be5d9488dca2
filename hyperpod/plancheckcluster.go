package hyperpod

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// cluster judges the changes of the cluster's own members: what a live cluster cannot
// change, and what holds for a new cluster too. What the cluster has already is the
// service's to judge.
func (c *planChecker) cluster() {
	changes := c.settingChanges()
	if len(changes) == 0 {
		return
	}
	for _, change := range changes {
		c.fixedSetting(change)
	}
	have := settingsFrom(c.live)
	want := merge(have, c.draft.settings)
	before := checker{in: settingOf(c.live.Orchestrator, c.live.NodeProvisioningMode)}
	before.settings(&have)
	after := checker{in: c.setting()}
	after.settings(&want)
	c.findings = append(c.findings, slices.DeleteFunc(after.findings, func(f hyperpodkit.Finding) bool { return slices.Contains(before.findings, f) })...)
}

// fixedSetting refuses what a live cluster cannot change (AWS CloudFormation's
// create-only properties of AWS::SageMaker::Cluster; SDK, UpdateClusterInput.ClusterRole;
// SageMaker AI Developer Guide, "Continuous provisioning for enhanced cluster operations
// with Slurm").
func (c *planChecker) fixedSetting(change FieldChange) {
	onEKS := c.setting().orchestrator == "eks"
	member, rest, _ := strings.Cut(change.Path, ".")
	switch {
	case member == "Orchestrator" && (onEKS || strings.HasPrefix(rest, "Eks")):
		c.add(hyperpodkit.Error, "immutable", change.Path, cannotChange(change), "make a new cluster")
	case member == "ClusterRole" && c.live.AutoScaling != nil && c.live.AutoScaling.Mode == types.ClusterAutoScalingModeEnable:
		c.add(hyperpodkit.Error, "cluster-role", member,
			fmt.Sprintf("it cannot change from %s to %s while autoscaling is enabled", orNothing(change.Before), orNothing(change.After)), "turn autoscaling off first, in a request of its own")
	case member == "NodeProvisioningMode" && !onEKS:
		c.add(hyperpodkit.Error, "provisioning-mode", member, "a live cluster on Slurm cannot become Continuous", "make a new cluster")
	}
}

func cannotChange(c FieldChange) string {
	return fmt.Sprintf("a live cluster cannot change it from %s to %s", orNothing(c.Before), orNothing(c.After))
}
