package amishare_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func TestAudit(t *testing.T) {
	const (
		a, b         = "444455556666", "555566667777"
		organization = "arn:aws:organizations::111122223333:organization/o-exampleorgid"
	)
	for name, tt := range map[string]struct {
		tags, snapshotTags map[string]string
		image, snapshot    []string
		public             bool
		organization       string
		publicSnapshot     bool
		opts               func(*amishare.Options)
		want               []string
		lacking, beyond    []string
	}{
		"shared with nobody":     {},
		"shared as one unit":     {tags: guard, snapshotTags: guard, image: []string{a, b}, snapshot: []string{a, b}},
		"neither tagged":         {image: []string{a}, snapshot: []string{a}, want: []string{"warning shared-untagged", "warning shared-untagged"}},
		"snapshot not tagged":    {tags: guard, image: []string{a}, snapshot: []string{a}, want: []string{"warning shared-untagged"}},
		"no guard":               {image: []string{a}, snapshot: []string{a}, opts: func(o *amishare.Options) { o.Guard = amishare.Tag{} }},
		"snapshot not shared":    {tags: guard, snapshotTags: guard, image: []string{a, b}, snapshot: []string{b}, want: []string{"warning permissions-differ"}, lacking: []string{a}},
		"image not shared":       {tags: guard, snapshotTags: guard, snapshot: []string{b}, want: []string{"warning permissions-differ"}, beyond: []string{b}},
		"each with another":      {tags: guard, snapshotTags: guard, image: []string{a}, snapshot: []string{b}, want: []string{"warning permissions-differ", "warning permissions-differ"}, lacking: []string{a}, beyond: []string{b}},
		"public":                 {tags: guard, snapshotTags: guard, public: true, want: []string{"warning image-public", "warning permissions-differ"}, lacking: []string{"all"}},
		"public snapshot":        {tags: guard, snapshotTags: guard, publicSnapshot: true, want: []string{"warning snapshot-public", "warning permissions-differ"}, beyond: []string{"all"}},
		"with an organization":   {tags: guard, snapshotTags: guard, organization: organization, want: []string{"unknown permissions-differ"}, lacking: []string{organization}},
		"untagged, organization": {organization: organization, want: []string{"warning shared-untagged", "unknown permissions-differ"}, lacking: []string{organization}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := srv.AddImage(amisharetest.Image{Tags: tt.tags, SnapshotTags: tt.snapshotTags, Public: tt.public})
			shareWith(t, srv, id, tt.image, tt.snapshot)
			if tt.organization != "" {
				_, err := srv.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: &types.LaunchPermissionModifications{
					Add: []types.LaunchPermission{{OrganizationArn: &tt.organization}},
				}})
				require.NoError(t, err)
			}
			if tt.publicSnapshot {
				_, err := srv.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{
					SnapshotId: aws.String(snapshotOf(t, srv, id)), CreateVolumePermission: &types.CreateVolumePermissionModifications{
						Add: []types.CreateVolumePermission{{Group: types.PermissionGroupAll}},
					},
				})
				require.NoError(t, err)
			}
			opts := func(*amishare.Options) {}
			if tt.opts != nil {
				opts = tt.opts
			}
			count := 0
			for audit, err := range amishare.NewAuditor(srv.Client(), opts).Audit(t.Context()) {
				require.NoError(t, err)
				count++
				assert.Equal(t, id, audit.Image)
				assert.ElementsMatch(t, tt.want, rules(audit.Findings))
				assert.Equal(t, tt.public, audit.Public)
				require.Len(t, audit.Snapshots, 1)
				assert.ElementsMatch(t, tt.lacking, audit.Snapshots[0].Lacking)
				assert.ElementsMatch(t, tt.beyond, audit.Snapshots[0].Beyond)
				assert.False(t, audit.Created.IsZero())
				_, err := json.Marshal(audit)
				require.NoError(t, err)
			}
			assert.Equal(t, 1, count, "Amazon's AMIs are not the account's")
		})
	}
}

func TestAuditGoesByPages(t *testing.T) {
	srv := amisharetest.NewServer()
	var want []string
	for range 23 {
		want = append(want, srv.AddImage(amisharetest.Image{State: types.ImageStateDisabled}))
	}
	slices.Sort(want)
	srv.AddImage(amisharetest.Image{Account: "444455556666", Public: true})
	all := amishare.NewAuditor(srv).Audit(t.Context(), func(o *amishare.AuditOptions) { o.PageSize = 5 })
	for range 2 {
		var got []string
		for audit, err := range all {
			require.NoError(t, err)
			got = append(got, audit.Image)
		}
		assert.Equal(t, want, got)
	}
	before := len(srv.Calls())
	for _, err := range all {
		require.NoError(t, err)
		break
	}
	assert.Len(t, srv.Calls(), before+1+1+5+5, "one page is looked at, and no more")
}

func TestAuditTellsErrorsOfOneFromErrorsOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		for range 3 {
			srv.AddImage(amisharetest.Image{})
		}
		broken := errors.New("broken")
		one := func(o *amishare.AuditOptions) { o.Concurrency = 1 }
		srv.Faults().Fail("DescribeSnapshotAttribute", 1, broken)
		var failed []error
		for audit, err := range amishare.NewAuditor(srv).Audit(t.Context(), one) {
			require.NotNil(t, audit)
			failed = append(failed, err)
		}
		require.Len(t, failed, 3)
		var about *amishare.ImageError
		require.ErrorAs(t, failed[0], &about)
		require.ErrorIs(t, failed[0], broken)
		assert.Contains(t, about.Resource, "snap-")
		require.NoError(t, failed[1])

		for _, operation := range []string{"DescribeImages", "DescribeSnapshots"} {
			srv.Faults().Fail(operation, 1, broken)
			count := 0
			for audit, err := range amishare.NewAuditor(srv).Audit(t.Context(), one) {
				count++
				assert.Nil(t, audit)
				require.ErrorIs(t, err, broken)
			}
			assert.Equal(t, 1, count)
		}

		srv.Faults().Fail("DescribeImageAttribute", 2, throttled)
		for _, err := range amishare.NewAuditor(srv).Audit(t.Context(), one) {
			require.NoError(t, err, "throttling is ridden out")
		}
	})
}

func TestAuditOfASnapshotDeletedUnderItsImage(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(golden())
	srv.RemoveSnapshot("", snapshotOf(t, srv, id))
	for audit, err := range amishare.NewAuditor(srv).Audit(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, []string{"error snapshot-not-found"}, rules(audit.Findings))
	}
}
