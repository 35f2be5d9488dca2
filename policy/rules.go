package policy

import (
	"slices"
	"strings"
)

// rule is a way of scoping: all actions of a rule share a statement, its resources
// and its condition.
type rule uint8

const (
	clusterRule rule = iota
	updateRule
	createRule
	newClusterRule
	goneRule
	creationTagRule
	clusterTagRule
	listRule
	passRoleRule
	passClusterRoleRule
	linkedRoleRule
	eksRule
	createEntryRule
	accessEntryRule
	accessPolicyRule
	describeImagesRule
	shareImageRule
	shareSnapshotRule
	tagRule
	untagRule
	grantRule
	describeKeyRule
	forwardedReadRule
	permissionsRule
	auditRule
	directImageRule
	directSnapshotRule
	adoptReadRule
	copyRule
	copyTagRule
	copyGrantRule
	copyKeyRule
	retireRule
)

// ruleCount is how many rules there are.
const ruleCount = int(retireRule) + 1

// linkedRole is the service-linked role of HyperPod. Name: "Service-linked roles
// for SageMaker HyperPod", SageMaker AI Developer Guide; the path follows from the
// service's name.
const (
	linkedRoleService = "hyperpod.sagemaker.amazonaws.com"
	linkedRole        = "role/aws-service-role/" + linkedRoleService + "/AWSServiceRoleForSageMakerHyperPod"
)

// sageMakerService is the service that execution roles are passed to. Service
// principals keep their name in every partition that is known of.
const sageMakerService = "sagemaker.amazonaws.com"

// within returns the rule that allows all that this one does, if there is one.
func (r rule) within(s Scope) (rule, bool) {
	switch r { //nolint:exhaustive // nothing is wider than the others
	case clusterRule:
		return newClusterRule, true // what is read of new clusters is read of every cluster
	case permissionsRule:
		return auditRule, true
	case directImageRule:
		return shareImageRule, !s.Strict
	case directSnapshotRule:
		return shareSnapshotRule, !s.Strict
	// In strict mode whoever may call directly needs no right to call through HyperPod.
	case forwardedReadRule:
		return describeImagesRule, s.Strict
	case shareImageRule:
		return directImageRule, s.Strict
	case shareSnapshotRule:
		return directSnapshotRule, s.Strict && len(s.Accounts) == 0
	default:
		return r, false
	}
}

// statement returns the rule's statement without actions. Its Sid says how the
// actions are scoped.
func (r rule) statement(s Scope) Statement {
	out := Statement{Effect: Allow}
	set := func(sid string, c Condition, resources ...string) Statement {
		out.Sid, out.Condition, out.Resource = sid, c, values(resources)
		return out
	}
	anyCluster := s.arn("sagemaker", "cluster/*")
	switch r {
	case clusterRule:
		sid, resources, c := s.existing()
		return set("Clusters"+sid, c, resources...)
	case updateRule:
		sid, resources, c := s.existing()
		return set("UpdateWithinLimits"+sid, s.limits(c, false), resources...)
	case createRule:
		return set("CreateHasNoClusterARNYet", s.limits(s.tagged(nil), true), anyCluster)
	case newClusterRule:
		return set("WatchNewClusters", nil, anyCluster)
	case goneRule:
		return set("GoneClustersHaveNoTags", Condition{}.With("Null", "aws:ResourceTag/"+s.Clusters.tag.Key, "true"), anyCluster)
	case creationTagRule:
		return set("TagsAtCreationOnly",
			s.tagged(Condition{}.With("StringEquals", "sagemaker:TaggingAction", "CreateCluster")), anyCluster)
	case clusterTagRule:
		sid, resources, c := s.existing()
		if s.Clusters.kind == clustersByTag {
			c = c.With("ForAllValues:StringNotEqualsIgnoreCase", "aws:TagKeys", s.Clusters.tag.Key).With("Null", "aws:TagKeys", "false")
		}
		return set("TagsOfClusters"+sid, c, resources...)
	case listRule:
		return set("ListTakesNoResource", Condition{}.With("StringEquals", "aws:RequestedRegion", s.Region), "*")
	case passRoleRule:
		return set("RolesToSageMakerOnly",
			Condition{}.With("StringEquals", "iam:PassedToService", sageMakerService), s.ExecutionRoles...)
	case passClusterRoleRule:
		// The reference names SageMaker, while it is HyperPod's own service that assumes
		// this role: which of them it counts as passed to is not documented.
		return set("ClusterRoleToSageMakerOrHyperPod",
			Condition{}.With("StringEquals", "iam:PassedToService", sageMakerService, linkedRoleService), s.ClusterRole)
	case linkedRoleRule:
		return set("ServiceLinkedRoleOfHyperPodOnly",
			Condition{}.With("StringEquals", "iam:AWSServiceName", linkedRoleService), s.linkedRole())
	case grantRule:
		c := s.viaSageMaker().With("Bool", "kms:GrantIsForAWSResource", "true").
			With("ForAllValues:StringEquals", "kms:GrantOperations", grantOperations()...).
			With("Null", "kms:GrantOperations", "false")
		return set("GrantsForVolumesOnly", c, s.KMSKeys...)
	case describeKeyRule:
		return set("DescribeKeysThroughSageMaker", s.viaSageMaker(), s.KMSKeys...)
	case eksRule, createEntryRule, accessEntryRule, accessPolicyRule:
		return r.eksStatement(s)
	case describeImagesRule, shareImageRule, shareSnapshotRule, tagRule, untagRule, forwardedReadRule, permissionsRule, auditRule,
		directImageRule, directSnapshotRule, adoptReadRule, copyRule, copyTagRule, copyGrantRule, copyKeyRule, retireRule:
		return r.imageStatement(s)
	default:
		return out
	}
}

