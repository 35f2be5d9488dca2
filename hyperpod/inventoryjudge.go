package hyperpod

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/instancetype"
)

// groups fills in a cluster's groups and judges them and their nodes.
func (s *survey) groups(ctx context.Context, src InventorySource, c *InventoryCluster, live *sagemaker.DescribeClusterOutput, nodes []InventoryNode) error {
	j := &imageJudge{survey: s, src: src, cluster: c.Name}
	for _, d := range live.InstanceGroups {
		g := regularInventory(d)
		g.Wanted = s.wanted(c, g)
		for _, n := range nodes {
			if n.group == g.Name {
				n.Class, n.Drift = j.class(ctx, n.Current, g.Wanted), n.Current.drift(g.Wanted)
				g.Nodes = append(g.Nodes, n)
			}
		}
		shown := g.Current
		if shown == (ImageVersion{}) {
			shown = g.Desired
		}
		g.Class, g.Drift = j.class(ctx, shown, g.Wanted), g.drift()
		c.Groups = append(c.Groups, g)
	}
	for _, d := range live.RestrictedInstanceGroups {
		g := restrictedInventory(d)
		for _, n := range nodes {
			if n.group == g.Name {
				n.Class, n.Drift = ImageNone, NoDrift
				g.Nodes = append(g.Nodes, n)
			}
		}
		c.Groups = append(c.Groups, g)
	}
	return errors.Join(j.errs...)
}

func regularInventory(d types.ClusterInstanceGroupDetails) InventoryGroup {
	g := InventoryGroup{
		Name: aws.ToString(d.InstanceGroupName), Status: string(d.Status), SoftwareUpdate: string(d.SoftwareUpdateStatus),
		InstanceTypes: instanceTypesOf(d), Count: aws.ToInt32(d.CurrentCount), Target: aws.ToInt32(d.TargetCount),
		Current:       ImageVersion{ID: aws.ToString(d.CurrentImageId), Release: aws.ToString(d.CurrentImageReleaseVersion)},
		Desired:       ImageVersion{ID: aws.ToString(d.DesiredImageId), Release: aws.ToString(d.DesiredImageReleaseVersion)},
		VersionStatus: string(d.ImageVersionStatus),
	}
	if d.TargetStateCount != nil {
		g.OnDesired = aws.Int32(*d.TargetStateCount)
	}
	return g
}

func restrictedInventory(d types.ClusterRestrictedInstanceGroupDetails) InventoryGroup {
	return InventoryGroup{
		Name: aws.ToString(d.InstanceGroupName), Restricted: true, Status: string(d.Status), InstanceTypes: []string{string(d.InstanceType)},
		Count: aws.ToInt32(d.CurrentCount), Target: aws.ToInt32(d.TargetCount), Class: ImageNone, Drift: NoDrift,
	}
}

func (s *survey) wanted(c *InventoryCluster, g InventoryGroup) ImageVersion {
	if s.options.Wanted == nil {
		return ImageVersion{}
	}
	return s.options.Wanted(WantedQuery{
		Account: c.Account, Region: c.Region, Cluster: c.Name, Group: g.Name, Orchestrator: c.Orchestrator,
		InstanceTypes: slices.Clone(g.InstanceTypes), Architecture: architectureOf(g.InstanceTypes),
	})
}

// Query describes a regular group to [WantedImages.Find], with an empty Kubernetes since
// the service does not tell it. False means that the cluster has no such group.
func (s *Snapshot) Query(group string) (WantedQuery, bool) {
	g := regularGroup(s.Cluster, group)
	if g == nil {
		return WantedQuery{}, false
	}
	kinds := instanceTypesOf(*g)
	return WantedQuery{
		Account: accountOf(s.ARN()), Region: regionOf(s.ARN()), Cluster: aws.ToString(s.Cluster.ClusterName), Group: group,
		Orchestrator: settingOf(s.Cluster.Orchestrator, s.Cluster.NodeProvisioningMode).orchestrator, InstanceTypes: kinds, Architecture: architectureOf(kinds),
	}, true
}

// architectureOf is the one architecture of instance types, empty when there is none.
func architectureOf(instanceTypes []string) string {
	common := ""
	for _, t := range instanceTypes {
		architecture, known := instancetype.Architecture(t)
		if !known || common != "" && architecture != common {
			return ""
		}
		common = architecture
	}
	return common
}

// drift is that of the current image, where instances run it, unless the desired
// one or a node tells otherwise. That a group's two ids are the wanted one does not
// prove it of each node: nodes can be skipped by a software update.
func (g InventoryGroup) drift() Drift {
	desired := g.Desired.drift(g.Wanted)
	result := g.Current.drift(g.Wanted)
	if g.Count == 0 && desired != DriftUnknown {
		result = desired
	}
	proven := len(g.Nodes) > 0 && len(g.Nodes) == int(g.Count)
	for _, n := range g.Nodes {
		if n.Drift == Drifted {
			return Drifted
		}
		proven = proven && n.Drift == NoDrift
	}
	switch {
	case desired == Drifted:
		return Drifted
	case result == NoDrift && g.OnDesired != nil && *g.OnDesired < g.Count && !proven:
		return DriftUnknown
	default:
		return result
	}
}

// imageJudge sorts the images of one cluster into classes.
type imageJudge struct {
	*survey
	src     InventorySource
	cluster string
	asked   []string // images of which the error, if there was one, is noted
	errs    []error
}

func (j *imageJudge) class(ctx context.Context, image, wanted ImageVersion) ImageClass {
	switch {
	case image.drift(wanted) == NoDrift:
		return ImageWanted
	case image.ID == "":
		return ImageUnknown
	case image.ID == defaultImage:
		return ImageDefault
	}
	facts := j.known(ctx, image.ID)
	switch facts.Class {
	case ImagePublic:
		return ImagePublic
	case ImageCustom, ImageOlderCustom:
		if wanted.ID == "" || wanted.ID == defaultImage || facts.Created.IsZero() {
			return ImageCustom
		}
		if newer := j.known(ctx, wanted.ID); facts.Created.Before(newer.Created) {
			return ImageOlderCustom
		}
		return ImageCustom
	case ImageUnknown, ImageWanted, ImageDefault, ImageNone:
		return ImageUnknown
	default:
		return ImageUnknown
	}
}

// known asks what is known of an AMI, and notes an error once for the cluster.
func (j *imageJudge) known(ctx context.Context, image string) ImageFacts {
	facts, err := j.facts.get(ctx, j.survey, ImageQuery{Account: j.src.Account, Region: j.src.Region, Image: image})
	if err != nil && !slices.Contains(j.asked, image) {
		j.errs = append(j.errs, j.src.failed(j.cluster, "", "Classify "+image, err))
	}
	j.asked = append(j.asked, image)
	return facts
}

// factsCache asks about each image once.
type factsCache struct {
	mu    sync.Mutex
	known map[ImageQuery]*knownFacts
}

type knownFacts struct {
	once  sync.Once
	facts ImageFacts
	err   error
}

func (c *factsCache) get(ctx context.Context, s *survey, q ImageQuery) (ImageFacts, error) {
	if s.options.Classify == nil {
		return ImageFacts{}, nil
	}
	c.mu.Lock()
	k := c.known[q]
	if k == nil {
		k = &knownFacts{}
		c.known[q] = k
	}
	c.mu.Unlock()
	k.once.Do(func() {
		k.facts, k.err = called(ctx, s, func() (ImageFacts, error) { return s.options.Classify(ctx, q) })
	})
	return k.facts, k.err
}
