package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheStory(t *testing.T) {
	var out, errs bytes.Buffer
	dir := t.TempDir()
	status := run(t.Context(), []string{"-journal", dir}, &out, &errs)
	require.Zero(t, status, "%s\n%s", &errs, &out)
	at := 0
	for _, want := range []string{
		"== An AMI with a slow driver",
		`plan of rollout "golden 2026-03": 6 targets in 3 waves, 54 nodes to be replaced`,
		"rollout  wave 10% began",
		"research  update: done",
		"roll image on research  workers InProgress",
		"research  gate: failed",
		"nccl-bandwidth-low",
		"rollout  taking back research (111122223333, us-west-2)",
		"rollout  research (111122223333, us-west-2) is taken back",
		"rollout  taken back, 1 of 6 clusters, 1 failed",
		`rollout "golden 2026-03": taken back`,
		"== The mended AMI",
		"research  gate: done",
		"waits: wave 10% bakes until",
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
	assert.Empty(t, errs.String())

	// Its journals hold two rollouts that have ended.
	out.Reset()
	assert.Equal(t, 1, run(t.Context(), []string{"-journal", dir}, &out, &errs))
	assert.Contains(t, errs.String(), "the journal holds a rollout already")
}

func TestFlags(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Zero(t, run(t.Context(), []string{"-h"}, &out, &errs))
	assert.Contains(t, errs.String(), "-journal")
	assert.Equal(t, 2, run(t.Context(), []string{"-no"}, &out, &errs))
}
