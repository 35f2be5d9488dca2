package hyperpod

import (
	"context"

	"github.com/hyperpodkit/hyperpodkit"
)

// Preflights are asked about what a request needs outside SageMaker, before the first
// mutating call: by [Cluster.Create] about the whole cluster, by [Cluster.Plan],
// [Cluster.Update] and [Plan.Apply] about the groups that are added and a cluster role
// that is set. Each member that is nil asks nobody.
//
// All of them have the shape of [ImageChecker], which stands beside them in
// [Options]: a use says what is about to be used and where it stands in the request.
// Each distinct use is asked about once. Findings of level error stop the workflow,
// others are reported; an error of the check itself stops it as well, since then
// nothing is known. A checker that may lack a permission can return a finding of
// level unknown instead. A finding without a path gets that of its use.
//
// Checkers are called from several goroutines at the same time.
type Preflights struct {
	// Lifecycle is asked about every lifecycle script.
	Lifecycle LifecycleChecker
	// Roles is asked about every execution role and the cluster role.
	Roles RoleChecker
	// Network is asked about every network: the cluster's, and those of groups that
	// override it.
	Network NetworkChecker
	// EKS is asked about the cluster's EKS cluster. Nobody is asked on Slurm.
	EKS EKSChecker
	// Quotas is asked about the instances of the whole cluster.
	Quotas QuotaChecker

	// Concurrency is how many checks, those of images included, may run at the same
	// time. Zero means 4.
	Concurrency int
}

// LifecycleChecker judges whether a lifecycle script is there and can run.
type LifecycleChecker interface {
	CheckLifecycle(ctx context.Context, use LifecycleUse) ([]hyperpodkit.Finding, error)
}

// RoleChecker judges whether a role exists and trusts who is to assume it.
type RoleChecker interface {
	CheckRole(ctx context.Context, use RoleUse) ([]hyperpodkit.Finding, error)
}

// NetworkChecker judges whether subnets and security groups suit the instances that
// are to start in them.
type NetworkChecker interface {
	CheckNetwork(ctx context.Context, use NetworkUse) ([]hyperpodkit.Finding, error)
}

// EKSChecker judges whether an EKS cluster can be a HyperPod cluster's orchestrator.
type EKSChecker interface {
	CheckEKS(ctx context.Context, use EKSUse) ([]hyperpodkit.Finding, error)
}

// QuotaChecker judges whether the account's quotas allow the instances.
type QuotaChecker interface {
	CheckQuotas(ctx context.Context, use QuotaUse) ([]hyperpodkit.Finding, error)
}

// LifecycleUse is a lifecycle script that new instances are to run. They fetch it
// when they start, so it must be there before.
type LifecycleUse struct {
	// SourceS3URI is the S3 location of the scripts, as the group has it.
	SourceS3URI string
	// Script is the file name of the script below it.
	Script string
	// Region is the cluster's Region, empty when unknown.
	Region string
	// Path is where the script stands in the request, such as
	// "InstanceGroups[0].LifeCycleConfig.OnCreate".
	Path string
}

// RoleUse is a role that a service is to assume.
type RoleUse struct {
	// ARN is the role's.
	ARN string
	// Service is the service principal that the role must trust:
	// "sagemaker.amazonaws.com" for execution roles (developer guide, "IAM role for
	// SageMaker HyperPod"), "hyperpod.sagemaker.amazonaws.com" for the cluster role
	// (developer guide, "Creating an IAM role for HyperPod autoscaling").
	Service string
	// Path is where the role stands in the request, such as
	// "InstanceGroups[0].ExecutionRole".
	Path string
}

// NetworkUse is a network that instances are to start in.
type NetworkUse struct {
	// Subnets and SecurityGroups are the network's ids, as the request has them.
	Subnets, SecurityGroups []string
	// Groups are the new groups that are to use it.
	Groups []GroupInstances
	// Region is the cluster's Region, empty when unknown.
	Region string
	// Path is "VpcConfig" for the cluster's own network, also where a request to
	// update does not carry it, and such as "InstanceGroups[0].OverrideVpcConfig".
	Path string
}

// EKSUse is an EKS cluster that is, or is to be, the orchestrator.
type EKSUse struct {
	// ClusterARN is the EKS cluster's.
	ClusterARN string
	// Images are the distinct images that the new groups name, "default" included.
	Images []string
	// Path is "Orchestrator.Eks.ClusterArn", also where a request to update does not
	// carry it.
	Path string
}

// QuotaUse is the instances that a cluster is to have.
type QuotaUse struct {
	// Groups are all the groups that the cluster is to have, those that exist and are
	// not changed included.
	Groups []GroupInstances
	// Region is the cluster's Region, empty when unknown.
	Region string
	// Path is "InstanceGroups".
	Path string
}

// GroupInstances is how many instances a group is to have, and of which kind.
type GroupInstances struct {
	// Group is the group's name.
	Group string
	// Types are the HyperPod instance types, such as "ml.p5.48xlarge". A flexible group
	// has several, and its instances may be any mix of them.
	Types []string
	// Count is how many instances the group is to have, Before how many it was to have
	// so far: zero for a new group.
	Count, Before int32
	// VolumeGB is the size of the secondary EBS volume, zero when there is none.
	VolumeGB int32
	// Interface is the network interface that the group asks for: "efa", "efa-only", or
	// empty when it leaves that to the service.
	Interface string
	// Spot says that the group asks for Spot capacity.
	Spot bool
	// TrainingPlan is the ARN of the training plan that provides the capacity, empty
	// when there is none.
	TrainingPlan string
	// Path is where the group stands in the request, such as "InstanceGroups[0]". Empty
	// for a group that the request does not carry.
	Path string
}
