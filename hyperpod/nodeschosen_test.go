package hyperpod_test

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

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestNodeOperationsRefuse(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	n := nodesOf(t, c)[0]
	before := len(mutations(srv))
	for name, tt := range map[string]struct {
		ids  []string
		want string
	}{
		"none":             {nil, "no node is named"},
		"malformed":        {[]string{"i-123"}, "wrong form"},
		"malformed too":    {[]string{"node_1"}, "wrong form"},
		"twice":            {[]string{n.Instance, n.Instance}, "named twice"},
		"by both its ids":  {[]string{n.Instance, n.LogicalID}, "the same node"},
		"empty in between": {[]string{n.Instance, ""}, "NodeLogicalIds"},
	} {
		for call, do := range map[string]func(context.Context, ...string) (*hyperpod.Report, error){"delete": c.DeleteNodes, "replace": c.ReplaceNodes, "reboot": c.RebootNodes} {
			report, err := do(t.Context(), tt.ids...)
			require.ErrorIs(t, err, hyperpod.ErrInvalid, name+" "+call)
			require.ErrorContains(t, err, tt.want, name+" "+call)
			require.NotNil(t, report)
			assert.Empty(t, report.Calls)
		}
	}
	assert.Len(t, mutations(srv), before)
	assert.Empty(t, sent[sagemaker.BatchDeleteClusterNodesInput](srv))

	whole := wholeCluster(t, hyperpodtest.NewServer(), 2)
	_, err := whole.RebootNodes(t.Context(), "node-0123456789ab")
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "not Continuous")
	_, err = whole.AddNodes(t.Context(), hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "workers", Count: 1}}})
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "not Continuous")
}

func TestSlurmControllerIsRefused(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("slurm")
	slurm := func(name string, kind types.ClusterSlurmNodeType) hyperpod.Group {
		return workersGroup(name, 1).WithSpec(func(g *types.ClusterInstanceGroupSpecification) {
			g.SlurmConfig = &types.ClusterSlurmConfig{NodeType: kind}
		})
	}
	_, err := c.Create(t.Context(), hyperpod.Spec{
		Groups:       []hyperpod.Group{slurm("head", types.ClusterSlurmNodeTypeController), slurm("compute", types.ClusterSlurmNodeTypeCompute)},
		Orchestrator: hyperpod.Slurm(),
	})
	require.NoError(t, err)
	head := nodesOf(t, c, func(o *hyperpod.NodesOptions) { o.Groups = []string{"head"} })[0]
	for _, id := range []string{head.Instance, head.LogicalID} {
		_, err = c.DeleteNodes(t.Context(), id)
		require.ErrorIs(t, err, hyperpod.ErrInvalid)
		require.ErrorContains(t, err, "Slurm controller")
		_, err = c.ReplaceNodes(t.Context(), id)
		require.ErrorContains(t, err, "Slurm controller")
	}
	assert.Empty(t, sent[sagemaker.BatchDeleteClusterNodesInput](srv))
	assert.Empty(t, sent[sagemaker.BatchReplaceClusterNodesInput](srv))
	_, err = c.RebootNodes(t.Context(), head.Instance)
	require.NoError(t, err, "it may be rebooted")
}

// Each operation waits until its nodes are as asked, on both kinds of cluster.
func TestNodeOperationsWait(t *testing.T) {
	for name, nonContinuous := range map[string]bool{"Continuous": false, "not Continuous": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
				c := hyperpod.New(srv.Client()).Cluster("example-cluster")
				spec := pageSpec(4)
				spec.NonContinuous = nonContinuous
				_, err := c.Create(t.Context(), spec)
				require.NoError(t, err)
				ids := instancesOf(t, c)

				report, err := c.RebootNodes(t.Context(), ids[0])
				require.NoError(t, err)
				assert.Equal(t, []hyperpod.NodeResult{{ID: ids[0], Group: "workers", Instance: ids[0], Outcome: hyperpod.NodeDone}}, report.Nodes)
				assert.True(t, report.Complete)
				assert.ElementsMatch(t, ids, instancesOf(t, c))

				report, err = c.ReplaceNodes(t.Context(), ids[0], ids[1])
				require.NoError(t, err)
				now := instancesOf(t, c)
				assert.NotContains(t, now, ids[0])
				assert.NotContains(t, now, ids[1])
				assert.Len(t, now, 4)
				for _, n := range report.Nodes {
					assert.Equal(t, hyperpod.NodeDone, n.Outcome)
					assert.Contains(t, now, n.Instance)
					assert.NotContains(t, ids, n.Instance)
				}
				assert.NotEqual(t, report.Nodes[0].Instance, report.Nodes[1].Instance)
				assert.Greater(t, report.Ended.Sub(report.Began), 5*time.Minute, "the new instances run")

				report, err = c.DeleteNodes(t.Context(), ids[2], ids[3])
				require.NoError(t, err)
				assert.Len(t, nodesOf(t, c), 2)
				require.Len(t, report.Groups, 1)
				assert.EqualValues(t, 2, report.Groups[0].Wanted, "the target went down")
				assert.Contains(t, report.String(), ids[2]+"  workers")
			})
		})
	}
}

