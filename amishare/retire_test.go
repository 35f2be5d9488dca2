package amishare_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// uses is what an InUse answers.
type uses struct {
	list []string
	err  error
}

func (u uses) ImageInUse(context.Context, string) ([]string, error) { return u.list, u.err }

func TestRetire(t *testing.T) {
	now := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	deprecate := func(o *amishare.RetireOptions) { o.Deprecate = true }
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		image      amisharetest.Image
		inUse      amishare.InUse
		opts       func(*amishare.RetireOptions)
		unused     bool
		changed    bool
		deprecated time.Duration
		err        error
		text       string
	}{
		"unused, only asked":          {inUse: uses{}, opts: func(*amishare.RetireOptions) {}, unused: true, text: "unused"},
		"in use, only asked":          {inUse: uses{list: []string{"cluster train"}}, opts: func(*amishare.RetireOptions) {}, text: "in use\n  cluster train"},
		"unused":                      {inUse: uses{}, opts: deprecate, unused: true, changed: true, deprecated: time.Minute, text: "unused, now deprecated as of"},
		"in use":                      {inUse: uses{list: []string{"cluster train"}}, opts: deprecate, err: amishare.ErrInUse, text: "in use"},
		"cannot be told":              {inUse: uses{err: broken}, opts: deprecate, err: broken, text: "not known"},
		"an answer and an error":      {inUse: uses{list: []string{"cluster train"}, err: broken}, opts: deprecate, err: broken, text: "in use\n  cluster train"},
		"an answer despite an error":  {inUse: uses{list: []string{"cluster train"}, err: broken}, opts: deprecate, err: amishare.ErrInUse, text: "in use"},
		"deprecated already":          {image: amisharetest.Image{Deprecated: now.Add(-time.Hour)}, inUse: uses{}, opts: deprecate, unused: true, deprecated: -time.Hour, text: "unused, deprecated as of"},
		"deprecated later":            {image: amisharetest.Image{Deprecated: now.Add(time.Hour)}, inUse: uses{}, opts: deprecate, unused: true, changed: true, deprecated: time.Minute},
		"without snapshots":           {image: amisharetest.Image{Mappings: nil}, inUse: uses{}, opts: deprecate, unused: true, changed: true, deprecated: time.Minute},
		"another account's":           {image: amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}}, inUse: uses{}, opts: deprecate, err: amishare.ErrNotOwner},
		"another account's, not seen": {image: amisharetest.Image{Account: "444455556666"}, inUse: uses{}, opts: deprecate, err: amishare.ErrImageNotFound},
		"at a time": {inUse: uses{}, unused: true, changed: true, deprecated: 24 * time.Hour, opts: func(o *amishare.RetireOptions) {
			o.Deprecate, o.At = true, now.Add(24*time.Hour)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(now))
				srv := amisharetest.NewServer()
				id := srv.AddImage(tt.image)
				report, err := amishare.NewRetirer(srv.Client(), tt.inUse).Retire(t.Context(), id, tt.opts)
				require.ErrorIs(t, err, tt.err)
				if tt.err != nil {
					var about *amishare.ImageError
					require.ErrorAs(t, err, &about)
					assert.Equal(t, id, about.Image)
				}
				assert.Equal(t, tt.unused, report.Unused)
				assert.Equal(t, tt.changed, report.Changed)
				assert.Contains(t, report.String(), tt.text)
				if tt.deprecated == 0 {
					assert.Zero(t, report.Deprecated)
				} else {
					assert.Equal(t, now.Add(tt.deprecated), report.Deprecated)
				}
				for _, operation := range operations(srv) {
					assert.Contains(t, []string{"DescribeImages", "EnableImageDeprecation"}, operation)
				}
				assert.Equal(t, tt.changed, len(operations(srv)) > 2)
				_, err = json.Marshal(report)
				require.NoError(t, err)
			})
		})
	}
}

func TestRetireRefuses(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(golden())
	report, err := amishare.NewRetirer(srv, nil).Retire(t.Context(), id)
	require.ErrorContains(t, err, "InUse")
	assert.False(t, report.Unused)
	_, err = amishare.NewRetirer(srv, uses{}).Retire(t.Context(), "ami-1")
	require.ErrorIs(t, err, amishare.ErrImageID)
	_, err = amishare.NewRetirer(srv, uses{}).Retire(t.Context(), id, func(o *amishare.RetireOptions) {
		o.Deprecate, o.At = true, time.Now().Add(-time.Hour)
	})
	require.ErrorContains(t, err, "in the past")
	assert.NotContains(t, operations(srv), "EnableImageDeprecation")
}

func TestRetireTellsWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := srv.AddImage(golden())
		deprecate := func(o *amishare.RetireOptions) { o.Deprecate = true }
		denied := &smithy.GenericAPIError{Code: "UnauthorizedOperation"}
		srv.Faults().Fail("EnableImageDeprecation", 1, denied)
		report, err := amishare.NewRetirer(srv, uses{}).Retire(t.Context(), id, deprecate)
		require.ErrorIs(t, err, denied)
		assert.False(t, report.Changed)

		srv.Faults().Ignore("EnableImageDeprecation", 1)
		report, err = amishare.NewRetirer(srv, uses{}).Retire(t.Context(), id, deprecate)
		require.ErrorIs(t, err, amishare.ErrNotVerified)
		assert.True(t, report.Changed)
		assert.Zero(t, report.Deprecated)
	})
}
