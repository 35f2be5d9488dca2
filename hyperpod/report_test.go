package hyperpod_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// The hint of a report names the waits for what is left, and no others.
func TestReportSaysHowToWaitAgain(t *testing.T) {
	const hint = "to wait for it again: "
	two := func(s *hyperpod.Spec) { s.Groups = append(s.Groups, workersGroup("login", 1)) }
	for name, tt := range map[string]struct {
		left time.Duration // of the wait, in which nothing ends
		do   func(context.Context, *hyperpod.Cluster) (*hyperpod.Report, error)
		want string
	}{
		"scale": {time.Second, func(ctx context.Context, c *hyperpod.Cluster) (*hyperpod.Report, error) {
			return c.Update(ctx, hyperpod.Scale("workers", 3))
		}, "waiter.GroupsAtCount\n"},
		"delete a group": {time.Second, func(ctx context.Context, c *hyperpod.Cluster) (*hyperpod.Report, error) {
			return c.Update(ctx, hyperpod.DeleteGroup("login"))
		}, "waiter.GroupsDeleted\n"},
		"scale and delete": {time.Second, func(ctx context.Context, c *hyperpod.Cluster) (*hyperpod.Report, error) {
			return c.Update(ctx, hyperpod.Scale("workers", 3), hyperpod.DeleteGroup("login"))
		}, "waiter.GroupsAtCount, then waiter.GroupsDeleted\n"},
		"roll": {time.Second, func(ctx context.Context, c *hyperpod.Cluster) (*hyperpod.Report, error) {
			return c.RollImage(ctx, rollTo(newAMI))
		}, "waiter.SoftwareUpdated\n"},
		"delete": {time.Second, func(ctx context.Context, c *hyperpod.Cluster) (*hyperpod.Report, error) {
			return c.Delete(ctx)
		}, "waiter.ClusterDeleted\n"},
		"add nodes": {time.Second, func(ctx context.Context, c *hyperpod.Cluster) (*hyperpod.Report, error) {
			return c.AddNodes(ctx, hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "workers", Count: 1}}})
		}, "waiter.ClusterStable\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
				c := hyperpod.New(srv.Client()).Cluster("example-cluster")
				spec := pageSpec(2)
				two(&spec)
				_, err := c.Create(t.Context(), spec)
				require.NoError(t, err)
				report, err := tt.do(t.Context(), c.With(func(o *hyperpod.Options) { o.Poll.Timeout = tt.left }))
				require.Error(t, err)
				require.True(t, report.Unfinished)
				assert.Contains(t, report.String(), hint+tt.want)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		for left, want := range map[time.Duration]string{
			time.Second: "waiter.ClusterInService, then waiter.GroupsAtCount\n", 9 * time.Minute: "waiter.GroupsAtCount\n",
		} {
			srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
			c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) { o.Poll.Timeout = left }).Cluster("example-cluster")
			report, err := c.Create(t.Context(), pageSpec(2))
			require.Error(t, err)
			assert.Contains(t, report.String(), hint+want)
		}
	})
}

// One vocabulary tells how a group came out, whatever the workflow.
func TestGroupOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		outcome := func(report *hyperpod.Report, _ error) hyperpod.GroupOutcome {
			require.Len(t, report.Groups, 1)
			return report.Groups[0].Outcome
		}
		short := c.With(func(o *hyperpod.Options) { o.Poll.Timeout = time.Second })
		assert.Equal(t, hyperpod.OutcomeUndecided, outcome(short.Create(t.Context(), pageSpec(2))))
		time.Sleep(time.Hour)
		assert.Equal(t, hyperpod.OutcomeInService, outcome(c.Update(t.Context(), hyperpod.Scale("workers", 3))))
		report, err := short.Delete(t.Context())
		assert.Equal(t, hyperpod.OutcomeUndecided, outcome(report, err))
		assert.Equal(t, "Deleting", report.Groups[0].Detail)
		assert.Contains(t, report.String(), "workers  undecided  3 left")
	})
	body, err := json.Marshal(hyperpod.GroupResult{Name: "g", Outcome: hyperpod.OutcomeRolledBack})
	require.NoError(t, err)
	assert.Contains(t, string(body), `"Outcome":"rolled back"`)
}

// A group may have the name of another attribute, or none.
func TestLoggedGroupsKeepTheirNames(t *testing.T) {
	for name, value := range map[string]slog.LogValuer{
		"report": &hyperpod.Report{Cluster: "train", Groups: []hyperpod.GroupResult{{Name: "cluster", Outcome: hyperpod.OutcomeInService, Count: 2, Wanted: 2}}},
		"event":  hyperpod.Event{Cluster: "train", Groups: []hyperpod.GroupProgress{{Name: "cluster", Done: 2, Wanted: 2}}},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("what", "it", value)
		var line struct {
			It struct {
				Cluster string
				Groups  map[string]map[string]any
			}
		}
		require.NoError(t, json.Unmarshal(log.Bytes(), &line), name)
		assert.Equal(t, "train", line.It.Cluster, name)
		assert.EqualValues(t, 2, line.It.Groups["cluster"]["wanted"], name)
	}
}
