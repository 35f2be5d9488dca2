package hyperpod

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// RollPlan is a roll judged against a description of the cluster. It is a plain value
// that another process can carry out: JSON writes and reads it whole. Whoever carries it
// out consents to what its roll consented to: root volumes are replaced.
type RollPlan struct {
	// Cluster is the cluster's name or ARN as it was given, ARN its ARN.
	Cluster string `json:"cluster"`
	ARN     string `json:"arn,omitempty"`
	// Image is what the groups are to run.
	Image Image `json:"image"`
	// Deployment says how nodes are replaced.
	Deployment Deployment `json:"deployment,omitzero"`
	// OneByOne and KeepDone are the roll's.
	OneByOne bool `json:"oneByOne,omitempty"`
	KeepDone bool `json:"keepDone,omitempty"`
	// Groups are to be rolled, in this order.
	Groups []RollGroup `json:"groups"`
	// Left are the groups that are not rolled: on the image already, or restricted.
	Left []GroupResult `json:"left,omitempty"`
	// Findings are warnings and unknowns, with one for each group that cannot be taken
	// back exactly.
	Findings []hyperpodkit.Finding `json:"findings,omitempty"`
	// Described is when the cluster was described, by this machine's clock.
	Described time.Time `json:"described,omitzero"`

	live *sagemaker.DescribeClusterOutput // nil for a plan that was read
}

// RollGroup is a group that is to be rolled, as it was described.
type RollGroup struct {
	// Name of the group.
	Name string `json:"name"`
	// Nodes is how many instances the group has, Target how many it is to have.
	Nodes  int32 `json:"nodes,omitempty"`
	Target int32 `json:"target,omitempty"`
	// Out is how many nodes are out at once at most: the batch size, a share of Target
	// rounded down and at least 1, or all Nodes without batches. While the service rolls
	// back the roll's RollbackBatch counts instead, or all nodes when there is none.
	Out int32 `json:"out,omitempty"`
	// CurrentImage and DesiredImage are AMI ids or "default", and CurrentRelease and
	// DesiredRelease release versions, each empty when the service does not say.
	CurrentImage   string `json:"currentImage,omitempty"`
	DesiredImage   string `json:"desiredImage,omitempty"`
	CurrentRelease string `json:"currentRelease,omitempty"`
	DesiredRelease string `json:"desiredRelease,omitempty"`
	// Status is the status of the last software update. Empty before the first one.
	Status string `json:"status,omitempty"`
	// OnDesired counts the running instances on the desired image (TargetStateCount). Nil
	// when the service does not say.
	OnDesired *int32 `json:"onDesired,omitempty"`
	// Back is where an undo takes the group: the recorded AMI, or the release of
	// HyperPod's own image. Zero when that is not known, or cannot be.
	Back Image `json:"back,omitzero"`
	// BackNote is why going back is not exact, or not possible. Empty when it is exact.
	BackNote string `json:"backNote,omitempty"`
}

// PlanRoll judges a roll against the cluster as it is now. It sends nothing that changes
// anything: one DescribeCluster, for [DefaultImage] a ListClusterNodes where the groups
// say that they are up to date, and what the image checker of the options calls.
//
// A group is left out when it runs the image already: the AMI is its current and its
// desired image, or the release its current and its desired one, and its last software
// update left no node behind. For [DefaultImage] the service must say UpToDate in two
// places, of the group (ImageVersionStatus, which was seen to flap) and of each of its
// nodes, and no update may be under way.
//
// What the service or good sense would refuse is an [*InvalidError] that names all of it,
// also [ErrGroupNotFound] when that is among it. A cluster or group that is busy so that
// the service surely refuses is [ErrBusy]: the cluster Updating or SystemUpdating, a
// software update of the group under way, its minimum count not reached. Of other states
// AWS does not say what happens, and the service is asked.
func (c *Cluster) PlanRoll(ctx context.Context, roll Roll) (*RollPlan, error) {
	return c.planRoll(ctx, nil, roll)
}

// PlanRollFrom is [Cluster.PlanRoll] with a description that was made before. One of another
// cluster, or of none, is an [*InvalidError].
func (c *Cluster) PlanRollFrom(ctx context.Context, s *Snapshot, roll Roll) (*RollPlan, error) {
	if s == nil {
		s = &Snapshot{}
	}
	return c.planRoll(ctx, s, roll)
}

func (c *Cluster) planRoll(ctx context.Context, s *Snapshot, roll Roll) (*RollPlan, error) {
	r := c.start(OperationRoll)
	p, err := r.planRoll(ctx, s, roll)
	if err != nil {
		_, err = r.end(ctx, err)
		return nil, err
	}
	return p, nil
}

