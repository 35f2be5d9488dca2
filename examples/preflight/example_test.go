package preflight_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/examples/preflight"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// All checks, wired into a client. Here fakes stand for AWS; a program takes
// preflight.FromConfig(cfg) instead.
func Example() {
	clients := preflight.Clients{
		S3:     fakeS3{objects: map[string]string{"s3://sagemaker-scripts/lifecycle/on_create.sh": "#!/bin/bash\r\nexit 0\r\n"}},
		IAM:    fakeIAM{arn: roleARN, trust: trusting(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)},
		EC2:    goodNetwork(),
		EKS:    fakeEKS{cluster: goodEKS()},
		Quotas: fakeQuotas{applied: map[string]float64{"ml.p5.48xlarge for cluster usage": 4}},
	}
	hp := hyperpod.New(hyperpodtest.NewServer().Client(), func(o *hyperpod.Options) {
		o.Poll.Interval = time.Millisecond
		o.Preflights = clients.Preflights()
	})
	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 8).
		WithExecutionRole(roleARN).WithLifecycle("s3://sagemaker-scripts/lifecycle", "on_create.sh").WithImage(ami)
	_, err := hp.Cluster("train").Create(context.Background(), hyperpod.Spec{
		Groups: []hyperpod.Group{workers}, Orchestrator: hyperpod.EKS(eksARN),
		VPC: hyperpod.VPC{Subnets: []string{subnet1, subnet2}, SecurityGroups: []string{group1}},
	})
	fmt.Println(err)
	// Output:
	// create cluster "train": refused, nothing was sent: 3 mistakes
	// 	InstanceGroups[0].LifeCycleConfig.OnCreate (s3://sagemaker-scripts/lifecycle/on_create.sh): its lines end in CR LF, so its interpreter is not found; convert it with dos2unix and upload it again [lifecycle-line-ends]
	// 	InstanceGroups[0].ExecutionRole (arn:aws:iam::111122223333:role/service/HyperPod): its trust policy does not let sagemaker.amazonaws.com assume it; allow that service sts:AssumeRole in the trust policy [role-trust]
	// 	InstanceGroups (L-12345678): "ml.p5.48xlarge for cluster usage" is 4, and 8 ml.p5.48xlarge in the cluster are wanted; ask for a higher quota in Service Quotas [quota]
}
