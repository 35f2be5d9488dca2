package hyperpod_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func ExampleCluster_PlanRoll() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	spec := exampleSpec()
	spec.Groups = append(spec.Groups, exampleGroup().WithName("login").WithInstanceCount(1).WithDefaultImage())
	if _, err := train.Create(ctx, spec); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := train.PlanRoll(ctx, hyperpod.Roll{
		Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: hyperpod.AllGroups, Batch: hyperpod.Percent(25), OneByOne: true, ReplaceRootVolumes: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, table, _ := strings.Cut(plan.String(), "\n")
	fmt.Print(table)
	// Output:
	//   one group after another, 25% at a time
	//   GROUP    NODES  OUT AT ONCE  RUNS                   UNDO
	//   workers  2      1            ami-0123456789abcdef0  ami-0123456789abcdef0
	//   login    1      1            default 1.4.0          release 1.4.0
}

// A plan is written down, and another process carries it out.
func ExampleCluster_StartRoll() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	if _, err := train.Create(ctx, exampleSpec()); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := train.PlanRoll(ctx, hyperpod.Roll{
		Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: hyperpod.Named("workers"), Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	saved, err := json.Marshal(plan)
	if err != nil {
		fmt.Println(err)
		return
	}

	var loaded hyperpod.RollPlan
	if err := json.Unmarshal(saved, &loaded); err != nil {
		fmt.Println(err)
		return
	}
	sent := time.Now()
	started, err := train.StartRoll(ctx, &loaded)
	fmt.Println(len(started.Calls), started.Complete, err)
	report, err := train.AwaitRoll(ctx, &loaded, sent)
	fmt.Println(report.Groups[0].Outcome, report.Complete, err)
	// Output:
	// 1 false <nil>
	// on the image true <nil>
}

// The second group fails, and the first is taken back to what it ran before.
func ExampleCluster_RollImage_undo() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	rolls := 0
	srv.Faults().Before(func(_ context.Context, operation string, _ any) error {
		if operation == "UpdateClusterSoftware" {
			if rolls++; rolls == 2 {
				srv.FailLifecycle("ami-0fedcba9876543210", "on_create.sh: exit status 7")
			}
		}
		return nil
	})
	train := hyperpod.New(srv.Client(), func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond }).Cluster("train")
	spec := exampleSpec()
	spec.Groups = append(spec.Groups, exampleGroup().WithName("login"))
	if _, err := train.Create(ctx, spec); err != nil {
		fmt.Println(err)
		return
	}
	report, err := train.RollImage(ctx, hyperpod.Roll{
		Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: hyperpod.Named("workers", "login"), Batch: hyperpod.AllAtOnce,
		OneByOne: true, ReplaceRootVolumes: true,
	})
	fmt.Println(errors.Is(err, waiter.ErrRolledBack), errors.Is(err, hyperpod.ErrNotTakenBack))
	for _, g := range report.Groups {
		fmt.Println(g.Name, g.Outcome, g.Image)
	}
	// Output:
	// true false
	// workers taken back ami-0123456789abcdef0
	// login rolled back ami-0123456789abcdef0
}

// rollToNext is what the examples of plans roll.
func rollToNext(groups hyperpod.GroupSelection) hyperpod.Roll {
	return hyperpod.Roll{
		Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: groups, Batch: hyperpod.Percent(50), ReplaceRootVolumes: true,
	}
}

// Many rolls are judged by one description.
func ExampleCluster_PlanRollFrom() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	live, err := train.Describe(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, group := range []string{"workers", "login"} {
		plan, err := train.PlanRollFrom(ctx, live, rollToNext(hyperpod.Named(group)))
		if errors.Is(err, hyperpod.ErrGroupNotFound) {
			fmt.Println(group, "does not exist")
			continue
		}
		fmt.Println(group, "has", plan.Groups[0].Nodes, "nodes to roll,", plan.Groups[0].Out, "at a time")
	}
	// Output:
	// workers has 2 nodes to roll, 1 at a time
	// login does not exist
}

// The process that sent the request ended before it could keep the answer. The next one
// asks the cluster, and neither sends twice nor gives up.
func ExampleCluster_RollStarted() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	plan, err := train.PlanRoll(ctx, rollToNext(hyperpod.Named("workers")))
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := time.Now()
	if _, err := train.StartRoll(ctx, plan); err != nil { // and here it ended
		fmt.Println(err)
		return
	}

	started, err := train.RollStarted(ctx, plan, sent)
	fmt.Println("started:", started, err)
	if started == hyperpod.StartedYes {
		report, err := train.AwaitRoll(ctx, plan, sent)
		fmt.Println(report.Groups[0].Outcome, err)
	}
	// Output:
	// started: yes <nil>
	// on the image <nil>
}

// A canary first, then the others.
func ExampleRollPlan_Only() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	spec := exampleSpec()
	spec.Groups = append(spec.Groups, exampleGroup().WithName("login"))
	if _, err := train.Create(ctx, spec); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := train.PlanRoll(ctx, rollToNext(hyperpod.AllGroups))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range []*hyperpod.RollPlan{plan.Only("login"), plan.Only("workers")} {
		sent := time.Now()
		if _, err := train.StartRoll(ctx, part); err != nil {
			fmt.Println(err)
			return
		}
		report, err := train.AwaitRoll(ctx, part, sent)
		fmt.Println(report.Groups[0].Name, report.Groups[0].Outcome, err)
	}
	// Output:
	// login on the image <nil>
	// workers on the image <nil>
}

// A roll that went well is taken back all the same, since the new image trains badly.
func ExampleRollPlan_Back() {
	ctx := context.Background()
	_, train := exampleCluster(ctx)
	plan, err := train.PlanRoll(ctx, rollToNext(hyperpod.Named("workers")))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range append([]*hyperpod.RollPlan{plan}, plan.Back()...) {
		sent := time.Now()
		if _, err := train.StartRoll(ctx, p); err != nil {
			fmt.Println(err)
			return
		}
		report, err := train.AwaitRoll(ctx, p, sent)
		fmt.Println(report.Groups[0].Image, err)
	}
	// Output:
	// ami-0fedcba9876543210 <nil>
	// ami-0123456789abcdef0 <nil>
}
