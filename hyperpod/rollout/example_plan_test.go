package rollout_test

import (
	"context"
	"fmt"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// Every mistake is reported at once, before anything is sent.
func ExampleExecutor_Plan() {
	ctx := context.Background()
	srv := hyperpodtest.NewServer()
	x := rollout.NewExecutor(exampleClients(srv))
	spec := exampleSpec(srv)
	plan, err := x.Plan(ctx, spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range plan.State.Targets {
		fmt.Println(t.Cluster, t.Groups[0].Name, "->", t.Groups[0].Image)
	}

	spec.Targets[1].Groups = hyperpod.GroupSelection{}
	spec.ReplaceRootVolumes = false
	_, err = x.Plan(ctx, spec)
	fmt.Println(err)
	// Output:
	// train workers -> ami-0fedcba9876543210
	// tune workers -> ami-0fedcba9876543210
	// invalid rollout, nothing was sent: 2 mistakes
	// 	ReplaceRootVolumes: not consented to: the root volume of every node is replaced and its data lost; set it to true [roll-consent]
	// 	Targets[1].Groups (tune): no group is named; use hyperpod.Named, or hyperpod.AllGroups if that is meant [roll-groups]
}

// printWaves shows how a division would have four clusters rolled.
func printWaves(waves rollout.Division) {
	srv := hyperpodtest.NewServer()
	spec := exampleSpec(srv)
	spec.Waves = waves
	spec.Targets[0].Labels = map[string]string{"stage": "beta"}
	spec.Targets[1].Labels = map[string]string{"stage": "production"}
	plan, err := rollout.NewExecutor(exampleClients(srv)).Plan(context.Background(), spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, w := range plan.State.Waves {
		fmt.Print("wave ", w.Name, ":")
		for _, t := range plan.State.Targets {
			if t.Wave == i {
				fmt.Print(" ", t.Cluster)
			}
		}
		fmt.Println()
	}
}

func ExamplePercentages() {
	printWaves(rollout.Percentages(10, 100)) // a wave has at least one target
	// Output:
	// wave 10%: train
	// wave 100%: tune
}

func ExampleByLabel() {
	printWaves(rollout.ByLabel("stage", "beta", "production"))
	// Output:
	// wave beta: train
	// wave production: tune
}

func ExampleWaves() {
	printWaves(rollout.Waves([]string{"tune"}, []string{"train"}))
	// Output:
	// wave 1: tune
	// wave 2: train
}

// What a rollout takes when nothing fails, before it is begun.
func ExamplePlan_Estimate() {
	srv := hyperpodtest.NewServer()
	spec := exampleSpec(srv)
	spec.Bake = time.Hour
	plan, err := rollout.NewExecutor(exampleClients(srv)).Plan(context.Background(), spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := plan.Estimate()
	fmt.Println(e.Duration, e.Nodes, "nodes,", e.Mutating, "changing calls")
	// Output:
	// 6h0m0s 8 nodes, 2 changing calls
}

// Targets begin in their windows only, by the clock of a place.
func ExampleWindow() {
	nights := rollout.Window{
		Zone: "Europe/Berlin", Days: []time.Weekday{time.Saturday, time.Sunday}, Start: "22:30", Duration: 4 * time.Hour,
	}
	fmt.Println(nights)

	srv := hyperpodtest.NewServer()
	spec := exampleSpec(srv)
	nights.Start = "24:00"
	spec.Windows = []rollout.Window{nights}
	_, err := rollout.NewExecutor(exampleClients(srv)).Plan(context.Background(), spec)
	fmt.Println(err)
	// Output:
	// Sat, Sun 22:30 Europe/Berlin for 4h0m0s
	// invalid rollout, nothing was sent: Windows[0]: Start: "24:00" is no time of day; write two digits each for hour and minute, from 00:00 to 23:59; mend the window [rollout-window]
}
