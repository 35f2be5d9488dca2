package amisharetest

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// keyActions are what EC2 does with a customer managed key, with the caller's rights
// ("Requirements for Amazon EBS encryption", Amazon EBS User Guide). The guide does not
// tell which of them a copy takes on the key of its source and which on its own: here
// all on both.
var keyActions = []string{
	"kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
}

// copyKeys returns the keys of a copy's source and of the copy itself, but those that AWS
// manages: their policies let everybody in the account use them through EC2.
// Each comes with the Region that it is used in.
func (r *request) copyKeys(from *request, source *image, in *ec2.CopyImageInput) []regionalKey {
	var keys []regionalKey
	for _, id := range source.snapshots() {
		old := from.here().snapshots[id]
		if !old.managed(from.region) {
			keys = append(keys, regionalKey{from.region, aws.ToString(old.KmsKeyId)})
		}
		if key := r.copyKey(from, old, in); key != ManagedKey(r.account, r.region) {
			keys = append(keys, regionalKey{r.region, key})
		}
	}
	return slices.DeleteFunc(keys, func(k regionalKey) bool { return k.arn == "" })
}

// regionalKey is a key and the Region that it is used in.
type regionalKey struct{ region, arn string }

// copyKey returns the ARN of the key of a snapshot's copy, or "" for a copy that is not
// encrypted. What is encrypted stays so; what is not becomes so if that is asked for or if
// the account encrypts by default (EC2 User Guide, "Use encryption with EBS-backed AMIs").
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

// mayUseKeys authorises what a copy does with its keys. EC2 does so after it has
// answered, and the copy fails (SDK doc comment of CopyImageInput.KmsKeyId).
func (r *request) mayUseKeys(keys []regionalKey) error {
	for _, key := range keys {
		who := r.Caller
		who.Region, who.Via, who.Keys = key.region, "ec2.amazonaws.com", true
		for _, action := range keyActions {
			asked := map[string][]string{
				"kms:ViaService":    {"ec2." + key.region + "." + emul.DNSSuffix(key.region)},
				"kms:CallerAccount": {r.account},
			}
			if action == "kms:CreateGrant" {
				asked["kms:GrantIsForAWSResource"] = []string{"true"}
			}
			if err := who.Authorize(action, asked, policy.Resource{ARN: key.arn}); err != nil {
				return err
			}
		}
	}
	return nil
}

// fail ends a copy whose key may not be used. The words were seen in public reports on
// snapshots; that the image has them too, and its code, is inferred. Which right is
// missing EC2 does not tell; here the image's reason does.
func (p *pendingCopy) fail(here *region) {
	const message = "Given key ID is not accessible"
	for _, id := range p.snapshots {
		if snap, ok := here.snapshots[id]; ok {
			snap.State, snap.StateMessage = types.SnapshotStateError, aws.String(message)
		}
	}
	if img, ok := here.images[p.image]; ok && img.State == types.ImageStatePending {
		why := message
		if denied, ok := errors.AsType[*emul.DeniedError](p.refused); ok {
			why += " (" + denied.Error() + ")"
		}
		img.State = types.ImageStateFailed
		img.StateReason = &types.StateReason{Code: aws.String("Client.InvalidKMSKey.InvalidState"), Message: aws.String(why)}
	}
}
