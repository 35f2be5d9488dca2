package proof

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

var _ amishare.InUse = (*hyperpod.Inventory)(nil)

// While a cluster runs an AMI, neither is the AMI retired nor the service's grant
// removed; once the cluster has moved to another, both are done.
func TestAnAMIThatAClusterRunsIsLeftAlone(t *testing.T) {
	srv, images := emulators()
	id, next := images.AddImage(guarded()), images.AddImage(guarded())
	c := hyperpod.New(srv.Client()).Cluster("train")
	_, err := c.Create(t.Context(), spec(id))
	require.NoError(t, err)

	inventory := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}})
	retirer := amishare.NewRetirer(images.Client(), inventory)
	sharer := amishare.NewSharer(images.Client(), func(o *amishare.SharerOptions) { o.InUse = inventory })
	deprecate := func(o *amishare.RetireOptions) { o.Deprecate = true }
	prune := amishare.Grants{Prune: amishare.Accounts(serviceAccount)}

	before := len(images.Calls())
	retired, err := retirer.Retire(t.Context(), id, deprecate)
	require.ErrorIs(t, err, amishare.ErrInUse)
	assert.Equal(t, []string{"cluster train (us-west-2), instance group workers: current image"}, retired.Uses)
	for _, job := range []func() (*amishare.ShareReport, error){
		func() (*amishare.ShareReport, error) { return sharer.Reconcile(t.Context(), id, prune) },
		func() (*amishare.ShareReport, error) { return sharer.Revoke(t.Context(), id, prune.Prune) },
	} {
		shared, err := job()
		require.ErrorIs(t, err, amishare.ErrInUse)
		require.ErrorContains(t, err, "cluster train (us-west-2), instance group workers")
		assert.Equal(t, amishare.SharedNothing, shared.Outcome)
	}
	for _, call := range images.Calls()[before:] {
		assert.Contains(t, call.Operation, "Describe", "nothing is written")
	}
	launch, volume := grants(t, images, id)
	assert.Equal(t, []string{serviceAccount}, launch)
	assert.Equal(t, []string{serviceAccount}, volume)

	_, err = c.RollImage(t.Context(), hyperpod.Roll{
		Image: hyperpod.AMI(next), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
	})
	require.NoError(t, err)
	_, err = sharer.Reconcile(t.Context(), id, prune)
	require.NoError(t, err)
	launch, volume = grants(t, images, id)
	assert.Empty(t, launch)
	assert.Empty(t, volume)
	retired, err = retirer.Retire(t.Context(), id)
	require.NoError(t, err)
	assert.True(t, retired.Unused)
	_, err = retirer.Retire(t.Context(), next, deprecate)
	require.ErrorIs(t, err, amishare.ErrInUse)
}
