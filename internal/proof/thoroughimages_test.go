package proof

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// onImages does all that a workflow on AMIs is there for.
func (f *fixture) onImages(ctx context.Context, t *testing.T) error {
	t.Helper()
	switch f.workflow { //nolint:exhaustive // the others are on clusters
	case policy.CheckImage:
		use := hyperpodkit.ImageUse{Image: f.fresh, Region: "us-west-2"}
		if f.kms {
			use.RootVolumeKey = customerKey
		}
		_, err := amishare.NewChecker(f.ec2.Client()).CheckImage(ctx, use)
		return err
	case policy.TagForSharing:
		for _, image := range f.unused {
			if _, err := amishare.NewTagger(f.ec2.Client()).TagForSharing(ctx, image); err != nil {
				return err
			}
		}
	case policy.UntagForSharing:
		for _, image := range f.unused {
			if _, err := amishare.NewTagger(f.ec2.Client()).Untag(ctx, image); err != nil {
				return err
			}
		}
	case policy.ShareImage:
		for _, image := range []string{f.old, f.fresh} {
			if err := f.share(ctx, image); err != nil {
				return err
			}
		}
	case policy.AuditImages:
		for audit, err := range amishare.NewAuditor(f.ec2.Client()).Audit(ctx) {
			if err != nil {
				return err
			}
			if s := audit.String(); strings.Contains(s, "UnauthorizedOperation") {
				return errors.New(s)
			}
		}
	case policy.AdoptImage:
		if err := f.encrypted(ctx, t); err != nil {
			return err
		}
		if f.kms {
			f.encrypt(t, customerKey)
		}
		adopter := amishare.NewAdopter(f.ec2.Client(), func(o *amishare.AdoptOptions) { o.AllowEncrypted = true })
		for _, source := range f.theirs {
			if _, err := adopter.Adopt(ctx, source); err != nil {
				return err
			}
		}
	case policy.RetireImage:
		for _, image := range []string{f.old, f.fresh} {
			_, err := amishare.NewRetirer(f.ec2.Client(), unused{}).Retire(ctx, image, func(o *amishare.RetireOptions) { o.Deprecate = true })
			if err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("%v has no run", f.workflow)
	}
	return nil
}

// encrypted is nil if a copy that would come out encrypted by default is refused, because it
// would.
func (f *fixture) encrypted(ctx context.Context, t *testing.T) error {
	t.Helper()
	f.encrypt(t, amisharetest.AWSManagedKey)
	_, err := amishare.NewAdopter(f.ec2.Client()).Adopt(ctx, f.theirs[len(f.theirs)-1])
	if !errors.Is(err, amishare.ErrUnfit) {
		return fmt.Errorf("not refused for its encryption: %w", err)
	}
	_, err = f.images.DisableEbsEncryptionByDefault(ctx, &ec2.DisableEbsEncryptionByDefaultInput{})
	require.NoError(t, err)
	return nil
}

// share plans, tries, shares, keeps in order and takes back.
func (f *fixture) share(ctx context.Context, image string) error {
	with := amishare.Accounts(clusterAccount)
	if f.narrow {
		with = amishare.Accounts(clusterAccount, secondAccount)
	}
	sharer := amishare.NewSharer(f.ec2.Client(), func(o *amishare.SharerOptions) { o.AllowEncrypted = f.kms })
	plan, err := sharer.PlanShare(ctx, image, with)
	if err == nil {
		err = sharer.DryRun(ctx, plan)
	}
	if err == nil {
		_, err = sharer.Share(ctx, image, with)
	}
	if err == nil {
		_, err = sharer.Reconcile(ctx, image, amishare.Grants{Wanted: with})
	}
	if err == nil {
		_, err = sharer.Revoke(ctx, image, with)
	}
	return err
}
