package hyperpod

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Group is an instance group to be: a value that is built step by step. Each With
// method returns a changed copy and leaves its receiver as it was, so several groups
// can be made from one base. Mistakes are reported by [Group.Build], all at once.
//
// A member that no method has set is absent: the service chooses, and a cluster that
// has the group keeps what is there. Bounds in the comments are those of the service's
// model, unless they name another source.
type Group struct { //nolint:recvcheck // a value, but for UnmarshalJSON, which has to set it
	spec types.ClusterInstanceGroupSpecification
}

// NewGroup starts an instance group of a name: 1 to 63 letters, digits and hyphens.
// It has no instances until [Group.WithInstances] or [Group.WithFlexibleInstances]
// says so.
func NewGroup(name string) Group {
	return Group{spec: types.ClusterInstanceGroupSpecification{InstanceGroupName: aws.String(name), InstanceCount: aws.Int32(0)}}
}

// GroupFromSpec starts from the SDK's own struct, which is copied.
func GroupFromSpec(spec types.ClusterInstanceGroupSpecification) Group {
	return Group{spec: deep.Copy(spec)}
}

// with returns a changed copy of the group. What the specification points to is shared
// by all copies, so edit replaces it and never changes it.
func (g Group) with(edit func(*types.ClusterInstanceGroupSpecification)) Group {
	edit(&g.spec)
	return g
}

// changed is a copy of what p points to, edited; of the zero value when p is nil.
func changed[T any](p *T, edit func(*T)) *T {
	var v T
	if p != nil {
		v = *p
	}
	edit(&v)
	return &v
}

// WithName renames the group; a live group keeps its name. The last call wins.
func (g Group) WithName(name string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.InstanceGroupName = aws.String(name) })
}

// WithExecutionRole sets the ARN of the IAM role that the group's instances assume.
// It cannot be changed on a live group (createOnly in the schema of the CloudFormation
// type AWS::SageMaker::Cluster). The last call wins.
func (g Group) WithExecutionRole(arn string) Group {
	return g.with(func(s *types.ClusterInstanceGroupSpecification) { s.ExecutionRole = aws.String(arn) })
}

// WithSpec edits the SDK's own struct, for what no other method reaches. The
// function gets a copy that it may change as it likes, and what it leaves there is
// copied.
func (g Group) WithSpec(edit func(*types.ClusterInstanceGroupSpecification)) Group {
	spec := g.Spec()
	edit(&spec)
	return GroupFromSpec(spec)
}

// Name returns the group's name.
func (g Group) Name() string { return aws.ToString(g.spec.InstanceGroupName) }

// Spec returns a copy of the SDK's own struct as it stands, unchecked.
func (g Group) Spec() types.ClusterInstanceGroupSpecification { return deep.Copy(g.spec) }

// Check returns everything that is wrong or doubtful with the group by itself.
// Whether it fits a cluster is checked when it is sent to one.
func (g Group) Check() []hyperpodkit.Finding { return checkGroup(g.spec, "", setting{}) }

// Build returns the SDK's own struct, or an [*InvalidError] that names every mistake
// by its API path.
func (g Group) Build() (types.ClusterInstanceGroupSpecification, error) {
	if mistakes := onlyErrors(g.Check()); len(mistakes) > 0 {
		return types.ClusterInstanceGroupSpecification{}, &InvalidError{Findings: mistakes}
	}
	return g.Spec(), nil
}
