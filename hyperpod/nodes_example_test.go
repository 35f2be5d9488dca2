package hyperpod_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// exampleCluster is a cluster of two nodes on an emulator.
func exampleCluster(ctx context.Context) (*hyperpodtest.Server, *hyperpod.Cluster) {
	srv := hyperpodtest.NewServer()
	train := hyperpod.New(srv.Client(), fast).Cluster("train")
	if _, err := train.Create(ctx, exampleSpec()); err != nil {
		fmt.Println(err)
	}
	return srv, train
}

func ExampleCluster_Nodes() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	for node, err := range train.Nodes(ctx, func(o *hyperpod.NodesOptions) { o.Groups = []string{"workers"} }) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(node.Group, node.InstanceType, node.Status)
	}
	// Output:
	// workers ml.c5.2xlarge Running
	// workers ml.c5.2xlarge Running
}

func ExampleCluster_AddNodes() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	report, err := train.AddNodes(ctx, hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "workers", Count: 1}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(report.Nodes), report.Nodes[0].Outcome, report.Groups[0].Wanted)
	// Output:
	// 1 done 3
}

// The nodes that the service does not accept are listed; the others are deleted.
func ExampleCluster_DeleteNodes() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	ids := []string{"i-0123456789abcdef0"}
	for node, err := range train.Nodes(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		ids = append(ids, node.Instance)
		break
	}
	report, err := train.DeleteNodes(ctx, ids...)
	failed, ok := errors.AsType[*hyperpod.NodesError](err)
	if !ok {
		fmt.Println(err)
		return
	}
	for _, n := range failed.Failed {
		fmt.Println(n.ID, n.Outcome, n.Code)
	}
	fmt.Println(report.Nodes[1].Outcome, report.Groups[0].Count, "left")
	// Output:
	// i-0123456789abcdef0 refused NodeIdNotFound
	// done 1 left
}

func ExampleCluster_ReplaceNodes() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	for node, err := range train.Nodes(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		report, err := train.ReplaceNodes(ctx, node.Instance)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(report.Nodes[0].Outcome, report.Nodes[0].Instance != node.Instance)
		break
	}
	// Output:
	// done true
}

func ExampleCluster_RebootNodes() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	_, err := train.RebootNodes(ctx, "i-0123")
	fmt.Println(err)
	// Output:
	// reboot nodes of cluster "train": refused, nothing was sent: NodeIds: "i-0123" has the wrong form; use an instance id: i- and 8 or 17 hexadecimal digits [model-pattern]
}

func ExampleCluster_Explain() {
	ctx := context.Background()
	srv, train := exampleCluster(ctx)
	srv.FailLifecycle("ami-0123456789abcdef0", "Lifecycle scripts did not run successfully: exit status 3")
	if _, err := train.With(func(o *hyperpod.Options) { o.NoWait = true }).Update(ctx, hyperpod.Scale("workers", 3)); err != nil {
		fmt.Println(err)
		return
	}
	why, err := train.Explain(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range why.Groups {
		fmt.Println(g.Name, g.Status, g.Current, "of", g.Target)
	}
	for _, c := range why.Causes {
		fmt.Printf("%s: %s; %s\n", c.Class, c.Text, c.Waiting)
		fmt.Println(c.Look[0].LogStream)
	}
	// Output:
	// workers Degraded 2 of 3
	// lifecycle script: Lifecycle scripts did not run successfully: exit status 3; waiting does not help
	// LifecycleConfig/workers/i-babc3543fcc741353
}
