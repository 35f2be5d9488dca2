package hyperpod

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/ebs"
)

const (
	executionService = "sagemaker.amazonaws.com"
	clusterService   = "hyperpod.sagemaker.amazonaws.com"
)

// launch is a new group with what its instances need.
type launch struct {
	GroupInstances
	image, role string
	lifecycle   *types.ClusterLifeCycleConfig
	network     *types.VpcConfig // its own, nil when it uses the cluster's
}

// launching is all that a request starts, in the setting of its cluster.
type launching struct {
	groups      []launch
	all         []GroupInstances
	network     *types.VpcConfig
	clusterRole string
	eks         string // the ARN, empty on Slurm
	region      string
}

func launchOf(g types.ClusterInstanceGroupSpecification, path string) launch {
	l := launch{
		GroupInstances: GroupInstances{
			Group: aws.ToString(g.InstanceGroupName), Types: instanceTypes(g), Count: aws.ToInt32(g.InstanceCount),
			VolumeGB: volumeSize(g.InstanceStorageConfigs), Spot: g.CapacityRequirements != nil && g.CapacityRequirements.Spot != nil,
			TrainingPlan: aws.ToString(g.TrainingPlanArn), Path: path,
		},
		image: aws.ToString(g.ImageId), role: aws.ToString(g.ExecutionRole), lifecycle: g.LifeCycleConfig, network: g.OverrideVpcConfig,
	}
	if g.NetworkInterface != nil {
		l.Interface = string(g.NetworkInterface.InterfaceType)
	}
	return l
}

func restrictedLaunch(g types.ClusterRestrictedInstanceGroupSpecification, path string) launch {
	return launch{
		GroupInstances: GroupInstances{
			Group: aws.ToString(g.InstanceGroupName), Types: []string{string(g.InstanceType)}, Count: aws.ToInt32(g.InstanceCount),
			VolumeGB: volumeSize(g.InstanceStorageConfigs), TrainingPlan: aws.ToString(g.TrainingPlanArn), Path: path,
		},
		role: aws.ToString(g.ExecutionRole), network: g.OverrideVpcConfig,
	}
}

// launches lists the groups of a request with their paths.
func launches(groups []types.ClusterInstanceGroupSpecification, restricted []types.ClusterRestrictedInstanceGroupSpecification) []launch {
	var list []launch
	for i := range groups {
		list = append(list, launchOf(groups[i], fmt.Sprintf("InstanceGroups[%d]", i)))
	}
	for i := range restricted {
		list = append(list, restrictedLaunch(restricted[i], fmt.Sprintf("RestrictedInstanceGroups[%d]", i)))
	}
	return list
}

// launchedBy is what a request to create a cluster starts.
func launchedBy(in *sagemaker.CreateClusterInput, region string) launching {
	l := launching{
		groups: launches(in.InstanceGroups, in.RestrictedInstanceGroups), network: in.VpcConfig,
		clusterRole: aws.ToString(in.ClusterRole), eks: eksOf(in.Orchestrator), region: region,
	}
	for _, g := range l.groups {
		l.all = append(l.all, g.GroupInstances)
	}
	return l
}

// launchedByPlan is what the groups that a plan adds start, and the cluster role that
// it sets. Those that the service holds already are its own to judge.
func launchedByPlan(p *Plan, live *sagemaker.DescribeClusterOutput) launching {
	l := launching{network: live.VpcConfig, eks: eksOf(live.Orchestrator), region: regionOf(p.arn), clusterRole: aws.ToString(p.input.ClusterRole)}
	sent := launches(p.input.InstanceGroups, p.input.RestrictedInstanceGroups)
	before := map[string]int32{}
	for _, g := range standing(live) {
		before[g.Group] = g.Count
		resent := slices.ContainsFunc(sent, func(s launch) bool { return s.Group == g.Group })
		if !resent && !slices.Contains(p.input.InstanceGroupsToDelete, g.Group) {
			g.Before = g.Count
			l.all = append(l.all, g)
		}
	}
	for _, g := range sent {
		_, exists := before[g.Group]
		g.Before = before[g.Group]
		l.all = append(l.all, g.GroupInstances)
		if !exists {
			l.groups = append(l.groups, g)
		}
	}
	return l
}

