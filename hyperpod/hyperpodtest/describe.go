package hyperpodtest

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

func (s *Server) describeCluster(r request, in *sagemaker.DescribeClusterInput) (outcome[sagemaker.DescribeClusterOutput], error) {
	c, err := r.find(in.ClusterName)
	if err != nil {
		return outcome[sagemaker.DescribeClusterOutput]{}, err
	}
	return answer(c.describe()), nil
}

func (c *cluster) describe() *sagemaker.DescribeClusterOutput {
	out := &sagemaker.DescribeClusterOutput{
		ClusterArn:           aws.String(c.arn),
		ClusterName:          aws.String(c.name),
		ClusterStatus:        c.status,
		CreationTime:         aws.Time(c.created),
		InstanceGroups:       []types.ClusterInstanceGroupDetails{},
		VpcConfig:            c.vpc,
		Orchestrator:         c.orchestrator,
		NodeRecovery:         c.nodeRecovery,
		ClusterRole:          c.role,
		TieredStorageConfig:  c.tieredStorage,
		FailureMessage:       text(c.failure),
		NodeProvisioningMode: c.mode(),
	}
	if a := c.autoScaling; a != nil {
		out.AutoScaling = &types.ClusterAutoScalingConfigOutput{
			Mode: a.Mode, AutoScalerType: a.AutoScalerType, Status: types.ClusterAutoScalingStatusInservice,
		}
	}
	if rc := c.restrictedConfig; rc != nil && rc.SharedEnvironmentConfig != nil {
		env := rc.SharedEnvironmentConfig
		out.RestrictedInstanceGroupsConfig = &types.ClusterRestrictedInstanceGroupsConfigOutput{
			SharedEnvironmentConfig: &types.ClusterSharedEnvironmentConfigDetails{
				CurrentFSxLustreConfig: env.FSxLustreConfig, DesiredFSxLustreConfig: env.FSxLustreConfig,
				CurrentFSxLustreDeletionPolicy: env.FSxLustreDeletionPolicy, DesiredFSxLustreDeletionPolicy: env.FSxLustreDeletionPolicy,
			},
		}
	}
	for _, g := range c.groups {
		if g.restricted != nil {
			out.RestrictedInstanceGroups = append(out.RestrictedInstanceGroups, g.describeRestricted())
		} else {
			out.InstanceGroups = append(out.InstanceGroups, g.describe())
		}
	}
	return out
}

func (c *cluster) mode() types.ClusterNodeProvisioningMode {
	if c.continuous {
		return types.ClusterNodeProvisioningModeContinuous
	}
	return ""
}

func (g *group) describe() types.ClusterInstanceGroupDetails {
	spec := g.spec
	d := types.ClusterInstanceGroupDetails{
		InstanceGroupName:       spec.InstanceGroupName,
		InstanceType:            spec.InstanceType,
		Status:                  g.status(),
		CurrentCount:            aws.Int32(int32(g.current())),
		TargetCount:             aws.Int32(int32(g.target)),
		MinCount:                spec.MinInstanceCount,
		ExecutionRole:           spec.ExecutionRole,
		LifeCycleConfig:         spec.LifeCycleConfig,
		ThreadsPerCore:          spec.ThreadsPerCore,
		InstanceStorageConfigs:  spec.InstanceStorageConfigs,
		OnStartDeepHealthChecks: spec.OnStartDeepHealthChecks,
		TrainingPlanArn:         spec.TrainingPlanArn,
		OverrideVpcConfig:       spec.OverrideVpcConfig,
		CapacityRequirements:    spec.CapacityRequirements,
		ScheduledUpdateConfig:   spec.ScheduledUpdateConfig,
		SoftwareUpdateStatus:    g.softwareStatus,
	}
	// Image ids and active operations are filled on Continuous clusters only, as
	// seen on live clusters.
	if g.cluster.continuous {
		d.CurrentImageId, d.DesiredImageId = text(g.image), text(g.desiredImage)
		if g.moving() {
			d.ActiveOperations = map[string]int32{string(types.ActiveClusterOperationNameScaling): 1}
		}
	}
	if g.cluster.isEKS() {
		d.CurrentImageReleaseVersion, d.DesiredImageReleaseVersion = text(g.release), text(g.desiredRelease)
		d.ImageVersionStatus = g.cluster.server.versionStatus(g.release)
	}
	if g.update != nil {
		d.ActiveSoftwareUpdateConfig = g.update.config
	}
	if g.softwareStatus != "" {
		d.TargetStateCount = aws.Int32(int32(g.onDesiredImage()))
	}
	if r := spec.InstanceRequirements; r != nil {
		d.InstanceRequirements = &types.ClusterInstanceRequirementDetails{DesiredInstanceTypes: r.InstanceTypes, CurrentInstanceTypes: r.InstanceTypes}
	}
	if k := spec.KubernetesConfig; k != nil {
		d.KubernetesConfig = &types.ClusterKubernetesConfigDetails{
			CurrentLabels: k.Labels, DesiredLabels: k.Labels, CurrentTaints: k.Taints, DesiredTaints: k.Taints,
		}
	}
	if a := spec.AutoPatchConfig; a != nil {
		d.AutoPatchConfig = &types.ClusterAutoPatchConfigDetails{PatchingStrategy: a.PatchingStrategy, DeploymentConfig: a.DeploymentConfig}
		if p := a.PatchSchedule; p != nil {
			details := &types.ClusterPatchScheduleDetails{NextPatchDate: p.NextPatchDate}
			d.AutoPatchConfig.CurrentPatchSchedule, d.AutoPatchConfig.DesiredPatchSchedule = details, details
		}
	}
	if sl := spec.SlurmConfig; sl != nil {
		d.SlurmConfig = &types.ClusterSlurmConfigDetails{NodeType: sl.NodeType, PartitionNames: sl.PartitionNames}
	}
	if n := spec.NetworkInterface; n != nil {
		d.NetworkInterface = &types.ClusterNetworkInterfaceDetails{InterfaceType: n.InterfaceType}
	}
	return d
}

