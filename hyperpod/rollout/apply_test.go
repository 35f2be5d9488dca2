package rollout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A wave is over when it has baked, and not only when something happens afterwards: an
// entry without changes keeps it.
func TestAnEntryWithoutChangesKeepsThatAWaveHasBaked(t *testing.T) {
	p := &play{t: t, s: planned(3)}
	p.s.Settings.Gate = false
	p.perform(start.Add(90 * time.Minute))
	canary := &p.s.Waves[0]
	require.False(t, canary.Rolled.IsZero())
	baked := canary.Rolled.Add(canary.Bake)

	require.NoError(t, p.s.Apply(Entry{Time: baked.Add(-time.Second)}))
	assert.Zero(t, canary.Ended)
	told := len(p.s.Timeline)
	require.NoError(t, p.s.Apply(Entry{Time: baked.Add(time.Hour)}))
	assert.Equal(t, baked, canary.Ended)
	require.Len(t, p.s.Timeline, told+1)
	assert.Equal(t, "wave canary is over", p.s.Timeline[told].Text)
}
