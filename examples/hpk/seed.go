package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smtypes "github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	// speed is how much faster than on AWS the emulators' time runs: half an hour takes
	// a second.
	speed = 1800
	// look is how often a workflow looks at the emulators.
	look = 100 * time.Millisecond

	region = "us-west-2"

	retired   = "ami-0aaaaaaaaaaaaaaaa" // nothing runs it any more
	current   = "ami-0123456789abcdef0" // most groups run it
	next      = "ami-0fedcba9876543210" // the newest
	untagged  = "ami-0cccccccccccccccc" // nobody has allowed it to be shared
	broken    = "ami-0badbadbadbadbad0" // the lifecycle script fails on it
	brokenSay = "Lifecycle script on_create.sh exited with status 127: nvidia-smi: command not found"
)

// stage is what there is without --live.
type stage struct {
	clusters *hyperpodtest.Server
	images   *amisharetest.Server
}

// seed makes the emulators and fills them: train, on EKS, runs well and is not quite on
// the newest AMI, and a group of research, on Slurm, has failed. What is made here is the
// same in each run, ARNs and node ids included. Nodes start at once, so that nobody waits
// for the clusters; software updates take their time.
func seed(ctx context.Context) (*stage, error) {
	st := &stage{images: amisharetest.NewServer(func(o *amisharetest.Options) { o.Region, o.Speed = region, speed })}
	st.clusters = hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) {
		o.Region, o.Images, o.Speed = region, st.images, speed
		o.Durations.ClusterSetup, o.Durations.NodeStart, o.Durations.NodeStagger = 0, 0, 0
		o.Durations.LifecycleRetries, o.Durations.NodeRetry = 0, 0
	})
	st.addImages()
	st.clusters.FailLifecycle(broken, brokenSay)

	clusters := hyperpod.New(st.clusters.Client(), func(o *hyperpod.Options) { o.NoWait = true })
	for _, spec := range specs() {
		if _, err := clusters.Cluster(spec.ClusterName).Create(ctx, spec); err != nil {
			return nil, err
		}
	}
	return st, nil
}

func (st *stage) addImages() {
	allowed := map[string]string{"AllowSharing": "true"}
	for i, image := range []amisharetest.Image{
		{ID: retired, Name: "golden-1", Tags: allowed, SnapshotTags: allowed},
		{ID: current, Name: "golden-2", Tags: allowed, SnapshotTags: allowed},
		{ID: next, Name: "golden-3", Tags: allowed, SnapshotTags: allowed},
		{ID: broken, Name: "golden-4", Tags: allowed, SnapshotTags: allowed},
		{ID: untagged, Name: "golden-5"},
	} {
		image.SourceImage = amisharetest.PublicImage(region, "eks", types.ArchitectureValuesX8664)
		image.Created = time.Now().AddDate(0, i-6, 0)
		st.images.AddImage(image)
	}
}

func specs() []hyperpod.Spec {
	group := func(name string, kind smtypes.ClusterInstanceType, count int32) hyperpod.Group {
		return hyperpod.NewGroup(name).WithInstances(kind, count).WithImage(current).
			WithExecutionRole("arn:aws:iam::111122223333:role/HyperPodExecution").
			WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh")
	}
	return []hyperpod.Spec{
		{
			ClusterName: "train",
			Groups: []hyperpod.Group{
				group("workers", smtypes.ClusterInstanceTypeMlP548xlarge, 4),
				group("login", smtypes.ClusterInstanceTypeMlC52xlarge, 1).WithImage(next),
			},
			Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/example-eks"),
			VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
			Tags:         map[string]string{"team": "pretraining"},
		},
		{
			ClusterName: "research",
			Groups: []hyperpod.Group{
				group("workers", smtypes.ClusterInstanceTypeMlG548xlarge, 2),
				group("debug", smtypes.ClusterInstanceTypeMlG52xlarge, 1).WithImage(broken),
			},
			Orchestrator: hyperpod.Slurm(),
		},
	}
}
