package hyperpodtest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	golden = "ami-0123456789abcdef0"
	newer  = "ami-0fedcba9876543210"
	broken = "ami-0bad0bad0bad0bad0"
)

// durations are round, so that a test can name the moment it looks at.
func durations(o *hyperpodtest.Options) {
	o.Durations = hyperpodtest.Durations{
		ClusterSetup: 5 * time.Minute, NodeStart: 10 * time.Minute, NodeStagger: time.Minute, NodeStop: 4 * time.Minute,
		NodeReplace: 20 * time.Minute, LifecycleRetries: 15 * time.Minute, Rollback: 3 * time.Minute, ClusterTeardown: 2 * time.Minute,
	}
}

// bubble runs a test on emulated time that starts inside a synctest bubble.
func bubble(t *testing.T, test func(t *testing.T, srv *hyperpodtest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, hyperpodtest.NewServer(durations)) })
}

// with is a bubble with more options than durations.
func with(t *testing.T, test func(t *testing.T, srv *hyperpodtest.Server), optFns ...func(*hyperpodtest.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, hyperpodtest.NewServer(append([]func(*hyperpodtest.Options){durations, func(o *hyperpodtest.Options) {
			o.Durations.NodeRetry = 6 * time.Minute
			o.Durations.NodeReboot = 2 * time.Minute
			o.Durations.DeepHealthCheck = 2 * time.Hour
			o.Durations.SoftwareStart = 30 * time.Second
		}}, optFns...)...))
	})
}

// after sleeps to a little past a moment, in the bubble's time.
func after(d time.Duration) { time.Sleep(d + time.Millisecond) }

func update(t *testing.T, srv *hyperpodtest.Server, in *sagemaker.UpdateClusterInput) error {
	t.Helper()
	in.ClusterName = aws.String("train")
	_, err := srv.UpdateCluster(t.Context(), in)
	return err
}

func scale(t *testing.T, srv *hyperpodtest.Server, name string, count int32) {
	t.Helper()
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group(name, count)}}))
}

func roll(t *testing.T, srv *hyperpodtest.Server, image string, config *types.DeploymentConfiguration, names ...string) error {
	t.Helper()
	in := &sagemaker.UpdateClusterSoftwareInput{ClusterName: aws.String("train"), ImageId: aws.String(image), DeploymentConfig: config}
	for _, name := range names {
		in.InstanceGroups = append(in.InstanceGroups, types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(name)})
	}
	_, err := srv.UpdateClusterSoftware(t.Context(), in)
	return err
}

func nodes(t *testing.T, srv *hyperpodtest.Server) []types.ClusterNodeSummary {
	t.Helper()
	out, err := srv.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train"), IncludeNodeLogicalIds: aws.Bool(true)})
	require.NoError(t, err)
	return out.ClusterNodeSummaries
}

func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(durations, func(o *hyperpodtest.Options) { o.Speed = 60 })
		create(t, srv, createInput(group("workers", 1)))
		after(14 * time.Second)
		assert.Equal(t, types.InstanceGroupStatusCreating, describe(t, srv).InstanceGroups[0].Status)
		after(time.Second)
		assert.Equal(t, types.InstanceGroupStatusInservice, describe(t, srv).InstanceGroups[0].Status)
	})
}
