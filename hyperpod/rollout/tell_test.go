package rollout_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// A busy cluster is looked at each minute, and in between nothing is waited for.
func TestWhatIsWaitedForIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, func(s *rollout.Spec) {
			s.Waves, s.WaitBusy = rollout.OneWave(), 4*time.Hour
		})
		for _, name := range []string{"train-1", "train-2"} {
			_, err := u.srv.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{ClusterName: &name, ImageId: aws.String("ami-0cccc000000000003")})
			require.NoError(t, err)
			time.Sleep(20 * time.Second)
		}
		var waits []string
		u.runner = rollout.NewRunner(rollout.NewExecutor(u.clients), u.store, func(o *rollout.RunnerOptions) {
			o.OnEvent = func(_ context.Context, e rollout.Event) {
				if e.Kind == rollout.EventWaiting {
					waits = append(waits, e.Text)
				}
			}
		})
		_, err := u.runner.Run(t.Context(), u.plan)
		require.NoError(t, err)
		all := strings.Join(waits, "\n")
		for _, busy := range []string{"train-1 ", "train-2 "} {
			assert.Equal(t, 1, strings.Count(all, busy+"(111122223333, us-west-2): its cluster is busy"), all)
		}
	})
}

func TestAPauseIsToldAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, nil)
		u.run(t.Context())
		control := u.runner.Control("ops")
		for range 2 {
			time.Sleep(10 * time.Minute)
			require.NoError(t, control.Pause(t.Context()))
			time.Sleep(5 * time.Hour)
			require.NoError(t, control.Resume(t.Context()))
		}
		time.Sleep(20 * time.Hour)
		synctest.Wait()
		require.NoError(t, u.err)
		told := 0
		for _, text := range u.texts {
			if text == "paused" {
				told++
			}
		}
		assert.Equal(t, 2, told)
	})
}
