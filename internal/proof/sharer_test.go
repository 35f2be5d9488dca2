package proof

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const clusterAccount = "444455556666"

// sharerPolicies are those of a role that shares AMIs directly.
func sharerPolicies(t *testing.T) policy.Policies {
	t.Helper()
	doc, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: ourAccount, Accounts: []string{clusterAccount},
	}, policy.ShareImage)
	require.NoError(t, err)
	return policy.Policies{Identity: compileAll(t, doc)}
}

// With the generated sharing policy an AMI or a snapshot without the tag is refused by
// the check, before anything is written; and where nobody checks, by the service, after
// which everything is as before.
func TestUntaggedIsNotSharedDirectly(t *testing.T) {
	tag := map[string]string{"AllowSharing": "true"}
	for name, tt := range map[string]struct {
		image amisharetest.Image
		legal bool
	}{
		"both tagged":        {amisharetest.Image{Tags: tag, SnapshotTags: tag}, true},
		"neither tagged":     {amisharetest.Image{}, false},
		"snapshot untagged":  {amisharetest.Image{Tags: tag}, false},
		"image untagged":     {amisharetest.Image{SnapshotTags: tag}, false},
		"image almost so":    {amisharetest.Image{Tags: map[string]string{"AllowSharing": "True"}, SnapshotTags: tag}, false},
		"snapshot almost so": {amisharetest.Image{Tags: tag, SnapshotTags: map[string]string{"AllowSharing": "True"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			images := amisharetest.NewServer()
			id := images.AddImage(tt.image)
			client := images.As(amisharetest.Principal{ARN: operator, Policies: sharerPolicies(t)}).Client()
			checked, err := amishare.NewSharer(client).Share(t.Context(), id, amishare.Accounts(clusterAccount))
			if tt.legal {
				require.NoError(t, err)
				assert.Equal(t, amishare.SharedAsWanted, checked.Outcome)
				_, err = amishare.NewSharer(client).Revoke(t.Context(), id, amishare.Accounts(clusterAccount))
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, amishare.ErrUnfit)
			for _, call := range images.Calls() {
				assert.NotContains(t, call.Operation, "Modify")
			}

			unchecked := amishare.NewSharer(client, func(o *amishare.SharerOptions) { o.Guard = amishare.Tag{} })
			plan, err := unchecked.PlanShare(t.Context(), id, amishare.Accounts(clusterAccount))
			require.NoError(t, err)
			require.ErrorContains(t, unchecked.DryRun(t.Context(), plan), "UnauthorizedOperation")
			report, err := unchecked.Share(t.Context(), id, amishare.Accounts(clusterAccount))
			require.ErrorContains(t, err, "UnauthorizedOperation")
			launch, volume := grants(t, images, id)
			assert.Empty(t, launch)
			assert.Empty(t, volume)
			assert.NotEqual(t, amishare.SharedAsWanted, report.Outcome)
			assert.NotEqual(t, amishare.SharedBetween, report.Outcome)
		})
	}
}

// clusterOf says that a cluster uses every AMI.
type clusterOf string

func (c clusterOf) ImageInUse(context.Context, string) ([]string, error) {
	return []string{string(c)}, nil
}

// A reconcile to a set that does not name the service's own grant keeps it, and so does
// not break the cluster; pruning it is refused while the cluster uses the AMI.
func TestReconcileKeepsTheServicesOwnGrant(t *testing.T) {
	srv, images := emulators()
	id := images.AddImage(guarded())
	c := hyperpod.New(srv.Client()).Cluster("train")
	_, err := c.Create(t.Context(), spec(id))
	require.NoError(t, err)

	sharer := amishare.NewSharer(images.Client(), func(o *amishare.SharerOptions) { o.InUse = clusterOf("train") })
	report, err := sharer.Reconcile(t.Context(), id, amishare.Grants{Wanted: amishare.Accounts(clusterAccount)})
	require.NoError(t, err)
	require.Len(t, report.Kept, 2)
	assert.Equal(t, serviceAccount, report.Kept[0].Principal.ID)
	_, err = sharer.Reconcile(t.Context(), id, amishare.Grants{Prune: amishare.Accounts(serviceAccount)})
	require.ErrorIs(t, err, amishare.ErrInUse)
	launch, volume := grants(t, images, id)
	assert.ElementsMatch(t, []string{serviceAccount, clusterAccount}, launch)
	assert.ElementsMatch(t, []string{serviceAccount, clusterAccount}, volume)
}

// The golden path: a build account shares, the cluster's account adopts, another role
// tags, and a cluster runs the copy.
func TestFromTheBuildAccountToACluster(t *testing.T) {
	images := amisharetest.NewServer()
	build := images.As(amisharetest.Root(clusterAccount))
	id := build.AddImage(amisharetest.Image{
		Account: clusterAccount, Tags: guarded().Tags, SnapshotTags: guarded().SnapshotTags, Name: "golden",
	})
	_, err := amishare.NewSharer(build.Client()).Share(t.Context(), id, amishare.Accounts("111122223333"))
	require.NoError(t, err)
	adopted, err := amishare.NewAdopter(images.Client()).Adopt(t.Context(), amishare.Adoption{Image: id})
	require.NoError(t, err)

	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images, o.ServiceAccount = images, serviceAccount })
	as := srv.As(hyperpodtest.Principal{ARN: operator, Policies: only(t, policy.CreateCluster)})
	c := hyperpod.New(as.Client(), func(o *hyperpod.Options) { o.Images = amishare.NewChecker(images.Client()) }).Cluster("train")
	_, err = c.Create(t.Context(), spec(adopted.Image))
	require.ErrorContains(t, err, amishare.RuleImageTag, "nobody has allowed it yet")

	_, err = amishare.NewTagger(images.Client()).TagForSharing(t.Context(), adopted.Image)
	require.NoError(t, err)
	_, err = c.Create(t.Context(), spec(adopted.Image))
	require.NoError(t, err)
}
