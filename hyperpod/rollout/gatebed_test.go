package rollout

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	gateRole   = "arn:aws:iam::111122223333:role/HyperPod"
	gateEKS    = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
	gateAMI    = "ami-0123456789abcdef0"
	gateBroken = "ami-0bad0bad0bad0bad0"
	gateNewer  = "ami-0fedcba9876543210"
)

// gateBed is an emulated cluster to ask gates about.
type gateBed struct {
	t   *testing.T
	srv *hyperpodtest.Server
	api hyperpod.API
}

// inGateBubble makes a server inside a bubble, whose operations take a while.
func inGateBubble(t *testing.T, test func(b *gateBed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) {
			o.Durations = hyperpodtest.Durations{
				NodeStart: 10 * time.Minute, NodeStop: 8 * time.Minute, NodeReplace: 20 * time.Minute, DeepHealthCheck: 2 * time.Hour,
			}
		})
		test(&gateBed{t: t, srv: srv, api: srv.Client()})
	})
}

func gateGroup(name string, count int32) hyperpod.Group {
	return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlC52xlarge, count).WithExecutionRole(gateRole).
		WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").WithImage(gateAMI)
}

// create makes the cluster, and returns before its nodes run.
func (b *gateBed) create(groups ...hyperpod.Group) {
	b.t.Helper()
	_, err := hyperpod.New(b.api, func(o *hyperpod.Options) { o.NoWait = true }).Cluster("train").Create(b.t.Context(), hyperpod.Spec{
		Groups: groups, Orchestrator: hyperpod.EKS(gateEKS),
		VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	require.NoError(b.t, err)
}

func (b *gateBed) update(edits ...hyperpod.Edit) {
	b.t.Helper()
	_, err := hyperpod.New(b.api, func(o *hyperpod.Options) { o.NoWait = true }).Cluster("train").Update(b.t.Context(), edits...)
	require.NoError(b.t, err)
}

// after lets time go by.
func (b *gateBed) after(d time.Duration) { time.Sleep(d + time.Millisecond) }

func (b *gateBed) visit(groups ...string) Visit {
	return Visit{Account: "111122223333", Region: "us-west-2", Cluster: "train", Groups: groups, HyperPod: hyperpod.New(b.api), API: b.api}
}
