package hyperpodtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"
)

// Random requests and misfortunes, on both kinds of cluster: at every moment the counts
// agree with the nodes, and when the world is well again every cluster comes to rest
// with what was asked of it.
func TestInvariants(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { storm(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func storm(t *testing.T, rnd *rand.Rand) {
	t.Helper()
	srv := NewServer(Realistic)
	images := []string{"ami-0123456789abcdef0", "ami-0fedcba9876543210", "default"}
	group := func(name string, count int32) types.ClusterInstanceGroupSpecification {
		g := types.ClusterInstanceGroupSpecification{
			InstanceGroupName: aws.String(name), InstanceCount: aws.Int32(count), InstanceType: types.ClusterInstanceTypeMlC52xlarge,
			ExecutionRole: aws.String("arn:aws:iam::111122223333:role/r"),
		}
		return g
	}
	continuous := rnd.IntN(2) == 0
	in := &sagemaker.CreateClusterInput{
		ClusterName: aws.String("c"), InstanceGroups: []types.ClusterInstanceGroupSpecification{group("a", 3), group("b", 2)},
		VpcConfig:    &types.VpcConfig{SecurityGroupIds: []string{"sg-1"}, Subnets: []string{"subnet-1"}},
		Orchestrator: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String("arn:aws:eks:us-west-2:111122223333:cluster/e")}},
	}
	if continuous {
		in.NodeProvisioningMode = types.ClusterNodeProvisioningModeContinuous
	}
	_, err := srv.CreateCluster(t.Context(), in)
	require.NoError(t, err)
	name := aws.String("c")
	for range 40 {
		ctx := t.Context()
		someGroup := string("abd"[rnd.IntN(3)])
		switch rnd.IntN(11) {
		case 0, 1:
			g := group(someGroup, int32(rnd.IntN(6)))
			if continuous && rnd.IntN(3) == 0 {
				g.MinInstanceCount = aws.Int32(*g.InstanceCount / 2)
			}
			_, _ = srv.UpdateCluster(ctx, &sagemaker.UpdateClusterInput{ClusterName: name, InstanceGroups: []types.ClusterInstanceGroupSpecification{g}})
		case 2:
			_, _ = srv.UpdateCluster(ctx, &sagemaker.UpdateClusterInput{ClusterName: name, InstanceGroupsToDelete: []string{someGroup}})
		case 3, 4:
			update := &sagemaker.UpdateClusterSoftwareInput{ClusterName: name, ImageId: aws.String(images[rnd.IntN(3)])}
			if rnd.IntN(2) == 0 {
				update.DeploymentConfig = &types.DeploymentConfiguration{
					WaitIntervalInSeconds:     aws.Int32(int32(rnd.IntN(600))),
					AutoRollbackConfiguration: []types.AlarmDetails{{AlarmName: aws.String("alarm")}},
					RollingUpdatePolicy: &types.RollingDeploymentPolicy{MaximumBatchSize: &types.CapacitySizeConfig{
						Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(1),
					}},
				}
			}
			_, _ = srv.UpdateClusterSoftware(ctx, update)
		case 5:
			out, err := srv.ListClusterNodes(ctx, &sagemaker.ListClusterNodesInput{ClusterName: name})
			require.NoError(t, err)
			if nodes := out.ClusterNodeSummaries; len(nodes) > 0 {
				ids := []string{*nodes[rnd.IntN(len(nodes))].InstanceId}
				switch rnd.IntN(3) {
				case 0:
					_, _ = srv.BatchDeleteClusterNodes(ctx, &sagemaker.BatchDeleteClusterNodesInput{ClusterName: name, NodeIds: ids})
				case 1:
					_, _ = srv.BatchReplaceClusterNodes(ctx, &sagemaker.BatchReplaceClusterNodesInput{ClusterName: name, NodeIds: ids})
				default:
					_, _ = srv.BatchRebootClusterNodes(ctx, &sagemaker.BatchRebootClusterNodesInput{ClusterName: name, NodeIds: ids})
				}
			}
		case 6:
			srv.FailLifecycle(images[rnd.IntN(3)], "exit status 1")
		case 7:
			srv.MendLifecycle(images[rnd.IntN(3)])
		case 8:
			srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, rnd.IntN(8))
		case 9:
			srv.SetAlarmAt(srv.Now().Add(time.Duration(rnd.IntN(60))*time.Minute), "alarm", rnd.IntN(2) == 0)
		default:
			if rnd.IntN(2) == 0 {
				srv.FailTeardown("c", "")
			} else {
				srv.MendTeardown("c")
			}
		}
		agree(t, srv)
		time.Sleep(time.Duration(rnd.IntN(40)) * time.Minute)
		agree(t, srv)
	}
	for _, image := range images {
		srv.MendLifecycle(image)
	}
	srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, -1)
	srv.SetAlarmAt(srv.Now().Add(time.Hour), "alarm", false)
	srv.MendTeardown("c")
	time.Sleep(48 * time.Hour)
	agree(t, srv)
	rests(t, srv)
}

// agree compares what is counted with what is there.
func agree(t *testing.T, srv *Server) {
	t.Helper()
	srv.change(func(time.Time) {
		inUse := 0
		for _, own := range srv.accounts {
			for _, c := range own.clusters {
				for _, g := range c.groups {
					counts := map[types.ClusterInstanceStatus]int{}
					for _, n := range g.nodes {
						counts[n.status]++
						if n.instanceID != "" {
							inUse++
						}
					}
					for status, n := range g.counts {
						require.Equal(t, counts[status], n, "group %s: nodes %s", g.name(), status)
					}
					require.GreaterOrEqual(t, g.target, 0)
					undone := 0
					for _, n := range g.nodes {
						if n.undone {
							require.Equal(t, types.ClusterInstanceStatusShuttingDown, n.status)
							undone++
						}
					}
					require.Equal(t, undone, g.undone)
				}
			}
		}
		require.Equal(t, inUse, srv.instances[types.ClusterInstanceTypeMlC52xlarge], "instances in use")
	})
}

// rests says whether the cluster is in a state that lasts, with its groups complete.
func rests(t *testing.T, srv *Server) {
	t.Helper()
	out, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("c")})
	require.NoError(t, err)
	if out.ClusterStatus == types.ClusterStatusFailed {
		return
	}
	require.Equal(t, types.ClusterStatusInservice, out.ClusterStatus)
	for _, g := range out.InstanceGroups {
		switch g.Status {
		case types.InstanceGroupStatusInservice:
			if aws.ToInt32(g.MinCount) == 0 {
				require.Equal(t, *g.TargetCount, *g.CurrentCount, "group %s", *g.InstanceGroupName)
			}
		case types.InstanceGroupStatusDegraded, types.InstanceGroupStatusFailed:
			// Nodes that failed in a software update, or on a cluster that is not
			// Continuous, stay failed until somebody acts.
		case types.InstanceGroupStatusCreating, types.InstanceGroupStatusUpdating, types.InstanceGroupStatusSystemupdating, types.InstanceGroupStatusDeleting:
			t.Fatalf("group %s is still %s: %d of %d", *g.InstanceGroupName, g.Status, *g.CurrentCount, *g.TargetCount)
		default:
			t.Fatalf("group %s has status %q", *g.InstanceGroupName, g.Status)
		}
	}
}
