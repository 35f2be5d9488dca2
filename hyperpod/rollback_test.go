package hyperpod_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// threeGroups are "first", "second" and "third", of a node each.
func threeGroups() hyperpod.Spec {
	spec := pageSpec(1)
	spec.Groups = []hyperpod.Group{workersGroup("first", 1), workersGroup("second", 1), workersGroup("third", 1)}
	return spec
}

// atRequest does something before the n-th request for a software update, counted from 1.
func atRequest(srv *hyperpodtest.Server, n int, do func() error) {
	count := 0
	srv.Faults().Before(func(_ context.Context, op string, _ any) error {
		if op != updateSoftware {
			return nil
		}
		if count++; count == n {
			return do()
		}
		return nil
	})
}

func outcomes(report *hyperpod.Report) []string {
	var list []string
	for _, g := range report.Groups {
		list = append(list, g.Name+" "+g.Outcome.String())
	}
	return list
}

// images are what the groups run in the end.
func images(t *testing.T, srv *hyperpodtest.Server) []string {
	t.Helper()
	var list []string
	for _, g := range describe(t, srv).InstanceGroups {
		list = append(list, aws.ToString(g.CurrentImageId))
	}
	return list
}

// One group after another, until one fails: what came before it is taken back, what
// comes after is not touched.
func TestRollOneByOneThatFails(t *testing.T) {
	for name, tt := range map[string]struct {
		edit     func(*hyperpod.Roll)
		outcomes []string
		images   []string
		calls    int
	}{
		"undone":        {func(*hyperpod.Roll) {}, []string{"first taken back", "second rolled back", "third not reached"}, []string{goldenAMI, goldenAMI, goldenAMI}, 3},
		"done are kept": {func(r *hyperpod.Roll) { r.KeepDone = true }, []string{"first on the image", "second rolled back", "third not reached"}, []string{newAMI, goldenAMI, goldenAMI}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv, c := madeBy(t, threeGroups(), hyperpodtest.Realistic)
				atRequest(srv, 2, func() error { srv.FailLifecycle(newAMI, "exit status 7"); return nil })
				roll := rollAll(hyperpod.AMI(newAMI))
				roll.OneByOne = true
				tt.edit(&roll)
				var kinds []hyperpod.EventKind
				report, err := c.With(func(o *hyperpod.Options) {
					o.OnEvent = func(_ context.Context, e hyperpod.Event) {
						if e.Kind != hyperpod.EventProgress {
							kinds = append(kinds, e.Kind)
						}
					}
				}).RollImage(t.Context(), roll)
				require.ErrorIs(t, err, waiter.ErrRolledBack)
				require.NotErrorIs(t, err, hyperpod.ErrNotTakenBack)
				require.ErrorContains(t, err, "exit status 7")
				assert.Equal(t, tt.outcomes, outcomes(report))
				assert.Equal(t, tt.images, images(t, srv))
				assert.Len(t, report.Calls, tt.calls)
				assert.False(t, report.Unfinished)
				assert.False(t, report.Complete)
				want := []hyperpod.EventKind{hyperpod.EventCalled, hyperpod.EventCalled, hyperpod.EventFailed}
				if tt.calls == 3 {
					want = []hyperpod.EventKind{hyperpod.EventCalled, hyperpod.EventCalled, hyperpod.EventUndo, hyperpod.EventCalled, hyperpod.EventFailed}
					assert.Equal(t, "to "+goldenAMI, report.Groups[0].Detail)
				}
				assert.Equal(t, want, kinds)
				for _, in := range sent[sagemaker.UpdateClusterSoftwareInput](srv) {
					assert.Len(t, in.InstanceGroups, 1)
				}
			})
		})
	}
}

// Together, one fails and others come onto the image or are left incomplete: these are
// taken back, each to its own image, in one request for each image.
func TestRollTogetherWithMixedOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := threeGroups()
		spec.Groups[1] = workersGroup("second", 4)
		spec.Groups[2] = spec.Groups[2].WithImage("default")
		spec.Groups = append(spec.Groups, workersGroup("guarded", 2))
		srv, c := madeBy(t, spec, hyperpodtest.Realistic)
		srv.SetDisruptionBudget("example-cluster", "guarded", 1)
		srv.SetAlarmAt(srv.Now().Add(30*time.Minute), "loss", true) // between the second group's batches
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.Batch, roll.Alarms = hyperpod.Nodes(2), []string{"loss"}
		report, err := c.RollImage(t.Context(), roll)
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		require.ErrorIs(t, err, waiter.ErrIncomplete)
		require.NotErrorIs(t, err, hyperpod.ErrNotTakenBack, "%v", err)
		assert.Equal(t, []string{"first taken back", "second rolled back", "third taken back", "guarded taken back"}, outcomes(report))
		assert.Equal(t, []string{goldenAMI, goldenAMI, "default", goldenAMI}, images(t, srv))
		assert.Equal(t, "1.4.0", *describe(t, srv).InstanceGroups[2].CurrentImageReleaseVersion)

		requests := sent[sagemaker.UpdateClusterSoftwareInput](srv)
		require.Len(t, requests, 3)
		assert.Equal(t, goldenAMI, *requests[1].ImageId)
		require.Len(t, requests[1].InstanceGroups, 2)
		assert.Nil(t, requests[1].DeploymentConfig.AutoRollbackConfiguration, "an alarm that still fires would stop the way back")
		assert.Equal(t, roll.Batch, hyperpod.Nodes(*requests[1].DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value))
		assert.Equal(t, "default", *requests[2].ImageId, "it runs an AMI by now, and must be sent an image")
		assert.Equal(t, "1.4.0", *requests[2].InstanceGroups[0].ImageReleaseVersion)
	})
}

