package hyperpod_test

import (
	"context"
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// What a cluster is, as one look shows it.
func ExampleCluster_Describe() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	live, err := train.Describe(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(live.Cluster.ClusterStatus, len(live.Cluster.InstanceGroups))
	// Output:
	// InService 1
}

// A group of a snapshot as it was asked for, to make another from.
func ExampleSnapshot_Group() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	live, err := train.Describe(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	workers, _, err := live.Group("workers")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := train.Update(ctx, hyperpod.AddGroup(workers.WithName("debug").WithInstanceCount(1)))
	fmt.Println(report.Groups[0].Name, report.Groups[0].Image, err)
	// Output:
	// debug ami-0123456789abcdef0 <nil>
}

// From what the service describes to what can be sent.
func ExampleGroupFrom() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	live, err := train.Describe(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	group, findings, err := hyperpod.GroupFrom(live.Cluster.InstanceGroups[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := group.Spec()
	fmt.Println(*spec.InstanceGroupName, *spec.InstanceCount, *spec.ImageId, len(findings))
	// Output:
	// workers 2 ami-0123456789abcdef0 0
}

// A cluster that somebody made by hand becomes a specification, to keep and to declare.
func ExampleSpecFrom() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	live, err := train.Describe(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	spec, _, err := hyperpod.SpecFrom(live.Cluster)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := train.Plan(ctx, hyperpod.Desired(spec))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(spec.ClusterName, len(spec.Groups), plan.Empty())
	// Output:
	// train 1 true
}
