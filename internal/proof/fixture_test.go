package proof

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const (
	secondAccount = "222233334444" // shared with, where a scope names two accounts
	secondKey     = "arn:aws:kms:us-west-2:111122223333:key/9abc5678-12ab-34cd-56ef-1234567890ab"
	secondRole    = "arn:aws:iam::111122223333:role/hyperpod/debug"
	secondEKS     = "arn:aws:eks:us-west-2:111122223333:cluster/debug"
)

// scenario is a site as the proof of minimality sees it.
type scenario struct {
	site
	narrow bool // the scope names two of whatever it can name
	any    bool // the scope names no cluster
}

// scenarios cover each orchestrator, way of choosing clusters, key and mode, HyperPod's calls
// with and without the keys of forward access sessions, and whatever a scope can be narrowed
// by.
func scenarios() []scenario {
	return []scenario{
		{site: site{name: "ARN, EKS", eks: true, forwarded: true}},
		{site: site{name: "tag, EKS, key, not forwarded", byTag: true, eks: true, kms: true}},
		{site: site{name: "tag, Slurm, not forwarded", byTag: true}},
		{site: site{name: "any, Slurm, key", kms: true, forwarded: true}, any: true},
		{site: site{name: "ARN, EKS, strict", eks: true, forwarded: true, strict: true}},
		{site: site{name: "ARNs, Slurm, key, narrow, not forwarded", kms: true}, narrow: true},
		{site: site{name: "tag, EKS, narrow", byTag: true, eks: true, forwarded: true}, narrow: true},
		{site: site{name: "tag, EKS, key, narrow, strict", byTag: true, eks: true, kms: true, forwarded: true, strict: true}, narrow: true},
	}
}

// fixture is where one workflow runs once under one policy.
type fixture struct {
	scenario
	workflow policy.Workflow
	srv      *hyperpodtest.Server
	images   *amisharetest.Server
	root     *hyperpod.Client // without a policy, to prepare by
	old      string           // the AMIs that clusters run
	fresh    string
	unused   []string            // AMIs that no cluster runs: without the guard tag, or with it for who removes it
	theirs   []amishare.Adoption // what is to be adopted
	clusters []string            // the names of those that the scope chooses
	arns     []string

	api *sagemaker.Client // under the policy
	hp  *hyperpod.Client
	ec2 *amisharetest.Server
}

func patient(o *hyperpod.Options) { o.Poll.Interval, o.Poll.Timeout = time.Minute, time.Hour }

// newFixture prepares for a workflow, in a bubble.
func newFixture(t *testing.T, s scenario, w policy.Workflow) *fixture {
	t.Helper()
	f := &fixture{scenario: s, workflow: w, images: amisharetest.NewServer(), clusters: []string{"train"}}
	f.srv = hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images, o.NoForwardKeys = f.images, !s.forwarded })
	f.root = hyperpod.New(f.srv.Client(), patient)
	f.old, f.fresh = f.images.AddImage(f.image()), f.images.AddImage(f.image())
	var unused amisharetest.Image
	if w == policy.UntagForSharing {
		unused.Tags = map[string]string{"AllowSharing": "true", "allowsharing": "True", "owner": "ann"}
		unused.SnapshotTags = unused.Tags
	}
	f.unused = []string{f.images.AddImage(unused), f.images.AddImage(unused)}
	if w == policy.AdoptImage {
		f.offer(t)
	}
	if s.narrow {
		f.clusters = append(f.clusters, "debug")
	}
	for _, name := range f.clusters {
		in := f.spec(name)
		if w == policy.UpdateGroups {
			in.ClusterRole = "" // an update gives it
		}
		_, err := f.root.Cluster(name).Create(t.Context(), in)
		require.NoError(t, err)
		made, err := f.root.Cluster(name).Describe(t.Context())
		require.NoError(t, err)
		f.arns = append(f.arns, *made.Cluster.ClusterArn)
	}
	return f
}

// under is who works with only the policies, and tells each request that it asks.
func (f *fixture) under(p policy.Policies, asked func(policy.Request, policy.Decision)) {
	role := hyperpodtest.Principal{ARN: operator, Policies: p, OnDecision: asked}
	f.api = f.srv.As(role).Client()
	f.hp = hyperpod.New(f.api, patient)
	f.ec2 = f.images.As(amisharetest.Principal(role))
}

