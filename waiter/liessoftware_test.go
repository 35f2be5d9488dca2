package waiter_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func TestStaleSucceeded(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		for _, image := range []string{amiB, amiC} {
			update := p.roll(image, nil)
			began := time.Now()
			if image == amiC {
				assert.Equal(t, succeeded, p.describe().InstanceGroups[0].SoftwareUpdateStatus, "of the update before")
			}
			late := &behind{Server: p.Server, by: minute}
			_, err := late.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
			require.NoError(t, err)
			got, err := p.updated(late, update)
			require.NoError(t, err)
			assert.Equal(t, waiter.SoftwareSucceeded, got.Outcome)
			assert.Greater(t, time.Since(began), 25*minute)
			assert.Equal(t, image, *p.describe().InstanceGroups[0].CurrentImageId)
		}
	})
}

// An update that the service has accepted and does nothing about never started, whatever
// the status of the one before says.
func TestStaleSucceededOfAnUpdateThatNeverStarts(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		_, err := p.updated(p, p.roll(amiB, nil))
		require.NoError(t, err)
		p.Faults().Ignore("UpdateClusterSoftware", 1)
		_, err = p.updated(p, p.roll(amiC, nil))
		require.ErrorIs(t, err, waiter.ErrNeverStarted)
	})
}

func TestSwappedImages(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 4))
		time.Sleep(time.Hour)
		p.FailLifecycle(amiB, "exit status 1")
		update := p.roll(amiB, inBatches(2))
		swapped := false
		got, err := p.updated(p, update, func(o *waiter.Options) {
			o.OnSnapshot = func(_ context.Context, s waiter.Snapshot) {
				swapped = swapped || s.Groups[0].CurrentImage == amiB && s.Groups[0].DesiredImage == amiA
			}
		})
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		assert.Equal(t, waiter.SoftwareRolledBack, got.Outcome)
		assert.True(t, swapped, "the new image was current for a while")
		assert.Equal(t, inService, p.describe().ClusterStatus, "waited to the end of the rollback")
	})
}

func TestFailedAfterACleanRollback(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		p.FailLifecycle(amiB, "exit status 1")
		got, err := p.updated(p, p.roll(amiB, nil))
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		require.NotErrorIs(t, err, waiter.ErrUpdateFailed)
		assert.Contains(t, got.Reason, "the service reports Failed, and the group is back on "+amiA)
	}, func(o *hyperpodtest.Options) { o.RollbackEndsFailed = true })
}

// A rollback that fails as well is a failure and no rollback.
func TestFailedAfterAFailedRollback(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		p.FailLifecycle(amiA, "exit status 1")
		p.FailLifecycle(amiB, "exit status 1")
		_, err := p.updated(p, p.roll(amiB, nil))
		require.ErrorIs(t, err, waiter.ErrUpdateFailed)
		require.NotErrorIs(t, err, waiter.ErrRolledBack)
	})
}

func TestServiceSideAMICopy(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		p.roll(amiB, nil)
		time.Sleep(10 * minute)
		id := p.nodes()[0].InstanceId
		node, err := p.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{ClusterName: aws.String("train"), NodeId: id})
		require.NoError(t, err)
		unheardOf := node.NodeDetails.DesiredImageId
		require.NotContains(t, []string{amiA, amiB}, *unheardOf)

		// A wait that is resumed afterwards has only the nodes' images to go by.
		time.Sleep(time.Hour)
		for name, image := range map[string]*string{"its own": aws.String(amiB), "the copy": unheardOf} {
			got, err := p.updated(edited{Server: p.Server, node: func(n *types.ClusterNodeDetails) { n.CurrentImageId = image }},
				waiter.Update{Groups: []string{"workers"}, Image: amiB})
			require.NoError(t, err, name)
			assert.Equal(t, waiter.SoftwareSucceeded, got.Outcome, name)
		}
	})
}

