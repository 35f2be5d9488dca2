package amisharetest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// copyKey is the ARN of the key that the copy of a snapshot is encrypted with, or empty.
// What is encrypted stays so; what is not becomes so if that is asked for or if the
// account encrypts by default (EC2 User Guide, "Use encryption with EBS-backed AMIs").
// That an encrypted one of the account's own keeps its key, without parameters and within
// a Region, is inferred; one that another account has shared gets the default key (EBS
// User Guide, "Amazon EBS encryption examples").
func (r *request) copyKey(from *request, old *snapshot, in *ec2.CopyImageInput) string {
	switch {
	case in.KmsKeyId != nil:
		return r.keyARN(*in.KmsKeyId)
	case aws.ToBool(old.Encrypted) && !aws.ToBool(in.Encrypted) && from.region == r.region && aws.ToString(old.OwnerId) == r.account:
		return aws.ToString(old.KmsKeyId)
	case aws.ToBool(old.Encrypted), aws.ToBool(in.Encrypted), r.own().encrypt:
		return r.defaultKey()
	}
	return ""
}

// allowKeys authorises what EC2 does with the caller's rights to the keys of a copy: those
// of the source to read it ("Share the KMS key used to encrypt a shared Amazon EBS
// snapshot", Amazon EBS User Guide), those of the copy to write it ("Requirements for
// Amazon EBS encryption", the same). Which of the actions that the pages list are asked for
// on which key is an assumption. AWS managed keys let everybody in the account use them
// through EC2.
func (r *request) allowKeys(from *request, old *snapshot, in *ec2.CopyImageInput) error {
	if key := aws.ToString(old.KmsKeyId); aws.ToBool(old.Encrypted) && !old.managed(from.region) {
		if err := r.allowKey(key, from.region, "DescribeKey", "Decrypt", "ReEncryptFrom", "CreateGrant"); err != nil {
			return err
		}
	}
	key := r.copyKey(from, old, in)
	if key == "" || key == ManagedKey(r.account, r.region) {
		return nil
	}
	return r.allowKey(key, r.region, "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptTo", "CreateGrant")
}

// allowKey authorises actions of KMS on a key that is used through EC2 in a Region.
func (r *request) allowKey(key, region string, actions ...string) error {
	via := r.Caller
	via.Via, via.Keys = "ec2.amazonaws.com", true
	for _, action := range actions {
		keys := map[string][]string{"kms:ViaService": {"ec2." + region + "." + emul.DNSSuffix(region)}}
		if action == "CreateGrant" {
			keys["kms:GrantIsForAWSResource"] = []string{"true"}
		}
		if err := via.Authorize("kms:"+action, keys, policy.Resource{ARN: key}); err != nil {
			return refused(err)
		}
	}
	return nil
}
