package rollout

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func TestNodesRunning(t *testing.T) {
	for name, tt := range map[string]struct {
		world  func(b *gateBed)
		groups []string
		want   []string // of the error, nil when it passes
		named  int      // how many nodes it names, zero when it does not matter
		final  bool
	}{
		"all run": {
			world:  func(b *gateBed) { b.create(gateGroup("workers", 3), gateGroup("login", 1)); b.after(time.Hour) },
			groups: []string{"workers", "login"},
		},
		"more than a page": {
			world:  func(b *gateBed) { b.create(gateGroup("workers", 250)); b.after(time.Hour) },
			groups: []string{"workers"},
		},
		"an empty group": {
			world:  func(b *gateBed) { b.create(gateGroup("workers", 0), gateGroup("login", 1)); b.after(time.Hour) },
			groups: []string{"workers"},
		},
		"another group fails": {
			world: func(b *gateBed) {
				b.srv.FailLifecycle(gateBroken, "")
				b.create(gateGroup("workers", 2), gateGroup("workers2", 2).WithImage(gateBroken))
				b.after(time.Hour)
			},
			groups: []string{"workers"},
		},
		"a group fails, and another one starts": {
			world: func(b *gateBed) {
				b.srv.FailLifecycle(gateBroken, "no driver")
				b.create(gateGroup("workers", 2), gateGroup("login", 1).WithImage(gateBroken))
				b.after(time.Hour)
				b.update(hyperpod.Scale("workers", 3))
				b.after(5 * time.Minute)
			},
			groups: []string{"workers", "login"},
			want:   []string{"group workers: 2 of 3 nodes Running (i-", " Pending); group login: 0 of 1 nodes Running (i-", " Failure: no driver)"},
		},
		"there is no capacity": {
			world: func(b *gateBed) {
				b.srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
				b.create(gateGroup("workers", 2))
				b.after(time.Hour)
			},
			groups: []string{"workers"},
			want:   []string{"group workers: 1 of 2 nodes Running (node-", " Pending: We currently do not have sufficient capacity"},
		},
		"an update runs": {
			world: func(b *gateBed) {
				b.create(gateGroup("workers", 2))
				b.after(time.Hour)
				_, err := b.api.UpdateClusterSoftware(b.t.Context(), &sagemaker.UpdateClusterSoftwareInput{
					ClusterName: aws.String("train"), ImageId: aws.String(gateNewer),
					InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
				})
				require.NoError(b.t, err)
				b.after(10 * time.Minute)
			},
			groups: []string{"workers"},
			want:   []string{"group workers: 0 of 2 nodes Running (i-", " SystemUpdating, i-", " SystemUpdating)"},
		},
		"nodes are on their way out": {
			world: func(b *gateBed) {
				b.create(gateGroup("workers", 3))
				b.after(time.Hour)
				b.update(hyperpod.Scale("workers", 1))
				b.after(time.Minute)
			},
			groups: []string{"workers"},
		},
		"of many it names some": {
			world:  func(b *gateBed) { b.create(gateGroup("workers", 9)); b.after(5 * time.Minute) },
			groups: []string{"workers"},
			want:   []string{"group workers: 0 of 9 nodes Running (i-", ", and 4 more)"},
			named:  5,
		},
		"a group does not exist": {
			world:  func(b *gateBed) { b.create(gateGroup("workers", 1)); b.after(time.Hour) },
			groups: []string{"workers-2", "workers"},
			want:   []string{"group workers-2 does not exist"},
		},
		"a group is deleted": {
			world: func(b *gateBed) {
				b.create(gateGroup("workers", 1), gateGroup("login", 1))
				b.after(time.Hour)
				b.update(hyperpod.DeleteGroup("login"))
				b.after(time.Minute)
			},
			groups: []string{"workers", "login"},
			want:   []string{"group login is being deleted"},
		},
		"the cluster does not exist": {
			world: func(*gateBed) {}, groups: []string{"workers"}, final: true,
			want: []string{"cluster not found"},
		},
		"no group is named": {
			world: func(b *gateBed) { b.create(gateGroup("workers", 1)); b.after(time.Hour) }, final: true,
			want: []string{"the visit has no instance groups"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inGateBubble(t, func(b *gateBed) {
				tt.world(b)
				err := NodesRunning()(b.t.Context(), b.visit(tt.groups...))
				if tt.want == nil {
					require.NoError(b.t, err)
					return
				}
				require.Error(b.t, err)
				for _, want := range tt.want {
					require.ErrorContains(b.t, err, want)
				}
				if tt.named > 0 {
					assert.Equal(b.t, tt.named, strings.Count(err.Error(), " Pending"))
				}
				var refused *RefusedError
				assert.Equal(b.t, tt.final, errors.As(err, &refused), "%v", err)
			})
		})
	}
}

// listing changes what ListClusterNodes says.
type listing struct {
	hyperpod.API
	change func(n *types.ClusterNodeSummary)
}

func (l listing) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	out, err := l.API.ListClusterNodes(ctx, in, optFns...)
	if err == nil {
		for i := range out.ClusterNodeSummaries {
			l.change(&out.ClusterNodeSummaries[i])
		}
	}
	return out, err
}