func TestNodesSkippedForADisruptionBudget(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 4))
		time.Sleep(time.Hour)
		p.SetDisruptionBudget("train", "workers", 1)
		got, err := p.updated(p, p.roll(amiB, inBatches(2)))
		require.ErrorIs(t, err, waiter.ErrIncomplete)
		assert.Equal(t, succeeded, p.describe().InstanceGroups[0].SoftwareUpdateStatus)
		assert.Equal(t, []string{*p.nodes()[0].InstanceId}, got.NotUpdated)
	})
}

func TestDefaultToDefault(t *testing.T) {
	managed := spec("workers", 2)
	managed.ImageId = nil
	for name, tt := range map[string]struct {
		create func(p *pod)
		ignore int
		want   error
	}{
		"updated":                            {create: func(p *pod) { p.create(managed) }},
		"never started":                      {create: func(p *pod) { p.create(managed) }, ignore: 1, want: waiter.ErrNeverStarted},
		"updated, no image ids at all":       {create: func(p *pod) { p.createWhole(managed) }},
		"never started, no image ids at all": {create: func(p *pod) { p.createWhole(managed) }, ignore: 1, want: waiter.ErrNeverStarted},
	} {
		t.Run(name, func(t *testing.T) {
			emulated(t, func(t *testing.T, p *pod) {
				tt.create(p)
				time.Sleep(time.Hour)
				_, err := p.updated(p, p.roll("default", nil)) // leaves a stale Succeeded
				require.NoError(t, err)
				p.PublishRelease("1.5.0")
				p.Faults().Ignore("UpdateClusterSoftware", tt.ignore)
				began := time.Now()
				got, err := p.updated(p, p.roll("default", nil))
				require.ErrorIs(t, err, tt.want)
				if tt.want == nil {
					assert.Equal(t, waiter.SoftwareSucceeded, got.Outcome, got.Reason)
					assert.Greater(t, time.Since(began), 25*minute)
				}
			})
		})
	}
}

func TestEmptyListPages(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("others", 120), spec("workers", 4)) // a page evaluates 100 nodes
		time.Sleep(3 * time.Hour)
		first, err := p.ListClusterNodes(t.Context(), &sagemaker.ListClusterNodesInput{ClusterName: aws.String("train"), InstanceGroupNameContains: aws.String("workers"), MaxResults: aws.Int32(100)})
		require.NoError(t, err)
		assert.Empty(t, first.ClusterNodeSummaries)
		require.NotNil(t, first.NextToken)

		p.SetDisruptionBudget("train", "workers", 1)
		got, err := p.updated(p, p.roll(amiB, inBatches(2)))
		require.ErrorIs(t, err, waiter.ErrIncomplete)
		require.Len(t, got.NotUpdated, 1)
		_, err = waiter.NodesRunning(t.Context(), p, "train", got.NotUpdated)
		require.NoError(t, err)
	})
}

func TestDescribeBehindList(t *testing.T) {
	emulated(t, func(t *testing.T, p *pod) {
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		update := p.roll(amiB, nil)
		late := &behind{Server: p.Server, by: 90 * time.Second, history: []described{{time.Now(), update.Before}}}
		ahead := 0
		got, err := p.updated(late, update, func(o *waiter.Options) {
			o.OnSnapshot = func(_ context.Context, s waiter.Snapshot) {
				if s.Groups[0].SoftwareUpdate == inProgress && p.nodes()[0].LastSoftwareUpdateTime.After(update.Requested) {
					ahead++
				}
			}
		})
		require.NoError(t, err)
		assert.Equal(t, waiter.SoftwareSucceeded, got.Outcome)
		assert.Positive(t, ahead, "the nodes were updated before the description told it")
	})
	emulated(t, func(t *testing.T, p *pod) { // and the other way round
		p.create(spec("workers", 2))
		time.Sleep(time.Hour)
		got, err := p.updated(p, p.roll(amiB, nil))
		require.NoError(t, err)
		assert.Equal(t, waiter.SoftwareSucceeded, got.Outcome)
	}, func(o *hyperpodtest.Options) { o.ListLag = 90 * time.Second })
}
