package hyperpod

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// WithInstances sets instance type and count, 0 to 6758. Zero instances keep a group
// without nodes. The type cannot be changed on a live group (createOnly in the schema
// of the CloudFormation type AWS::SageMaker::Cluster). It replaces what
// [Group.WithFlexibleInstances] has set; the last call wins.
func (g Group) WithInstances(instanceType types.ClusterInstanceType, count int32) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.InstanceType, s.InstanceCount, s.InstanceRequirements = instanceType, aws.Int32(count), nil
	})
}

// WithFlexibleInstances makes the group a flexible one: a count, 0 to 6758, of
// instances of 1 to 20 types, in the order in which the service tries them when it lacks
// capacity (InstanceRequirements; SDK, ClusterInstanceRequirements). It needs a
// Continuous cluster. On a live group the types can be changed; that one with nodes
// cannot be removed, and that a group of one type stays one, is assumed. It replaces
// what [Group.WithInstances] has set; the last call wins.
func (g Group) WithFlexibleInstances(count int32, instanceTypes ...types.ClusterInstanceType) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.InstanceType, s.InstanceCount = "", aws.Int32(count)
		s.InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: slices.Clone(instanceTypes)}
	})
}

// WithInstanceCount sets the count alone, 0 to 6758, and keeps the types. The last call
// wins.
func (g Group) WithInstanceCount(count int32) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.InstanceCount = aws.Int32(count) })
}

// WithMinInstanceCount sets how many instances the group needs to become InService, 0
// to its count. A group that has fewer after 3 hours is rolled back: a new one to no
// instances, a live one to its former settings (SDK, MinInstanceCount). It needs a
// Continuous cluster and can be changed on a live group. The last call wins.
func (g Group) WithMinInstanceCount(count int32) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.MinInstanceCount = aws.Int32(count) })
}

// WithThreadsPerCore sets 1 to turn hyper-threading off, or 2. It cannot be changed on
// a live group (createOnly in the schema of the CloudFormation type
// AWS::SageMaker::Cluster). The last call wins.
func (g Group) WithThreadsPerCore(n int32) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.ThreadsPerCore = aws.Int32(n) })
}

// WithSpot takes the instances from Spot capacity, which EC2 may take back. It cannot
// be changed on a live group (Amazon SageMaker Developer Guide). It replaces what
// [Group.WithOnDemand] has set; the last call wins.
func (g Group) WithSpot() Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.CapacityRequirements = &types.ClusterCapacityRequirements{Spot: &types.ClusterSpotOptions{}}
	})
}

// WithOnDemand takes the instances from On-Demand capacity. It cannot be changed on a
// live group (Amazon SageMaker Developer Guide). It replaces what [Group.WithSpot] has
// set; the last call wins.
func (g Group) WithOnDemand() Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.CapacityRequirements = &types.ClusterCapacityRequirements{OnDemand: &types.ClusterOnDemandOptions{}}
	})
}

// WithTrainingPlan takes the instances from a training plan's reserved capacity, by the
// plan's ARN. Whether a live group can change its plan is not documented. The last call
// wins.
func (g Group) WithTrainingPlan(arn string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.TrainingPlanArn = aws.String(arn) })
}

// WithDeepHealthChecks has every new instance pass 1 or 2 checks before work is placed
// on it, which takes hours (OnStartDeepHealthChecks). They exclude Kubernetes taints of
// the group's own (Amazon SageMaker Developer Guide, prerequisites on EKS). They can be
// changed on a live group. The last call wins; without an argument none are asked for.
func (g Group) WithDeepHealthChecks(checks ...types.DeepHealthCheckType) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) {
		s.OnStartDeepHealthChecks = nilIfEmpty(slices.Clone(checks))
	})
}
