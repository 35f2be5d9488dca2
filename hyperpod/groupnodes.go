package hyperpod

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// WithLifecycle sets where the lifecycle scripts lie, an S3 URI of up to 1024
// characters, and which of them runs when an instance is created. The scripts are
// fetched when an instance starts. They can be changed on a live group. It keeps the
// script of [Group.WithOnInitComplete]; the last call wins.
func (g Group) WithLifecycle(sourceS3URI, onCreate string) Group {
	return g.withLifecycle(sourceS3URI, func(c *types.ClusterLifeCycleConfig) { c.OnCreate = aws.String(onCreate) })
}

// WithOnInitComplete sets which script runs once an instance has been initialised from
// its AMI (SDK, ClusterLifeCycleConfig). It lies at the same S3 URI as that of
// [Group.WithLifecycle], which it keeps: of the URIs the last wins, as does the last
// call.
func (g Group) WithOnInitComplete(sourceS3URI, onInitComplete string) Group {
	return g.withLifecycle(sourceS3URI, func(c *types.ClusterLifeCycleConfig) { c.OnInitComplete = aws.String(onInitComplete) })
}

func (g Group) withLifecycle(sourceS3URI string, edit func(*types.ClusterLifeCycleConfig)) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.LifeCycleConfig = changed(s.LifeCycleConfig, func(c *types.ClusterLifeCycleConfig) {
			c.SourceS3Uri = aws.String(sourceS3URI)
			edit(c)
		})
	})
}

// WithKubernetesLabels sets the labels of the group's nodes, up to 50, on a cluster on
// EKS. They are the whole truth: on a live group what is not named is removed, and an
// empty map that is not nil removes all (SDK, KubernetesConfig). The last call wins.
func (g Group) WithKubernetesLabels(labels map[string]string) Group {
	return g.withKubernetes(func(c *types.ClusterKubernetesConfig) { c.Labels = maps.Clone(labels) })
}

// WithKubernetesTaints sets the taints of the group's nodes, up to 50, each made by
// [Taint], on a cluster on EKS. They are the whole truth: on a live group what is not
// named is removed, and without an argument all are (SDK, KubernetesConfig). The last
// call wins.
func (g Group) WithKubernetesTaints(taints ...types.ClusterKubernetesTaint) Group {
	return g.withKubernetes(func(c *types.ClusterKubernetesConfig) {
		c.Taints = append([]types.ClusterKubernetesTaint{}, deep.Copy(taints)...)
	})
}

// Taint is a Kubernetes taint for [Group.WithKubernetesTaints]. An empty value leaves
// the value out.
func Taint(key, value string, effect types.ClusterKubernetesTaintEffect) types.ClusterKubernetesTaint {
	return types.ClusterKubernetesTaint{Key: aws.String(key), Value: nonEmpty(&value), Effect: effect}
}

func (g Group) withKubernetes(edit func(*types.ClusterKubernetesConfig)) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.KubernetesConfig = changed(s.KubernetesConfig, edit)
	})
}

// WithSlurm sets what the group's nodes are to Slurm, and the partitions that they
// belong to, at most 1. A Continuous cluster on Slurm needs it on every group (Amazon
// SageMaker Developer Guide, continuous provisioning on Slurm). The last call wins.
func (g Group) WithSlurm(nodeType types.ClusterSlurmNodeType, partitionNames ...string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.SlurmConfig = &types.ClusterSlurmConfig{NodeType: nodeType, PartitionNames: slices.Clone(partitionNames)}
	})
}

// WithOverrideVPC puts the group into another network than the cluster's, such as
// another Availability Zone's subnet. It cannot be changed on a live group (createOnly
// in the schema of the CloudFormation type AWS::SageMaker::Cluster). The zero VPC leaves
// it to the cluster's. The last call wins.
func (g Group) WithOverrideVPC(vpc VPC) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.OverrideVpcConfig = vpc.config() })
}

// WithNetworkInterface sets the type of the network interface: EFA with an interface
// for IP traffic, or EFA alone. Whether a live group can change it is not documented.
// The last call wins.
func (g Group) WithNetworkInterface(interfaceType types.ClusterInterfaceType) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.NetworkInterface = &types.ClusterNetworkInterface{InterfaceType: interfaceType}
	})
}
