package amishare

import (
	"strings"

	"github.com/hyperpodkit/hyperpodkit"
)

// encrypted judges an encrypted snapshot against the key of the group's root
// volume, which may be given as ARN, id or alias. Which key an alias stands for,
// and whether a key is the AWS managed one, only KMS can tell.
func (j *judge) encrypted(snapshot, key string) {
	if !j.opts.AllowEncrypted {
		j.find(hyperpodkit.Error, RuleEncrypted, snapshot, "is encrypted with "+key,
			"make the AMI anew with the account's EBS encryption by default off, since every copy stays encrypted; "+
				"or, when the key is customer managed and also encrypts the group's root volume, opt in with AllowEncrypted")
		return
	}
	root := j.use.RootVolumeKey
	switch {
	case root == "":
		j.find(hyperpodkit.Error, RuleRootVolumeKey, snapshot, "is encrypted with "+key+", but the group names no key for its root volume",
			"encrypt the group's root volume with the same key")
	case strings.HasSuffix(root, "alias/aws/ebs"):
		j.find(hyperpodkit.Error, RuleRootVolumeKey, snapshot, "is encrypted, and the group's root volume uses the AWS managed key aws/ebs, which cannot be shared",
			"encrypt both with the same customer managed key")
	case strings.HasPrefix(root, "alias/") || strings.Contains(root, ":alias/"):
		j.find(hyperpodkit.Unknown, RuleRootVolumeKey, snapshot, "is encrypted with "+key+"; whether "+root+" stands for that key cannot be seen from EC2",
			"give the key's ARN for the root volume")
	case root == key || strings.HasSuffix(key, ":key/"+root):
		j.find(hyperpodkit.Unknown, RuleManagedKey, snapshot, "is encrypted with "+key+"; whether that is customer managed cannot be seen from EC2",
			"make sure that it is not aws/ebs, which cannot be shared, and that its key policy lets HyperPod use it")
	default:
		j.find(hyperpodkit.Error, RuleRootVolumeKey, snapshot, "is encrypted with "+key+", but the group's root volume with "+root,
			"encrypt the group's root volume with the same key")
	}
}