// grantOperations are those that HyperPod asks for ("Customer managed AWS KMS key
// encryption for SageMaker HyperPod", SageMaker AI Developer Guide, given there
// for the autoscaling role).
func grantOperations() []string {
	return []string{
		"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext",
		"ReEncryptFrom", "ReEncryptTo", "RetireGrant",
	}
}

// existing scopes to the clusters that are there.
func (s Scope) existing() (sid string, resources []string, c Condition) {
	anyCluster := []string{s.arn("sagemaker", "cluster/*")}
	switch s.Clusters.kind {
	case clustersByARN:
		return "ByARN", s.Clusters.arns, nil
	case clustersByTag:
		t := s.Clusters.tag
		return "ByTag", anyCluster, Condition{}.With("StringEquals", "aws:ResourceTag/"+t.Key, t.Value)
	case clustersUnset, clustersAny:
	}
	return "OfTheAccount", anyCluster, nil
}

// limits adds what clusters may be built of. A key that is absent satisfies
// ForAllValues: where the service always sends it, Null closes that. UpdateCluster
// sends subnets and security groups only with OverrideVpcConfig, and instance
// types only with instance groups (inferred from its input).
func (s Scope) limits(c Condition, always bool) Condition {
	for _, l := range []struct {
		key    string
		values []string
	}{
		{"sagemaker:InstanceTypes", s.InstanceTypes},
		{"sagemaker:VpcSubnets", s.Subnets},
		{"sagemaker:VpcSecurityGroupIds", s.SecurityGroups},
	} {
		if len(l.values) == 0 {
			continue
		}
		c = c.With("ForAllValues:StringEquals", l.key, values(l.values).Items...)
		if always {
			c = c.With("Null", l.key, "false")
		}
	}
	return c
}

// tagged adds that exactly the creation tags are set.
func (s Scope) tagged(c Condition) Condition {
	for _, t := range s.creationTags() {
		c = c.With("StringEquals", "aws:RequestTag/"+t.Key, t.Value)
	}
	for _, t := range s.creationTags() {
		c = c.With("ForAllValues:StringEquals", "aws:TagKeys", t.Key)
	}
	return c
}

func (s Scope) viaSageMaker() Condition { return s.via("sagemaker", s.Region) }

// via is that a key is used through a service of one of the Regions.
func (s Scope) via(service string, regions ...string) Condition {
	p, _ := lookupPartition(s.Partition)
	var endpoints []string
	for _, region := range regions {
		endpoints = append(endpoints, service+"."+region+"."+p.suffix)
	}
	return Condition{}.With("StringEquals", "kms:ViaService", endpoints...)
}

func (s Scope) arn(service, resource string) string {
	return strings.Join([]string{"arn", s.Partition, service, s.Region, s.Account, resource}, ":")
}

// values returns the sorted set of items, a single one written as a string.
func values(items []string) Values {
	items = slices.Clone(items)
	slices.Sort(items)
	items = slices.Compact(items)
	return Values{Items: items, Single: len(items) == 1}
}
