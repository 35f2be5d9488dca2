package hyperpod

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// Roll says which image goes onto which groups, and how. Image, Groups, Batch and
// ReplaceRootVolumes must be set: each of them has no harmless default.
type Roll struct {
	// Image is [AMI], [DefaultImage] or [Release].
	Image Image

	// Groups is [Named] or [AllGroups].
	Groups GroupSelection

	// Batch is how many nodes of a group are replaced at a time: [Nodes] or [Percent],
	// on EKS only, or [AllAtOnce].
	Batch Batch

	// RollbackBatch is how many nodes are taken back at a time when a batch fails.
	// Zero leaves it to the service. It needs a Batch of nodes or percent.
	RollbackBatch Batch

	// WaitInterval is the pause between batches, up to an hour, in which the service
	// watches the alarms. It is sent in whole seconds.
	WaitInterval time.Duration

	// Alarms are names of CloudWatch alarms, 10 at most: the service rolls back when one
	// of them fires. The groups' execution roles need cloudwatch:DescribeAlarms.
	Alarms []string

	// ReplaceRootVolumes is the consent to what the operation does: every node's root
	// volume is replaced, and what is on it is lost. It must be true.
	ReplaceRootVolumes bool
}

// Image is what a group is to run. The zero value is an error.
type Image struct {
	id      string
	release string
}

// DefaultImage is HyperPod's own newest image.
var DefaultImage = Image{id: defaultImage}

// AMI is an AMI by its id.
func AMI(id string) Image { return Image{id: id} }

// Release is a release of HyperPod's own images by its version, such as "1.2.3".
func Release(version string) Image { return Image{id: defaultImage, release: version} }

// String returns the AMI id, "default", or "release" with the version.
func (i Image) String() string {
	if i.release != "" {
		return "release " + i.release
	}
	return i.id
}

// GroupSelection says which instance groups a roll is for. The zero value is an error.
type GroupSelection struct {
	all   bool
	names []string
}

// AllGroups selects every regular instance group that the cluster has when the roll
// starts. Restricted groups are never rolled.
var AllGroups = GroupSelection{all: true}

// Named selects instance groups by name, at least one.
func Named(names ...string) GroupSelection { return GroupSelection{names: slices.Clone(names)} }

// Batch is a number of nodes at a time. The zero value is an error where a batch is
// required.
type Batch struct {
	allAtOnce bool
	size      *types.CapacitySizeConfig
}

// AllAtOnce is the consent to replace all nodes of a group at the same time: nothing
// is drained.
var AllAtOnce = Batch{allAtOnce: true}

// Nodes is a batch of a number of nodes, at least 1.
func Nodes(n int32) Batch {
	return Batch{size: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(n)}}
}

// Percent is a batch of a share of a group's nodes, 1 to 100.
func Percent(p int32) Batch {
	return Batch{size: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeCapacityPercentage, Value: aws.Int32(p)}}
}

// RollImage puts an image onto instance groups and waits until every node runs it.
// Groups that run it already are left alone. The image is checked first when
// Options.Images is set. Success is judged by images and nodes: an update that the
// service has rolled back is an error, [waiter.ErrRolledBack], although the groups are
// healthy again. The report is never nil; it names each group's outcome.
func (c *Cluster) RollImage(ctx context.Context, roll Roll) (*Report, error) {
	r := c.start(OperationRoll)
	return r.end(ctx, r.roll(ctx, roll))
}

func (r *run) roll(ctx context.Context, roll Roll) error {
	if err := r.found(ctx, roll.check()); err != nil {
		return err
	}
	if err := r.named(ctx); err != nil {
		return err
	}
	live, err := r.describe(ctx)
	if err != nil {
		return err
	}
	groups, err := r.rollGroups(ctx, live, roll)
	if err != nil || len(groups) == 0 {
		return err
	}
	in := roll.input(r.report.Cluster, groups)
	if err := r.checkImages(ctx, roll.imageUses(live, groups, regionOf(r.report.ARN))); err != nil {
		return err
	}
	requested := time.Now()
	out, err := r.api.UpdateClusterSoftware(ctx, in)
	if err != nil {
		return r.refused("UpdateClusterSoftware", err)
	}
	r.called(ctx, "UpdateClusterSoftware", out.ClusterArn)
	if r.options.NoWait {
		return nil
	}
	return r.waitForRoll(ctx, waiter.Update{
		Groups: groups, Image: roll.Image.id, ReleaseVersion: roll.Image.release, Before: live, Requested: requested,
	})
}

