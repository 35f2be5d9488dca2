package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func TestTheStory(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var out, errs bytes.Buffer
		started := time.Now()
		status := run(t.Context(), []string{"-journal", dir}, &out, &errs)
		require.Zero(t, status, "%s\n%s", &errs, &out)
		assert.Less(t, time.Since(started), 20*time.Second)
		at := 0
		for _, want := range []string{
			"Time runs 1800 times faster than on AWS, for which the plans reckon: an hour takes 2s here.",
			"== An AMI with a slow driver",
			`plan of rollout "golden 2026-03": 6 targets in 3 waves, 54 nodes to be replaced`,
			"rollout  wave 10% began",
			"roll image on research  called UpdateClusterSoftware",
			"roll image on research  workers InProgress",
			"research  update: done",
			"research  gate: failed",
			"nccl-bandwidth-low",
			"rollout  taking back research (111122223333, us-west-2)",
			"research  back, update: done",
			"rollout  research (111122223333, us-west-2) is taken back",
			"rollout  taken back, 1 of 6 clusters, 1 failed",
			`rollout "golden 2026-03": taken back`,
			"== The mended AMI",
			`plan of rollout "golden 2026-03, mended": 6 targets in 3 waves, 54 nodes to be replaced`,
			"research  gate: done",
			"waits: wave 10% bakes until",
			"research  gate after the bake: done",
			"rollout  wave 50% began",
			"The process was stopped. Another one goes on from the journal.",
			"rollout  another runner took the rollout over",
			"rollout  the rollout ended: succeeded",
			"## Rollout `golden 2026-03, mended`: succeeded",
			"| `search` | `444455556666` | `us-east-1` |",
		} {
			next := strings.Index(out.String()[at:], want)
			require.GreaterOrEqual(t, next, 0, "%q does not come after what is before it in\n%s", want, &out)
			at += next
		}
		assert.NotContains(t, out.String(), "\x1b", "what is no terminal gets no escape sequences")
		assert.Empty(t, errs.String())

		// Its journals hold two rollouts that have ended.
		out.Reset()
		assert.Equal(t, 1, run(t.Context(), []string{"-journal", dir}, &out, &errs))
		assert.Contains(t, errs.String(), "rollout: the slow AMI: the journal holds a rollout already, of clusters that ended with the program")
	})
}

func TestAnAMIThatShouldGoThroughAndDoesNot(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		f := newFleet()
		f.srv.FailLifecycle(goodAMI, "no such driver")
		err := tell(t.Context(), f, dir, &out)
		require.ErrorIs(t, err, rollout.ErrFailed)
		require.ErrorContains(t, err, "the good AMI: rollout: ")
		assert.NotContains(t, out.String(), "Another one goes on from the journal.")
	})
}

// What Ctrl-C does, wherever the story is.
func TestInterrupted(t *testing.T) {
	for at, part := range map[time.Duration]string{
		time.Second / 2: "context canceled",
		2 * time.Second: "the slow AMI: rollout: context canceled",
		7 * time.Second: "the good AMI: rollout: context canceled",
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(at, cancel)
			require.EqualError(t, tell(ctx, newFleet(), dir, io.Discard), part)
		})
	}
}

func TestFlags(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Zero(t, run(t.Context(), []string{"-h"}, &out, &errs))
	assert.Contains(t, errs.String(), "-journal")
	assert.Equal(t, 2, run(t.Context(), []string{"-no"}, &out, &errs))
}