// offer has others share AMIs, and keeps one of the account's own in another Region. Where
// there are keys, those of others are encrypted.
func (f *fixture) offer(t *testing.T) {
	t.Helper()
	for _, from := range []struct {
		account, region, sourceKey, key string
	}{
		{clusterAccount, "us-west-2", theirKey("us-west-2"), secondKey},
		{clusterAccount, "eu-west-1", theirKey("eu-west-1"), ""},
		{ourAccount, "eu-west-1", "", ""},
	} {
		img := amisharetest.Image{Account: from.account, Region: from.region, Name: "golden " + from.account + " " + from.region, Tags: guarded().Tags, SnapshotTags: guarded().SnapshotTags}
		adoption := amishare.Adoption{Region: from.region}
		if f.kms {
			img.KMSKey, adoption.KMSKey = from.sourceKey, from.key
		}
		adoption.Image = f.images.AddImage(img)
		f.theirs = append(f.theirs, adoption)
		if from.account == ourAccount {
			continue
		}
		owner := f.images.As(amisharetest.Root(from.account)).Client(func(o *ec2.Options) { o.Region = from.region })
		_, err := amishare.NewSharer(owner, func(o *amishare.SharerOptions) { o.AllowEncrypted = true }).Share(t.Context(), adoption.Image, amishare.Accounts(ourAccount))
		require.NoError(t, err)
	}
}

// scope is what the policy is generated from.
func (f *fixture) scope(t *testing.T) policy.Scope {
	t.Helper()
	s := f.site.scope(f.arns[0])
	if f.any {
		s.Clusters = policy.AnyCluster()
	}
	if f.kms {
		s.KMSKeys = []string{customerKey, secondKey}
	}
	if !f.narrow {
		return s
	}
	if !f.byTag {
		s.Clusters = policy.ClusterARNs(f.arns...)
	}
	if f.eks {
		s.Orchestrator = policy.EKS(eksARN, secondEKS)
	}
	s.ExecutionRoles = append(s.ExecutionRoles, secondRole)
	s.Tags = []policy.Tag{{Key: "owner", Value: "ann"}, {Key: "cost center", Value: "7"}}
	s.Accounts = append(s.Accounts, secondAccount)
	s.InstanceTypes = []string{"ml.c5.2xlarge", "ml.c5.xlarge"}
	s.Subnets = []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"}
	s.SecurityGroups = []string{"sg-0123456789abcdef0", "sg-0123456789abcdef1"}
	s.Images = []string{f.old, f.fresh}
	if f.workflow == policy.TagForSharing || f.workflow == policy.UntagForSharing {
		s.Images = f.unused
	}
	described, err := f.images.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: s.Images})
	require.NoError(t, err)
	for _, img := range described.Images {
		s.Snapshots = append(s.Snapshots, *img.BlockDeviceMappings[0].Ebs.SnapshotId)
	}
	for _, a := range f.theirs {
		s.Sources.Images = append(s.Sources.Images, a.Image)
	}
	return s
}

// spec is one of the scenario's clusters, by name. On EKS each has an EKS cluster of its own.
func (f *fixture) spec(name string) hyperpod.Spec {
	in := f.site.spec(f.old)
	if f.eks && name == "debug" {
		in.Orchestrator = hyperpod.EKS(secondEKS)
	}
	in.VPC = hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}}
	if f.kms {
		in.Groups[0] = in.Groups[0].WithEncryptedEBSVolume(100, secondKey)
	}
	if len(f.groups()) > 1 {
		in.Groups = append(in.Groups, f.second("login"))
	}
	if !f.narrow {
		return in
	}
	if in.Tags == nil {
		in.Tags = map[string]string{}
	}
	in.Tags["owner"], in.Tags["cost center"] = "ann", "7"
	return in
}

// second is a group that has the second of everything that the scope names.
func (f *fixture) second(name string) hyperpod.Group {
	group := f.site.spec(f.fresh).Groups[0].WithName(name).WithInstances(types.ClusterInstanceTypeMlC5Xlarge, 1)
	if !f.eks {
		group = group.WithSlurm(types.ClusterSlurmNodeTypeCompute, "all")
	}
	if f.kms {
		group = group.WithEncryptedEBSVolume(100, secondKey)
	}
	if f.narrow {
		group = group.WithExecutionRole(secondRole).WithOverrideVPC(hyperpod.VPC{
			Subnets: []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"}, SecurityGroups: []string{"sg-0123456789abcdef0", "sg-0123456789abcdef1"},
		})
	}
	return group
}

// groups are the names of the groups of a cluster: two where the scope names two of
// everything, and beside a Slurm controller, whose node stays.
func (f *fixture) groups() []string {
	if f.narrow || !f.eks {
		return []string{"workers", "login"}
	}
	return []string{"workers"}
}

// encrypt has the account encrypt by default with a key.
func (f *fixture) encrypt(t *testing.T, key string) {
	t.Helper()
	_, err := f.images.EnableEbsEncryptionByDefault(t.Context(), &ec2.EnableEbsEncryptionByDefaultInput{})
	require.NoError(t, err)
	_, err = f.images.ModifyEbsDefaultKmsKeyId(t.Context(), &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: aws.String(key)})
	require.NoError(t, err)
}