// A group that fails alone leaves nothing to take back.
func TestRollOfOneGroupThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := madeBy(t, pageSpec(2), hyperpodtest.Realistic)
		srv.FailLifecycle(newAMI, "exit status 7")
		report, err := c.With(func(o *hyperpod.Options) {
			o.OnEvent = func(_ context.Context, e hyperpod.Event) { assert.NotEqual(t, hyperpod.EventUndo, e.Kind) }
		}).RollImage(t.Context(), rollTo(newAMI))
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		assert.Len(t, report.Calls, 1)
	})
}

// A wait that ends early takes nothing back: the service goes on.
func TestRollThatIsCancelledInMidWait(t *testing.T) {
	for name, tt := range map[string]struct {
		after time.Duration
		opts  func(*hyperpod.Options)
		is    error
	}{
		"cancelled":  {40 * time.Minute, func(*hyperpod.Options) {}, context.Canceled},
		"timed out":  {0, func(o *hyperpod.Options) { o.Poll.Timeout = 40 * time.Minute }, poll.ErrTimeout},
		"not looked": {0, func(o *hyperpod.Options) { o.Poll.Tolerate = func(error) bool { return false } }, poll.ErrStopped},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv, c := madeBy(t, threeGroups(), hyperpodtest.Realistic)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.after > 0 {
					time.AfterFunc(tt.after, cancel)
				}
				if errors.Is(tt.is, poll.ErrStopped) {
					began := time.Now()
					srv.Faults().Before(func(_ context.Context, op string, _ any) error {
						if op == "DescribeCluster" && time.Since(began) > 40*time.Minute {
							return io.ErrUnexpectedEOF
						}
						return nil
					})
				}
				roll := rollAll(hyperpod.AMI(newAMI))
				roll.OneByOne = true
				report, err := c.With(tt.opts).RollImage(ctx, roll)
				require.ErrorIs(t, err, tt.is)
				assert.True(t, report.Unfinished)
				assert.Len(t, report.Calls, 2)
				assert.Equal(t, []string{"first on the image", "second undecided", "third not reached"}, outcomes(report))
				assert.Contains(t, report.String(), "to wait for it again: waiter.SoftwareUpdated")
			})
		})
	}
}

// A group that somebody gave another image before its turn came is not rolled over.
func TestRollOneByOneThatIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := madeBy(t, threeGroups(), hyperpodtest.Realistic)
		plain := srv.Client()
		api := scripted{API: plain, describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := plain.DescribeCluster(ctx, in)
			if err == nil && len(sent[sagemaker.UpdateClusterSoftwareInput](srv)) > 0 {
				out.InstanceGroups[1].DesiredImageId = aws.String("ami-0aaaaaaaaaaaaaaaa")
			}
			return out, err
		}}
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.OneByOne, roll.KeepDone = true, true
		report, err := hyperpod.New(api).Cluster(c.Name()).RollImage(t.Context(), roll)
		require.ErrorIs(t, err, hyperpod.ErrStale)
		require.ErrorContains(t, err, `InstanceGroupName "second": it is to run ami-0aaaaaaaaaaaaaaaa by now`)
		assert.Equal(t, []string{"first on the image", "second not reached", "third not reached"}, outcomes(report))
		assert.Len(t, report.Calls, 1)
		assert.False(t, report.Unfinished)
	})
}

// The plans of an undo can be written down before, and carried out by others.
func TestBackPlans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := threeGroups()
		spec.Groups[1] = spec.Groups[1].WithImage("default")
		_, c := madeBy(t, spec, hyperpodtest.Realistic)
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.Batch, roll.RollbackBatch, roll.Alarms, roll.WaitInterval = hyperpod.Nodes(1), hyperpod.Percent(100), []string{"loss"}, time.Minute
		plan, err := c.PlanRoll(t.Context(), roll)
		require.NoError(t, err)
		back := plan.Back()
		require.Len(t, back, 2)
		assert.Equal(t, hyperpod.AMI(goldenAMI), back[0].Image)
		assert.Equal(t, hyperpod.Release("1.4.0"), back[1].Image)
		assert.Equal(t, hyperpod.Deployment{Batch: hyperpod.Percent(100)}, back[0].Deployment)
		assert.Equal(t, []string{"first", "third"}, []string{back[0].Groups[0].Name, back[0].Groups[1].Name})
		assert.Equal(t, hyperpod.RollGroup{
			Name: "second", Nodes: 1, Target: 1, Out: 1, CurrentImage: newAMI, DesiredImage: newAMI, Status: "Succeeded", OnDesired: aws.Int32(1), Back: hyperpod.AMI(newAMI),
		}, back[1].Groups[0])

		report, err := c.StartRoll(t.Context(), plan)
		require.NoError(t, err)
		_, err = c.AwaitRoll(t.Context(), plan, report.Began)
		require.NoError(t, err)
		for _, b := range back {
			report, err = c.StartRoll(t.Context(), b)
			require.NoError(t, err)
			report, err = c.AwaitRoll(t.Context(), b, report.Began)
			require.NoError(t, err)
			assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome, report)
		}
		s, err := c.Describe(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "1.4.0", *s.Cluster.InstanceGroups[1].CurrentImageReleaseVersion)
	})
}
