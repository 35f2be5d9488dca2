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
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// Spec is a cluster to be.
type Spec struct {
	// Groups are the instance groups, at least one of these or of RestrictedGroups.
	Groups []Group

	// RestrictedGroups are restricted instance groups, in the SDK's own struct.
	RestrictedGroups []types.ClusterRestrictedInstanceGroupSpecification

	// Orchestrator is [EKS] or [Slurm]. The zero value is an error.
	Orchestrator Orchestrator

	// VPC is the network of the cluster's instances. A cluster on EKS needs one.
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

// Orchestrator is what schedules a cluster's work. Make one with [EKS] or [Slurm].
type Orchestrator struct {
	config *types.ClusterOrchestrator
}

// EKS is orchestration by an Amazon EKS cluster, by its ARN. The service takes one
// HyperPod cluster for one EKS cluster.
func EKS(clusterARN string) Orchestrator {
	return Orchestrator{config: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String(clusterARN)}}}
}

// Slurm is orchestration by Slurm.
func Slurm() Orchestrator {
	return Orchestrator{config: &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}}
}

// input is the request that creates a cluster of this specification.
func (s Spec) input(name string) *sagemaker.CreateClusterInput {
	in := &sagemaker.CreateClusterInput{
		ClusterName:              aws.String(name),
		RestrictedInstanceGroups: deep.Copy(s.RestrictedGroups),
		Orchestrator:             deep.Copy(s.Orchestrator.config),
		NodeRecovery:             s.NodeRecovery,
	}
	if !s.NonContinuous {
		in.NodeProvisioningMode = types.ClusterNodeProvisioningModeContinuous
	}
	for _, g := range s.Groups {
		in.InstanceGroups = append(in.InstanceGroups, g.Spec())
	}
	if len(s.VPC.Subnets) > 0 || len(s.VPC.SecurityGroups) > 0 {
		in.VpcConfig = &types.VpcConfig{Subnets: slices.Clone(s.VPC.Subnets), SecurityGroupIds: slices.Clone(s.VPC.SecurityGroups)}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(s.Tags[key])})
	}
	if s.Input != nil {
		s.Input(in)
	}
	return in
}

// checkCreate judges a whole request to create a cluster.
func checkCreate(in *sagemaker.CreateClusterInput) []hyperpodkit.Finding {
	// The groups are judged one by one below, and the model would say it all twice.
	shallow := *in
	shallow.InstanceGroups = nil
	findings := modelFindings(smmodel.Operation("CreateCluster", &shallow))
	refuse := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	switch o := in.Orchestrator; {
	case o == nil:
		refuse("orchestrator", "Orchestrator", "missing", "use EKS or Slurm")
	case (o.Eks == nil) == (o.Slurm == nil):
		refuse("orchestrator", "Orchestrator", "it must have exactly one of Eks and Slurm", "use EKS or Slurm")
	case o.Eks != nil && in.VpcConfig == nil:
		refuse("eks-vpc", "VpcConfig", "missing, a cluster on EKS needs it", "name the subnets and security groups")
	}
	if n := len(in.InstanceGroups); n > 100 {
		refuse("model-length", "InstanceGroups", fmt.Sprintf("%d groups", n), "use at most 100")
	}
	if len(in.InstanceGroups)+len(in.RestrictedInstanceGroups) == 0 {
		refuse("no-groups", "InstanceGroups", "missing", "give the cluster an instance group")
	}
	cluster := settingOf(in.Orchestrator, in.NodeProvisioningMode)
	seen := map[string]bool{}
	for i, g := range in.InstanceGroups {
		path := fmt.Sprintf("InstanceGroups[%d]", i)
		findings = append(findings, checkGroup(g, path, cluster)...)
		if name := aws.ToString(g.InstanceGroupName); seen[name] {
			refuse("unique-names", path+".InstanceGroupName", fmt.Sprintf("%q is used by another group", name), "rename one")
		}
		seen[aws.ToString(g.InstanceGroupName)] = true
	}
	for i, g := range in.RestrictedInstanceGroups {
		if name := aws.ToString(g.InstanceGroupName); seen[name] {
			refuse("unique-names", fmt.Sprintf("RestrictedInstanceGroups[%d].InstanceGroupName", i), fmt.Sprintf("%q is used by another group", name), "rename one")
		}
		seen[aws.ToString(g.InstanceGroupName)] = true
	}
	return findings
}
