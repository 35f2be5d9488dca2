package hyperpodtest

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// What the service asks of EC2, EKS and KMS with the caller's rights.

// imageNeeds is what the service does in EC2 with the AMIs of a request. With Images
// the emulator of EC2 asks for it, which knows the tags.
func (s *Server) imageNeeds(r request, uses []imageUse) []need {
	if s.options.Images != nil || len(uses) == 0 {
		return nil
	}
	region := map[string][]string{"ec2:Region": {r.who.Region}}
	needs := []need{
		{action: "ec2:DescribeImages", keys: region, forwarded: true},
		{action: "ec2:DescribeSnapshots", keys: region, forwarded: true},
	}
	for _, use := range uses {
		prefix := "arn:" + emul.Partition(r.who.Region) + ":ec2:" + r.who.Region + "::"
		// Which snapshots the AMI has is not known without Images: one is made up.
		snapshot := prefix + "snapshot/snap-" + emul.HexID(17, use.image)
		needs = append(needs,
			need{action: "ec2:ModifyImageAttribute", resource: policy.Resource{ARN: prefix + "image/" + use.image}, keys: region, forwarded: true},
			need{action: "ec2:ModifySnapshotAttribute", resource: policy.Resource{ARN: snapshot}, keys: region, forwarded: true})
	}
	return needs
}

// readEKS is what the service reads of a cluster's orchestrator.
func (r request) readEKS(nameOrARN *string) []need {
	c, err := r.find(nameOrARN)
	if err != nil || !c.isEKS() {
		return nil
	}
	return []need{{action: "eks:DescribeCluster", resource: policy.Resource{ARN: aws.ToString(c.orchestrator.Eks.ClusterArn)}, forwarded: true}}
}

// clusterAccessPolicy is one of EKS's access policies for HyperPod. Which of them the
// service associates is not published.
const clusterAccessPolicy = ":eks::aws:cluster-access-policy/AmazonSagemakerHyperpodClusterPolicy"

// accessEntries is what the service does in EKS so that the nodes with a role can join.
func accessEntries(eksARN string, roles []string) []need {
	needs := []need{{action: "eks:DescribeCluster", resource: policy.Resource{ARN: eksARN}, forwarded: true}}
	prefix, _, _ := strings.Cut(eksARN, ":eks:")
	for _, role := range roles {
		entry := accessEntry(eksARN, role)
		needs = append(needs,
			need{
				action: "eks:CreateAccessEntry", resource: policy.Resource{ARN: eksARN}, forwarded: true,
				keys: map[string][]string{"eks:principalArn": {role}},
			},
			need{action: "eks:DescribeAccessEntry", resource: entry, forwarded: true},
			need{
				action: "eks:AssociateAccessPolicy", resource: entry, forwarded: true,
				keys: map[string][]string{"eks:policyArn": {prefix + clusterAccessPolicy}, "eks:accessScope": {"cluster"}},
			},
			need{action: "eks:DeleteAccessEntry", resource: entry, forwarded: true})
	}
	return needs
}

// accessEntry is the access entry of a role in an EKS cluster: its ARN names the
// cluster, the role and an id of its own.
func accessEntry(eksARN, role string) policy.Resource {
	prefix, name, _ := strings.Cut(eksARN, ":cluster/")
	return policy.Resource{
		ARN:     prefix + ":access-entry/" + name + "/role/" + accountOf(role) + "/" + role[strings.LastIndex(role, "/")+1:] + "/" + emul.HexID(32, eksARN, role),
		Context: map[string][]string{"eks:clusterName": {name}, "eks:principalArn": {role}},
	}
}

// volumeNeeds is what the service does with the keys of volumes. Keys and aliases that are
// not given by ARN are taken to be of the caller's account.
func volumeNeeds(r request, volumes []types.ClusterInstanceStorageConfig) []need {
	via := map[string][]string{"kms:ViaService": {"sagemaker." + r.who.Region + "." + emul.DNSSuffix(r.who.Region)}}
	granting := map[string][]string{
		"kms:GrantIsForAWSResource": {"true"},
		"kms:GrantOperations":       {"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "RetireGrant"},
	}
	maps.Copy(granting, via)
	var needs []need
	for _, key := range volumeKeys(volumes) {
		switch {
		case strings.HasPrefix(key, "arn:"):
		case strings.HasPrefix(key, "alias/"):
			key = r.arn("kms", key)
		default:
			key = r.arn("kms", "key/"+key)
		}
		needs = append(needs,
			need{action: "kms:DescribeKey", resource: policy.Resource{ARN: key}, keys: via, forwarded: true},
			need{action: "kms:CreateGrant", resource: policy.Resource{ARN: key}, keys: granting, forwarded: true})
	}
	return needs
}
