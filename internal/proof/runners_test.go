package proof

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// workplace is where workflows run: the site, its servers as the principal of a policy
// sees them, and the AMI that the cluster runs with one that it does not.
type workplace struct {
	site
	hp, root   *hyperpod.Client // root is without a policy, to prepare by
	ec2        *amisharetest.Server
	images     *amisharetest.Server // as root
	old, fresh string
}

// runner runs a workflow once.
type runner struct {
	workflow policy.Workflow
	run      func(*testing.T, workplace) error
}

// runners are all workflows, in an order in which any two can follow one another.
func runners() []runner {
	return []runner{
		{policy.Read, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").Explain(t.Context())
			if err == nil {
				_, err = w.hp.Cluster("train").Describe(t.Context())
			}
			return err
		}},
		{policy.CheckImage, func(t *testing.T, w workplace) error {
			_, err := amishare.NewChecker(w.ec2.Client()).CheckImage(t.Context(), hyperpodkit.ImageUse{Image: w.fresh, Region: "us-west-2"})
			return err
		}},
		{policy.TagForSharing, func(t *testing.T, w workplace) error {
			untagged := w.images.AddImage(amisharetest.Image{})
			_, err := amishare.NewTagger(w.ec2.Client()).TagForSharing(t.Context(), untagged)
			return err
		}},
		{policy.UntagForSharing, func(t *testing.T, w workplace) error {
			tags := map[string]string{"AllowSharing": "true", "allowsharing": "True", "owner": "ann"}
			_, err := amishare.NewTagger(w.ec2.Client()).Untag(t.Context(), w.images.AddImage(amisharetest.Image{Tags: tags, SnapshotTags: tags}))
			return err
		}},
		{policy.ShareImage, shareDirectly},
		{policy.AuditImages, func(t *testing.T, w workplace) error {
			for _, err := range amishare.NewAuditor(w.ec2.Client()).Audit(t.Context()) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{policy.AdoptImage, adopt},
		{policy.RetireImage, func(t *testing.T, w workplace) error {
			_, err := amishare.NewRetirer(w.ec2.Client(), unused{}).Retire(t.Context(), w.fresh, func(o *amishare.RetireOptions) { o.Deprecate = true })
			return err
		}},
		{policy.TagClusters, func(t *testing.T, w workplace) error {
			in := w.spec(w.old)
			if in.Tags == nil {
				in.Tags = map[string]string{}
			}
			in.Tags["stage"] = "test"
			_, err := w.hp.Cluster("train").Update(t.Context(), hyperpod.Desired(in))
			return err
		}},
		{policy.RollImage, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").RollImage(t.Context(), hyperpod.Roll{
				Image: hyperpod.AMI(w.fresh), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
			})
			return err
		}},
		{policy.UpdateGroups, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").Update(t.Context(), hyperpod.Scale("workers", 2))
			return err
		}},
		{policy.OperateNodes, func(t *testing.T, w workplace) error {
			for n, err := range w.hp.Cluster("train").Nodes(t.Context()) {
				if err != nil {
					return err
				}
				_, err = w.hp.Cluster("train").RebootNodes(t.Context(), n.Instance)
				return err
			}
			return nil
		}},
		{policy.DeleteCluster, func(t *testing.T, w workplace) error {
			_, err := w.hp.Cluster("train").Delete(t.Context())
			return err
		}},
		{policy.CreateCluster, func(t *testing.T, w workplace) error {
			// An EKS cluster takes one HyperPod cluster: the other makes room, if it is
			// still there.
			if _, err := w.root.Cluster("train").Delete(t.Context()); err != nil {
				require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
			}
			_, err := w.hp.Cluster("train").Create(t.Context(), w.spec(w.fresh))
			return err
		}},
	}
}

// shareDirectly shares with an account, keeps that in order and takes it back.
func shareDirectly(t *testing.T, w workplace) error {
	sharer := amishare.NewSharer(w.ec2.Client(), func(o *amishare.SharerOptions) { o.AllowEncrypted = w.kms })
	if _, err := sharer.Share(t.Context(), w.fresh, amishare.Accounts(clusterAccount)); err != nil {
		return err
	}
	if _, err := sharer.Reconcile(t.Context(), w.fresh, amishare.Grants{Wanted: amishare.Accounts(clusterAccount)}); err != nil {
		return err
	}
	_, err := sharer.Revoke(t.Context(), w.fresh, amishare.Accounts(clusterAccount))
	return err
}

// theirKey is the key that the other account encrypts its AMIs with.
func theirKey(region string) string {
	return "arn:aws:kms:" + region + ":" + clusterAccount + ":key/5678abcd-12ab-34cd-56ef-1234567890ab"
}

// adopt copies an AMI that another account shares, from this Region and another, and
// where there are keys an encrypted one.
func adopt(t *testing.T, w workplace) error {
	for _, region := range []string{"us-west-2", "eu-west-1"} {
		img := amisharetest.Image{Account: clusterAccount, Region: region, Name: "golden " + region, Tags: guarded().Tags, SnapshotTags: guarded().SnapshotTags}
		adoption := amishare.Adoption{Region: region}
		if w.kms {
			img.KMSKey, adoption.KMSKey = theirKey(region), customerKey
		}
		adoption.Image = w.images.AddImage(img)
		owner := w.images.As(amisharetest.Root(clusterAccount)).Client(func(o *ec2.Options) { o.Region = region })
		_, err := amishare.NewSharer(owner, func(o *amishare.SharerOptions) { o.AllowEncrypted = w.kms }).Share(t.Context(), adoption.Image, amishare.Accounts(ourAccount))
		require.NoError(t, err)
		if _, err := amishare.NewAdopter(w.ec2.Client(), func(o *amishare.AdoptOptions) { o.AllowEncrypted = w.kms }).Adopt(t.Context(), adoption); err != nil {
			return err
		}
	}
	return nil
}

// unused says that nothing uses an AMI.
type unused struct{}

func (unused) ImageInUse(context.Context, string) ([]string, error) { return nil, nil }

// The policy names the tags of copies, which package amishare sets.
func TestProvenanceTagsAreTheSame(t *testing.T) {
	doc, err := policy.Generate(policy.Scope{Partition: "aws", Region: "us-west-2", Account: ourAccount}, policy.AdoptImage)
	require.NoError(t, err)
	for _, key := range []string{amishare.TagAdoption, amishare.TagSourceImage, amishare.TagSourceRegion, amishare.TagSourceOwner} {
		require.Contains(t, doc.String(), `"`+key+`"`)
	}
}
