package proof

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const (
	clusterRole = "arn:aws:iam::111122223333:role/Autoscaling"
	eksARN      = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
)

// site is an account with a cluster, as the pairs find it.
type site struct {
	name              string
	byTag, eks, kms   bool
	strict, forwarded bool
}

// sites are all of them. Strict policies are for where the keys of forward access
// sessions are there.
func sites() []site {
	var all []site
	for i := range 32 {
		s := site{byTag: i&1 > 0, eks: i&2 > 0, kms: i&4 > 0, forwarded: i&8 > 0, strict: i&16 > 0}
		if s.strict && !s.forwarded {
			continue
		}
		pick := func(on bool, yes, no string) string { return map[bool]string{true: yes, false: no}[on] }
		s.name = strings.Join([]string{
			pick(s.byTag, "tag", "ARN"), pick(s.eks, "EKS", "Slurm"), pick(s.kms, "key", "no key"),
			pick(s.forwarded, "forwarded", "not forwarded"), pick(s.strict, "strict", "default"),
		}, ", ")
		all = append(all, s)
	}
	return all
}

// scope is what a policy for the site's cluster is generated from.
func (s site) scope(clusterARN string) policy.Scope {
	scope := policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: ourAccount, Strict: s.strict, Clusters: policy.ClusterARNs(clusterARN),
		ExecutionRoles: []string{"arn:aws:iam::111122223333:role/HyperPod"}, Orchestrator: policy.Slurm(),
		Accounts: []string{clusterAccount}, Sources: policy.Sources{Owners: []string{clusterAccount}, Regions: []string{"eu-west-1"}},
	}
	if s.eks {
		scope.Orchestrator = policy.EKS(eksARN)
		scope.ClusterRole = clusterRole
	}
	if s.byTag {
		scope.Clusters = policy.ClusterTag("team", "ml")
	}
	if s.kms {
		scope.KMSKeys, scope.Sources.KMSKeys = []string{customerKey}, []string{theirKey("us-west-2"), theirKey("eu-west-1")}
	}
	return scope
}

// image is a golden AMI of the site.
func (s site) image() amisharetest.Image {
	img := guarded()
	if s.kms {
		img.KMSKey = customerKey
	}
	return img
}

// spec is a cluster of the site that runs an image.
func (s site) spec(image string) hyperpod.Spec {
	in := spec(image)
	if s.eks {
		in.ClusterRole = clusterRole
	} else {
		in.Orchestrator = hyperpod.Slurm()
		in.Groups[0] = in.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) {
			g.SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeController}
		})
	}
	if s.byTag {
		in.Tags = map[string]string{"team": "ml"}
	}
	if s.kms {
		in.Groups[0] = in.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) {
			g.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{
				Value: types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String(customerKey)},
			}}
		})
	}
	return in
}

// TestEachPairOfWorkflows runs every two workflows, one after the other, under only the
// policy that is generated for both.
func TestEachPairOfWorkflows(t *testing.T) {
	all := runners()
	for _, s := range sites() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for i, first := range all {
				for _, second := range all[i:] {
					s.run(t, first, second)
				}
			}
		})
	}
}

func (s site) run(t *testing.T, first, second runner) {
	t.Helper()
	images := amisharetest.NewServer()
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images, o.NoForwardKeys = images, !s.forwarded })
	patient := func(o *hyperpod.Options) { o.Poll.Interval = time.Millisecond }
	w := workplace{site: s, root: hyperpod.New(srv.Client(), patient), images: images, old: images.AddImage(s.image()), fresh: images.AddImage(s.image())}
	_, err := w.root.Cluster("train").Create(t.Context(), s.spec(w.old))
	require.NoError(t, err)
	made, err := w.root.Cluster("train").Describe(t.Context())
	require.NoError(t, err)
	doc, err := policy.Generate(s.scope(*made.Cluster.ClusterArn), first.workflow, second.workflow)
	require.NoError(t, err)
	policies := policy.Policies{Identity: compileAll(t, doc)}
	w.hp = hyperpod.New(srv.As(hyperpodtest.Principal{ARN: operator, Policies: policies}).Client(), patient)
	w.ec2 = images.As(amisharetest.Principal{ARN: operator, Policies: policies})
	for _, r := range []runner{first, second} {
		require.NoError(t, r.run(t, w), "%s: %v of %v and %v", s.name, r.workflow, first.workflow, second.workflow)
		if first.workflow == second.workflow {
			break
		}
	}
}