// input is the request for some groups.
func (roll Roll) input(cluster string, groups []string) *sagemaker.UpdateClusterSoftwareInput {
	in := &sagemaker.UpdateClusterSoftwareInput{ClusterName: aws.String(cluster)}
	if roll.Image.release == "" {
		in.ImageId = aws.String(roll.Image.id)
	}
	for _, name := range groups {
		spec := types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(name)}
		if roll.Image.release != "" {
			spec.ImageReleaseVersion = aws.String(roll.Image.release)
		}
		in.InstanceGroups = append(in.InstanceGroups, spec)
	}
	in.DeploymentConfig = roll.deployment()
	return in
}

// deployment is nil when nothing of it is asked for.
func (roll Roll) deployment() *types.DeploymentConfiguration {
	d := Deployment{Batch: roll.Batch, WaitInterval: roll.WaitInterval, Alarms: roll.Alarms}
	if roll.Batch.size != nil { // without it check refuses the other
		d.RollbackBatch = roll.RollbackBatch
	}
	return d.config()
}

// imageUses is the image with what the groups need of it, one use for each root volume
// key. HyperPod's own images need no check.
func (roll Roll) imageUses(live *sagemaker.DescribeClusterOutput, groups []string, region string) []hyperpodkit.ImageUse {
	if roll.Image.id == defaultImage {
		return nil
	}
	var specs []types.ClusterInstanceGroupSpecification
	for _, name := range groups {
		g := regularGroup(live, name)
		specs = append(specs, types.ClusterInstanceGroupSpecification{
			ImageId: aws.String(roll.Image.id), InstanceType: g.InstanceType,
			InstanceRequirements: requirementsFrom(g.InstanceRequirements), InstanceStorageConfigs: g.InstanceStorageConfigs,
		})
	}
	uses := imageUses(specs, settingOf(live.Orchestrator, live.NodeProvisioningMode).orchestrator, region)
	for i := range uses {
		uses[i].Path = "ImageId"
	}
	return uses
}

// waitForRoll waits for the update to end and notes how each group came out.
func (r *run) waitForRoll(ctx context.Context, update waiter.Update) error {
	progress := func(s waiter.Snapshot) []GroupProgress {
		var groups []GroupProgress
		for _, name := range update.Groups {
			if g, exists := s.Group(name); exists {
				groups = append(groups, GroupProgress{
					Name: name, Status: string(g.SoftwareUpdate), Done: onImage(g, update.Image), Wanted: g.Target,
				})
			}
		}
		return groups
	}
	r.report.again = "waiter.SoftwareUpdated"
	result, err := waiter.SoftwareUpdated(ctx, r.api, r.target(), update, r.watching(progress))
	for _, g := range result.Groups {
		entry := GroupResult{Name: g.Group, Outcome: softwareOutcome(g.Outcome), Detail: g.Reason}
		if result.Cluster != nil {
			if live := regularGroup(result.Cluster, g.Group); live != nil {
				entry.Count, entry.Wanted = aws.ToInt32(live.CurrentCount), aws.ToInt32(live.TargetCount)
				entry.Image = aws.ToString(live.CurrentImageId)
			}
		}
		r.report.Groups = append(r.report.Groups, entry)
	}
	if err != nil {
		return r.failed(ctx, err, update.Groups)
	}
	return nil
}

