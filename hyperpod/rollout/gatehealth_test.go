package rollout

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

func TestNodesGatesUnderPolicies(t *testing.T) {
	as := func(t *testing.T, srv *hyperpodtest.Server, workflow policy.Workflow) hyperpod.API {
		t.Helper()
		doc, err := policy.Generate(policy.Scope{
			Partition: "aws", Region: "us-west-2", Account: "111122223333", Clusters: policy.AnyCluster(),
			ExecutionRoles: []string{gateRole}, Orchestrator: policy.EKS(gateEKS),
		}, workflow)
		require.NoError(t, err)
		set, err := policy.Compile(doc)
		require.NoError(t, err)
		return srv.As(hyperpodtest.Principal{ARN: "arn:aws:iam::111122223333:role/Operator", Policies: policy.Policies{Identity: set}}).Client()
	}
	for name, gate := range map[string]Gate{"NodesRunning": NodesRunning(), "DeepHealthChecked": DeepHealthChecked()} {
		t.Run(name, func(t *testing.T) {
			inGateBubble(t, func(b *gateBed) {
				b.create(gateGroup("workers", 1).WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress))
				b.after(3 * time.Hour)
				root := b.api
				b.api = as(b.t, b.srv, policy.RollImage)
				require.NoError(b.t, askGate(b.t.Context(), gate, b.visit("workers"), GateOptions{}))

				b.api = as(b.t, b.srv, policy.CheckImage)
				began := time.Now()
				err := askGate(b.t.Context(), gate, b.visit("workers"), GateOptions{})
				require.ErrorContains(b.t, err, "the gate refused: the gate lacks a permission, grant sagemaker:DescribeCluster and sagemaker:ListClusterNodes")
				assert.Zero(b.t, time.Since(began))

				b.api = struct{ hyperpod.API }{describing{b.api, root}}
				err = askGate(b.t.Context(), gate, b.visit("workers"), GateOptions{})
				require.ErrorContains(b.t, err, "the gate lacks a permission", "of the list alone")
			})
		})
	}
}

// describing describes clusters by another client.
type describing struct {
	hyperpod.API
	by hyperpod.API
}

func (d describing) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return d.by.DescribeCluster(ctx, in, optFns...)
}

func TestDeepHealthChecked(t *testing.T) {
	checked := func(name string) hyperpod.Group {
		return gateGroup(name, 2).WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress)
	}
	t.Run("waits for the checks", func(t *testing.T) {
		inGateBubble(t, func(b *gateBed) {
			b.create(checked("workers"))
			b.after(15 * time.Minute)
			require.ErrorContains(b.t, DeepHealthChecked()(b.t.Context(), b.visit("workers")), "0 of 2 nodes Running (i-")
			require.ErrorContains(b.t, DeepHealthChecked()(b.t.Context(), b.visit("workers")), " DeepHealthCheckInProgress")
			require.ErrorContains(b.t, askGate(b.t.Context(), DeepHealthChecked(), b.visit("workers"), GateOptions{}), "DeepHealthCheckInProgress")
			require.NoError(b.t, askGate(b.t.Context(), DeepHealthChecked(), b.visit("workers"), GateOptions{Patience: 3 * time.Hour}))
		})
	})
	t.Run("does not pass a group that is not checked", func(t *testing.T) {
		inGateBubble(t, func(b *gateBed) {
			b.create(checked("workers"), gateGroup("login", 1), gateGroup("debug", 1))
			b.after(3 * time.Hour)
			require.NoError(b.t, DeepHealthChecked()(b.t.Context(), b.visit("workers")))
			err := DeepHealthChecked()(b.t.Context(), b.visit("workers", "login", "debug"))
			require.EqualError(b.t, err, "OnStartDeepHealthChecks of group login, debug is not set, so that new nodes are not checked: set it, or use NodesRunning")
			require.ErrorAs(b.t, err, new(*RefusedError))
		})
	})
	t.Run("waits for a group that is not there yet", func(t *testing.T) {
		inGateBubble(t, func(b *gateBed) {
			b.create(checked("workers"))
			b.after(3 * time.Hour)
			err := DeepHealthChecked()(b.t.Context(), b.visit("workers-2"))
			require.ErrorContains(b.t, err, "group workers-2 does not exist")
			assert.NotErrorAs(b.t, err, new(*RefusedError))
		})
	})
}

// Checks that somebody has started are waited for by NodesRunning.
func TestNodesRunningWaitsForChecksOnDemand(t *testing.T) {
	inGateBubble(t, func(b *gateBed) {
		b.create(gateGroup("workers", 1))
		b.after(time.Hour)
		_, err := b.srv.StartClusterHealthCheck(b.t.Context(), &sagemaker.StartClusterHealthCheckInput{
			ClusterName: aws.String("train"),
			DeepHealthCheckConfigurations: []types.InstanceGroupHealthCheckConfiguration{{
				InstanceGroupName: aws.String("workers"), DeepHealthChecks: []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress},
			}},
		})
		require.NoError(b.t, err)
		require.ErrorContains(b.t, NodesRunning()(b.t.Context(), b.visit("workers")), "DeepHealthCheckInProgress")
		require.NoError(b.t, askGate(b.t.Context(), NodesRunning(), b.visit("workers"), GateOptions{Patience: 3 * time.Hour}))
	})
}
