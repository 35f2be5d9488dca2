package rollout_test

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// bigFleet makes clusters of 4 groups of 8 nodes.
func bigFleet(t *testing.T, clusters int) *fleet {
	t.Helper()
	f := &fleet{t: t, srv: hyperpodtest.NewServer(hyperpodtest.Realistic)}
	for i := range clusters {
		var groups []hyperpod.Group
		for g := range 4 {
			groups = append(groups, workers(fmt.Sprintf("group-%d", g), 8))
		}
		name := fmt.Sprintf("train-%d", i)
		_, err := hyperpod.New(f.srv, func(o *hyperpod.Options) { o.NoWait = true }).Cluster(name).Create(t.Context(), hyperpod.Spec{
			Groups: groups, Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/eks-" + name),
			VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
		})
		require.NoError(t, err)
		f.names = append(f.names, name)
	}
	time.Sleep(time.Hour)
	return f
}

// count counts calls by operation from a position in the log on.
func (f *fleet) count(from int) map[string]int {
	counts := map[string]int{}
	for _, c := range f.srv.Calls()[from:] {
		counts[c.Operation]++
	}
	return counts
}

// aloneCalls is how many calls the software waiter alone makes for one such cluster.
func aloneCalls(t *testing.T) (calls float64) {
	t.Helper()
	const times = 20
	for range times {
		synctest.Test(t, func(t *testing.T) {
			f := bigFleet(t, 1)
			before, err := f.srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &f.names[0]})
			require.NoError(t, err)
			cluster := hyperpod.New(f.srv.Client()).Cluster(f.names[0])
			plan, err := cluster.PlanRoll(t.Context(), hyperpod.Roll{Image: hyperpod.AMI(newAMI), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true})
			require.NoError(t, err)
			requested := time.Now()
			_, err = cluster.StartRoll(t.Context(), plan)
			require.NoError(t, err)
			from := len(f.srv.Calls())
			_, err = waiter.SoftwareUpdated(t.Context(), f.srv.Client(), f.names[0], waiter.Update{
				Groups: []string{"group-0", "group-1", "group-2", "group-3"}, Image: newAMI, Before: before, Requested: requested,
			})
			require.NoError(t, err)
			for _, n := range f.count(from) {
				calls += float64(n) / times
			}
		})
	}
	return calls
}

// A rollout costs, for each cluster, two descriptions, one request and what the waiter
// alone costs, and 10 % at most.
func TestNumbersOfALargeRollout(t *testing.T) {
	clusters := 500
	if raced {
		clusters = 50
	}
	alone := aloneCalls(t)
	synctest.Test(t, func(t *testing.T) {
		f := bigFleet(t, clusters)
		spec := f.spec()
		spec.Waves = rollout.Percentages(1, 10, 30, 60, 100)
		x := rollout.NewExecutor(f.clients)
		runtime.GC()
		var peak uint64
		look := func(context.Context, rollout.Event) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse+m.StackInuse)
		}
		from, cpu := len(f.srv.Calls()), cpuTime()
		plan, err := x.Plan(t.Context(), spec)
		require.NoError(t, err)
		n := 0
		report, err := rollout.NewRunner(x, rollout.NewMemStore(), func(o *rollout.RunnerOptions) {
			o.OnEvent = func(ctx context.Context, e rollout.Event) {
				if n++; n%200 == 0 {
					look(ctx, e)
				}
			}
		}).Run(t.Context(), plan)
		require.NoError(t, err)
		cpu = cpuTime() - cpu
		assert.Equal(t, clusters, report.Totals.Done)
		counts := f.count(from)
		var calls float64
		for _, n := range counts {
			calls += float64(n) / float64(clusters)
		}
		assert.Equal(t, clusters, counts["UpdateClusterSoftware"])
		assert.LessOrEqual(t, calls, (3+alone)*1.1, "calls per cluster")
		t.Logf("%d clusters of 4 groups of 8 nodes: %s of CPU, %d MB at most, the emulator included", clusters, cpu.Round(10*time.Millisecond), peak>>20)
		t.Logf("calls per cluster: %.1f; the software waiter alone %.1f; %v", calls, alone, counts)
		t.Logf("took %s in the emulator's time", report.Ended.Sub(report.Began).Round(time.Second))
	})
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
