package rollout_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// exampleSpec makes two clusters on an emulator and says how to roll them.
func exampleSpec(srv *hyperpodtest.Server) rollout.Spec {
	spec := rollout.Spec{
		Name:   "golden 2026-03",
		Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: newAMI}}},
		// One cluster first, and the others when it has baked.
		Waves:     rollout.Percentages(50, 100),
		Strategy:  rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(25)}},
		OnFailure: rollout.UndoAll, ReplaceRootVolumes: true,
	}
	for _, name := range []string{"train", "tune"} {
		group := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 4).
			WithExecutionRole(role).WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh").WithImage(goldenAMI)
		_, err := hyperpod.New(srv.Client()).Cluster(name).Create(context.Background(), hyperpod.Spec{
			Groups: []hyperpod.Group{group}, Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/" + name),
			VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
		})
		if err != nil {
			fmt.Println(err)
		}
		spec.Targets = append(spec.Targets, rollout.Target{Account: account, Region: region, Cluster: name, Groups: hyperpod.AllGroups})
	}
	return spec
}

// Clients are looked up for each step; here there is one account and Region.
func exampleClients(srv *hyperpodtest.Server) rollout.Clients {
	return func(context.Context, string, string) (rollout.Access, error) {
		return rollout.Access{HyperPod: srv.Client()}, nil
	}
}

func ExampleRunner_Run() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv), func(o *rollout.Options) { o.Gate = rollout.NodesRunning() })
	plan, err := x.Plan(ctx, exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(ctx, plan)
	fmt.Println(report.Outcome, err)
	for _, t := range report.Targets {
		fmt.Println(t.Wave, t.Cluster, t.Phase, t.Groups[0].Image)
	}
	// Output:
	// succeeded <nil>
	// 50% train rolled ami-0fedcba9876543210
	// 100% tune rolled ami-0fedcba9876543210
}

// A runner that was cut off is followed by another one, which goes on from the journal.
func ExampleRunner_Resume() {
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv))
	plan, err := x.Plan(context.Background(), exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	journal := rollout.NewMemStore()
	ctx, cancel := context.WithCancel(context.Background())
	srv.Faults().After(func(_ context.Context, operation string, _ any, _ error) {
		if operation == "UpdateClusterSoftware" {
			cancel() // the process ends after its first request
		}
	})
	_, err = rollout.NewRunner(x, journal).Run(ctx, plan)
	fmt.Println(err)

	srv.Faults().Clear()
	report, err := rollout.NewRunner(x, journal).Resume(context.Background())
	fmt.Println(report.Outcome, err)
	// Output:
	// rollout: context canceled
	// succeeded <nil>
}

// What a gate refuses is taken back when the budget does not allow it.
func ExampleOptions() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv), func(o *rollout.Options) {
		o.Gate = func(_ context.Context, v rollout.Visit) error {
			return rollout.Refuse(fmt.Errorf("the loss of %s is not a number", v.Groups[0]))
		}
	})
	plan, err := x.Plan(ctx, exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	report, _ := rollout.NewRunner(x, rollout.NewMemStore()).Run(ctx, plan)
	fmt.Println(report.Outcome)
	for _, t := range report.Targets {
		fmt.Printf("%s: %s. %s\n", t.Cluster, t.Phase, t.Reason)
	}
	// Output:
	// taken back
	// train: taken back. the gate refused: the loss of workers is not a number
	// tune: waiting.
}

// Another engine asks Next what to do, runs each step, and keeps what came of it.
func ExampleNext() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv))
	plan, err := x.Plan(ctx, exampleSpec(srv))
	if err != nil {
		fmt.Println(err)
		return
	}
	state, number := plan.State, uint64(0)
	apply := func(changes ...rollout.Change) {
		number++
		if err := state.Apply(rollout.Entry{Number: number, Time: time.Now(), Changes: changes}); err != nil {
			fmt.Println(err)
		}
	}
	apply(rollout.Change{Kind: rollout.ChangeBegun})
	for {
		state.Now = time.Now()
		d := rollout.Next(state)
		if d.Done {
			break
		}
		for _, step := range d.Steps {
			apply(rollout.Started(step))
			// A step is plain data: it may be run anywhere.
			document, _ := json.Marshal(step)
			var sent rollout.Step
			_ = json.Unmarshal(document, &sent)
			result := x.Do(ctx, sent)
			fmt.Println(step.Kind, result.Kind)
			apply(rollout.Finished(step, result))
		}
	}
	apply(rollout.Change{Kind: rollout.ChangeEnded})
	fmt.Println(state.Outcome())
	// Output:
	// check done
	// update done
	// await done
	// check done
	// update done
	// await done
	// succeeded
}