func (r *run) planRoll(ctx context.Context, s *Snapshot, roll Roll) (*RollPlan, error) {
	if err := r.found(ctx, roll.check()); err != nil {
		return nil, err
	}
	if err := r.named(ctx); err != nil {
		return nil, err
	}
	if s == nil {
		live, err := r.describe(ctx)
		if err != nil {
			return nil, err
		}
		s = &Snapshot{Time: time.Now(), Cluster: live}
	}
	if err := r.describes(ctx, s); err != nil {
		return nil, err
	}
	r.report.ARN = aws.ToString(s.Cluster.ClusterArn)
	p := &RollPlan{
		Cluster: r.report.Cluster, ARN: r.report.ARN, Image: roll.Image, OneByOne: roll.OneByOne, KeepDone: roll.KeepDone,
		Deployment: roll.deployment(), Described: s.Time, live: s.Cluster,
	}
	if err := r.judgeRoll(ctx, p, roll); err != nil {
		return nil, err
	}
	if err := r.checkImages(ctx, p.imageUses()); err != nil {
		return nil, err
	}
	p.Findings = slices.Clone(r.report.Findings)
	return p, nil
}

// describes refuses a snapshot that is not of the handle's cluster.
func (r *run) describes(ctx context.Context, s *Snapshot) error {
	refuse := func(found string) error {
		return r.found(ctx, []hyperpodkit.Finding{{
			Level: hyperpodkit.Error, Rule: "roll-snapshot", Path: "ClusterName", Found: found, Fix: "use Describe of this cluster",
		}})
	}
	if s.Cluster == nil {
		return refuse("the snapshot is of no cluster")
	}
	name, arn := aws.ToString(s.Cluster.ClusterName), aws.ToString(s.Cluster.ClusterArn)
	if given := r.report.Cluster; name != "" && given != name && given != arn {
		return refuse("the snapshot is of cluster " + name + " (" + arn + ")")
	}
	return nil
}

// deployment is how a roll has nodes replaced.
func (roll Roll) deployment() Deployment {
	d := Deployment{Batch: roll.Batch, WaitInterval: roll.WaitInterval, Alarms: slices.Clone(roll.Alarms)}
	if roll.Batch.sized() { // without it check refuses the other
		d.RollbackBatch = roll.RollbackBatch
	}
	return d
}

// Empty tells whether nothing is to be rolled.
func (p *RollPlan) Empty() bool { return len(p.Groups) == 0 }

// Only returns the plan for some of its groups, in the plan's order, without those that
// are left out. Names that the plan does not roll are ignored.
func (p *RollPlan) Only(groups ...string) *RollPlan {
	some := p.clone()
	some.Left = nil
	some.Groups = slices.DeleteFunc(some.Groups, func(g RollGroup) bool { return !slices.Contains(groups, g.Name) })
	return some
}

// clone shares nothing with the plan but the description, which nobody changes.
func (p *RollPlan) clone() *RollPlan {
	c := *p
	c.Groups, c.Left, c.Findings = deep.Copy(p.Groups), slices.Clone(p.Left), slices.Clone(p.Findings)
	c.Deployment.Alarms = slices.Clone(p.Deployment.Alarms)
	return &c
}

// names are those of the groups that are rolled.
func (p *RollPlan) names() []string {
	var names []string
	for _, g := range p.Groups {
		names = append(names, g.Name)
	}
	return names
}

// input is the request. A group on a custom AMI must be sent an ImageId (SDK,
// UpdateClusterSoftwareInput), so a release goes beside "default" where there is one.
func (p *RollPlan) input(cluster string) *sagemaker.UpdateClusterSoftwareInput {
	in := &sagemaker.UpdateClusterSoftwareInput{ClusterName: aws.String(cluster), DeploymentConfig: p.Deployment.config()}
	if p.Image.release == "" || slices.ContainsFunc(p.Groups, RollGroup.onAMI) {
		in.ImageId = aws.String(p.Image.id)
	}
	for _, g := range p.Groups {
		spec := types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(g.Name)}
		if p.Image.release != "" {
			spec.ImageReleaseVersion = aws.String(p.Image.release)
		}
		in.InstanceGroups = append(in.InstanceGroups, spec)
	}
	return in
}

// onAMI tells whether the group is known to run an AMI by its id.
func (g RollGroup) onAMI() bool { return AMI(g.DesiredImage).custom() || AMI(g.CurrentImage).custom() }
