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

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func TestOneOutcomeForEachGroup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		three := func(words ...types.SoftwareUpdateStatus) *sagemaker.DescribeClusterOutput {
			out := restricted(cluster(inService), 1, 1)
			for i, word := range words {
				g := software(word, amiB, amiB, 4)
				if word == undone {
					g = software(word, amiA, amiA, 4)
				}
				g.InstanceGroupName = aws.String([]string{"a", "b"}[i])
				out.InstanceGroups = append(out.InstanceGroups, g)
			}
			return out
		}
		f := newFake(at(0, three(inProgress, inProgress)), at(minute, three(succeeded, inProgress)), at(5*minute, three(succeeded, undone)))
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"b", "nova", "a"}, Image: amiB})
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		var got []string
		for _, g := range result.Groups {
			got = append(got, g.Group+" "+g.Outcome.String())
		}
		assert.Equal(t, []string{"b rolled back", "nova never started", "a succeeded"}, got)
		require.ErrorContains(t, err, "group b: rolled back: the service reports RollbackComplete; group nova: never started: a restricted group cannot be updated")
	})
}

func TestAFailedClusterIsAnErrorThoughTheGroupSucceeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 0)), at(minute, message(cluster(failed, software(succeeded, amiB, amiB, 4)), "controller lost")))
		f.nodes = always(nodes(f, fresh...))
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB})
		require.ErrorContains(t, err, "the cluster has failed: controller lost")
		assert.Equal(t, waiter.SoftwareSucceeded, result.Groups[0].Outcome)
	})
}

func TestNodesAreAskedOnceAtTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 0)), at(40*minute, sc(succeeded, amiB, amiB, 4)))
		f.nodes = always(nodes(f, fresh...))
		_, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB}, exact)
		require.NoError(t, err)
		assert.Len(t, f.describes, 161)
		assert.Equal(t, 1, f.lists)
		assert.Empty(t, f.nodeReads, "no single node has to be described")
	})
}

func TestDescribedNodesAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := software(succeeded, amiB, amiB, 5000)
		g.CurrentCount, g.TargetCount = aws.Int32(5000), aws.Int32(5000)
		f := newFake(at(0, cluster(inService, g)))
		f.nodes, f.nodePage = always(nodes(f, make([]time.Duration, 5000)...)), 100
		_, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB, Requested: f.born.Add(time.Millisecond)}, exact)
		require.NoError(t, err)
		assert.Len(t, f.nodeReads, 100)
	})
}

func TestTheResultOutlivesTheContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, sc(inProgress, amiA, amiB, 1)))
		ctx, cancel := context.WithTimeout(t.Context(), minute)
		defer cancel()
		result, err := waiter.SoftwareUpdated(ctx, f, "train", waiter.Update{Groups: []string{"workers"}, Image: amiB})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "group workers: software update InProgress, 1 of 4 instances on "+amiB)
		assert.Equal(t, waiter.SoftwareUndecided, result.Groups[0].Outcome)
		assert.NotNil(t, result.Cluster)
	})
}
