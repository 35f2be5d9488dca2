package rollout_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

const (
	account   = "111122223333"
	region    = "us-west-2"
	goldenAMI = "ami-0123456789abcdef0"
	newAMI    = "ami-0fedcba9876543210"
	role      = "arn:aws:iam::111122223333:role/Execution"
)

// fleet is some clusters on an emulator.
type fleet struct {
	t     *testing.T
	srv   *hyperpodtest.Server
	names []string
}

// workers is a group of instances of one type.
func workers(name string, count int32) hyperpod.Group {
	return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlC52xlarge, count).
		WithExecutionRole(role).WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh").WithImage(goldenAMI)
}

// newFleet makes clusters train-0, train-1 and so on with a group "workers" of 4 and a
// group "login" of 1.
func newFleet(t *testing.T, clusters int, optFns ...func(*hyperpodtest.Options)) *fleet {
	t.Helper()
	f := &fleet{t: t, srv: hyperpodtest.NewServer(optFns...)}
	for i := range clusters {
		f.create(fmt.Sprintf("train-%d", i), hyperpod.EKS(fmt.Sprintf("arn:aws:eks:us-west-2:111122223333:cluster/eks-%d", i)), workers("workers", 4), workers("login", 1))
	}
	return f
}

func (f *fleet) create(name string, orchestrator hyperpod.Orchestrator, groups ...hyperpod.Group) {
	f.t.Helper()
	_, err := hyperpod.New(f.srv.Client()).Cluster(name).Create(f.t.Context(), hyperpod.Spec{
		Groups: groups, Orchestrator: orchestrator,
		VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	require.NoError(f.t, err)
	f.names = append(f.names, name)
}

// clients gives the emulator's client for whatever is asked.
func (f *fleet) clients(context.Context, string, string) (rollout.Access, error) {
	return rollout.Access{HyperPod: f.srv.Client()}, nil
}

// spec rolls all groups of all clusters onto newAMI in one wave.
func (f *fleet) spec() rollout.Spec {
	spec := rollout.Spec{
		Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: newAMI}}}, Waves: rollout.OneWave(),
		Strategy: rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}}, OnFailure: rollout.Stop, ReplaceRootVolumes: true,
	}
	for _, name := range f.names {
		spec.Targets = append(spec.Targets, rollout.Target{Account: account, Region: region, Cluster: name, Groups: hyperpod.AllGroups})
	}
	return spec
}

// images tells what the groups of a cluster run, and "" for a cluster that is gone.
func (f *fleet) images(cluster string) map[string]string {
	f.t.Helper()
	out, err := f.srv.DescribeCluster(f.t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &cluster})
	if err != nil {
		return nil
	}
	images := map[string]string{}
	for _, g := range out.InstanceGroups {
		images[aws.ToString(g.InstanceGroupName)] = aws.ToString(g.CurrentImageId)
	}
	return images
}

// calls counts the calls of an operation that were answered with success.
func (f *fleet) calls(operation string) int {
	n := 0
	for _, c := range f.srv.Calls() {
		if c.Operation == operation && c.Err == nil {
			n++
		}
	}
	return n
}
