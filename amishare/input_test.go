package amishare

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheFormOfInput(t *testing.T) {
	const (
		organization = "arn:aws:organizations::111122223333:organization/o-exampleorgid"
		unit         = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-examplerootid111-exampleouid111"
		role         = "arn:aws:iam::111122223333:role/builder"
	)
	for name, tt := range map[string]struct {
		check func(string) error
		is    error
		good  []string
		bad   map[string]string
	}{
		"image": {checkImageID, ErrImageID, []string{"ami-12345678", "ami-0123456789ABCDEF0"}, map[string]string{
			"": "got nothing", "ami-1234567": `got "ami-1234567"`, "ami-0123456789abcdef01": "", "AMI-12345678": "", "default": "",
			"ami-12345678\n": "", "snap-12345678": "", "ami-1234567g": "",
			"arn:aws:ec2:us-west-2::image/ami-12345678": `the ARN of a resource "image" of ec2`,
		}},
		"snapshot": {checkSnapshotID, ErrSnapshotID, []string{"snap-12345678", "snap-0123456789abcdef0"}, map[string]string{
			"": "got nothing", "ami-12345678": "", "snap-1234567": "", "snap-0123456789abcdef01": "",
		}},
		"account": {checkAccountID, ErrAccountID, []string{"111122223333", "000000000001"}, map[string]string{
			"": "got nothing", "1111222233334": "which has 13 digits", "11112222333": "which has 11 digits",
			"1111-2222-3333": "", "all": `got "all"`, role: `the ARN of a resource "role" of iam`,
		}},
		"organization": {checkOrganizationARN, ErrOrganizationARN, []string{
			organization, "arn:aws-us-gov:organizations::111122223333:organization/o-exampleorgid",
		}, map[string]string{
			unit: `a resource "ou" of organizations`, role: `a resource "role" of iam`, "o-exampleorgid": "",
			"arn:aws:organizations::1111222233334:organization/o-exampleorgid": "",
		}},
		"organizational unit": {checkUnitARN, ErrUnitARN, []string{unit}, map[string]string{
			organization: `a resource "organization" of organizations`, "ou-examplerootid111-exampleouid111": "",
		}},
		"principal: an account": {checkPrincipal, ErrAccountID, []string{"all", "111122223333", organization, unit}, map[string]string{
			"": "", "1111222233334": "which has 13 digits", "All": "", "o-exampleorgid": "", "ami-12345678": "",
		}},
		"principal: an organization": {checkPrincipal, ErrOrganizationARN, nil, map[string]string{role: `a resource "role" of iam`, organization + "/x": ""}},
		"principal: a unit":          {checkPrincipal, ErrUnitARN, nil, map[string]string{unit + "/x": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range tt.good {
				require.NoError(t, tt.check(s), s)
			}
			for s, want := range tt.bad {
				err := tt.check(s)
				require.ErrorIs(t, err, tt.is, s)
				assert.Contains(t, err.Error(), want, s)
			}
		})
	}
}
