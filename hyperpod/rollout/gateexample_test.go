package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// visitOf is what a rollout gives to a gate: here of a cluster on an emulator, with a group
// "workers" of two nodes, which pass deep health checks, and a group "login" of one.
func visitOf(groups ...string) (rollout.Visit, error) {
	api := hyperpodtest.NewServer().Client()
	client := hyperpod.New(api, func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond })
	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 2).
		WithExecutionRole("arn:aws:iam::111122223333:role/HyperPod").
		WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").WithImage("ami-0123456789abcdef0")
	_, err := client.Cluster("train").Create(context.Background(), hyperpod.Spec{
		Groups: []hyperpod.Group{
			workers.WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress),
			workers.WithName("login").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 1),
		},
		Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/example-eks"),
		VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	return rollout.Visit{
		Account: "111122223333", Region: "us-west-2", Cluster: "train", Groups: groups, HyperPod: client, API: api,
	}, err
}

// A gate is a function: this one asks the nodes' images, and will not wait for another.
func ExampleGate() {
	gate := rollout.Gate(func(ctx context.Context, v rollout.Visit) error {
		for n, err := range v.HyperPod.Cluster(v.Cluster).Nodes(ctx, func(o *hyperpod.NodesOptions) { o.Groups, o.Details = v.Groups, true }) {
			if err != nil {
				return err
			}
			if n.Details == nil || n.Details.CurrentImageId == nil {
				return fmt.Errorf("a node of group %s does not tell its image yet", n.Group)
			}
			if wanted := v.Images[n.Group].ID(); *n.Details.CurrentImageId != wanted {
				return rollout.Refuse(fmt.Errorf("a node of group %s runs %s, not %s", n.Group, *n.Details.CurrentImageId, wanted))
			}
		}
		return nil
	})

	visit, err := visitOf("login")
	if err != nil {
		fmt.Println(err)
		return
	}
	visit.Images = map[string]hyperpod.Image{"login": hyperpod.AMI("ami-0123456789abcdef0")}
	fmt.Println(gate(context.Background(), visit))
	visit.Images = map[string]hyperpod.Image{"login": hyperpod.AMI("ami-0fedcba9876543210")}
	fmt.Println(gate(context.Background(), visit))
	// Output:
	// <nil>
	// a node of group login runs ami-0123456789abcdef0, not ami-0fedcba9876543210
}

func ExampleNodesRunning() {
	gate := rollout.NodesRunning()
	visit, err := visitOf("workers", "login")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(gate(context.Background(), visit))

	visit.Groups = []string{"worker"}
	fmt.Println(gate(context.Background(), visit))
	// Output:
	// <nil>
	// group worker does not exist
}

func ExampleDeepHealthChecked() {
	gate := rollout.DeepHealthChecked()
	visit, err := visitOf("workers")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(gate(context.Background(), visit))

	visit.Groups = []string{"login"}
	err = gate(context.Background(), visit)
	var refused *rollout.RefusedError
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// <nil>
	// true OnStartDeepHealthChecks of group login is not set, so that new nodes are not checked: set it, or use NodesRunning
}

// alarmStates stands for CloudWatch: DescribeAlarms returns the state of each of the alarms
// that it knows.
type alarmStates map[string]string

// FiringAlarms is all that a reader has to do with what DescribeAlarms returns.
func (states alarmStates) FiringAlarms(_ context.Context, _, region string, names []string) ([]string, error) {
	var firing []string
	for _, name := range names {
		switch state, exists := states[name]; {
		case !exists:
			return nil, rollout.Refuse(fmt.Errorf("no alarm %q in %s", name, region))
		case state == "ALARM":
			firing = append(firing, name)
		}
	}
	return firing, nil
}

func ExampleAlarmsQuiet() {
	states := alarmStates{"train-loss-nan": "OK", "gpu-errors": "ALARM"}
	visit := rollout.Visit{Account: "111122223333", Region: "us-west-2", Cluster: "train", Groups: []string{"workers"}}
	for _, names := range [][]string{{"train-loss-nan"}, {"train-loss-nan", "gpu-errors"}, {"train-loss-nam"}} {
		fmt.Println(rollout.AlarmsQuiet(states, names...)(context.Background(), visit))
	}
	// Output:
	// <nil>
	// alarm "gpu-errors" fires
	// reading alarms of account 111122223333 in us-west-2: no alarm "train-loss-nam" in us-west-2
}

func ExampleAllOf() {
	gate := rollout.AllOf(
		rollout.NodesRunning(),
		rollout.AlarmsQuiet(alarmStates{"train-loss-nan": "ALARM"}, "train-loss-nan"),
		func(context.Context, rollout.Visit) error { return errors.New("the smoke job has not ended yet") },
	)
	visit, err := visitOf("workers")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(gate(context.Background(), visit))
	// Output:
	// alarm "train-loss-nan" fires; the smoke job has not ended yet
}

func ExampleRefuse() {
	quiet := rollout.AlarmsQuiet(alarmStates{"train-loss-nan": "ALARM"}, "train-loss-nan")
	atOnce := func(ctx context.Context, v rollout.Visit) error { return rollout.Refuse(quiet(ctx, v)) }
	err := atOnce(context.Background(), rollout.Visit{})
	var refused *rollout.RefusedError
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// true alarm "train-loss-nan" fires
}
