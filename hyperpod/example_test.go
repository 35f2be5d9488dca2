package hyperpod_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	role = "arn:aws:iam::111122223333:role/HyperPod"
	eks  = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
)

// exampleGroup is a base that the examples make their groups from.
func exampleGroup() hyperpod.Group {
	return hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 2).
		WithExecutionRole(role).WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").
		WithImage("ami-0123456789abcdef0")
}

func exampleSpec() hyperpod.Spec {
	return hyperpod.Spec{
		Groups:       []hyperpod.Group{exampleGroup()},
		Orchestrator: hyperpod.EKS(eks),
		VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	}
}

// exampleClient works on an emulator, which has done everything by the next look.
func exampleClient() *hyperpod.Client {
	return hyperpod.New(hyperpodtest.NewServer().Client(), func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond })
}

func ExampleCluster_Create() {
	ctx := context.Background()
	report, err := exampleClient().Cluster("train").Create(ctx, exampleSpec())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range report.Groups {
		fmt.Printf("%s: %s with %d of %d instances on %s\n", g.Name, g.Outcome, g.Count, g.Wanted, g.Image)
	}
	// Output:
	// workers: in service with 2 of 2 instances on ami-0123456789abcdef0
}

// The commonest job in one call.
func ExampleCluster_Update() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	if _, err := train.Create(ctx, exampleSpec()); err != nil {
		fmt.Println(err)
		return
	}
	report, err := train.Update(ctx, hyperpod.Scale("workers", 12))
	fmt.Println(report.Groups[0].Count, err)

	_, err = train.Update(ctx, hyperpod.Scale("wokers", 12))
	fmt.Println(errors.Is(err, hyperpod.ErrGroupNotFound))
	// Output:
	// 12 <nil>
	// true
}

// Several edits in one request, looked at before they are sent.
func ExampleCluster_Plan() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	if _, err := train.Create(ctx, exampleSpec()); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := train.Plan(ctx, hyperpod.Scale("workers", 4), hyperpod.AddGroup(exampleGroup().WithName("debug")))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range plan.Changes() {
		fmt.Println(change.Group, len(change.Fields))
	}
	report, err := plan.Apply(ctx)
	fmt.Println(len(report.Calls), err)
	// Output:
	// workers 1
	// debug 7
	// 1 <nil>
}

func ExampleCluster_RollImage() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	if _, err := train.Create(ctx, exampleSpec()); err != nil {
		fmt.Println(err)
		return
	}
	report, err := train.RollImage(ctx, hyperpod.Roll{
		Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: hyperpod.Named("workers"), Batch: hyperpod.Percent(25),
		Alarms: []string{"train-loss-nan"}, ReplaceRootVolumes: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Groups[0].Name, report.Groups[0].Outcome, report.Groups[0].Image)
	// Output:
	// workers on the image ami-0fedcba9876543210
}

func ExampleCluster_Delete() {
	ctx := context.Background()
	train := exampleClient().Cluster("train")
	_, err := train.Delete(ctx)
	fmt.Println(errors.Is(err, hyperpod.ErrClusterNotFound))
	// Output:
	// true
}

// Every mistake is reported at once, by its API path.
func ExampleGroup_Build() {
	_, err := hyperpod.NewGroup("gpu_workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 9000).WithExecutionRole(role).Build()
	fmt.Println(err)
	// Output:
	// invalid input: 2 mistakes
	// 	InstanceCount: 9000 is out of range; use 0 to 6758 [model-range]
	// 	InstanceGroupName: "gpu_workers" has the wrong form; use letters and digits, with hyphens only between them [model-pattern]
}

// An edit that no method makes is made on the SDK's own struct.
func ExampleGroup_WithSpec() {
	base := exampleGroup().WithEBSVolume(500)
	g := base.WithName("login").WithSpec(func(s *types.ClusterInstanceGroupSpecification) { s.InstanceStorageConfigs = nil })
	spec, err := g.Build()
	fmt.Println(len(base.Spec().InstanceStorageConfigs), len(spec.InstanceStorageConfigs), err)
	// Output:
	// 1 0 <nil>
}

// Check tells everything at once, doubts included; Build fails on errors only.
func ExampleGroup_Check() {
	g := hyperpod.NewGroup("workers").WithInstances("ml.p5.48xlrge", 8).WithMinInstanceCount(9).WithExecutionRole(role).
		WithImage("ami-0123456789abcdef0").WithImageReleaseVersion("1.2.3").WithEBSVolume(20000).
		WithKubernetesLabels(map[string]string{"karpenter.sh/nodepool": "gpu"}).
		WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
			s.CapacityRequirements = &types.ClusterCapacityRequirements{Spot: &types.ClusterSpotOptions{}, OnDemand: &types.ClusterOnDemandOptions{}}
		})
	for _, finding := range g.Check() {
		fmt.Println(finding)
	}
	// Output:
	// error: InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB: 20000 is out of range; use 1 to 16384 [model-range]
	// warning: InstanceType: "ml.p5.48xlrge" is not a known value; use ml.p5.48xlarge if that is meant, else check the spelling, unless the value is newer than this library [model-enum]
	// error: MinInstanceCount: 9 is more than InstanceCount, 8; lower it [min-count]
	// warning: ImageReleaseVersion: it is meant for HyperPod's own images, and the group runs ami-0123456789abcdef0; leave it out [managed-image-fields]
	// error: KubernetesConfig.Labels["karpenter.sh/nodepool"]: the prefix karpenter.sh/ is reserved; use a prefix of your own, or none [reserved-prefix]
	// unknown: CapacityRequirements: Spot and OnDemand are both set, and AWS does not say what that means; set one of the two [one-capacity]
}