// settledOn tells whether all instances of a group are on its image: an update can end
// with nodes that were skipped, or with a failure.
func settledOn(g types.ClusterInstanceGroupDetails) bool {
	switch g.SoftwareUpdateStatus {
	case types.SoftwareUpdateStatusPending, types.SoftwareUpdateStatusInProgress, types.SoftwareUpdateStatusRollbackInProgress:
		return false
	case types.SoftwareUpdateStatusFailed:
		// A rollback that went well was seen to end so; the count tells.
		return g.TargetStateCount != nil && *g.TargetStateCount >= aws.ToInt32(g.CurrentCount)
	case types.SoftwareUpdateStatusSucceeded, types.SoftwareUpdateStatusRollbackComplete, "":
	default:
		return false
	}
	return g.TargetStateCount == nil || *g.TargetStateCount >= aws.ToInt32(g.CurrentCount)
}

// onImage counts the instances on the requested image. The service counts those on the
// desired one, which in a rollback is the former.
func onImage(g waiter.Group, image string) int32 {
	switch onDesired := aws.ToInt32(g.OnDesiredImage); {
	case g.DesiredImage == "" || g.DesiredImage == image:
		return onDesired
	case g.CurrentImage == image:
		return max(0, g.Current-onDesired)
	default:
		return 0
	}
}

// rollGroups resolves the selection against the live cluster and refuses what cannot
// be rolled. Groups on the image already are noted in the report and left out.
func (r *run) rollGroups(ctx context.Context, live *sagemaker.DescribeClusterOutput, roll Roll) ([]string, error) {
	names := roll.Groups.names
	if roll.Groups.all {
		names = nil
		for _, g := range live.InstanceGroups {
			names = append(names, aws.ToString(g.InstanceGroupName))
		}
		if len(names) == 0 {
			return nil, r.found(ctx, []hyperpodkit.Finding{{
				Level: hyperpodkit.Error, Rule: "roll-groups", Path: "InstanceGroups", Found: "the cluster has no regular instance group", Fix: "restricted groups are not rolled",
			}})
		}
	}
	in := settingOf(live.Orchestrator, live.NodeProvisioningMode)
	var findings []hyperpodkit.Finding
	refuse := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	if in.orchestrator == "slurm" && roll.deployment() != nil {
		refuse("eks-only", "DeploymentConfig", "batches, waits and alarms are for clusters on EKS only", "use AllAtOnce without alarms")
	}
	var groups []string
	for i, name := range names {
		path := fmt.Sprintf("InstanceGroups[%d]", i)
		g := regularGroup(live, name)
		if g == nil {
			if newDraft(live, time.Time{}).find(name) != nil {
				refuse("restricted-group", path, fmt.Sprintf("group %q is restricted, the service does not roll those", name), "leave it out")
				continue
			}
			return nil, groupError(OperationRoll, r.report.Cluster, name, ErrGroupNotFound)
		}
		current, desired := aws.ToString(g.CurrentImageId), aws.ToString(g.DesiredImageId)
		if in.orchestrator == "slurm" && roll.Image.id != defaultImage && desired == defaultImage {
			refuse("slurm-default-to-custom", path, fmt.Sprintf("group %q of a Slurm cluster runs HyperPod's own image, which the service does not replace by an AMI", name), "add a new group with the AMI")
			continue
		}
		if roll.Image.id != defaultImage && current == roll.Image.id && desired == roll.Image.id && settledOn(*g) {
			r.report.Groups = append(r.report.Groups, GroupResult{
				Name: name, Outcome: OutcomeUnchanged, Count: aws.ToInt32(g.CurrentCount), Wanted: aws.ToInt32(g.TargetCount), Image: current,
			})
			continue
		}
		groups = append(groups, name)
	}
	for _, g := range live.RestrictedInstanceGroups {
		if roll.Groups.all {
			r.report.Groups = append(r.report.Groups, GroupResult{
				Name: aws.ToString(g.InstanceGroupName), Outcome: OutcomeNotRolled, Detail: "restricted",
				Count: aws.ToInt32(g.CurrentCount), Wanted: aws.ToInt32(g.TargetCount),
			})
		}
	}
	return groups, r.found(ctx, findings)
}
