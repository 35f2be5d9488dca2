package rollout_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// randomFleet is a fleet of the emulator's with random groups, and a rollout over it.
type randomFleet struct {
	*fleet
	rng  *rand.Rand
	spec rollout.Spec
	most int // nodes out at once that were seen
}

func newRandomFleet(t *testing.T, seed uint64) *randomFleet {
	t.Helper()
	f := &randomFleet{fleet: newFleet(t, 0, hyperpodtest.Realistic), rng: rand.New(rand.NewPCG(seed, 2))}
	one := func(n int) bool { return f.rng.IntN(n) == 0 }
	for i := range 2 + f.rng.IntN(4) {
		var groups []hyperpod.Group
		for g := range 1 + f.rng.IntN(3) {
			groups = append(groups, workers(fmt.Sprintf("group-%d", g), int32(f.rng.IntN(6))))
		}
		f.create(fmt.Sprintf("train-%d", i), hyperpod.EKS(fmt.Sprintf("arn:aws:eks:us-west-2:111122223333:cluster/eks-%d", i)), groups...)
	}
	f.spec = f.fleet.spec()
	f.spec.Waves = []rollout.Division{rollout.OneWave(), rollout.Percentages(30, 100), rollout.Percentages(10, 50, 100)}[f.rng.IntN(3)]
	f.spec.Strategy = rollout.Strategy{
		Deployment: hyperpod.Deployment{Batch: []hyperpod.Batch{hyperpod.Nodes(1), hyperpod.Nodes(2), hyperpod.Percent(40), hyperpod.AllAtOnce}[f.rng.IntN(4)]},
		OneByOne:   one(2),
	}
	if f.spec.Strategy.Deployment.Batch != hyperpod.AllAtOnce && one(2) {
		f.spec.Strategy.Deployment.WaitInterval, f.spec.Strategy.Deployment.Alarms = 5*time.Minute, []string{"loss"}
	}
	f.spec.OnFailure = []rollout.Response{rollout.Stop, rollout.UndoWave, rollout.UndoAll}[f.rng.IntN(3)]
	f.spec.Budget = rollout.Budget{Wave: f.rng.IntN(2), Total: f.rng.IntN(3)}
	f.spec.Limits = rollout.Limits{Wave: f.rng.IntN(3) * f.rng.IntN(2) * 2}
	if one(3) {
		f.spec.Bake = time.Hour
	}
	return f
}

// dearest is how many nodes one request takes out at most, and one at least.
func (f *randomFleet) dearest(plan *rollout.Plan) int {
	dearest := 1
	for _, target := range plan.State.Targets {
		together := 0
		for _, g := range target.Groups {
			if f.spec.Strategy.OneByOne {
				together = 0
			}
			together += int(g.Out)
			dearest = max(dearest, together)
		}
	}
	return dearest
}

// trouble makes things go wrong, now and later.
func (f *randomFleet) trouble() {
	faults := f.srv.Faults()
	for _, op := range []string{"DescribeCluster", "UpdateClusterSoftware"} {
		switch f.rng.IntN(5) {
		case 0:
			faults.Fail(op, 1+f.rng.IntN(3), &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"})
		case 1:
			faults.LoseResponse(op, 1+f.rng.IntN(2))
		case 2:
			if op != "UpdateClusterSoftware" { // the service has no token that would make a repeat safe
				faults.Fail(op, 1+f.rng.IntN(3), &smithy.GenericAPIError{Code: "InternalFailure", Message: "try again"})
			}
		}
	}
	at := func(do func()) { time.AfterFunc(time.Duration(f.rng.IntN(180))*time.Minute, do) }
	if f.rng.IntN(3) == 0 {
		at(func() { f.srv.FailLifecycle(newAMI, "") })
		at(func() { f.srv.MendLifecycle(newAMI) })
	}
	if f.rng.IntN(3) == 0 {
		at(func() { f.srv.SetAlarm("loss", true) })
		at(func() { f.srv.SetAlarm("loss", false) })
	}
	if f.rng.IntN(6) == 0 {
		at(func() {
			_, _ = f.srv.DeleteCluster(context.Background(), &sagemaker.DeleteClusterInput{ClusterName: &f.names[0]})
		})
	}
}

// watch counts the nodes that updates have taken out, every half minute.
func (f *randomFleet) watch(ctx context.Context) {
	for ctx.Err() == nil {
		out := 0
		for _, cluster := range f.names {
			pages := sagemaker.NewListClusterNodesPaginator(f.srv, &sagemaker.ListClusterNodesInput{ClusterName: &cluster})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					break
				}
				for _, n := range page.ClusterNodeSummaries {
					if n.InstanceStatus.Status == types.ClusterInstanceStatusSystemUpdating {
						out++
					}
				}
			}
		}
		f.most = max(f.most, out)
		time.Sleep(30 * time.Second)
	}
}

