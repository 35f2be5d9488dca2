package hyperpod_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// ailing creates a cluster on an emulator where something is wrong, and explains it.
func ailing(t *testing.T, nonContinuous bool, count int32, breakIt func(*hyperpodtest.Server)) (*hyperpodtest.Server, hyperpod.Explanation, error) {
	t.Helper()
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
	breakIt(srv)
	spec := pageSpec(count)
	spec.NonContinuous = nonContinuous
	c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) { o.Poll.Timeout = time.Hour }).Cluster("example-cluster")
	_, failure := c.Create(t.Context(), spec)
	require.Error(t, failure)
	e, err := c.Explain(t.Context())
	require.NoError(t, err)
	return srv, e, failure
}

func TestExplainLifecycleFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, e, failure := ailing(t, false, 2, func(srv *hyperpodtest.Server) { srv.FailLifecycle(goldenAMI, "on_create.sh: exit status 3") })
		require.Len(t, e.Causes, 1, "paired events, two nodes and their retries are one cause: %s", e)
		c := e.Causes[0]
		assert.Equal(t, hyperpod.ClassLifecycle, c.Class)
		assert.Equal(t, hyperpod.WaitingInVain, c.Waiting)
		assert.Equal(t, "on_create.sh: exit status 3", c.Text)
		assert.Equal(t, "workers", c.Group)
		assert.Len(t, c.Events, 2)
		assert.False(t, c.Time.IsZero())
		require.NotEmpty(t, c.Look)
		arn := *describe(t, srv).ClusterArn
		id := arn[strings.LastIndex(arn, "/")+1:]
		assert.Equal(t, hyperpod.Place{
			LogGroup:  "/aws/sagemaker/Clusters/example-cluster/" + id,
			LogStream: "LifecycleConfig/workers/" + c.Nodes[0],
			SSMTarget: "sagemaker-cluster:" + id + "_workers-" + c.Nodes[0],
		}, c.Look[0])
		require.ErrorContains(t, failure, "lifecycle script: node ")
		assert.Equal(t, 1, strings.Count(failure.Error(), "exit status 3"))
		for _, want := range []string{"1. lifecycle script: on_create.sh: exit status 3", "log group: /aws/sagemaker/Clusters/", "waiting does not help", "aws ssm start-session --target sagemaker-cluster:"} {
			assert.Contains(t, e.String(), want)
		}
	})
}

func TestExplainCapacityShortfall(t *testing.T) {
	for name, nonContinuous := range map[string]bool{"Continuous": false, "not Continuous": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, e, failure := ailing(t, nonContinuous, 2, func(srv *hyperpodtest.Server) { srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1) })
				require.Len(t, e.Causes, 1, "%s", e)
				c := e.Causes[0]
				assert.Equal(t, hyperpod.ClassCapacity, c.Class)
				assert.Contains(t, c.Text, "sufficient capacity")
				assert.Contains(t, c.Fix, "subnet-0123456789abcdef0", "it depends on the zone of the subnets")
				require.ErrorContains(t, failure, "capacity: ")
				if nonContinuous {
					assert.Equal(t, hyperpod.WaitingInVain, c.Waiting)
					assert.Equal(t, []string{"events: only Continuous clusters have them"}, e.Gaps)
				} else {
					assert.Equal(t, hyperpod.WaitingMayHelp, c.Waiting)
					assert.Empty(t, e.Gaps)
					require.Len(t, c.Nodes, 1)
					assert.True(t, strings.HasPrefix(c.Nodes[0], "node-"), "it has no instance: %s", c.Nodes[0])
					assert.Empty(t, c.Look, "and so no log")
				}
			})
		})
	}
}

func TestExplainClassesOfMessages(t *testing.T) {
	tests := []struct {
		message    string
		class      hyperpod.Class
		permission string
		text       string
	}{
		{"EFA health checks did not run successfully.", hyperpod.ClassEFA, "", "1. EFA"},
		{"The execution role does not have permission to perform s3:GetObject.", hyperpod.ClassPermission, "s3:GetObject", "missing permission: s3:GetObject"},
		{"Access denied", hyperpod.ClassPermission, "", "missing permission: unknown, the service does not name it; look in CloudTrail"},
	}
	for _, tt := range tests {
		for name, nonContinuous := range map[string]bool{"Continuous": false, "not Continuous": true} {
			t.Run(tt.class.String()+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					_, e, failure := ailing(t, nonContinuous, 1, func(srv *hyperpodtest.Server) { srv.FailLifecycle(goldenAMI, tt.message) })
					require.Len(t, e.Causes, 1, "%s", e)
					assert.Equal(t, tt.class, e.Causes[0].Class)
					assert.Equal(t, tt.permission, e.Causes[0].Permission)
					assert.Contains(t, e.String(), tt.text)
					require.ErrorContains(t, failure, tt.class.String())
				})
			})
		}
	}
}

