package proof

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// The policy for rolls is enough for all that a roll does: its plan, every kind of image,
// the undo, and the look after a lost answer.
func TestRollsUnderTheirOwnPolicy(t *testing.T) {
	images := amisharetest.NewServer()
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images = images })
	first, second := images.AddImage(guarded()), images.AddImage(guarded())
	as := func(workflow policy.Workflow) *hyperpod.Cluster {
		role := hyperpodtest.Principal{ARN: operator, Policies: only(t, workflow)}
		reads := images.As(amisharetest.Principal{ARN: operator, Policies: only(t, workflow, policy.CheckImage)})
		return hyperpod.New(srv.As(role).Client(), func(o *hyperpod.Options) {
			o.Images, o.Poll.Interval = amishare.NewChecker(reads.Client()), time.Millisecond
		}).Cluster("train")
	}
	made := spec(first)
	made.Groups = append(made.Groups, made.Groups[0].WithName("more"))
	_, err := as(policy.CreateCluster).Create(t.Context(), made)
	require.NoError(t, err)
	train := as(policy.RollImage)
	roll := func(image hyperpod.Image) hyperpod.Roll {
		return hyperpod.Roll{Image: image, Groups: hyperpod.AllGroups, Batch: hyperpod.Percent(50), ReplaceRootVolumes: true}
	}

	requests := 0
	srv.Faults().Before(func(_ context.Context, op string, _ any) error {
		if op == "UpdateClusterSoftware" {
			if requests++; requests == 2 {
				srv.FailLifecycle(second, "exit status 7")
			}
		}
		return nil
	})
	undone := roll(hyperpod.AMI(second))
	undone.OneByOne = true
	report, err := train.RollImage(t.Context(), undone)
	require.ErrorContains(t, err, "exit status 7", "why it failed is found out too")
	require.NotErrorIs(t, err, hyperpod.ErrNotTakenBack)
	assert.Equal(t, hyperpod.OutcomeTakenBack, report.Groups[0].Outcome)
	srv.MendLifecycle(second)

	plan, err := train.PlanRoll(t.Context(), roll(hyperpod.AMI(second)))
	require.NoError(t, err)
	srv.Faults().LoseResponse("UpdateClusterSoftware", 1)
	sent := time.Now()
	_, err = train.StartRoll(t.Context(), plan)
	require.NoError(t, err)
	started, err := train.RollStarted(t.Context(), plan, sent)
	require.NoError(t, err)
	assert.Equal(t, hyperpod.StartedYes, started)
	_, err = train.AwaitRoll(t.Context(), plan, sent)
	require.NoError(t, err)

	for _, image := range []hyperpod.Image{hyperpod.DefaultImage, hyperpod.Release("1.2.3"), hyperpod.DefaultImage} {
		report, err := train.RollImage(t.Context(), roll(image))
		require.NoError(t, err)
		assert.Equal(t, hyperpod.OutcomeOnImage, report.Groups[0].Outcome)
	}
	report, err = train.RollImage(t.Context(), roll(hyperpod.DefaultImage))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.OutcomeUnchanged, report.Groups[0].Outcome)
	plan, err = train.PlanRoll(t.Context(), roll(hyperpod.AMI(second)))
	require.NoError(t, err)
	started, err = train.RollStarted(t.Context(), plan, time.Now())
	require.NoError(t, err)
	assert.NotEqual(t, hyperpod.StartedYes, started)
}
