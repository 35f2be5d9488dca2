package amishare_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Whatever happens at whichever call, there is never a second copy, no permission is
// touched, what the report says is true, and adopting again ends well.
func TestAdoptGoesOnAfterAnyFault(t *testing.T) {
	t.Parallel()
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = time.Minute })
		_, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: addForeign(srv, "", "")})
		require.NoError(t, err)
		calls = len(srv.Calls())
	})
	require.Greater(t, calls, 10)
	for _, f := range faults() {
		if f.name == "answers and changes nothing" || f.name == "and all later ones change nothing" {
			continue // an id of no image: see TestACopyThatIsNowhereIsNotDone
		}
		for at := 1; at <= calls; at++ {
			synctest.Test(t, func(t *testing.T) {
				srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = time.Minute })
				id := addForeign(srv, "", "")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				strikeAt(srv, f, at, cancel)
				api := amishare.AdopterAPI(srv.Client())
				if f.typed {
					api = srv
				}
				here := func(o *amishare.AdoptOptions) {
					o.Region, o.Wait.Timeout = amisharetest.DefaultRegion, 5*time.Minute
				}
				report, err := amishare.NewAdopter(api, here).Adopt(ctx, amishare.Adoption{Image: id})
				there := copiesIn(t, srv)
				require.LessOrEqual(t, len(there), 1)
				switch report.Stage {
				case amishare.AdoptNothing:
					require.Error(t, err)
					assert.Empty(t, there)
				case amishare.AdoptUnknown:
					require.Error(t, err)
				case amishare.AdoptCopying:
					require.Error(t, err)
					require.Len(t, there, 1)
					assert.Equal(t, *there[0].ImageId, report.Image)
				case amishare.AdoptDone:
					require.NoError(t, err)
					assert.Equal(t, types.ImageStateAvailable, there[0].State)
				case amishare.AdoptFailed, amishare.AdoptUnfit:
					assert.Fail(t, "nothing is wrong with the copy", "call %d %s", at, f.name)
				}
				report, err = amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id})
				require.NoError(t, err)
				there = copiesIn(t, srv)
				require.Len(t, there, 1, "call %d %s", at, f.name)
				assert.Equal(t, *there[0].ImageId, report.Image)
				for _, list := range permissionsOf(t, srv, report.Image) {
					assert.Empty(t, list)
				}
			})
		}
	}
}

func TestACopyThatIsNowhereIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := addForeign(srv, "", "")
		srv.Faults().Ignore("CopyImage", 1)
		report, err := amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id})
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Contains(t, err.Error(), "does not show it")
		assert.Equal(t, amishare.AdoptCopying, report.Stage)
		report, err = amishare.NewAdopter(srv.Client()).Adopt(t.Context(), amishare.Adoption{Image: id})
		require.NoError(t, err)
		assert.Equal(t, amishare.AdoptDone, report.Stage)
	})
}