// Two groups fail at different times for different reasons.
func TestExplainNewestFirstAndByGroupAndNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) { o.Poll.Timeout = time.Hour }).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(1))
		require.NoError(t, err)
		e, err := c.Explain(t.Context())
		require.NoError(t, err)
		assert.True(t, e.Healthy(), "%s", e)
		assert.Contains(t, e.String(), "nothing found wrong")

		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 1)
		_, err = c.With(func(o *hyperpod.Options) { o.NoWait = true }).Update(t.Context(), hyperpod.Scale("workers", 2))
		require.NoError(t, err)
		srv.FailLifecycle(newAMI, "on_create.sh: exit status 4")
		_, err = c.Update(t.Context(), hyperpod.AddGroup(workersGroup("big", 2).WithInstances(types.ClusterInstanceTypeMlC518xlarge, 2).WithImage(newAMI)))
		var failed *hyperpod.FailedError
		require.ErrorAs(t, err, &failed)
		require.Len(t, failed.Causes, 1, "the other group's trouble is not this workflow's: %v", err)

		e, err = c.Explain(t.Context())
		require.NoError(t, err)
		require.Len(t, e.Causes, 2, "%s", e)
		assert.Equal(t, []string{"big", "workers"}, []string{e.Causes[0].Group, e.Causes[1].Group})
		assert.Len(t, e.Group("workers").Causes, 1)
		assert.Equal(t, hyperpod.ClassCapacity, e.Group("workers").Causes[0].Class)
		assert.Empty(t, e.Group("none").Causes)
		node := e.Causes[0].Nodes[0]
		require.Len(t, e.Node(node).Causes, 1)
		assert.Equal(t, "big", e.Node(node).Causes[0].Group)

		body, err := json.Marshal(e)
		require.NoError(t, err)
		assert.Contains(t, string(body), `"Class":"lifecycle script"`)
		body, err = json.Marshal(hyperpod.Cause{})
		require.NoError(t, err)
		assert.NotContains(t, string(body), "0001-01-01", "no time is no time")
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("why", "e", e)
		assert.Contains(t, log.String(), `e.cause1.class="lifecycle script"`)
	})
}

func TestExplainLeavesOutWhatItMayNotAsk(t *testing.T) {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Durations.NodeStart = time.Hour })
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").With(func(o *hyperpod.Options) { o.NoWait = true })
	_, err := c.Create(t.Context(), pageSpec(1))
	require.NoError(t, err)
	for _, op := range []string{"ListClusterEvents", "ListClusterNodes"} {
		srv.Faults().Fail(op, 1, errors.New("denied"))
	}
	e, err := c.Explain(t.Context())
	require.NoError(t, err)
	require.Len(t, e.Gaps, 2)
	assert.Contains(t, e.String(), "not looked at: ListClusterEvents")

	_, err = hyperpod.New(srv.Client()).Cluster("none").Explain(t.Context())
	require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
}

// The number of calls does not grow with the nodes that failed for one reason.
func TestExplainReadsOneEventOfAKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, e, _ := ailing(t, false, 40, func(srv *hyperpodtest.Server) { srv.FailLifecycle(goldenAMI, "") })
		require.Len(t, e.Causes, 1, "%s", e)
		before := len(sent[sagemaker.DescribeClusterEventInput](srv))
		_, err := hyperpod.New(srv.Client()).Cluster("example-cluster").Explain(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, len(sent[sagemaker.DescribeClusterEventInput](srv))-before, 3)
	})
}

// What a node has got over is no cause of what is wrong now.
func TestExplainLeavesOutWhatIsOver(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1).With(func(o *hyperpod.Options) { o.Poll.Timeout = 50 * time.Millisecond })
	srv.FailLifecycle(goldenAMI, "on_create.sh: exit status 3")
	_, err := c.AddNodes(t.Context(), adding(1))
	require.ErrorContains(t, err, "exit status 3")
	srv.MendLifecycle(goldenAMI)
	e, err := c.Explain(t.Context())
	require.NoError(t, err)
	require.Len(t, e.Causes, 1)
	_, err = c.RebootNodes(t.Context(), e.Causes[0].Nodes[0])
	require.NoError(t, err)
	srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 2)
	_, err = c.AddNodes(t.Context(), adding(1))
	require.Error(t, err)
	e, err = c.Explain(t.Context())
	require.NoError(t, err)
	require.Len(t, e.Causes, 1, "%s", e)
	assert.Equal(t, hyperpod.ClassCapacity, e.Causes[0].Class)
}

// Nodes that failed for different reasons are not thrown together, though their events
// read alike.
func TestExplainTellsReasonsApart(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1).With(func(o *hyperpod.Options) { o.NoWait = true })
	for _, message := range []string{"exit status 3", "exit status 4"} {
		srv.FailLifecycle(goldenAMI, message)
		_, err := c.AddNodes(t.Context(), adding(1))
		require.NoError(t, err)
		describe(t, srv)
	}
	e, err := c.Explain(t.Context())
	require.NoError(t, err)
	require.Len(t, e.Causes, 2, "%s", e)
	for _, cause := range e.Causes {
		assert.Len(t, cause.Nodes, 1, "%s", e)
	}
	assert.NotEqual(t, e.Causes[0].Nodes, e.Causes[1].Nodes)
}
