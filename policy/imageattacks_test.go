package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// imageAttacks are those on AMIs, their copies and the keys of both.
func imageAttacks(w world) []attack {
	copied := keys{"ec2:CreateAction": {"CopyImage"}}
	provenance := keys{"aws:TagKeys": {"hyperpodkit:adoption"}}
	all := []attack{
		{name: "set the guard tag on a copy", request: w.direct("ec2:CreateTags", w.ec2("image/*"), copied, keys{"aws:RequestTag/" + w.guard.Key: {w.guard.Value}, "aws:TagKeys": {"hyperpodkit:adoption", w.guard.Key}})},
		{name: "set the guard tag on the copy's snapshots", request: w.direct("ec2:CreateTags", w.ec2("snapshot/*"), copied, keys{"aws:TagKeys": {w.guard.Key}})},
		{name: "set unnamed tags on a copy", request: w.direct("ec2:CreateTags", w.ec2("image/*"), copied)},
		{name: "forge where an AMI comes from", request: w.direct("ec2:CreateTags", w.image(), provenance)},
		{name: "forge it at another creation", request: w.direct("ec2:CreateTags", w.image(), provenance, keys{"ec2:CreateAction": {"RegisterImage"}})},
		{name: "copy into another Region", request: w.direct("ec2:CopyImage", "arn:"+w.partition+":ec2:ap-south-1::snapshot/*")},
		{name: "copy from another Region", request: w.direct("ec2:CopyImage", "arn:"+w.partition+":ec2:ap-south-1::image/ami-0abcdefabcdefabcd")},
		{name: "deprecate an AMI without the tag", request: w.direct("ec2:EnableImageDeprecation", w.image())},
		{name: "disable an AMI", request: w.direct("ec2:DisableImage", w.image(), w.guarded())},
		{name: "deregister an AMI", request: w.direct("ec2:DeregisterImage", w.image(), w.guarded())},
		{name: "turn encryption by default off", request: w.direct("ec2:DisableEbsEncryptionByDefault", "*")},
		{name: "read its setting in another Region", request: w.direct("ec2:GetEbsEncryptionByDefault", "*", keys{"ec2:Region": {"ap-south-1"}})},
		{name: "share an image in another Region", page: true, request: w.direct("ec2:ModifyImageAttribute", "arn:"+w.partition+":ec2:ap-south-1::image/ami-0123456789abcdef0", w.guarded())},
	}
	source := w.ec2("image/ami-0abcdefabcdefabcd")
	if len(w.scope.Sources.Owners) > 0 {
		all = append(all,
			attack{name: "copy another account's AMI", request: w.direct("ec2:CopyImage", source, keys{"ec2:ImageID": {"ami-0abcdefabcdefabcd"}, "ec2:Owner": {"999988887777"}})},
			attack{name: "copy another AMI", request: w.direct("ec2:CopyImage", source, keys{"ec2:ImageID": {"ami-0eeeeeeeeeeeeeeee"}, "ec2:Owner": {"444455556666"}})})
	}
	if w.kmsKey != "" {
		all = append(all,
			attack{name: "decrypt directly", request: w.direct("kms:Decrypt", w.kmsKey)},
			attack{name: "decrypt through another service", request: w.direct("kms:Decrypt", w.kmsKey, w.through("s3"))},
			attack{name: "grant through EC2 for no AWS resource", request: w.direct("kms:CreateGrant", w.kmsKey, w.through("ec2"), keys{"kms:GrantOperations": {"Decrypt"}})},
		)
	}
	return all
}

// TestSharingWithListedAccounts holds the list of accounts to the role that shares
// alone: together with a workflow by which HyperPod shares there is none.
func TestSharingWithListedAccounts(t *testing.T) {
	t.Parallel()
	w := worlds()["narrow-eks-kms without the keys of forward access"]
	alone, both := compiled(t, w.scope, policy.ShareImage), compiled(t, w.scope, policy.ShareImage, policy.RollImage)
	for name, tt := range map[string]struct {
		add         keys
		alone, both bool
	}{
		"listed":             {keys{"ec2:Add/userId": {"333344445555"}}, true, true},
		"all listed":         {keys{"ec2:Add/userId": {"222233334444", "333344445555"}}, true, true},
		"another":            {keys{"ec2:Add/userId": {"999988887777"}}, false, true},
		"another among them": {keys{"ec2:Add/userId": {"222233334444", "999988887777"}}, false, true},
		"another taken away": {keys{"ec2:Remove/userId": {"999988887777"}}, true, true},
		"everybody":          {keys{"ec2:Add/group": {"all"}}, false, false},
	} {
		r := w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), tt.add)
		assert.Equal(t, tt.alone, alone.Evaluate(r).Allowed, name)
		assert.Equal(t, tt.both, both.Evaluate(r).Allowed, name)
	}
	e, err := policy.Explain(w.scope, policy.ShareImage, policy.RollImage)
	require.NoError(t, err)
	assert.Contains(t, e.String(), "give ShareImage to another role")
}
