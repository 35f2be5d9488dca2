package amishare_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func denied() error {
	return &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "no"}
}

// Whatever is wrong with the input is told before the first write, naming the resource.
func TestShareRefusesBadInput(t *testing.T) {
	const gone = "snap-0123456789abcdef9"
	one := amishare.Accounts(theirs)
	tests := map[string]struct {
		id       string
		change   func(*amisharetest.Image)
		to       amishare.Principals
		want     error
		resource string // empty means the AMI
		nocalls  bool
	}{
		"malformed image id":   {id: "ami-xyz", to: one, want: amishare.ErrImageID, nocalls: true},
		"unknown image":        {id: "ami-0123456789abcdef9", to: one, want: amishare.ErrImageNotFound},
		"another account's":    {change: func(i *amisharetest.Image) { i.Account, i.SharedWith = theirs, []string{own} }, to: one, want: amishare.ErrNotOwner},
		"nobody":               {want: amishare.ErrNoPrincipals, nocalls: true},
		"account of 13 digits": {to: amishare.Accounts("4444555566667"), want: amishare.ErrAccountID, resource: "4444555566667", nocalls: true},
		"no account":           {to: amishare.Accounts(""), want: amishare.ErrAccountID, nocalls: true, resource: "-"},
		"everyone as account":  {to: amishare.Accounts("all"), want: amishare.ErrAccountID, resource: "all", nocalls: true},
		"ARN as account":       {to: amishare.Accounts(org), want: amishare.ErrAccountID, resource: org, nocalls: true},
		"unit as organization": {to: amishare.Organizations(ou), want: amishare.ErrOrganizationARN, resource: ou, nocalls: true},
		"organization as unit": {to: amishare.OrganizationalUnits(org), want: amishare.ErrUnitARN, resource: org, nocalls: true},
		"role as organization": {to: amishare.Organizations("arn:aws:iam::111122223333:role/Admin"), want: amishare.ErrOrganizationARN, resource: "arn:aws:iam::111122223333:role/Admin", nocalls: true},
		"twice":                {to: amishare.Accounts(theirs, others, theirs), want: amishare.ErrDuplicate, resource: theirs, nocalls: true},
		"everyone":             {to: amishare.Everyone(), want: amishare.ErrPublic, resource: "all", nocalls: true},
		"oneself":              {to: amishare.Accounts(own), want: amishare.ErrOwnAccount, resource: own},
		"too many":             {to: numbered(0, 1001), want: amishare.ErrQuota},
		"no snapshots":         {change: func(i *amisharetest.Image) { i.Mappings = []types.BlockDeviceMapping{} }, to: one, want: amishare.ErrNoSnapshots},
		"snapshot is deleted": {change: func(i *amisharetest.Image) {
			i.Mappings = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(gone)}}}
		}, to: one, want: amishare.ErrSnapshotNotFound, resource: gone},
		"untagged image":       {change: func(i *amisharetest.Image) { i.Tags = nil }, to: one, want: amishare.ErrUnfit},
		"untagged snapshot":    {change: func(i *amisharetest.Image) { i.SnapshotTags = nil }, to: one, want: amishare.ErrUnfit, resource: "-"},
		"almost tagged":        {change: func(i *amisharetest.Image) { i.Tags = map[string]string{"AllowSharing": "True"} }, to: one, want: amishare.ErrUnfit},
		"pending":              {change: func(i *amisharetest.Image) { i.State = types.ImageStatePending }, to: one, want: amishare.ErrUnfit},
		"encrypted by aws/ebs": {change: func(i *amisharetest.Image) { i.KMSKey = amisharetest.AWSManagedKey }, to: one, want: amishare.ErrUnfit, resource: "-"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			img := golden()
			if tt.change != nil {
				tt.change(&img)
			}
			id := srv.AddImage(img)
			if tt.id != "" {
				id = tt.id
			}
			sharer := amishare.NewSharer(srv.Client())
			report, err := sharer.Share(t.Context(), id, tt.to)
			require.ErrorIs(t, err, tt.want)
			about, ok := errors.AsType[*amishare.ImageError](err)
			require.True(t, ok)
			assert.Equal(t, id, about.Image)
			switch tt.resource {
			case "-":
			case "":
				assert.Equal(t, id, about.Resource)
			default:
				assert.Equal(t, tt.resource, about.Resource)
				assert.Contains(t, err.Error(), tt.resource)
			}
			assert.Equal(t, amishare.SharedNothing, report.Outcome)
			assert.Equal(t, id, report.Image)
			assert.Empty(t, writes(srv))
			if tt.nocalls {
				assert.Empty(t, srv.Calls())
			}
			plan, err := sharer.PlanShare(t.Context(), id, tt.to)
			require.ErrorIs(t, err, tt.want)
			assert.NotEmpty(t, plan.String())
		})
	}
}

