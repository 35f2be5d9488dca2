package readme_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func TestRollout(t *testing.T) {
	dir := t.TempDir()
	onEmulators(t, func(t *testing.T, w world) {
		var targets []rollout.Target
		for _, name := range []string{"train", "tune"} {
			w.cluster(t, name)
			targets = append(targets, rollout.Target{Account: account, Region: region, Cluster: name, Groups: hyperpod.AllGroups})
		}
		clients := func(context.Context, string, string) (rollout.Access, error) {
			return rollout.Access{HyperPod: sagemaker.NewFromConfig(w.config(account))}, nil
		}
		journal, err := rollout.OpenFileStore(dir)
		require.NoError(t, err)
		images := hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: next}}}
		ctx := t.Context()
		//readme:start rollout
		x := rollout.NewExecutor(clients, func(o *rollout.Options) { o.Gate = rollout.NodesRunning() })
		plan, err := x.Plan(ctx, rollout.Spec{
			Targets: targets, Images: images, Waves: rollout.Percentages(1, 10, 50, 100), Bake: time.Hour,
			Strategy: rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(25)}},
			Budget:   rollout.Budget{Wave: 1, Total: 3}, OnFailure: rollout.UndoWave, ReplaceRootVolumes: true,
		})
		fmt.Print(plan)                                             // nothing was sent so far
		report, err := rollout.NewRunner(x, journal).Run(ctx, plan) // or Resume(ctx), after a crash
		fmt.Print(report.Markdown())                                // for the change ticket
		//readme:end
		require.NoError(t, err)
		require.Len(t, report.Targets, 2)
		for _, target := range report.Targets {
			assert.Equal(t, hyperpod.AMI(next), target.Groups[0].Image)
		}
	})
}
