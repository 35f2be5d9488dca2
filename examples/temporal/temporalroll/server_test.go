package temporalroll

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/server/temporaltest"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

var _ log.Logger = quiet{}

// onServer is a client of Temporal's own server, which ends with the test.
func onServer(t *testing.T) client.Client {
	t.Helper()
	server := temporaltest.NewServer(temporaltest.WithBaseClientOptions(client.Options{Logger: quiet{}}))
	t.Cleanup(server.Stop)
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort: server.GetFrontendHostPort(), Namespace: server.GetDefaultNamespace(), DataConverter: DataConverter(), Logger: quiet{},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// brisk is an emulator on which updates take seconds.
func brisk(o *hyperpodtest.Options) {
	o.Durations = hyperpodtest.Durations{SoftwareStart: 200 * time.Millisecond, NodeReplace: 3 * time.Second}
}

// quick looks at updates twice a second.
func quick(o *rollout.Options) {
	o.HyperPod = append(o.HyperPod, func(h *hyperpod.Options) { h.Poll.Interval = time.Second / 2 })
}

// serve starts workers for a queue.
func (b *bed) serve(c client.Client, queue string) *Workers {
	b.t.Helper()
	w := NewWorkers(c, NewActivities(b.clients, quick), WorkerOptions{
		Workflows: true, WorkflowQueue: queue, Places: []Place{{account, region}, {second, region}}, Grace: time.Second,
	})
	require.NoError(b.t, w.Start())
	return w
}

// An order that comes before there are workers is for parts that are only about to be
// started.
func TestAnOrderBeforeTheWorkersReachesTheParts(t *testing.T) {
	c := onServer(t)
	b := newBedOn(t, hyperpodtest.NewServer(brisk), 2, account, second)
	_, err := Start(t.Context(), c, b.plan(quick), StartOptions{ID: "golden", PartTargets: 1})
	require.NoError(t, err)
	require.NoError(t, c.SignalWorkflow(t.Context(), "golden", "", SignalAbort, Order{By: "Ada", Response: rollout.Stop}))
	t.Cleanup(b.serve(c, "").Stop)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, Watch(ctx, c, "golden", func(context.Context, rollout.Event) {}, func(o *WatchOptions) { o.Every = time.Second / 4 }))
	s, err := fleetOf(ctx, c, asking(nil), "golden")
	require.NoError(t, err)
	assert.Equal(t, rollout.OutcomeStopped, s.outcome())
	assert.Empty(t, s.lost())
	for _, p := range s.Parts {
		assert.Equal(t, rollout.Stop, p.Progress.Heard, p.ID)
	}
}

// A rollout that is under way is handed over to workers of another version, which go on
// where the others were.
func TestARolloutIsHandedOver(t *testing.T) {
	c := onServer(t)
	b := newBedOn(t, hyperpodtest.NewServer(brisk), 3, account, second)
	b.spec.Waves, b.spec.Bake, b.spec.Approval = rollout.Percentages(33, 100), time.Second, true
	before := b.serve(c, "version-1")
	t.Cleanup(before.Stop)
	_, err := Start(t.Context(), c, b.plan(quick), StartOptions{ID: "golden", WorkflowQueue: "version-1"})
	require.NoError(t, err)

	asked := false
	var handed []string
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, Watch(ctx, c, "golden", func(ctx context.Context, e rollout.Event) {
		switch {
		case e.Totals.Active > 0 && !asked: // the first wave is under way
			asked = true
			require.NoError(t, c.SignalWorkflow(ctx, "golden", "", SignalHandOver, Order{Queue: "version-2"}))
			t.Cleanup(b.serve(c, "version-2").Stop)
		case e.Totals.Done == 2 && e.Totals.Active == 0 && handed == nil:
			for _, id := range []string{"golden", "golden/" + account + "/us-west-2/1", "golden/" + second + "/us-west-2/1"} {
				out, err := c.DescribeWorkflowExecution(ctx, id, "")
				require.NoError(t, err)
				handed = append(handed, out.GetExecutionConfig().GetTaskQueue().GetName())
			}
			before.Stop()
			require.NoError(t, c.SignalWorkflow(ctx, "golden", "", SignalApprove, Order{Wave: 1, By: "Ada"}))
		}
	}, func(o *WatchOptions) { o.Every = time.Second / 4 }))
	report, err := Report(ctx, c, "golden")
	require.NoError(t, err)
	assert.Equal(t, []string{"version-2", "version-2", "version-2"}, handed)
	assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
	assert.Equal(t, rollout.Totals{Wave: 1, Waves: 2, Targets: 6, Done: 6}, report.Totals)
	b.once(6)
}