func TestNodesRunningJudgesEveryStatus(t *testing.T) {
	says := func(s types.ClusterInstanceStatus, message string) *types.ClusterInstanceStatusDetails {
		return &types.ClusterInstanceStatusDetails{Status: s, Message: aws.String(message)}
	}
	for name, tt := range map[string]struct {
		status *types.ClusterInstanceStatusDetails
		want   string
	}{
		"running":                     {status: says(types.ClusterInstanceStatusRunning, "")},
		"running with an old message": {status: says(types.ClusterInstanceStatusRunning, "it failed once")},
		"failed":                      {says(types.ClusterInstanceStatusFailure, "no driver"), " Failure: no driver)"},
		"pending":                     {says(types.ClusterInstanceStatusPending, ""), " Pending)"},
		"updating":                    {says(types.ClusterInstanceStatusSystemUpdating, ""), " SystemUpdating)"},
		"checked":                     {says(types.ClusterInstanceStatusDeepHealthCheckInProgress, ""), " DeepHealthCheckInProgress)"},
		"gone":                        {says(types.ClusterInstanceStatusNotFound, ""), " NotFound)"},
		"on its way out":              {says(types.ClusterInstanceStatusShuttingDown, ""), "group workers: 0 of 1 nodes Running"},
		"a new word":                  {says("Hibernating", "zzz"), " Hibernating (a status that this version does not know): zzz)"},
		"none":                        {nil, " no status)"},
	} {
		t.Run(name, func(t *testing.T) {
			inGateBubble(t, func(b *gateBed) {
				b.create(gateGroup("workers", 1))
				b.after(time.Hour)
				b.api = listing{API: b.api, change: func(n *types.ClusterNodeSummary) { n.InstanceStatus = tt.status }}
				err := NodesRunning()(b.t.Context(), b.visit("workers"))
				if tt.want == "" {
					require.NoError(b.t, err)
					return
				}
				require.ErrorContains(b.t, err, tt.want)
				assert.NotErrorAs(b.t, err, new(*RefusedError))
			})
		})
	}
}

// A node too many that does not run is in the way all the same, and one that runs is not.
func TestNodesRunningBeyondTheTargetCount(t *testing.T) {
	for status, passes := range map[types.ClusterInstanceStatus]bool{
		types.ClusterInstanceStatusRunning: true, types.ClusterInstanceStatusFailure: false, types.ClusterInstanceStatusShuttingDown: true,
	} {
		inGateBubble(t, func(b *gateBed) {
			b.create(gateGroup("workers", 1), gateGroup("login", 1))
			b.after(time.Hour)
			b.api = listing{API: b.api, change: func(n *types.ClusterNodeSummary) {
				if *n.InstanceGroupName == "login" {
					n.InstanceGroupName, n.InstanceStatus = aws.String("workers"), &types.ClusterInstanceStatusDetails{Status: status}
				}
			}}
			v := b.visit("workers", "workers-2") // of several groups all nodes are listed
			err := NodesRunning()(b.t.Context(), v)
			require.ErrorContains(b.t, err, "group workers-2 does not exist")
			assert.Equal(b.t, !passes, strings.Contains(err.Error(), "group workers: 1 of 1 nodes Running (i-"), "%s: %v", status, err)
		})
	}
}

// The gate is asked while nodes come up, through throttling, and asks only as it must.
func TestNodesRunningIsWaitedFor(t *testing.T) {
	inGateBubble(t, func(b *gateBed) {
		throttled := &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
		b.create(gateGroup("workers", 2))
		calls := len(b.srv.Calls())
		began := time.Now()
		time.AfterFunc(10*time.Minute-time.Second, func() {
			b.srv.Faults().Fail("ListClusterNodes", 2, throttled)
			b.srv.Faults().Fail("DescribeCluster", 1, &smithy.GenericAPIError{Code: "InternalFailure"})
		})
		require.NoError(b.t, askGate(b.t.Context(), NodesRunning(), b.visit("workers"), GateOptions{Interval: time.Minute, Patience: time.Hour}))
		assert.Greater(b.t, time.Since(began), 12*time.Minute, "three askings were in vain")
		for _, call := range b.srv.Calls()[calls:] {
			assert.Contains(b.t, []string{"DescribeCluster", "ListClusterNodes"}, call.Operation)
		}
	})
}

func TestNodesRunningFailsWithTheNodeThatKeepsItFromPassing(t *testing.T) {
	inGateBubble(t, func(b *gateBed) {
		b.srv.FailLifecycle(gateAMI, "no driver")
		b.create(gateGroup("workers", 1))
		b.after(time.Hour)
		began := time.Now()
		err := askGate(b.t.Context(), NodesRunning(), b.visit("workers"), GateOptions{})
		assert.Equal(b.t, 10*time.Minute, time.Since(began))
		require.ErrorContains(b.t, err, "the gate was not passed in 10m0s, asked 2")
		require.ErrorContains(b.t, err, "times: group workers: 0 of 1 nodes Running (i-")
		require.ErrorContains(b.t, err, "Failure: no driver)")
	})
}

// By ARN a cluster that took over the name is not mistaken for the one that is meant.
func TestNodesRunningFollowsTheARN(t *testing.T) {
	inGateBubble(t, func(b *gateBed) {
		b.create(gateGroup("workers", 1))
		b.after(time.Hour)
		v := b.visit("workers")
		v.ARN = "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl"
		err := askGate(b.t.Context(), NodesRunning(), v, GateOptions{})
		require.ErrorIs(b.t, err, hyperpod.ErrClusterNotFound)
		require.ErrorContains(b.t, err, "the gate refused: ")
	})
}
