package hyperpodtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/internal/instancetype"
)

func (s *Server) createCluster(r request, in *sagemaker.CreateClusterInput) (outcome[sagemaker.CreateClusterOutput], error) {
	none := outcome[sagemaker.CreateClusterOutput]{}
	if r.own.byName[*in.ClusterName] != nil {
		return none, inUse("Cluster %s already exists.", *in.ClusterName)
	}
	if err := s.validCreate(r, in); err != nil {
		return none, err
	}
	return outcome[sagemaker.CreateClusterOutput]{
		images: imageUses(in.InstanceGroups),
		apply: func() *sagemaker.CreateClusterOutput {
			c := s.newCluster(r, in)
			return &sagemaker.CreateClusterOutput{ClusterArn: aws.String(c.arn)}
		},
		pretend: func() *sagemaker.CreateClusterOutput {
			return &sagemaker.CreateClusterOutput{ClusterArn: aws.String(s.nextARN(r, *in.ClusterName))}
		},
	}, nil
}

// imageUses lists the AMIs that the groups of a request name.
func imageUses(groups []types.ClusterInstanceGroupSpecification) []imageUse {
	var uses []imageUse
	for _, g := range groups {
		if id := aws.ToString(g.ImageId); id != "" && id != defaultImage {
			uses = append(uses, useOf(id, g))
		}
	}
	return uses
}

// imageUses is imageUses for groups that may exist: volumes that are not sent are those
// that the group has.
func (c *cluster) imageUses(groups []types.ClusterInstanceGroupSpecification) []imageUse {
	groups = slices.Clone(groups)
	for i := range groups {
		if g := c.group(*groups[i].InstanceGroupName); g != nil && g.spec != nil && groups[i].InstanceStorageConfigs == nil {
			groups[i].InstanceStorageConfigs = g.spec.InstanceStorageConfigs
		}
	}
	return imageUses(groups)
}

func useOf(image string, g types.ClusterInstanceGroupSpecification) imageUse {
	use := imageUse{image: image, rootKey: ebs.RootKey(g.InstanceStorageConfigs)}
	use.architecture, _ = instancetype.Architecture(string(g.InstanceType)) // that of a family that is not known goes unjudged
	return use
}

func (s *Server) newCluster(r request, in *sagemaker.CreateClusterInput) *cluster {
	arn := s.nextARN(r, *in.ClusterName)
	s.created++
	recovery := in.NodeRecovery
	if recovery == "" {
		recovery = types.ClusterNodeRecoveryAutomatic
	}
	c := &cluster{
		server:  s,
		own:     r.own,
		seq:     s.created,
		arn:     arn,
		name:    *in.ClusterName,
		created: r.now,
		status:  types.ClusterStatusCreating,

		vpc:              in.VpcConfig,
		orchestrator:     in.Orchestrator,
		continuous:       in.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous,
		nodeRecovery:     recovery,
		role:             in.ClusterRole,
		autoScaling:      in.AutoScaling,
		tieredStorage:    in.TieredStorageConfig,
		restrictedConfig: in.RestrictedInstanceGroupsConfig,
		tags:             in.Tags,
	}
	for _, spec := range in.InstanceGroups {
		c.addGroup(spec)
	}
	for _, spec := range in.RestrictedInstanceGroups {
		c.addRestricted(spec)
	}
	r.own.add(c)
	if c.isEKS() {
		s.eksOwners[*c.orchestrator.Eks.ClusterArn] = c
	}
	c.say(r.now, info, "", "Cluster %s Create started successfully", c.name)
	s.timeline.schedule(r.now.Add(s.options.Durations.ClusterSetup), c.setUp)
	return c
}

// add keeps a new cluster where lists and names find it.
func (a *account) add(c *cluster) {
	a.clusters = append(a.clusters, c)
	at, _ := slices.BinarySearchFunc(a.sorted, c.name, func(x *cluster, name string) int { return strings.Compare(x.name, name) })
	a.sorted = slices.Insert(a.sorted, at, c)
	a.byName[c.name], a.byARN[c.arn] = c, c
}

// nextARN is the ARN that the next cluster gets.
func (s *Server) nextARN(r request, name string) string {
	return r.arn("sagemaker", "cluster/"+emul.ClusterID(r.who.Account, r.who.Region, name, fmt.Sprint(s.created+1)))
}

func (c *cluster) addGroup(spec types.ClusterInstanceGroupSpecification) *group {
	spec = deep.Copy(spec)
	g := &group{cluster: c, spec: &spec, target: int(*spec.InstanceCount)}
	g.image = aws.ToString(spec.ImageId)
	if g.image == "" {
		g.image = defaultImage
	}
	g.release = c.server.releaseOf(g.image, spec.ImageReleaseVersion)
	g.desiredImage, g.desiredRelease = g.image, g.release
	g.counts = map[types.ClusterInstanceStatus]int{}
	c.groups = append(c.groups, g)
	return g
}

func (c *cluster) addRestricted(spec types.ClusterRestrictedInstanceGroupSpecification) *group {
	spec = deep.Copy(spec)
	g := &group{cluster: c, restricted: &spec, target: int(*spec.InstanceCount)}
	g.image, g.desiredImage = defaultImage, defaultImage
	g.counts = map[types.ClusterInstanceStatus]int{}
	c.groups = append(c.groups, g)
	return g
}

// releaseOf is the release version that an image stands for: only HyperPod's own
// images have one.
func (s *Server) releaseOf(image string, wanted *string) string {
	if image != defaultImage {
		return ""
	}
	if v := aws.ToString(wanted); v != "" {
		return v
	}
	return s.options.ReleaseVersion
}

// setUp ends a cluster's own set-up. A Continuous cluster is in service from then on
// and its groups come up one by one, but for one on Slurm, which needs its controller
// and a login node first. Any other is in service when all its nodes run, and is undone
// as a whole when one does not.
func (c *cluster) setUp(now time.Time) {
	if c.status != types.ClusterStatusCreating {
		return
	}
	switch {
	case !c.continuous:
		c.settle = c.provisioned
	case c.isEKS():
		c.say(now, info, "", "EKS Access Entries Create successful for Cluster %s", c.name)
		c.inService(now, "Create")
	}
	c.starting = true
	for _, g := range c.groups {
		g.begin(now)
	}
	c.starting, c.setUpDone = false, true
	c.check(now)
}

// begin starts the nodes of a new group.
func (g *group) begin(now time.Time) {
	c := g.cluster
	g.say(now, info, nil, "InstanceGroup %s Create started successfully in Cluster %s", g.name(), c.name)
	if g.custom() {
		g.say(now, info, g.imageMetadata(), "Found Custom AMI Override %s for IG %s in Cluster %s", g.desiredImage, g.name(), c.name)
	}
	if g.spec != nil {
		g.setMinimum(now, g.spec.MinInstanceCount)
	}
	g.plan(now)
	g.scale(now)
}

// provisioned ends the creation of a cluster that is created as a whole.
func (c *cluster) provisioned(now time.Time) {
	failure, failed := c.firstFailure(c.created)
	if !failed {
		c.status = types.ClusterStatusInservice
		c.check(now)
		return
	}
	c.status, c.failure = types.ClusterStatusRollingback, failure
	for _, g := range c.groups {
		for _, n := range g.nodes {
			n.stop(now)
		}
	}
	c.server.timeline.schedule(now.Add(c.server.options.Durations.Rollback), func(time.Time) { c.status = types.ClusterStatusFailed })
}
