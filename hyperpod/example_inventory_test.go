package hyperpod_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// exampleFleet has one cluster in each of two Regions.
func exampleFleet(ctx context.Context) (west, east *sagemaker.Client, err error) {
	srv := hyperpodtest.NewServer()
	west = srv.Client()
	east = srv.Client(func(o *sagemaker.Options) { o.Region = "us-east-1" })
	spec := exampleSpec()
	spec.Groups = append(spec.Groups, exampleGroup().WithName("login").WithImage("ami-0fedcba9876543210"))
	for _, client := range []*sagemaker.Client{west, east} {
		spec.Orchestrator = hyperpod.EKS("arn:aws:eks:" + client.Options().Region + ":111122223333:cluster/example-eks")
		if _, err := hyperpod.New(client, func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond }).Cluster("train").Create(ctx, spec); err != nil {
			return nil, nil, err
		}
	}
	return west, east, nil
}

// Drift over accounts and Regions in one call. What is wanted may differ by account,
// Region, architecture and orchestrator. EC2 knows what the other AMIs are: here a
// table stands for it.
func ExampleInventory_Take() {
	ctx := context.Background()
	west, east, err := exampleFleet(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	built := map[string]time.Time{
		"ami-0123456789abcdef0": time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
		"ami-0fedcba9876543210": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
	inv := hyperpod.NewInventory([]hyperpod.InventorySource{{API: west}, {API: east, Region: "us-east-1"}}, func(o *hyperpod.InventoryOptions) {
		o.Wanted = hyperpod.WantedImages{{Architecture: "x86_64", Image: hyperpod.ImageVersion{ID: "ami-0123456789abcdef0"}}}.Find
		o.Classify = func(_ context.Context, q hyperpod.ImageQuery) (hyperpod.ImageFacts, error) {
			return hyperpod.ImageFacts{Class: hyperpod.ImageCustom, Created: built[q.Image]}, nil
		}
	})
	list, err := inv.Take(ctx)
	fmt.Print(list)
	fmt.Println(len(list.Drift()), "clusters drift,", err)
	// Output:
	// ACCOUNT       REGION     CLUSTER  GROUP    NODE  INSTANCES  IMAGE                  DESIRED                CLASS         VERSION  DRIFT
	// 111122223333  us-west-2  train    workers  -     2 of 2     ami-0123456789abcdef0  ami-0123456789abcdef0  wanted        -        no
	// 111122223333  us-west-2  train    login    -     2 of 2     ami-0fedcba9876543210  ami-0fedcba9876543210  older custom  -        yes
	// 111122223333  us-east-1  train    workers  -     2 of 2     ami-0123456789abcdef0  ami-0123456789abcdef0  wanted        -        no
	// 111122223333  us-east-1  train    login    -     2 of 2     ami-0fedcba9876543210  ami-0fedcba9876543210  older custom  -        yes
	// 2 clusters drift, <nil>
}

// Clusters are told as they are read.
func ExampleInventory_Clusters() {
	ctx := context.Background()
	west, east, err := exampleFleet(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for c, err := range hyperpod.NewInventory([]hyperpod.InventorySource{{API: west}, {API: east}}).Clusters(ctx) {
		if err != nil {
			fmt.Println(err) // the next cluster may be readable
			continue
		}
		for _, g := range c.Groups {
			fmt.Println(c.Region, c.Name, g.Name, g.Current)
		}
	}
	// Output:
	// us-west-2 train workers ami-0123456789abcdef0
	// us-west-2 train login ami-0fedcba9876543210
	// us-east-1 train workers ami-0123456789abcdef0
	// us-east-1 train login ami-0fedcba9876543210
}

// Whether an AMI may be withdrawn: amishare asks this before it revokes or retires.
func ExampleInventory_ImageInUse() {
	ctx := context.Background()
	west, east, err := exampleFleet(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	inv := hyperpod.NewInventory([]hyperpod.InventorySource{{API: west}, {API: east}})
	for _, image := range []string{"ami-0fedcba9876543210", "ami-0aaaaaaaaaaaaaaaa"} {
		uses, err := inv.ImageInUse(ctx, image)
		fmt.Println(image, len(uses), err)
		for _, use := range uses {
			fmt.Println("  " + use)
		}
	}
	// Output:
	// ami-0fedcba9876543210 2 <nil>
	//   cluster train (us-west-2), instance group login: current image
	//   cluster train (us-east-1), instance group login: current image
	// ami-0aaaaaaaaaaaaaaaa 0 <nil>
}

// Only what drifts, as a list of the same kind.
func ExampleInventoryList_Drift() {
	ctx := context.Background()
	west, _, err := exampleFleet(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: west}}, func(o *hyperpod.InventoryOptions) {
		o.Wanted = hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: "ami-0123456789abcdef0"}}}.Find
	}).Take(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range list.Drift() {
		for _, g := range c.Groups {
			fmt.Println(c.Name, g.Name, g.Current, "instead of", g.Wanted)
		}
	}
	// Output:
	// train login ami-0fedcba9876543210 instead of ami-0123456789abcdef0
}