// standing lists the instances of a live cluster's groups, as they are wanted so far.
func standing(live *sagemaker.DescribeClusterOutput) []GroupInstances {
	var list []GroupInstances
	for _, g := range live.InstanceGroups {
		s := GroupInstances{
			Group: aws.ToString(g.InstanceGroupName), Types: instanceTypesOf(g), Count: aws.ToInt32(g.TargetCount),
			VolumeGB: volumeSize(g.InstanceStorageConfigs), Spot: g.CapacityRequirements != nil && g.CapacityRequirements.Spot != nil,
			TrainingPlan: aws.ToString(g.TrainingPlanArn),
		}
		if g.NetworkInterface != nil {
			s.Interface = string(g.NetworkInterface.InterfaceType)
		}
		list = append(list, s)
	}
	for _, g := range live.RestrictedInstanceGroups {
		list = append(list, GroupInstances{
			Group: aws.ToString(g.InstanceGroupName), Types: []string{string(g.InstanceType)}, Count: aws.ToInt32(g.TargetCount),
			VolumeGB: volumeSize(g.InstanceStorageConfigs), TrainingPlan: aws.ToString(g.TrainingPlanArn),
		})
	}
	return list
}

// instanceTypesOf lists the instance types of a live group, those that are desired
// where it is flexible.
func instanceTypesOf(g types.ClusterInstanceGroupDetails) []string {
	if r := g.InstanceRequirements; r != nil && g.InstanceType == "" {
		listed := r.DesiredInstanceTypes
		if len(listed) == 0 {
			listed = r.CurrentInstanceTypes
		}
		return stringsOf(listed)
	}
	return []string{string(g.InstanceType)}
}

func stringsOf[S ~string](list []S) []string {
	var plain []string
	for _, s := range list {
		plain = append(plain, string(s))
	}
	return plain
}

func eksOf(o *types.ClusterOrchestrator) string {
	if o == nil || o.Eks == nil {
		return ""
	}
	return aws.ToString(o.Eks.ClusterArn)
}

func volumeSize(storage []types.ClusterInstanceStorageConfig) int32 {
	v, _ := ebs.Secondary(storage)
	return aws.ToInt32(v.VolumeSizeInGB)
}

func (l launching) lifecycleUses() []LifecycleUse {
	var uses []LifecycleUse
	for _, g := range l.groups {
		c := g.lifecycle
		if c == nil || c.SourceS3Uri == nil {
			continue
		}
		for _, script := range []struct {
			member string
			name   *string
		}{{"OnCreate", c.OnCreate}, {"OnInitComplete", c.OnInitComplete}} {
			if script.name == nil {
				continue
			}
			use := LifecycleUse{SourceS3URI: *c.SourceS3Uri, Script: *script.name, Region: l.region, Path: g.Path + ".LifeCycleConfig." + script.member}
			if !slices.ContainsFunc(uses, func(u LifecycleUse) bool { return u.SourceS3URI == use.SourceS3URI && u.Script == use.Script }) {
				uses = append(uses, use)
			}
		}
	}
	return uses
}

func (l launching) roleUses() []RoleUse {
	var uses []RoleUse
	add := func(use RoleUse) {
		if use.ARN != "" && !slices.ContainsFunc(uses, func(u RoleUse) bool { return u.ARN == use.ARN && u.Service == use.Service }) {
			uses = append(uses, use)
		}
	}
	for _, g := range l.groups {
		add(RoleUse{ARN: g.role, Service: executionService, Path: g.Path + ".ExecutionRole"})
	}
	add(RoleUse{ARN: l.clusterRole, Service: clusterService, Path: "ClusterRole"})
	return uses
}

func (l launching) networkUses() []NetworkUse {
	var uses []NetworkUse
	seen := map[string]int{}
	for _, g := range l.groups {
		network, path := l.network, "VpcConfig"
		if g.network != nil {
			network, path = g.network, g.Path+".OverrideVpcConfig"
		}
		if network == nil {
			continue
		}
		key := strings.Join(slices.Sorted(slices.Values(network.Subnets)), ",") + ";" + strings.Join(slices.Sorted(slices.Values(network.SecurityGroupIds)), ",")
		at, known := seen[key]
		if !known {
			at = len(uses)
			seen[key] = at
			uses = append(uses, NetworkUse{
				Subnets: slices.Clone(network.Subnets), SecurityGroups: slices.Clone(network.SecurityGroupIds), Region: l.region, Path: path,
			})
		}
		uses[at].Groups = append(uses[at].Groups, g.GroupInstances)
	}
	return uses
}

func (l launching) eksUses() []EKSUse {
	if l.eks == "" || len(l.groups) == 0 {
		return nil
	}
	use := EKSUse{ClusterARN: l.eks, Path: "Orchestrator.Eks.ClusterArn"}
	for _, g := range l.groups {
		if g.image != "" && !slices.Contains(use.Images, g.image) {
			use.Images = append(use.Images, g.image)
		}
	}
	return []EKSUse{use}
}

func (l launching) quotaUses() []QuotaUse {
	if len(l.groups) == 0 {
		return nil
	}
	return []QuotaUse{{Groups: slices.Clone(l.all), Region: l.region, Path: "InstanceGroups"}}
}
