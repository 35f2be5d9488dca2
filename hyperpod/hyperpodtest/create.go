package hyperpodtest

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
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
	}, nil
}

// imageUses lists the AMIs that the groups of a request name.
func imageUses(groups []types.ClusterInstanceGroupSpecification) []imageUse {
	var uses []imageUse
	for i, g := range groups {
		if id := aws.ToString(g.ImageId); id != "" && id != defaultImage {
			uses = append(uses, imageUse{image: id, path: fmt.Sprintf("InstanceGroups[%d].ImageId", i), rootKey: rootKey(g.InstanceStorageConfigs)})
		}
	}
	return uses
}

// rootKey is the key of the root volume among a group's volumes.
func rootKey(volumes []types.ClusterInstanceStorageConfig) string {
	for _, v := range volumes {
		if ebs, ok := v.(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig); ok && aws.ToBool(ebs.Value.RootVolume) {
			return aws.ToString(ebs.Value.VolumeKmsKeyId)
		}
	}
	return ""
}

func (s *Server) newCluster(r request, in *sagemaker.CreateClusterInput) *cluster {
	s.created++
	id := emul.ClusterID(r.who.Account, r.who.Region, *in.ClusterName, fmt.Sprint(s.created))
	recovery := in.NodeRecovery
	if recovery == "" {
		recovery = types.ClusterNodeRecoveryAutomatic
	}
	c := &cluster{
		server:  s,
		own:     r.own,
		arn:     fmt.Sprintf("arn:%s:sagemaker:%s:%s:cluster/%s", emul.Partition(r.who.Region), r.who.Region, r.who.Account, id),
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
	r.own.clusters = append(r.own.clusters, c)
	r.own.byName[c.name], r.own.byARN[c.arn] = c, c
	if c.isEKS() {
		s.eksOwners[*c.orchestrator.Eks.ClusterArn] = c
	}
	s.timeline.schedule(r.now.Add(s.options.Durations.ClusterSetup), c.setUp)
	return c
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
	c.groups = append(c.groups, g)
	return g
}

func (c *cluster) addRestricted(spec types.ClusterRestrictedInstanceGroupSpecification) *group {
	spec = deep.Copy(spec)
	g := &group{cluster: c, restricted: &spec, target: int(*spec.InstanceCount)}
	g.image, g.desiredImage = defaultImage, defaultImage
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
// and its groups come up one by one; any other is in service when all its nodes run,
// and is undone as a whole when one does not.
func (c *cluster) setUp(now time.Time) {
	if c.status != types.ClusterStatusCreating {
		return
	}
	if c.continuous {
		c.status = types.ClusterStatusInservice
	} else {
		c.settle = c.provisioned
	}
	for _, g := range c.groups {
		g.scale(now)
	}
	c.check(now)
}

// provisioned ends the creation of a cluster that is created as a whole.
func (c *cluster) provisioned(now time.Time) {
	failure, failed := c.firstFailure()
	if !failed {
		c.status = types.ClusterStatusInservice
		c.check(now)
		return
	}
	c.status, c.failure = types.ClusterStatusRollingback, failure
	for _, g := range c.groups {
		for _, n := range g.nodes {
			g.stop(now, n)
		}
	}
	c.server.timeline.schedule(now.Add(c.server.options.Durations.Rollback), func(time.Time) { c.status = types.ClusterStatusFailed })
}
