package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

const (
	speed = 1800                   // of the emulated time
	look  = 100 * time.Millisecond // how often a workflow looks: three minutes of emulated time
	bake  = time.Second / 2        // a quarter of an hour of emulated time

	oldAMI  = "ami-0123456789abcdef0"
	slowAMI = "ami-0badbadbadbadbad0" // its network driver is slow
	goodAMI = "ami-0fedcba9876543210"

	slowAlarm = "nccl-bandwidth-low"
)

// place is where a cluster is.
type place struct{ account, region, cluster string }

// fleet is the clusters on the emulator.
type fleet struct {
	srv    *hyperpodtest.Server
	places []place
}

func newFleet() *fleet {
	return &fleet{
		srv: hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Speed = speed }),
		places: []place{
			{"111122223333", "us-west-2", "research"},
			{"111122223333", "us-west-2", "vision"},
			{"111122223333", "us-east-1", "speech"},
			{"444455556666", "us-west-2", "ads"},
			{"444455556666", "us-east-1", "ranking"},
			{"444455556666", "us-east-1", "search"},
		},
	}
}

// client acts for an account in a Region. A program on AWS would assume a role there.
func (f *fleet) client(account, region string) *sagemaker.Client {
	return f.srv.Client(func(o *sagemaker.Options) {
		o.Region = region
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "none"}, nil
		})
	})
}

// clients is what the rollout asks for each step.
func (f *fleet) clients(_ context.Context, account, region string) (rollout.Access, error) {
	return rollout.Access{HyperPod: f.client(account, region)}, nil
}

// create makes the clusters, with two groups each, all at once.
func (f *fleet) create(ctx context.Context) error {
	for _, p := range f.places {
		group := func(name string, count int32) hyperpod.Group {
			return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlP548xlarge, count).WithImage(oldAMI).
				WithExecutionRole("arn:aws:iam::"+p.account+":role/HyperPodExecution").WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh")
		}
		cluster := hyperpod.New(f.client(p.account, p.region), func(o *hyperpod.Options) { o.NoWait = true }).Cluster(p.cluster)
		_, err := cluster.Create(ctx, hyperpod.Spec{
			Groups:       []hyperpod.Group{group("workers", 8), group("login", 1)},
			Orchestrator: hyperpod.EKS(fmt.Sprintf("arn:aws:eks:%s:%s:cluster/%s", p.region, p.account, p.cluster)),
			VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// spec rolls every cluster onto an image: one first, then two, then the others.
func (f *fleet) spec(name, image string) rollout.Spec {
	spec := rollout.Spec{
		Name:   name,
		Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: image}}},
		Waves:  rollout.Percentages(10, 50, 100), Bake: bake,
		Strategy:  rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(50)}},
		OnFailure: rollout.UndoWave, WaitBusy: time.Minute, ReplaceRootVolumes: true,
	}
	for _, p := range f.places {
		spec.Targets = append(spec.Targets, rollout.Target{Account: p.account, Region: p.region, Cluster: p.cluster, Groups: hyperpod.AllGroups})
	}
	return spec
}

// FiringAlarms stands in for CloudWatch: the alarm fires in an account and Region in which
// a cluster runs the slow AMI.
func (f *fleet) FiringAlarms(ctx context.Context, account, region string, names []string) ([]string, error) {
	for _, p := range f.places {
		if p.account != account || p.region != region {
			continue
		}
		out, err := f.client(account, region).DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: &p.cluster})
		if err != nil {
			return nil, err
		}
		for _, g := range out.InstanceGroups {
			if aws.ToString(g.CurrentImageId) == slowAMI {
				return names, nil
			}
		}
	}
	return nil, nil
}