// A node keeps its logical id when it is replaced, as the SDK says: the emulator gives
// it another, so this is scripted.
func TestReplacedNodeKeepsItsLogicalID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &replacing{began: time.Now()}
		report, err := hyperpod.New(api).Cluster("example-cluster").ReplaceNodes(t.Context(), "node-1")
		require.NoError(t, err)
		assert.Equal(t, "i-00000002", report.Nodes[0].Instance)
		assert.GreaterOrEqual(t, report.Ended.Sub(report.Began), 20*time.Minute)
	})
}

// replacing is a cluster of one node that is replaced: for two minutes the list shows
// the old instance as running, then a new one that starts.
type replacing struct {
	hyperpod.UnimplementedAPI
	began time.Time
}

func (r *replacing) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return &sagemaker.DescribeClusterOutput{
		ClusterArn: aws.String("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl"), ClusterStatus: types.ClusterStatusInservice,
		NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
		InstanceGroups: []types.ClusterInstanceGroupDetails{{
			InstanceGroupName: aws.String("workers"), TargetCount: aws.Int32(1), CurrentCount: aws.Int32(1), Status: types.InstanceGroupStatusInservice,
		}},
	}, nil
}

func (r *replacing) ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	id, status := "i-00000001", types.ClusterInstanceStatusRunning
	if since := time.Since(r.began); since > 20*time.Minute {
		id = "i-00000002"
	} else if since > 2*time.Minute {
		id, status = "i-00000002", types.ClusterInstanceStatusPending
	}
	return &sagemaker.ListClusterNodesOutput{ClusterNodeSummaries: []types.ClusterNodeSummary{{
		InstanceGroupName: aws.String("workers"), InstanceId: aws.String(id), NodeLogicalId: aws.String("node-1"),
		InstanceStatus: &types.ClusterInstanceStatusDetails{Status: status},
	}}}, nil
}

func (r *replacing) BatchReplaceClusterNodes(_ context.Context, in *sagemaker.BatchReplaceClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.BatchReplaceClusterNodesOutput, error) {
	return &sagemaker.BatchReplaceClusterNodesOutput{SuccessfulNodeLogicalIds: in.NodeLogicalIds}, nil
}

// A node that somebody adds meanwhile is not taken for the replacement, which waits for
// capacity.
func TestAnotherNewNodeIsNotTheReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		ids := instancesOf(t, c)
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 3)
		srv.Faults().Before(func(ctx context.Context, op string, _ any) error {
			if op != "BatchReplaceClusterNodes" {
				return nil
			}
			_, err := srv.BatchAddClusterNodes(ctx, &sagemaker.BatchAddClusterNodesInput{
				ClusterName: aws.String("example-cluster"),
				NodesToAdd:  []types.AddClusterNodeSpecification{{InstanceGroupName: aws.String("workers"), IncrementTargetCountBy: aws.Int32(1)}},
			})
			time.Sleep(8 * time.Minute) // the added node has its instance
			return err
		})
		_, err = c.ReplaceNodes(t.Context(), ids[0])
		require.NoError(t, err)
		now := nodesOf(t, c)
		require.Len(t, now, 3)
		for _, n := range now {
			assert.Equal(t, types.ClusterInstanceStatusRunning, n.Status)
		}
	})
}

// For a while the list shows a node as running that is being restarted.
func TestRebootBehindALaggingList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.ListLag = time.Minute })
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(1))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		report, err := c.RebootNodes(t.Context(), instancesOf(t, c)...)
		require.NoError(t, err)
		assert.Greater(t, report.Ended.Sub(report.Began), time.Minute)
	})
}