// onDesiredImage counts the nodes that run the desired image, those that joined during
// an update included.
func (g *group) onDesiredImage() int {
	count := 0
	for _, n := range g.nodes {
		if n.status == types.ClusterInstanceStatusRunning && n.image == g.desiredImage && n.release == g.desiredRelease {
			count++
		}
	}
	return count
}

func (g *group) describeRestricted() types.ClusterRestrictedInstanceGroupDetails {
	spec := g.restricted
	d := types.ClusterRestrictedInstanceGroupDetails{
		InstanceGroupName:       spec.InstanceGroupName,
		InstanceType:            spec.InstanceType,
		Status:                  g.status(),
		CurrentCount:            aws.Int32(int32(g.current())),
		TargetCount:             aws.Int32(int32(g.target)),
		ExecutionRole:           spec.ExecutionRole,
		InstanceStorageConfigs:  spec.InstanceStorageConfigs,
		OnStartDeepHealthChecks: spec.OnStartDeepHealthChecks,
		OverrideVpcConfig:       spec.OverrideVpcConfig,
		ScheduledUpdateConfig:   spec.ScheduledUpdateConfig,
		ThreadsPerCore:          spec.ThreadsPerCore,
		TrainingPlanArn:         spec.TrainingPlanArn,
	}
	if e := spec.EnvironmentConfig; e != nil {
		d.EnvironmentConfig = &types.EnvironmentConfigDetails{FSxLustreConfig: e.FSxLustreConfig}
	}
	return d
}

// versionStatus judges a release of HyperPod's own images; a custom AMI has none.
func (s *Server) versionStatus(release string) types.ClusterImageVersionStatus {
	switch release {
	case "":
		return ""
	case s.options.ReleaseVersion:
		return types.ClusterImageVersionStatusUpToDate
	default:
		return types.ClusterImageVersionStatusUpdateAvailable
	}
}

func (s *Server) describeClusterNode(r request, in *sagemaker.DescribeClusterNodeInput) (outcome[sagemaker.DescribeClusterNodeOutput], error) {
	none := outcome[sagemaker.DescribeClusterNodeOutput]{}
	c, err := r.find(in.ClusterName)
	if err != nil {
		return none, err
	}
	id, logical := aws.ToString(in.NodeId), aws.ToString(in.NodeLogicalId)
	if (id == "") == (logical == "") {
		return none, invalid("Exactly one of NodeId and NodeLogicalId must be given.")
	}
	for _, n := range c.nodes() {
		if id != "" && n.instanceID == id || logical != "" && n.logicalID == logical {
			return answer(&sagemaker.DescribeClusterNodeOutput{NodeDetails: n.describe()}), nil
		}
	}
	return none, notFound("Node %s%s could not be found in cluster %s.", id, logical, c.name)
}

// nodes returns all nodes in the order of their launch.
func (c *cluster) nodes() []*node {
	var all []*node
	for _, g := range c.groups {
		all = append(all, g.nodes...)
	}
	slices.SortFunc(all, func(a, b *node) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

func (n *node) describe() *types.ClusterNodeDetails {
	g := n.group
	d := &types.ClusterNodeDetails{
		InstanceGroupName: aws.String(g.name()),
		InstanceId:        text(n.instanceID),
		NodeLogicalId:     text(n.logicalID),
		InstanceStatus:    &types.ClusterInstanceStatusDetails{Status: n.status, Message: text(n.message)},
		InstanceType:      g.instanceType(),
		LaunchTime:        aws.Time(n.launch),
	}
	if !n.lastUpdate.IsZero() {
		d.LastSoftwareUpdateTime = aws.Time(n.lastUpdate)
	}
	if g.restricted != nil {
		d.ThreadsPerCore, d.OverrideVpcConfig = g.restricted.ThreadsPerCore, g.restricted.OverrideVpcConfig
		d.InstanceStorageConfigs = g.restricted.InstanceStorageConfigs
	} else {
		d.ThreadsPerCore, d.OverrideVpcConfig = g.spec.ThreadsPerCore, g.spec.OverrideVpcConfig
		d.InstanceStorageConfigs, d.LifeCycleConfig = g.spec.InstanceStorageConfigs, g.spec.LifeCycleConfig
	}
	if g.cluster.continuous && g.restricted == nil {
		d.CurrentImageId, d.DesiredImageId = text(n.image), text(g.desiredImage)
		if g.update != nil && g.desiredImage != defaultImage {
			// While an update runs the service shows its own copy of a custom AMI here,
			// an id that the customer cannot describe; seen on live clusters.
			d.DesiredImageId = aws.String("ami-" + emul.HexID(17, "service copy", g.desiredImage))
		}
	}
	if g.cluster.isEKS() {
		d.CurrentImageReleaseVersion, d.DesiredImageReleaseVersion = text(n.release), text(g.desiredRelease)
		d.ImageVersionStatus = g.cluster.server.versionStatus(n.release)
	}
	return d
}

// text is a string member of an answer: left out when empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
