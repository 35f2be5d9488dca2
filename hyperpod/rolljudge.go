package hyperpod

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// rollJudge holds a roll against a description of its cluster.
type rollJudge struct {
	roll     Roll
	live     *sagemaker.DescribeClusterOutput
	setting  setting
	findings []hyperpodkit.Finding
	busy     []hyperpodkit.Finding // of level error
	missing  bool                  // a group that does not exist is among the findings
}

func (j *rollJudge) add(level hyperpodkit.Level, rule, path, found, fix string) {
	j.findings = append(j.findings, hyperpodkit.Finding{Level: level, Rule: rule, Path: path, Found: found, Fix: fix})
}

func (j *rollJudge) wait(path, found string) {
	j.busy = append(j.busy, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: "roll-busy", Path: path, Found: found, Fix: "wait until it is over"})
}

// judgeRoll sorts the groups into those to be rolled and those left, and refuses what
// cannot be rolled.
func (r *run) judgeRoll(ctx context.Context, p *RollPlan, roll Roll) error {
	j := &rollJudge{roll: roll, live: p.live, setting: settingOf(p.live.Orchestrator, p.live.NodeProvisioningMode)}
	j.deployment()
	var candidates []types.ClusterInstanceGroupDetails
	for i, name := range j.names() {
		g := regularGroup(p.live, name)
		if g == nil {
			j.unknown(name, groupPath(i))
			g = &types.ClusterInstanceGroupDetails{InstanceGroupName: aws.String(name)} // to keep the places
		} else if !j.onImage(*g) {
			j.group(*g, groupPath(i))
		}
		candidates = append(candidates, *g)
	}
	if err := r.verdict(ctx, j); err != nil {
		return err
	}
	current, err := r.current(ctx, roll.Image, candidates)
	if err != nil {
		return err
	}
	for i, g := range candidates {
		if j.onImage(g) || slices.Contains(current, aws.ToString(g.InstanceGroupName)) {
			p.Left = append(p.Left, unchanged(g))
			continue
		}
		j.standing(g, groupPath(i))
		p.Groups = append(p.Groups, j.rollGroup(g, groupPath(i)))
	}
	if len(p.Groups) > 0 {
		j.cluster()
	}
	if roll.Groups.all {
		p.Left = append(p.Left, restrictedGroups(p.live)...)
	}
	return r.verdict(ctx, j)
}

func groupPath(i int) string { return fmt.Sprintf("InstanceGroups[%d]", i) }

// verdict is the error that the findings make. What is wrong goes before what is busy,
// which is no finding of a report: it passes.
func (r *run) verdict(ctx context.Context, j *rollJudge) error {
	err := r.found(ctx, j.findings)
	if invalid := (*InvalidError)(nil); errors.As(err, &invalid) {
		invalid.Findings = append(invalid.Findings, j.busy...)
		if j.missing {
			invalid.conditions = []error{ErrGroupNotFound}
		}
	}
	if err != nil {
		return err
	}
	return busyError(r.report.Cluster, j.busy)
}

// busyError is the error of what is busy, nil when nothing is.
func busyError(cluster string, busy []hyperpodkit.Finding) error {
	if len(busy) == 0 {
		return nil
	}
	var said []string
	for _, f := range busy {
		said = append(said, plain(f))
	}
	return &Error{Operation: OperationRoll, Cluster: cluster, Condition: ErrBusy, Err: fmt.Errorf("nothing was sent: %s", strings.Join(said, "; "))}
}

// names are the groups that the roll is for.
func (j *rollJudge) names() []string {
	if !j.roll.Groups.all {
		return j.roll.Groups.names
	}
	var names []string
	for _, g := range j.live.InstanceGroups {
		names = append(names, aws.ToString(g.InstanceGroupName))
	}
	if len(names) == 0 {
		j.add(hyperpodkit.Error, "roll-groups", "InstanceGroups", "the cluster has no regular instance group", "restricted groups are not rolled")
	}
	return names
}

// cluster judges the cluster's own state. Of other states than these AWS does not say what
// happens.
func (j *rollJudge) cluster() {
	switch s := j.live.ClusterStatus; s {
	case types.ClusterStatusUpdating, types.ClusterStatusSystemupdating:
		j.wait("ClusterName", fmt.Sprintf("the cluster is %s", s))
	case types.ClusterStatusInservice, types.ClusterStatusCreating, types.ClusterStatusDeleting, types.ClusterStatusFailed, types.ClusterStatusRollingback:
	default:
	}
}

