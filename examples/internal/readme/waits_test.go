package readme_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func wait(ctx context.Context, oregon, ireland *sagemaker.Client) (err error) {
	//readme:start wait
	_, err = waiter.ClusterInService(ctx, oregon, "train", func(o *waiter.Options) { o.Poll.Timeout = time.Hour })

	fleet := waiter.NewFleet() // one poller, for a thousand clusters too
	fleet.Add(oregon, "train", "tune")
	fleet.Add(ireland, "train")
	err = fleet.InService(ctx)

	for now, err := range waiter.Watch(ctx, oregon, "train") { // until ctx ends or you break
		show(now.Groups, err) // of each group: status, instances, progress, estimated end
	}
	//readme:end
	return err
}

func show(groups []waiter.Group, err error) {
	for _, g := range groups {
		fmt.Println(g.Name, g.Status, g.Progress.Done, "of", g.Progress.Wanted, err)
	}
}

func TestWait(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		w.cluster(t, "train")
		w.cluster(t, "tune")
		oregon := sagemaker.NewFromConfig(w.config(account))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		require.NoError(t, wait(ctx, oregon, oregon))
		require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
	})
}
