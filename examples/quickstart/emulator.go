package main

import (
	"context"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smtypes "github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	region = "us-west-2"
	// speed is how much faster than on AWS time runs: two hours and a half, the
	// failing roll being the longest, in ten seconds.
	speed = 900
	// look is how often a workflow looks. It makes three minutes of emulated time.
	look = 200 * time.Millisecond
)

// emulated are the names of the story on the emulators.
var emulated = names{
	cluster:        "train",
	eksCluster:     "arn:aws:eks:us-west-2:111122223333:cluster/example-eks",
	role:           "arn:aws:iam::111122223333:role/HyperPodExecution",
	subnets:        []string{"subnet-0123456789abcdef0"},
	securityGroups: []string{"sg-0123456789abcdef0"},
	lifecycle:      "s3://amzn-s3-demo-bucket/lifecycle",
	onCreate:       "on_create.sh",
	instanceType:   smtypes.ClusterInstanceTypeMlP548xlarge,
	workers:        2,
	more:           4,
	image:          "ami-0123456789abcdef0",
	next:           "ami-0fedcba9876543210",
	broken:         "ami-0badbadbadbadbad0",
}

// onEmulators sets the stage in memory: SageMaker and EC2 behind real SDK clients,
// without a socket.
func onEmulators(out io.Writer) *story {
	images := amisharetest.NewServer(func(o *amisharetest.Options) { o.Region = region })
	clusters := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) {
		o.Region, o.Images, o.Speed = region, images, speed
	})
	stock(images)
	clusters.FailLifecycle(emulated.broken, "Lifecycle script on_create.sh exited with status 127: nvidia-smi: command not found")
	return newStory(emulated, region, clusters.Client(), images.Client(), consentToAll, out, func(o *hyperpod.Options) {
		o.Poll.Interval = look
	})
}

// stock puts the story's AMIs into EC2: one whose snapshot nobody tagged, which is
// what tagging the AMI alone leaves, and two that are in order.
func stock(images *amisharetest.Server) {
	allowed := map[string]string{"AllowSharing": "true"}
	for _, image := range []amisharetest.Image{
		{ID: emulated.image, Name: "golden-1", Tags: allowed},
		{ID: emulated.next, Name: "golden-2", Tags: allowed, SnapshotTags: allowed},
		{ID: emulated.broken, Name: "golden-3", Tags: allowed, SnapshotTags: allowed},
	} {
		image.SourceImage = amisharetest.PublicImage(region, "eks", types.ArchitectureValuesX8664)
		images.AddImage(image)
	}
}

// consentToAll agrees to every change: nothing real is changed.
func consentToAll(context.Context, string) error { return nil }
