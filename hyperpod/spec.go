package hyperpod

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Spec is a cluster to be. It can also be read from and written as JSON in the API's
// own shape: see [ReadSpec].
//
// An optional member at its zero value is absent: the service chooses, and a live
// cluster keeps what is there. Slices and maps that are empty but not nil are given: they
// ask for none.
type Spec struct {
	// ClusterName is the name that the specification is for, 1 to 63 letters, digits and
	// hyphens. A handle of another name then refuses it. Empty fits any.
	ClusterName string

	// Groups are the instance groups, at least one of these or of RestrictedGroups.
	Groups []Group

	// RestrictedGroups are restricted instance groups, in the SDK's own struct.
	RestrictedGroups []types.ClusterRestrictedInstanceGroupSpecification

	// RestrictedGroupsConfig is the environment that the restricted groups share. Nil
	// leaves it to the service.
	RestrictedGroupsConfig *types.ClusterRestrictedInstanceGroupsConfig

	// Orchestrator is [EKS] or [Slurm]. The zero value is an error at creation: to the
	// service it means Slurm, which is to be said. The EKS cluster of a live cluster
	// cannot be changed (createOnly in the schema of the CloudFormation type
	// AWS::SageMaker::Cluster).
	Orchestrator Orchestrator

	// VPC is the network of the cluster's instances. A cluster on EKS needs one. It
	// cannot be changed on a live cluster.
	VPC VPC

	// Tags are the cluster's tags, 50 at most.
	Tags map[string]string

	// NonContinuous leaves the node provisioning mode out of the request. False, the
	// default, asks for Continuous: groups then scale by themselves and fail by
	// themselves, where otherwise every operation succeeds or is rolled back as a
	// whole, and AMIs of one's own are documented on Continuous clusters only.
	NonContinuous bool

	// NodeRecovery says whether faulty nodes are rebooted or replaced automatically.
	// Empty leaves it to the service.
	NodeRecovery types.ClusterNodeRecovery

	// AutoScaling has Karpenter scale the cluster, on EKS. It needs ClusterRole. Nil
	// leaves it to the service.
	AutoScaling *types.ClusterAutoScalingConfig

	// ClusterRole is the ARN of the IAM role that the service assumes to scale the
	// cluster. It cannot be changed while autoscaling is enabled (SDK,
	// UpdateClusterInput). Empty leaves it out.
	ClusterRole string

	// TieredStorage is the managed checkpoint storage in the nodes' memory, 0 to 100
	// percent of it. Nil leaves it to the service.
	TieredStorage *types.ClusterTieredStorageConfig

	// Input edits the request at last, for what no other member reaches. It must
	// change nothing but its argument. Nil edits nothing.
	Input func(*sagemaker.CreateClusterInput)
}

// VPC is a network by its subnets and security groups. The zero value means none.
type VPC struct {
	// Subnets are subnet ids, 16 at most.
	Subnets []string
	// SecurityGroups are security group ids, 5 at most.
	SecurityGroups []string
}

// config is nil for the zero VPC.
func (v VPC) config() *types.VpcConfig {
	if v.Subnets == nil && v.SecurityGroups == nil {
		return nil
	}
	return &types.VpcConfig{Subnets: slices.Clone(v.Subnets), SecurityGroupIds: slices.Clone(v.SecurityGroups)}
}

// Orchestrator is what schedules a cluster's work. Make one with [EKS] or [Slurm].
type Orchestrator struct {
	config *types.ClusterOrchestrator
	left   bool // left out of a file, which asks for what the service makes of that
}

// EKS is orchestration by an Amazon EKS cluster, by its ARN. The service takes one
// HyperPod cluster for one EKS cluster.
func EKS(clusterARN string) Orchestrator {
	return Orchestrator{config: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String(clusterARN)}}}
}

// Slurm is orchestration by Slurm. The options set what the SDK's struct holds: the
// strategy for partitions, on clusters that are not Continuous only (Amazon SageMaker
// Developer Guide, continuous provisioning on Slurm), and an accounting database of
// one's own, on Continuous clusters only (SDK, ClusterOrchestratorSlurmConfig).
func Slurm(optFns ...func(*types.ClusterOrchestratorSlurmConfig)) Orchestrator {
	var config types.ClusterOrchestratorSlurmConfig
	for _, fn := range optFns {
		fn(&config)
	}
	return Orchestrator{config: &types.ClusterOrchestrator{Slurm: deep.Copy(&config)}}
}

// input is the request that creates a cluster of this specification.
func (s Spec) input(name string) *sagemaker.CreateClusterInput {
	in := &sagemaker.CreateClusterInput{
		ClusterName:                    nonEmpty(&name),
		RestrictedInstanceGroups:       deep.Copy(s.RestrictedGroups),
		RestrictedInstanceGroupsConfig: deep.Copy(s.RestrictedGroupsConfig),
		Orchestrator:                   deep.Copy(s.Orchestrator.config),
		VpcConfig:                      s.VPC.config(),
		NodeRecovery:                   s.NodeRecovery,
		AutoScaling:                    deep.Copy(s.AutoScaling),
		ClusterRole:                    nonEmpty(&s.ClusterRole),
		TieredStorageConfig:            deep.Copy(s.TieredStorage),
	}
	if !s.NonContinuous {
		in.NodeProvisioningMode = types.ClusterNodeProvisioningModeContinuous
	}
	for _, g := range s.Groups {
		in.InstanceGroups = append(in.InstanceGroups, g.Spec())
	}
	if s.Tags != nil {
		in.Tags = make([]types.Tag, 0, len(s.Tags))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(s.Tags[key])})
	}
	if s.Input != nil {
		s.Input(in)
	}
	return in
}

// checkOrchestrator looks for an orchestrator that is not said. The service makes a
// cluster on Slurm then (SDK, CreateClusterInput: the member is optional; clusters older
// than EKS support were all made without it), as files from that time expect.
func (s Spec) checkOrchestrator(in *sagemaker.CreateClusterInput) []hyperpodkit.Finding {
	if in.Orchestrator != nil {
		return nil
	}
	f := hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: "orchestrator", Path: "Orchestrator", Found: "missing", Fix: "use EKS or Slurm"}
	if s.Orchestrator.left {
		f.Level, f.Found, f.Fix = hyperpodkit.Warning, "missing, which to the service means Slurm", "say Slurm if that is meant"
	}
	return []hyperpodkit.Finding{f}
}

// checkName refuses a specification that is for a cluster of another name.
func (s Spec) checkName(cluster string) []hyperpodkit.Finding {
	if s.ClusterName == "" || s.ClusterName == cluster {
		return nil
	}
	return []hyperpodkit.Finding{{
		Level: hyperpodkit.Error, Rule: "cluster-name", Path: "ClusterName",
		Found: fmt.Sprintf("the specification is for %q, and the handle for %q", s.ClusterName, cluster),
		Fix:   "take the handle from Spec.ClusterName, or leave that empty",
	}}
}
