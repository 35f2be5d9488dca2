package hyperpod

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// rollGroup records a group as it is, and where an undo would take it.
func (j *rollJudge) rollGroup(g types.ClusterInstanceGroupDetails, path string) RollGroup {
	recorded := RollGroup{
		Name: aws.ToString(g.InstanceGroupName), Nodes: aws.ToInt32(g.CurrentCount), Target: aws.ToInt32(g.TargetCount),
		CurrentImage: aws.ToString(g.CurrentImageId), DesiredImage: aws.ToString(g.DesiredImageId),
		CurrentRelease: aws.ToString(g.CurrentImageReleaseVersion), DesiredRelease: aws.ToString(g.DesiredImageReleaseVersion),
		Status: string(g.SoftwareUpdateStatus),
	}
	if g.TargetStateCount != nil {
		recorded.OnDesired = aws.Int32(*g.TargetStateCount)
	}
	recorded.Out = j.roll.Batch.Of(recorded.Nodes, recorded.Target)
	recorded.Back, recorded.BackNote = j.back(g)
	if recorded.BackNote != "" {
		j.add(hyperpodkit.Warning, "roll-back", path, fmt.Sprintf("should the roll fail after it, group %q cannot be taken back exactly: %s", recorded.Name, recorded.BackNote), "")
	}
	return recorded
}

// ranBefore is what the group was meant to run, zero when the service does not say.
func ranBefore(g types.ClusterInstanceGroupDetails) Image {
	i := Image{id: cmp.Or(aws.ToString(g.DesiredImageId), aws.ToString(g.CurrentImageId))}
	if i.id == defaultImage {
		i.release = cmp.Or(aws.ToString(g.DesiredImageReleaseVersion), aws.ToString(g.CurrentImageReleaseVersion))
	}
	return i
}

// back is where an undo takes a group. The newest image is no way back to an older one of
// HyperPod's own, and a release version takes EKS.
func (j *rollJudge) back(g types.ClusterInstanceGroupDetails) (Image, string) {
	const whichRelease = "it runs HyperPod's own image, and "
	runs := ranBefore(g)
	switch slurm := j.setting.orchestrator == "slurm"; {
	case runs.id == "":
		return Image{}, "the service does not say which image it runs, as on clusters that are not Continuous"
	case slurm && runs.custom() && !j.roll.Image.custom():
		return Image{}, "on Slurm the service does not move a group from HyperPod's own image to a custom AMI"
	case !runs.custom() && slurm:
		return Image{}, whichRelease + "release versions, by which the former one could be put back, are for clusters on EKS only"
	case !runs.custom() && runs.release == "":
		return Image{}, whichRelease + "the service does not say which release"
	case !settledOn(g), aws.ToString(g.CurrentImageId) != aws.ToString(g.DesiredImageId),
		!runs.custom() && aws.ToString(g.CurrentImageReleaseVersion) != aws.ToString(g.DesiredImageReleaseVersion):
		return runs, fmt.Sprintf("not all of its instances run %s, which all of them would then", runs)
	default:
		return runs, ""
	}
}

// imageUses is the image with what the groups need of it, one use for each root volume
// key. HyperPod's own images need no check.
func (p *RollPlan) imageUses() []hyperpodkit.ImageUse {
	if !p.Image.custom() {
		return nil
	}
	var specs []types.ClusterInstanceGroupSpecification
	for _, name := range p.names() {
		g := regularGroup(p.live, name)
		spec := types.ClusterInstanceGroupSpecification{
			ImageId: aws.String(p.Image.id), InstanceType: g.InstanceType, InstanceStorageConfigs: g.InstanceStorageConfigs,
		}
		if r := g.InstanceRequirements; r != nil && g.InstanceType == "" {
			// Instances of a type that is no longer desired are re-imaged too.
			more := slices.DeleteFunc(slices.Clone(r.CurrentInstanceTypes), func(t types.ClusterInstanceType) bool { return slices.Contains(r.DesiredInstanceTypes, t) })
			spec.InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: slices.Concat(r.DesiredInstanceTypes, more)}
		}
		specs = append(specs, spec)
	}
	uses := imageUses(specs, settingOf(p.live.Orchestrator, p.live.NodeProvisioningMode).orchestrator, regionOf(p.ARN))
	for i := range uses {
		uses[i].Path = "ImageId"
	}
	return uses
}

// before is the description that the plan was made from, as far as a wait for its update
// needs it.
func (p *RollPlan) before() *sagemaker.DescribeClusterOutput {
	if p.live != nil {
		return p.live
	}
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return aws.String(s)
	}
	out := &sagemaker.DescribeClusterOutput{ClusterArn: text(p.ARN)}
	for _, g := range p.Groups {
		out.InstanceGroups = append(out.InstanceGroups, types.ClusterInstanceGroupDetails{
			InstanceGroupName: aws.String(g.Name), CurrentCount: aws.Int32(g.Nodes), TargetCount: aws.Int32(g.Target),
			CurrentImageId: text(g.CurrentImage), DesiredImageId: text(g.DesiredImage),
			CurrentImageReleaseVersion: text(g.CurrentRelease), DesiredImageReleaseVersion: text(g.DesiredRelease),
			SoftwareUpdateStatus: types.SoftwareUpdateStatus(g.Status), TargetStateCount: g.OnDesired,
		})
	}
	return out
}

// stale says which group of the plan is no longer meant to run what it was, by a later
// description. Without one nothing is known.
func (p *RollPlan) stale(live *sagemaker.DescribeClusterOutput) error {
	if live == nil {
		return nil
	}
	var errs []error
	for _, was := range p.Groups {
		g := regularGroup(live, was.Name)
		switch {
		case g == nil:
			errs = append(errs, fmt.Errorf("InstanceGroupName %q: the group is gone", was.Name))
		case aws.ToString(g.DesiredImageId) != was.DesiredImage || aws.ToString(g.DesiredImageReleaseVersion) != was.DesiredRelease:
			errs = append(errs, fmt.Errorf("InstanceGroupName %q: it is to run %s by now, and was to run %s when the roll was planned", was.Name,
				ImageVersion{ID: aws.ToString(g.DesiredImageId), Release: aws.ToString(g.DesiredImageReleaseVersion)},
				ImageVersion{ID: was.DesiredImage, Release: was.DesiredRelease}))
		}
	}
	return errors.Join(errs...)
}