func TestRandomFleetsAndFaults(t *testing.T) {
	seen := map[rollout.Outcome]int{}
	busiest := 0.0
	seeds := uint64(60)
	if raced {
		seeds = 12
	}
	for seed := range seeds {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newRandomFleet(t, seed)
				x := rollout.NewExecutor(f.clients, func(o *rollout.Options) {
					if seed%2 == 0 {
						o.Gate = rollout.NodesRunning()
					}
				})
				plan, err := x.Plan(t.Context(), f.spec)
				require.NoError(t, err)
				f.spec.Limits.Nodes = f.dearest(plan) + f.rng.IntN(3)
				plan, err = x.Plan(t.Context(), f.spec)
				require.NoError(t, err)
				f.trouble()
				ctx, stop := context.WithCancel(t.Context())
				watched := make(chan struct{})
				go func() {
					defer close(watched)
					f.watch(ctx)
				}()
				report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
				stop()
				<-watched
				f.ends(report, err)
				seen[report.Outcome]++
				busiest = max(busiest, float64(f.most)/float64(f.spec.Limits.Nodes))
			})
		}) {
			return
		}
	}
	t.Logf("%v; at most %.0f %% of the nodes allowed were out", seen, busiest*100)
	for _, outcome := range []rollout.Outcome{rollout.OutcomeSucceeded, rollout.OutcomeStopped, rollout.OutcomeTakenBack} {
		assert.True(t, raced || seen[outcome] > 0, "no rollout ended as %s: the faults are too few or too many", outcome)
	}
}

// ends holds the end of a rollout to what was promised.
func (f *randomFleet) ends(report *rollout.Report, err error) {
	f.t.Helper()
	assert.LessOrEqual(f.t, f.most, f.spec.Limits.Nodes, "nodes out at once")
	if report.Outcome == rollout.OutcomeSucceeded {
		require.NoError(f.t, err)
	} else {
		require.Error(f.t, err)
	}
	failed := 0
	for _, target := range report.Targets {
		if target.Failed {
			failed++
			assert.NotEmpty(f.t, target.Reason)
		}
		images := f.images(target.Cluster)
		for _, g := range target.Groups {
			if images == nil && target.Phase != rollout.PhaseActive && target.Phase != rollout.PhaseUnknown {
				continue // the cluster was deleted
			}
			switch target.Phase {
			case rollout.PhaseRolled, rollout.PhaseCurrent:
				assert.Equal(f.t, newAMI, images[g.Name], "%s of %s", g.Name, target.Cluster)
			case rollout.PhaseTakenBack, rollout.PhaseWaiting:
				assert.Equal(f.t, goldenAMI, images[g.Name], "%s of %s", g.Name, target.Cluster)
			case rollout.PhaseFailed, rollout.PhaseStuck:
				assert.NotEmpty(f.t, target.Reason)
			case rollout.PhaseActive, rollout.PhaseUnknown:
				assert.Fail(f.t, "not ended", "%s is %s", target.Cluster, target.Phase)
			}
		}
	}
	if report.Outcome == rollout.OutcomeSucceeded {
		assert.LessOrEqual(f.t, failed, f.spec.Budget.Total)
	}
	// No group is sent the same image twice, but where the service has put the former back.
	type change struct{ cluster, group, image string }
	sent := map[change]int{}
	for _, c := range f.srv.Calls() {
		in, ok := c.Input.(*sagemaker.UpdateClusterSoftwareInput)
		if !ok || c.Err != nil {
			continue
		}
		for _, g := range in.InstanceGroups {
			sent[change{aws.ToString(in.ClusterName), aws.ToString(g.InstanceGroupName), aws.ToString(in.ImageId)}]++
		}
	}
	for c, n := range sent {
		assert.Equal(f.t, 1, n, "%v", c)
	}
}
