package waiter_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// emulated runs a test against an emulator that takes the time that AWS takes, in
// simulated time. Waits that leave a goroutine behind, or sleep while they hold a lock
// that another one needs, do not get out of the bubble. However long it is inside, outside
// it must not be.
func emulated(t *testing.T, test func(t *testing.T, p *pod), optFns ...func(*hyperpodtest.Options)) {
	t.Helper()
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		test(t, &pod{t: t, Server: hyperpodtest.NewServer(append([]func(*hyperpodtest.Options){hyperpodtest.Realistic}, optFns...)...)})
	})
	assert.Less(t, time.Since(began), 20*time.Second, "simulated time runs fast")
}

// pod is an emulator with the one cluster "train".
type pod struct {
	*hyperpodtest.Server
	t *testing.T
}

// spec is an instance group on amiA; an empty image is HyperPod's own.
func spec(name string, count int32) types.ClusterInstanceGroupSpecification {
	return types.ClusterInstanceGroupSpecification{
		InstanceGroupName: &name, InstanceCount: &count, InstanceType: types.ClusterInstanceTypeMlC52xlarge,
		ExecutionRole: aws.String("arn:aws:iam::111122223333:role/HyperPod"), ImageId: aws.String(amiA),
	}
}

// create makes a Continuous cluster and returns at once.
func (p *pod) create(groups ...types.ClusterInstanceGroupSpecification) {
	p.createIn(types.ClusterNodeProvisioningModeContinuous, groups)
}

// createWhole makes one that is not Continuous.
func (p *pod) createWhole(groups ...types.ClusterInstanceGroupSpecification) { p.createIn("", groups) }

func (p *pod) createIn(mode types.ClusterNodeProvisioningMode, groups []types.ClusterInstanceGroupSpecification) {
	p.t.Helper()
	_, err := p.CreateCluster(p.t.Context(), &sagemaker.CreateClusterInput{
		ClusterName: aws.String("train"), InstanceGroups: groups, NodeProvisioningMode: mode,
		VpcConfig:    &types.VpcConfig{SecurityGroupIds: []string{"sg-0123456789abcdef0"}, Subnets: []string{"subnet-0123456789abcdef0"}},
		Orchestrator: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String("arn:aws:eks:us-west-2:111122223333:cluster/e")}},
	})
	require.NoError(p.t, err)
}

func (p *pod) describe() *sagemaker.DescribeClusterOutput {
	p.t.Helper()
	out, err := p.DescribeCluster(p.t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	require.NoError(p.t, err)
	return out
}

func (p *pod) nodes() []types.ClusterNodeSummary {
	p.t.Helper()
	out, err := p.ListClusterNodes(p.t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train"), IncludeNodeLogicalIds: aws.Bool(true)})
	require.NoError(p.t, err)
	return out.ClusterNodeSummaries
}

func (p *pod) scale(name string, count int32) {
	p.t.Helper()
	_, err := p.UpdateCluster(p.t.Context(), &sagemaker.UpdateClusterInput{
		ClusterName: aws.String("train"), InstanceGroups: []types.ClusterInstanceGroupSpecification{spec(name, count)},
	})
	require.NoError(p.t, err)
}

// roll asks for a software update of the group "workers" and returns what to wait for.
func (p *pod) roll(image string, config *types.DeploymentConfiguration) waiter.Update {
	p.t.Helper()
	update := waiter.Update{Groups: []string{"workers"}, Image: image, Before: p.describe(), Requested: time.Now()}
	_, err := p.UpdateClusterSoftware(p.t.Context(), &sagemaker.UpdateClusterSoftwareInput{
		ClusterName: aws.String("train"), ImageId: &image, DeploymentConfig: config,
		InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
	})
	require.NoError(p.t, err)
	return update
}

// updated waits for a software update and returns how the group "workers" came out.
func (p *pod) updated(api waiter.SoftwareAPI, update waiter.Update, optFns ...func(*waiter.Options)) (waiter.GroupSoftware, error) {
	p.t.Helper()
	result, err := waiter.SoftwareUpdated(p.t.Context(), api, "train", update, optFns...)
	require.Len(p.t, result.Groups, 1)
	return result.Groups[0], err
}

// inBatches is a rolling update of so many nodes at a time.
func inBatches(size int32) *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{RollingUpdatePolicy: &types.RollingDeploymentPolicy{
		MaximumBatchSize: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeInstanceCount, Value: &size},
	}}
}

// behind is a client whose DescribeCluster shows what was some time ago.
type behind struct {
	*hyperpodtest.Server
	by      time.Duration
	history []described
}

type described struct {
	at  time.Time
	out *sagemaker.DescribeClusterOutput
}

func (b *behind) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	out, err := b.Server.DescribeCluster(ctx, in, optFns...)
	if err != nil {
		return nil, err
	}
	b.history = append(b.history, described{time.Now(), out})
	for len(b.history) > 1 && time.Since(b.history[1].at) >= b.by {
		b.history = b.history[1:]
	}
	return b.history[0].out, nil
}

// edited is a client whose answers are changed.
type edited struct {
	*hyperpodtest.Server
	cluster func(*sagemaker.DescribeClusterOutput)
	node    func(*types.ClusterNodeDetails)
}

func (e edited) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	out, err := e.Server.DescribeCluster(ctx, in, optFns...)
	if err == nil && e.cluster != nil {
		e.cluster(out)
	}
	return out, err
}

func (e edited) DescribeClusterNode(ctx context.Context, in *sagemaker.DescribeClusterNodeInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	out, err := e.Server.DescribeClusterNode(ctx, in, optFns...)
	if err == nil && e.node != nil {
		e.node(out.NodeDetails)
	}
	return out, err
}
