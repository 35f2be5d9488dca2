package hyperpod_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Counts of several groups are changed by one request. Zero keeps a group and ends its
// instances.
func ExampleScale() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	spec := exampleSpec()
	spec.Groups = append(spec.Groups, exampleGroup().WithName("debug"))
	if _, err := train.Create(ctx, spec); err != nil {
		fmt.Println(err)
		return
	}
	report, err := train.Update(ctx, hyperpod.Scale("workers", 4), hyperpod.Scale("debug", 0))
	for _, g := range report.Groups {
		fmt.Println(g.Name, g.Count, "of", g.Wanted)
	}
	fmt.Println(len(report.Calls), "request,", err)
	// Output:
	// workers 4 of 4
	// debug 0 of 0
	// 1 request, <nil>
}

func ExampleAddGroup() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	debug := exampleGroup().WithName("debug").WithInstanceCount(1)
	report, err := train.Update(ctx, hyperpod.AddGroup(debug))
	fmt.Println(report.Groups[0].Name, report.Groups[0].Outcome, err)

	_, err = train.Update(ctx, hyperpod.AddGroup(debug))
	fmt.Println(errors.Is(err, hyperpod.ErrGroupExists))
	// Output:
	// debug in service <nil>
	// true
}

func ExampleDeleteGroup() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	if _, err := train.Update(ctx, hyperpod.AddGroup(exampleGroup().WithName("debug"))); err != nil {
		fmt.Println(err)
		return
	}
	report, err := train.Update(ctx, hyperpod.DeleteGroup("debug"))
	fmt.Println(report.Groups[0].Name, report.Groups[0].Outcome, err)
	// Output:
	// debug deleted <nil>
}

// One call with other options than its client's: a program that only starts the change
// and looks for its end another time.
func ExampleCluster_With() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	started := train.With(func(o *hyperpod.Options) { o.NoWait = true })
	report, err := started.Update(ctx, hyperpod.Scale("workers", 4))
	fmt.Println(report.Complete, err)
	// Output:
	// false <nil>
}
