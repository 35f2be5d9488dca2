package hyperpod_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func printChanges(plan *hyperpod.Plan) {
	for _, change := range plan.Changes() {
		fmt.Println(strings.TrimSpace(change.Kind.String() + " " + change.Group))
		for _, field := range change.Fields {
			fmt.Printf("  %s: %s -> %s\n", field.Path, field.Before, field.After)
		}
	}
}

// A whole declared cluster against the live one, in one request.
func ExampleDesired() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	spec := exampleSpec()
	spec.Groups[0] = spec.Groups[0].WithInstanceCount(4)
	spec.NodeRecovery = types.ClusterNodeRecoveryNone
	plan, err := train.Plan(ctx, hyperpod.Desired(spec))
	if err != nil {
		fmt.Println(err)
		return
	}
	printChanges(plan)
	if _, err := plan.Apply(ctx); err != nil {
		fmt.Println(err)
		return
	}
	plan, err = train.Plan(ctx, hyperpod.Desired(spec))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("nothing left to do:", plan.Empty())
	// Output:
	// cluster changed
	//   NodeRecovery: "Automatic" -> "None"
	// group changed workers
	//   InstanceCount: 2 -> 4
	// nothing left to do: true
}

// A group is edited as it was asked for last; nothing else of it changes.
func ExampleEditGroup() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	plan, err := train.Plan(ctx, hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
		return g.WithKubernetesLabels(map[string]string{"team": "research"})
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	printChanges(plan)

	_, err = train.Plan(ctx, hyperpod.EditGroup("workers", func(g hyperpod.Group) hyperpod.Group {
		return g.WithImage("ami-0fedcba9876543210")
	}))
	fmt.Println(err)
	// Output:
	// group changed workers
	//   KubernetesConfig.Labels["team"]:  -> "research"
	// update cluster "train": refused, nothing was sent: InstanceGroups[0].ImageId: group "workers" cannot change it from "ami-0123456789abcdef0" to "ami-0fedcba9876543210"; use RollImage [immutable]
}

// A plan is saved, reviewed, and applied by another program, unless the cluster has
// changed meanwhile.
func ExampleCluster_LoadPlan() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	plan, err := train.Plan(ctx, hyperpod.Scale("workers", 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	saved, err := json.Marshal(plan)
	if err != nil {
		fmt.Println(err)
		return
	}

	loaded, err := train.LoadPlan(saved)
	if err != nil {
		fmt.Println(err)
		return
	}
	printChanges(loaded)
	report, err := loaded.Apply(ctx)
	fmt.Println(report.Groups[0].Count, err)
	_, err = loaded.Apply(ctx)
	fmt.Println("stale by now:", errors.Is(err, hyperpod.ErrStale))
	// Output:
	// group changed workers
	//   InstanceCount: 2 -> 4
	// 4 <nil>
	// stale by now: true
}

// A plan never changes images. It lists the rolls that would.
func ExamplePlan_Rolls() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	spec := exampleSpec()
	spec.Groups[0] = spec.Groups[0].WithImage("ami-0fedcba9876543210")
	plan, err := train.Plan(ctx, hyperpod.Desired(spec))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("nothing to send:", plan.Empty())
	for _, roll := range plan.Rolls() {
		roll.Batch, roll.ReplaceRootVolumes = hyperpod.Percent(25), true
		report, err := train.RollImage(ctx, roll)
		fmt.Println(roll.Image, report.Groups[0].Outcome, err)
	}
	// Output:
	// nothing to send: true
	// ami-0fedcba9876543210 on the image <nil>
}

// A plan is applied to what it was made for, or not at all.
func ExamplePlan_Apply() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	plan, err := train.Plan(ctx, hyperpod.Scale("workers", 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := train.Update(ctx, hyperpod.Scale("workers", 3)); err != nil { // somebody else
		fmt.Println(err)
		return
	}
	if _, err = plan.Apply(ctx); errors.Is(err, hyperpod.ErrStale) {
		plan, err = train.Plan(ctx, hyperpod.Scale("workers", 4))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := plan.Apply(ctx)
	fmt.Println(report.Groups[0].Count, err)
	// Output:
	// 4 <nil>
}
