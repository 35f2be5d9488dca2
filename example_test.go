package hyperpodkit_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// A cluster on a golden AMI, its growth, and the next AMI, on the two emulators. On AWS the
// clients are sagemaker.NewFromConfig(cfg) and ec2.NewFromConfig(cfg).
func Example() {
	ctx := context.Background()
	ec2 := amisharetest.NewServer()
	for _, id := range []string{"ami-0123456789abcdef0", "ami-0fedcba9876543210"} {
		ec2.AddImage(amisharetest.Image{
			ID: id, SourceImage: amisharetest.PublicImage("us-west-2", "eks", "x86_64"),
			Tags: map[string]string{"AllowSharing": "true"}, SnapshotTags: map[string]string{"AllowSharing": "true"},
		})
	}
	service := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images = ec2 })

	train := hyperpod.New(service.Client(), func(o *hyperpod.Options) {
		o.Images = amishare.NewChecker(ec2.Client()) // asked about every AMI before it is sent
	}).Cluster("train")
	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 8).
		WithExecutionRole("arn:aws:iam::111122223333:role/HyperPod").
		WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").WithImage("ami-0123456789abcdef0")

	report, err := train.Create(ctx, hyperpod.Spec{
		Groups:       []hyperpod.Group{workers},
		Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/example-eks"),
		VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	fmt.Println(report.Groups[0].Count, report.Groups[0].Image, err)

	report, err = train.Update(ctx, hyperpod.Scale("workers", 12))
	fmt.Println(report.Groups[0].Count, report.Groups[0].Image, err)

	report, err = train.RollImage(ctx, hyperpod.Roll{
		Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: hyperpod.Named("workers"),
		Batch: hyperpod.Percent(25), ReplaceRootVolumes: true,
	})
	fmt.Println(report.Groups[0].Count, report.Groups[0].Image, err)
	// Output:
	// 8 ami-0123456789abcdef0 <nil>
	// 12 ami-0123456789abcdef0 <nil>
	// 12 ami-0fedcba9876543210 <nil>
}

// A finding prints as a line, and is read by programs by its level and rule.
func ExampleFinding() {
	f := hyperpodkit.Finding{
		Level: hyperpodkit.Error, Rule: "snapshot-guard-tag", Path: "InstanceGroups[0].ImageId", Resource: "snap-0123456789abcdef0",
		Found: "lacks the tag AllowSharing=true that lets it be shared", Fix: "have it tagged by the role that may",
	}
	fmt.Println(f)
	text, err := json.Marshal(f.Level)
	fmt.Println(string(text), err)
	// Output:
	// error: InstanceGroups[0].ImageId (snap-0123456789abcdef0): lacks the tag AllowSharing=true that lets it be shared; have it tagged by the role that may [snapshot-guard-tag]
	// "error" <nil>
}
