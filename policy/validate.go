package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// The forms that a scope's values have. All are anchored and take neither
// wildcards nor policy variables, so that nothing in a scope can widen a policy.
var (
	accountForm       = regexp.MustCompile(`^[0-9]{12}$`)
	regionForm        = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	clusterIDForm     = regexp.MustCompile(`^[a-z0-9]{12}$`)
	eksForm           = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`)
	roleForm          = regexp.MustCompile(`^([!-)+->@-~]+/)?[\w+=,.@-]{1,64}$`)
	keyForm           = regexp.MustCompile(`^[0-9A-Za-z-]{1,128}$`)
	imageIDForm       = regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`)
	snapshotIDForm    = regexp.MustCompile(`^snap-[0-9a-f]{8,17}$`)
	instanceTypeForm  = regexp.MustCompile(`^ml\.[a-z0-9-]+\.[a-z0-9-]+$`)
	subnetForm        = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
	securityGroupForm = regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`)
	tagForm           = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// partition is an AWS partition with what its Regions' names begin with and the
// DNS suffix of its services.
type partition struct {
	name, prefix, suffix string
}

// lookupPartition returns a partition by name (partitions of the AWS SDKs'
// endpoint rules).
func lookupPartition(name string) (partition, bool) {
	for _, p := range []partition{
		{"aws-cn", "cn-", "amazonaws.com.cn"},
		{"aws-us-gov", "us-gov-", "amazonaws.com"},
		{"aws-eusc", "eusc-", "amazonaws.eu"},
		{"aws-iso", "us-iso-", "c2s.ic.gov"},
		{"aws-iso-b", "us-isob-", "sc2s.sgov.gov"},
		{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"},
		{"aws-iso-f", "us-isof-", "csp.hci.ic.gov"},
		{"aws", "", "amazonaws.com"},
	} {
		if p.name == name {
			return p, true
		}
	}
	return partition{}, false
}

// validator collects the problems of a scope.
type validator struct {
	scope    Scope
	problems []Problem
}

func (v *validator) problem(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// validate returns a *ScopeError for anything that cannot be generated from.
func validate(s Scope, workflows []Workflow) error {
	v := &validator{scope: s}
	v.place()
	used := v.workflows(workflows)
	v.clusters(used)
	v.orchestrator(used)
	if len(s.ExecutionRoles) == 0 && (used[CreateCluster] || used[UpdateGroups]) {
		v.problem("Scope.ExecutionRoles", "empty; CreateCluster and UpdateGroups pass a role for every instance group: name their ARNs")
	}
	if len(s.ExecutionRoles) == 0 && used[DeleteCluster] && s.Strict && s.Orchestrator.kind == orchestratorEKS {
		v.problem("Scope.ExecutionRoles", "empty; a strict policy limits access entries to the roles of the clusters: name their ARNs")
	}
	for i, arn := range s.ExecutionRoles {
		v.arn(fmt.Sprintf("Scope.ExecutionRoles[%d]", i), arn, wantedARN{"iam", "", s.Account, "role", roleForm, "role/NAME, without wildcards"})
	}
	if s.ClusterRole != "" {
		if s.Orchestrator.kind == orchestratorSlurm {
			v.problem("Scope.ClusterRole", "set, but the clusters are on Slurm, where nothing scales by it; leave it out")
		}
		v.arn("Scope.ClusterRole", s.ClusterRole, wantedARN{"iam", "", s.Account, "role", roleForm, "role/NAME, without wildcards"})
	}
	v.tags()
	v.each("Scope.Accounts", s.Accounts, accountForm, "an account id of twelve digits")
	v.each("Scope.Sources.Images", s.Sources.Images, imageIDForm, "an id of an AMI such as ami-0123456789abcdef0")
	v.each("Scope.Sources.Owners", s.Sources.Owners, accountForm, "an account id of twelve digits")
	v.sourceRegions()
	v.sourceKeys()
	v.images("Scope.Images", s.Images, "image", imageIDForm)
	v.images("Scope.Snapshots", s.Snapshots, "snapshot", snapshotIDForm)
	v.each("Scope.InstanceTypes", s.InstanceTypes, instanceTypeForm, "an instance type such as ml.p5.48xlarge")
	v.each("Scope.Subnets", s.Subnets, subnetForm, "a subnet id such as subnet-0123456789abcdef0")
	v.each("Scope.SecurityGroups", s.SecurityGroups, securityGroupForm, "a security group id such as sg-0123456789abcdef0")
	for i, arn := range s.KMSKeys {
		// A key may belong to another account, so its account is not compared.
		v.arn(fmt.Sprintf("Scope.KMSKeys[%d]", i), arn, wantedARN{"kms", s.Region, anyAccount, "key", keyForm, wantedKey})
	}
	if len(v.problems) > 0 {
		return &ScopeError{Problems: v.problems}
	}
	return nil
}

func (v *validator) place() {
	s := v.scope
	p, known := lookupPartition(s.Partition)
	switch {
	case s.Partition == "":
		v.problem("Scope.Partition", `empty; name the partition, such as "aws"`)
	case !known:
		v.problem("Scope.Partition", "%q is no AWS partition; write aws, aws-cn, aws-us-gov or another that exists, in lower case", s.Partition)
	}
	switch {
	case s.Region == "":
		v.problem("Scope.Region", `empty; name the Region, such as "us-west-2"`)
	case !regionForm.MatchString(s.Region):
		v.problem("Scope.Region", "%q is no Region; name one, such as us-west-2", s.Region)
	case known && partitionOf(s.Region) != p.name:
		v.problem("Scope.Region", "%s is not in partition %s but in %s: change one of the two", s.Region, p.name, partitionOf(s.Region))
	}
	if !accountForm.MatchString(s.Account) {
		v.problem("Scope.Account", "%q is no account id of twelve digits; write the one that the clusters are in", s.Account)
	}
}

func partitionOf(region string) string {
	for _, name := range []string{"aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"} {
		if p, _ := lookupPartition(name); strings.HasPrefix(region, p.prefix) {
			return name
		}
	}
	return "aws"
}

func (v *validator) workflows(workflows []Workflow) map[Workflow]bool {
	used := map[Workflow]bool{}
	if len(workflows) == 0 {
		v.problem("workflows", "none named; a policy is for what a program does")
	}
	for i, w := range workflows {
		if !w.known() {
			v.problem(fmt.Sprintf("workflows[%d]", i), "%v does not exist; name one of the constants, such as RollImage", w)
		}
		used[w] = true
	}
	return used
}

func (v *validator) clusters(used map[Workflow]bool) {
	existing := used[Read] || used[UpdateGroups] || used[RollImage] || used[DeleteCluster] || used[OperateNodes] || used[TagClusters]
	c := v.scope.Clusters
	switch c.kind {
	case clustersUnset:
		if existing || used[CreateCluster] {
			v.problem("Scope.Clusters", "not set; say ClusterARNs, ClusterTag or, for all of the account's, AnyCluster")
		}
	case clustersByARN:
		if len(c.arns) == 0 && existing {
			v.problem("Scope.Clusters", "ClusterARNs names no cluster, but a workflow works on existing ones")
		}
		for i, arn := range c.arns {
			v.arn(fmt.Sprintf("Scope.Clusters.ARNs[%d]", i), arn, wantedARN{
				"sagemaker", v.scope.Region, v.scope.Account, "cluster", clusterIDForm,
				"cluster/ID, where the id is the twelve characters that the service chose, not the cluster's name: take ClusterArn from DescribeCluster",
			})
		}
	case clustersByTag:
		v.tag("Scope.Clusters.Tag", c.tag)
	case clustersAny:
	}
}

func (v *validator) orchestrator(used map[Workflow]bool) {
	o := v.scope.Orchestrator
	switch o.kind {
	case orchestratorUnset:
		if used[CreateCluster] || used[UpdateGroups] || used[RollImage] || used[DeleteCluster] || used[OperateNodes] {
			v.problem("Scope.Orchestrator", "not set; say EKS with the ARNs of the EKS clusters, or Slurm")
		}
	case orchestratorEKS:
		for i, arn := range o.arns {
			v.arn(fmt.Sprintf("Scope.Orchestrator.EKS[%d]", i), arn, wantedARN{"eks", v.scope.Region, v.scope.Account, "cluster", eksForm, "cluster/NAME"})
		}
	case orchestratorSlurm:
	}
}

func (v *validator) tags() {
	if g := v.scope.Guard; g != (Tag{}) {
		v.tag("Scope.Guard", g)
		if g.Value == "" {
			v.problem("Scope.Guard", "has no value; a guard tag needs one that is set on purpose")
		}
		if strings.HasPrefix(strings.ToLower(g.Key), "hyperpodkit:") {
			v.problem("Scope.Guard", "%q: keys that begin with hyperpodkit: tell where a copy comes from, and are set as it is made", g.Key)
		}
	}
	seen := map[string]bool{}
	if v.scope.Clusters.kind == clustersByTag {
		seen[strings.ToLower(v.scope.Clusters.tag.Key)] = true
	}
	for i, t := range v.scope.Tags {
		path := fmt.Sprintf("Scope.Tags[%d]", i)
		v.tag(path, t)
		if key := strings.ToLower(t.Key); seen[key] && t != v.scope.Clusters.tag {
			v.problem(path, "key %q is given twice, or differs in case only; condition keys ignore case", t.Key)
		} else {
			seen[key] = true
		}
	}
}

func (v *validator) tag(path string, t Tag) {
	switch {
	case t.Key == "":
		v.problem(path, "the tag has no key")
	case len([]rune(t.Key)) > 128 || len([]rune(t.Value)) > 256:
		v.problem(path, "a tag has at most 128 characters in its key and 256 in its value")
	case !tagForm.MatchString(t.Key) || !tagForm.MatchString(t.Value):
		v.problem(path, "%q = %q has characters that tags do not have; wildcards and variables are not allowed", t.Key, t.Value)
	case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
		v.problem(path, "%q: keys that begin with aws: are set by AWS only", t.Key)
	}
}

func (v *validator) each(path string, values []string, form *regexp.Regexp, want string) {
	for i, value := range values {
		if !form.MatchString(value) {
			v.problem(fmt.Sprintf("%s[%d]", path, i), "%q is not %s", value, want)
		}
	}
}

// wantedKey is the resource of a key in words.
const wantedKey = "key/ID; an alias is no resource of a grant"

// anyAccount lets an ARN name any account.
const anyAccount = "any"

// wantedARN is what the fields of an ARN must be; an empty Region or account must
// be empty.
type wantedARN struct {
	service, region, account string
	kind                     string         // of the resource, before the slash
	id                       *regexp.Regexp // of the resource, after it
	text                     string         // the resource in words
}

// arn checks an ARN field by field and reports every field that is wrong.
func (v *validator) arn(path, arn string, want wantedARN) {
	fields := strings.SplitN(arn, ":", arnFields)
	if len(fields) != arnFields || fields[0] != "arn" {
		v.problem(path, "%q is no ARN; an ARN is needed whose resource is %s", arn, want.text)
		return
	}
	if fields[1] != v.scope.Partition {
		v.problem(path, "%q is of partition %q, the scope of %q: name one of the scope's", arn, fields[1], v.scope.Partition)
	}
	if fields[2] != want.service {
		v.problem(path, "%q is of service %q, not %q", arn, fields[2], want.service)
		return
	}
	switch region := fields[3]; {
	case want.region == "" && region != "":
		v.problem(path, "%q names Region %q; such an ARN has none", arn, region)
	case region != want.region:
		v.problem(path, "%q is of Region %q, the scope of %q: name one of the scope's", arn, region, want.region)
	}
	switch owner := fields[4]; {
	case want.account == anyAccount:
		if !accountForm.MatchString(owner) {
			v.problem(path, "%q: %q is no account id of twelve digits; write the one that owns it", arn, owner)
		}
	case owner != want.account:
		v.problem(path, "%q is of account %q, the scope of %q: name one of the scope's", arn, owner, want.account)
	}
	if kind, id, _ := strings.Cut(fields[5], "/"); kind != want.kind || !want.id.MatchString(id) {
		v.problem(path, "%q: the resource must be %s", arn, want.text)
	}
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an"
	}
	return "a"
}