func TestAllMistakesAreToldTogether(t *testing.T) {
	srv := amisharetest.NewServer()
	_, err := amishare.NewSharer(srv.Client()).Share(t.Context(), addGolden(srv), amishare.Accounts("1", theirs, theirs), amishare.Everyone(), amishare.Principals{{}})
	require.ErrorIs(t, err, amishare.ErrAccountID)
	require.ErrorIs(t, err, amishare.ErrDuplicate)
	require.ErrorIs(t, err, amishare.ErrPublic)
	assert.Contains(t, err.Error(), "not a principal")
}

func TestWantedAndPrunedIsRefused(t *testing.T) {
	srv := amisharetest.NewServer()
	_, err := amishare.NewSharer(srv.Client()).Reconcile(t.Context(), addGolden(srv), amishare.Grants{Wanted: amishare.Accounts(theirs), Prune: amishare.Accounts(theirs)})
	require.ErrorIs(t, err, amishare.ErrDuplicate)
	assert.Empty(t, srv.Calls())
}

func TestTheGuardCanBeTurnedOff(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{})
	_, err := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.Guard = amishare.Tag{} }).Share(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
}

func TestRevokingWhatIsUntaggedWarns(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{SharedWith: []string{theirs}, State: types.ImageStateAvailable})
	report, err := amishare.NewSharer(srv.Client()).Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	assert.Contains(t, rules(report.Findings), "warning "+amishare.RuleImageTag)

	almost := map[string]string{"AllowSharing": "True"}
	id = srv.AddImage(amisharetest.Image{SharedWith: []string{theirs}, Tags: almost, SnapshotTags: almost})
	report, err = amishare.NewSharer(srv.Client()).Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	assert.Subset(t, rules(report.Findings), []string{"warning " + amishare.RuleImageTagNearMiss, "warning " + amishare.RuleSnapshotTagNearMiss})
}

func TestDryRunAsksEC2(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv)
	sharer := amishare.NewSharer(srv.Client())
	plan, err := sharer.PlanShare(t.Context(), id, amishare.Accounts(theirs))
	require.NoError(t, err)
	require.NoError(t, sharer.DryRun(t.Context(), plan))
	for _, list := range permissionsOf(t, srv, id) {
		assert.Empty(t, list)
	}
	srv.Faults().Fail("ModifyImageAttribute", 1, denied())
	err = sharer.DryRun(t.Context(), plan)
	about, ok := errors.AsType[*amishare.ImageError](err)
	require.True(t, ok)
	assert.Equal(t, id, about.Resource)
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, "UnauthorizedOperation", api.ErrorCode())
}

func TestAUseIsAUseWhateverElseCouldNotBeAsked(t *testing.T) {
	srv := amisharetest.NewServer()
	id := addGolden(srv, theirs)
	sharer := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.InUse = uses{list: []string{"cluster train"}, err: denied()} })
	_, err := sharer.Revoke(t.Context(), id, amishare.Accounts(theirs))
	require.ErrorIs(t, err, amishare.ErrInUse)
	require.ErrorContains(t, err, "cluster train; move what uses it to another image first; and there may be more: ")
	require.ErrorContains(t, err, "UnauthorizedOperation")
}
