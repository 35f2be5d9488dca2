package rollout_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// A plan says what a rollout would do and take. Nothing is sent for it.
func ExamplePlan_String() {
	srv := hyperpodtest.NewServer()
	ctx := context.Background()
	_, err := hyperpod.New(srv.Client()).Cluster("train").Create(ctx, hyperpod.Spec{
		Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/train"),
		Groups: []hyperpod.Group{hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 4).
			WithExecutionRole(role).WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh").WithImage(goldenAMI)},
		VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	if err != nil {
		panic(err)
	}
	x := rollout.NewExecutor(func(context.Context, string, string) (rollout.Access, error) {
		return rollout.Access{HyperPod: srv.Client()}, nil
	})
	plan, err := x.Plan(ctx, rollout.Spec{
		Name:    "March",
		Targets: []rollout.Target{{Account: account, Region: region, Cluster: "train", Groups: hyperpod.AllGroups}},
		Images:  hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: newAMI}}},
		Waves:   rollout.OneWave(), Bake: time.Hour, OnFailure: rollout.UndoAll, ReplaceRootVolumes: true,
		Strategy: rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(25), WaitInterval: 10 * time.Minute}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Print(plan)
	// Output:
	// plan of rollout "March": 1 target in 1 wave, 4 nodes to be replaced
	//   takes about 3h30m, 1 changing call and 176 reading calls
	//
	// how
	//   in place: 25% of a group at a time, 10m between batches; the groups of a cluster together
	//
	// wave 1: 1 target, 4 nodes, about 2h30m and a bake of 1h
	//   CLUSTER  ACCOUNT       REGION     GROUPS   NODES  OUT AT ONCE  IMAGE
	//   train    111122223333  us-west-2  workers  4      1            ami-0123456789abcdef0 -> ami-0fedcba9876543210
	//
	// rules
	//   each target       check, change, proof
	//   at the same time  all targets of a wave, with no limit
	//   after a wave      a bake
	//   failures          none is allowed; at the first all that was changed is taken back
	//   a busy cluster    fails its target
	//   root volumes      are replaced, and what is on them is lost
}

// A report is pasted into a change ticket as Markdown.
func ExampleReport_Markdown() {
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	report := &rollout.Report{
		Name: "March", Outcome: rollout.OutcomeStopped, Began: began, Ended: began.Add(50 * time.Minute),
		Waves: []rollout.WaveReport{{Name: "1", Targets: 1, Failed: 1, Began: began, Rolled: began.Add(50 * time.Minute), Ended: began.Add(50 * time.Minute)}},
		Targets: []rollout.TargetReport{{
			Account: account, Region: region, Cluster: "train", Wave: "1", Phase: rollout.PhaseFailed, Failed: true,
			Reason: "the gate: 2 of 4 nodes are not Running", Began: began, Ended: began.Add(50 * time.Minute),
			Groups: []rollout.GroupReport{{Name: "workers", Nodes: 4, Before: goldenAMI, Image: hyperpod.AMI(newAMI), Outcome: "on the image"}},
		}},
	}
	fmt.Print(report.Markdown())
	// Output:
	// ## Rollout `March`: stopped
	//
	// - began 2026-03-04 05:06:07 UTC, ended 2026-03-04 05:56:07 UTC, took 50m
	// - 1 target: 1 failed
	//
	// ### Waves
	//
	// | Wave | Targets | Failed | State | Began | Rolled | Ended |
	// | --- | --- | --- | --- | --- | --- | --- |
	// | `1` | 1 | 1 | over | 2026-03-04 05:06:07 | 2026-03-04 05:56:07 | 2026-03-04 05:56:07 |
	//
	// ### Targets
	//
	// | Cluster | Account | Region | Wave | Phase | Nodes | Image | Took | Reason |
	// | --- | --- | --- | --- | --- | --- | --- | --- | --- |
	// | `train` | `111122223333` | `us-west-2` | `1` | failed | 4 | `ami-0123456789abcdef0 -> ami-0fedcba9876543210` | 50m | `the gate: 2 of 4 nodes are not Running` |
	//
	// ### Groups
	//
	// | Cluster | Group | Nodes | Image | Outcome |
	// | --- | --- | --- | --- | --- |
	// | `train` | `workers` | 4 | `ami-0123456789abcdef0 -> ami-0fedcba9876543210` | on the image |
}

// How a rollout stands, from any process that has its journal.
func ExampleLoad() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv))
	plan, err := x.Plan(ctx, exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	journal := rollout.NewMemStore()
	_, _, err = rollout.Load(ctx, journal)
	fmt.Println(err)
	if _, err := rollout.NewRunner(x, journal).Run(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	state, _, err := rollout.Load(ctx, journal)
	fmt.Println(state.Outcome(), state.Report().Totals.Done, "targets are done,", err)
	// Output:
	// the journal is empty
	// succeeded 2 targets are done, <nil>
}

// A report prints as text for people; as JSON it is for programs.
func ExampleReport_String() {
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	report := &rollout.Report{
		Name: "March", Outcome: rollout.OutcomeUnderWay, Began: began,
		Waves: []rollout.WaveReport{{Name: "1", Targets: 1, Began: began}},
		Targets: []rollout.TargetReport{{
			Account: account, Region: region, Cluster: "train", Wave: "1", Phase: rollout.PhaseActive, Began: began,
			Groups: []rollout.GroupReport{{Name: "workers", Nodes: 4, Before: goldenAMI, Image: hyperpod.AMI(newAMI)}},
		}},
	}
	fmt.Print(report)
	// Output:
	// rollout "March": under way
	//   began 2026-03-04 05:06:07 UTC
	//   1 target: 1 active
	//
	// waves
	//   WAVE  TARGETS  STATE      BEGAN
	//   1     1        under way  2026-03-04 05:06:07
	//
	// targets
	//   CLUSTER  ACCOUNT       REGION     WAVE  PHASE   NODES  IMAGE
	//   train    111122223333  us-west-2  1     active  4      ami-0123456789abcdef0 -> ami-0fedcba9876543210
}
