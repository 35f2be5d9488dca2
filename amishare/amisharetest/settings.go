package amisharetest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// settings are those of an account in a Region.
type settings struct {
	encrypt        bool
	key            string // an ARN; empty means aws/ebs
	blockImages    bool
	blockSnapshots types.SnapshotBlockPublicAccessState
}

// settingsOf returns an account's settings in a Region. A change of the result is kept.
func (s *Server) settingsOf(account, region string) *settings {
	id := emul.Identity{Account: account, Region: region}
	if s.settings[id] == nil {
		s.settings[id] = &settings{blockSnapshots: types.SnapshotBlockPublicAccessStateUnblocked}
		if s.opts.BlockPublicAccess {
			s.settings[id].blockImages = true
			s.settings[id].blockSnapshots = types.SnapshotBlockPublicAccessStateBlockNewSharing
		}
	}
	return s.settings[id]
}

func (r *request) own() *settings { return r.server.settingsOf(r.account, r.region) }

// defaultKey is the ARN of the key that is used when encryption is asked for without
// one ("Amazon EBS encryption by default", Amazon EBS User Guide).
func (r *request) defaultKey() string {
	if key := r.own().key; key != "" {
		return key
	}
	return ManagedKey(r.account, r.region)
}

// keyARN completes a key id or an alias of the caller's. Keys are not kept, so none is
// looked up, and an alias stays one.
func (r *request) keyARN(id string) string {
	switch {
	case strings.HasPrefix(id, "arn:"):
		return id
	case id == AWSManagedKey:
		return ManagedKey(r.account, r.region)
	case !strings.HasPrefix(id, "alias/"):
		id = "key/" + id
	}
	return "arn:" + emul.Partition(r.region) + ":kms:" + r.region + ":" + r.account + ":" + id
}

func getEbsEncryptionByDefault(r *request, _ *ec2.GetEbsEncryptionByDefaultInput) (*ec2.GetEbsEncryptionByDefaultOutput, func(), error) {
	out := &ec2.GetEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: aws.Bool(r.own().encrypt)}
	return out, nil, r.allow("GetEbsEncryptionByDefault")
}

func enableEbsEncryptionByDefault(r *request, _ *ec2.EnableEbsEncryptionByDefaultInput) (*ec2.EnableEbsEncryptionByDefaultOutput, func(), error) {
	out := &ec2.EnableEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: aws.Bool(true)}
	return out, func() { r.own().encrypt = true }, r.allow("EnableEbsEncryptionByDefault")
}

func disableEbsEncryptionByDefault(r *request, _ *ec2.DisableEbsEncryptionByDefaultInput) (*ec2.DisableEbsEncryptionByDefaultOutput, func(), error) {
	out := &ec2.DisableEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: aws.Bool(false)}
	return out, func() { r.own().encrypt = false }, r.allow("DisableEbsEncryptionByDefault")
}

// getEbsDefaultKmsKeyId answers the alias while no other key is set, as in the
// example of the EC2 API Reference.
func getEbsDefaultKmsKeyId(r *request, _ *ec2.GetEbsDefaultKmsKeyIdInput) (*ec2.GetEbsDefaultKmsKeyIdOutput, func(), error) {
	key := r.own().key
	if key == "" {
		key = AWSManagedKey
	}
	return &ec2.GetEbsDefaultKmsKeyIdOutput{KmsKeyId: aws.String(key)}, nil, r.allow("GetEbsDefaultKmsKeyId")
}

func modifyEbsDefaultKmsKeyId(r *request, in *ec2.ModifyEbsDefaultKmsKeyIdInput) (*ec2.ModifyEbsDefaultKmsKeyIdOutput, func(), error) {
	if err := r.allow("ModifyEbsDefaultKmsKeyId"); err != nil {
		return nil, nil, err
	}
	if aws.ToString(in.KmsKeyId) == "" {
		return nil, nil, missing("KmsKeyId")
	}
	key := r.keyARN(*in.KmsKeyId)
	return &ec2.ModifyEbsDefaultKmsKeyIdOutput{KmsKeyId: aws.String(key)}, func() { r.own().key = key }, nil
}

func resetEbsDefaultKmsKeyId(r *request, _ *ec2.ResetEbsDefaultKmsKeyIdInput) (*ec2.ResetEbsDefaultKmsKeyIdOutput, func(), error) {
	out := &ec2.ResetEbsDefaultKmsKeyIdOutput{KmsKeyId: aws.String(ManagedKey(r.account, r.region))}
	return out, func() { r.own().key = "" }, r.allow("ResetEbsDefaultKmsKeyId")
}
