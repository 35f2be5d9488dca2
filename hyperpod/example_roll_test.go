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