// deployment judges what the request asks of the orchestrator.
func (j *rollJudge) deployment() {
	if j.setting.orchestrator == "slurm" && j.roll.deployment().config() != nil {
		j.add(hyperpodkit.Error, "eks-only", "DeploymentConfig", "batches, waits and alarms are for clusters on EKS only", "use AllAtOnce without alarms")
	}
}

// unknown judges a name that is no regular group.
func (j *rollJudge) unknown(name, path string) {
	if newDraft(j.live, time.Time{}).find(name) != nil {
		j.add(hyperpodkit.Error, "restricted-group", path, fmt.Sprintf("group %q is restricted, the service does not roll those", name), "leave it out")
		return
	}
	j.missing = true
	var names []string
	for _, g := range j.live.InstanceGroups {
		names = append(names, aws.ToString(g.InstanceGroupName))
	}
	j.add(hyperpodkit.Error, "group-not-found", path+".InstanceGroupName", fmt.Sprintf("the cluster has no group %q", name), "use one of "+strings.Join(names, ", "))
}

// group judges whether the service would put the image onto a group.
func (j *rollJudge) group(g types.ClusterInstanceGroupDetails, path string) {
	name, runs := aws.ToString(g.InstanceGroupName), ranBefore(g)
	release := j.roll.Image.release != ""
	switch {
	case release && j.setting.orchestrator == "slurm":
		j.add(hyperpodkit.Error, "eks-only", path+".ImageReleaseVersion", "release versions are for clusters on EKS only", "use DefaultImage")
	case release && runs.custom() && !j.roll.Force:
		j.add(hyperpodkit.Error, "release-of-custom", path+".ImageReleaseVersion",
			fmt.Sprintf("group %q runs the AMI %s, and release versions are of HyperPod's own images", name, runs.id), "roll it to DefaultImage, or set Force to send the version together with ImageId default")
	case j.setting.orchestrator == "slurm" && j.roll.Image.custom() && runs.id == defaultImage && !j.roll.Force:
		j.add(hyperpodkit.Error, "slurm-default-to-custom", path,
			fmt.Sprintf("group %q of a Slurm cluster runs HyperPod's own image, which the service does not replace by a custom AMI", name), "add a new group with the AMI, or set Force if the AMI is a public one of HyperPod")
	}
}

// standing judges whether a group is busy so that the service surely refuses.
func (j *rollJudge) standing(g types.ClusterInstanceGroupDetails, path string) {
	name := aws.ToString(g.InstanceGroupName)
	switch {
	case updating(g):
		j.wait(path, fmt.Sprintf("a software update of group %q is %s", name, g.SoftwareUpdateStatus))
	case g.Status == types.InstanceGroupStatusSystemupdating:
		j.wait(path, fmt.Sprintf("group %q is %s", name, g.Status))
	case awaitsMinimum(g):
		j.wait(path, fmt.Sprintf("group %q has %d of the %s that it is to have at least", name, aws.ToInt32(g.CurrentCount), counted(*g.MinCount, "instance")))
	}
}

// updating tells whether a software update of the group is under way. Final words stay
// until the next update.
func updating(g types.ClusterInstanceGroupDetails) bool {
	return updatingWord(string(g.SoftwareUpdateStatus))
}

func updatingWord(status string) bool {
	switch types.SoftwareUpdateStatus(status) {
	case types.SoftwareUpdateStatusPending, types.SoftwareUpdateStatusInProgress, types.SoftwareUpdateStatusRollbackInProgress:
		return true
	case types.SoftwareUpdateStatusSucceeded, types.SoftwareUpdateStatusFailed, types.SoftwareUpdateStatusRollbackComplete, "":
		return false
	default:
		return false
	}
}

// awaitsMinimum tells whether the group is being brought to its minimum count, in which
// time the service refuses software updates (SDK, MinInstanceCount of
// ClusterInstanceGroupSpecification).
func awaitsMinimum(g types.ClusterInstanceGroupDetails) bool {
	return aws.ToInt32(g.CurrentCount) < aws.ToInt32(g.MinCount) &&
		(g.Status == types.InstanceGroupStatusCreating || g.Status == types.InstanceGroupStatusUpdating)
}

func restrictedGroups(live *sagemaker.DescribeClusterOutput) []GroupResult {
	var groups []GroupResult
	for _, g := range live.RestrictedInstanceGroups {
		groups = append(groups, GroupResult{
			Name: aws.ToString(g.InstanceGroupName), Outcome: OutcomeNotRolled, Detail: "restricted",
			Count: aws.ToInt32(g.CurrentCount), Wanted: aws.ToInt32(g.TargetCount),
		})
	}
	return groups
}
