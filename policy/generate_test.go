package policy_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files and fail")

const (
	account        = "111122223333"
	clusterARN     = "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"
	roleARN        = "arn:aws:iam::111122223333:role/hyperpod/execution"
	clusterRoleARN = "arn:aws:iam::111122223333:role/hyperpod/autoscaling"
	eksARN         = "arn:aws:eks:us-west-2:111122223333:cluster/train"
	// sourceKeyARN is the key of an AMI that is adopted from another Region.
	sourceKeyARN = "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-1111-4000-8000-000000000000"
	keyARN       = "arn:aws:kms:us-west-2:444455556666:key/0a1b2c3d-0000-4000-8000-000000000000"
)

func workflows() []policy.Workflow {
	return []policy.Workflow{
		policy.Read, policy.CreateCluster, policy.UpdateGroups, policy.RollImage,
		policy.DeleteCluster, policy.OperateNodes, policy.TagClusters, policy.CheckImage, policy.TagForSharing,
		policy.UntagForSharing, policy.ShareImage, policy.AdoptImage, policy.AuditImages, policy.RetireImage,
	}
}

func scope(edits ...func(*policy.Scope)) policy.Scope {
	s := policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: account,
		Clusters: policy.ClusterARNs(clusterARN), Orchestrator: policy.EKS(eksARN), ExecutionRoles: []string{roleARN},
	}
	for _, edit := range edits {
		edit(&s)
	}
	return s
}

func byTag(s *policy.Scope) { s.Clusters = policy.ClusterTag("team", "ml") }
func anyOne(s *policy.Scope) {
	s.Clusters, s.Orchestrator = policy.AnyCluster(), policy.Slurm()
}

func narrow(s *policy.Scope) {
	s.Clusters = policy.ClusterARNs(clusterARN, strings.Replace(clusterARN, "cluster/a", "cluster/z", 1))
	s.ExecutionRoles = append(s.ExecutionRoles, strings.Replace(roleARN, "execution", "debug", 1))
	s.ClusterRole = clusterRoleARN
	s.Tags = []policy.Tag{{Key: "owner", Value: "ann"}, {Key: "cost center", Value: "7"}}
	s.Guard = policy.Tag{Key: "share-with-hyperpod", Value: "yes"}
	s.Images = []string{"ami-0123456789abcdef0", "arn:aws:ec2:us-west-2::image/ami-0fedcba9876543210"}
	s.Snapshots = []string{"snap-0123456789abcdef0"}
	s.Accounts = []string{"222233334444", "333344445555"}
	s.Sources = policy.Sources{
		Images: []string{"ami-0abcdefabcdefabcd"}, Owners: []string{"444455556666"}, Regions: []string{"eu-west-1"},
		KMSKeys: []string{sourceKeyARN},
	}
	s.InstanceTypes = []string{"ml.p5.48xlarge", "ml.c5.2xlarge"}
	s.Subnets = []string{"subnet-0123456789abcdef0"}
	s.SecurityGroups = []string{"sg-0123456789abcdef0"}
	s.KMSKeys = []string{keyARN}
}

func strict(s *policy.Scope) {
	s.Clusters, s.Strict = policy.ClusterTag("team", "ml"), true
	s.Accounts = []string{"222233334444"}
}

func china(s *policy.Scope) {
	s.Partition, s.Region = "aws-cn", "cn-north-1"
	s.Clusters, s.Orchestrator = policy.ClusterTag("team", "ml"), policy.Slurm()
	s.ExecutionRoles = []string{strings.Replace(roleARN, "arn:aws:", "arn:aws-cn:", 1)}
	s.KMSKeys = []string{"arn:aws-cn:kms:cn-north-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"}
}

func scopes() map[string]policy.Scope {
	return map[string]policy.Scope{
		"arn-eks": scope(), "tag-eks": scope(byTag), "any-slurm": scope(anyOne),
		"narrow-eks-kms": scope(narrow), "china-slurm-kms": scope(china),
		"strict-tag-eks": scope(strict),
	}
}

func generate(t testing.TB, s policy.Scope, w ...policy.Workflow) *policy.Document {
	t.Helper()
	doc, err := policy.Generate(s, w...)
	require.NoError(t, err)
	return doc
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, s := range scopes() {
		cases := map[string][]policy.Workflow{"all": workflows()}
		for _, w := range workflows() {
			cases[w.String()] = []policy.Workflow{w}
		}
		for workflow, ws := range cases {
			t.Run(name+" "+workflow, func(t *testing.T) {
				t.Parallel()
				golden(t, filepath.Join("testdata", "golden", name, workflow+".json"), generate(t, s, ws...).Encode())
			})
		}
		t.Run(name+" explained", func(t *testing.T) {
			t.Parallel()
			e, err := policy.Explain(s, workflows()...)
			require.NoError(t, err)
			golden(t, filepath.Join("testdata", "golden", name, "explained.txt"), []byte(e.String()))
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(file)
	if *update && !bytes.Equal(want, got) {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
		t.Fatalf("%s rewritten: look at the change, then run without -update", file)
	}
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestGeneratedPoliciesAreInOrder(t *testing.T) {
	t.Parallel()
	for name, s := range scopes() {
		forward := generate(t, s, workflows()...)
		backward := workflows()
		slices.Reverse(backward)
		assert.Equal(t, forward, generate(t, s, append(backward, backward...)...), name)
		for _, w := range workflows() {
			assert.True(t, generate(t, s, w).Fits(policy.ManagedPolicy), "%s %v", name, w)
		}
		parts, err := forward.Split()
		require.NoError(t, err)
		assert.LessOrEqual(t, len(parts), 2, name)

		decoded, err := policy.Decode(forward.Encode())
		require.NoError(t, err)
		assert.Equal(t, forward, decoded, name)

		sids := map[string]bool{}
		for _, st := range forward.Statements {
			assert.Regexp(t, `^[A-Za-z0-9]+$`, st.Sid)
			assert.False(t, sids[st.Sid], st.Sid)
			sids[st.Sid] = true
			assert.NotContains(t, strings.Join(st.Action.Items, " "), "*")
		}
	}
}

// TestConditionsAreAlive holds that each condition is on a key that its action
// has: an Allow under any other never matches.
func TestConditionsAreAlive(t *testing.T) {
	t.Parallel()
	global := []string{"aws:RequestedRegion", "aws:CalledViaLast"}
	for name, s := range scopes() {
		for _, st := range generate(t, s, workflows()...).Statements {
			for _, name := range st.Action.Items {
				a, ok := policy.LookupAction(name)
				require.True(t, ok, name)
				keys := slices.Concat(global, a.Keys)
				for _, r := range a.Resources {
					keys = append(keys, r.Keys...)
				}
				for _, o := range st.Condition {
					for _, k := range o.Keys {
						assert.True(t, slices.ContainsFunc(keys, func(key string) bool {
							prefix, _, variable := strings.Cut(key, "${")
							return k.Name == key || variable && strings.HasPrefix(k.Name, prefix)
						}), "%s has no key %s", name, k.Name)
					}
				}
				if len(a.Resources) == 0 {
					assert.Equal(t, policy.String("*"), st.Resource, name)
				} else {
					assert.NotContains(t, st.Resource.Items, "*", name)
				}
			}
		}
		assert.NotEmpty(t, name)
	}
}

func TestSlurmHasNoEKS(t *testing.T) {
	t.Parallel()
	doc := generate(t, scope(anyOne), workflows()...)
	assert.NotContains(t, doc.String(), "eks")
}

func TestKMSOnlyOnRequest(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, generate(t, scope(), workflows()...).String(), "kms")
	assert.Contains(t, generate(t, scope(narrow), policy.RollImage).String(), `"kms:ViaService": "sagemaker.us-west-2.amazonaws.com"`)
	assert.Contains(t, generate(t, scope(china), policy.RollImage).String(), `"kms:ViaService": "sagemaker.cn-north-1.amazonaws.com.cn"`)
}

func TestGenerateKeepsNothingOfItsInput(t *testing.T) {
	t.Parallel()
	arns := []string{clusterARN}
	s := scope(func(s *policy.Scope) { s.Clusters = policy.ClusterARNs(arns...) })
	arns[0] = "changed"
	doc := generate(t, s, policy.UpdateGroups)
	s.ExecutionRoles[0] = "changed"
	assert.NotContains(t, doc.String(), "changed")
}

func TestGenerateRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		edit      func(*policy.Scope)
		workflows []policy.Workflow
		want      []string
	}{
		"empty scope": {func(s *policy.Scope) { *s = policy.Scope{} }, []policy.Workflow{policy.CreateCluster}, []string{
			`Scope.Partition: empty; name the partition, such as "aws"`,
			`Scope.Region: empty; name the Region, such as "us-west-2"`,
			`Scope.Account: "" is no account id of twelve digits; write the one that the clusters are in`,
			`Scope.Clusters: not set; say ClusterARNs, ClusterTag or, for all of the account's, AnyCluster`,
			`Scope.Orchestrator: not set; say EKS with the ARNs of the EKS clusters, or Slurm`,
			`Scope.ExecutionRoles: empty; CreateCluster and UpdateGroups pass a role for every instance group: name their ARNs`,
		}},
		"no workflow": {func(*policy.Scope) {}, nil, []string{`workflows: none named; a policy is for what a program does`}},
		"unknown workflow": {func(*policy.Scope) {}, []policy.Workflow{policy.Read, 99}, []string{
			`workflows[1]: Workflow(99) does not exist; name one of the constants, such as RollImage`,
		}},
		"no cluster named": {func(s *policy.Scope) { s.Clusters = policy.ClusterARNs() }, []policy.Workflow{policy.RollImage}, []string{
			`Scope.Clusters: ClusterARNs names no cluster, but a workflow works on existing ones`,
		}},
		"cluster by name": {
			func(s *policy.Scope) {
				s.Clusters = policy.ClusterARNs("train", "arn:aws:sagemaker:us-west-2:111122223333:cluster/my-cluster", clusterARN+"*")
			},
			[]policy.Workflow{policy.Read},
			[]string{
				`Scope.Clusters.ARNs[0]: "train" is no ARN; an ARN is needed whose resource is cluster/ID, where the id is the twelve characters that the service chose, not the cluster's name: take ClusterArn from DescribeCluster`,
				`Scope.Clusters.ARNs[1]: "arn:aws:sagemaker:us-west-2:111122223333:cluster/my-cluster": the resource must be cluster/ID, where the id is the twelve characters that the service chose, not the cluster's name: take ClusterArn from DescribeCluster`,
				`Scope.Clusters.ARNs[2]: "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01*": the resource must be cluster/ID, where the id is the twelve characters that the service chose, not the cluster's name: take ClusterArn from DescribeCluster`,
			},
		},
		"elsewhere": {
			func(s *policy.Scope) {
				s.Clusters = policy.ClusterARNs("arn:aws-cn:sagemaker:cn-north-1:444455556666:cluster/abcdefghij01")
				s.Orchestrator = policy.EKS("arn:aws:eks:us-east-1:444455556666:cluster/train", eksARN, "debug")
				s.ExecutionRoles = []string{"arn:aws:iam:us-west-2:444455556666:role/x"}
				s.KMSKeys = []string{"arn:aws:kms:us-east-1:444455556666:key/abc"}
			},
			[]policy.Workflow{policy.UpdateGroups},
			[]string{
				`Scope.Clusters.ARNs[0]: "arn:aws-cn:sagemaker:cn-north-1:444455556666:cluster/abcdefghij01" is of partition "aws-cn", the scope of "aws": name one of the scope's`,
				`Scope.Clusters.ARNs[0]: "arn:aws-cn:sagemaker:cn-north-1:444455556666:cluster/abcdefghij01" is of Region "cn-north-1", the scope of "us-west-2": name one of the scope's`,
				`Scope.Clusters.ARNs[0]: "arn:aws-cn:sagemaker:cn-north-1:444455556666:cluster/abcdefghij01" is of account "444455556666", the scope of "111122223333": name one of the scope's`,
				`Scope.Orchestrator.EKS[0]: "arn:aws:eks:us-east-1:444455556666:cluster/train" is of Region "us-east-1", the scope of "us-west-2": name one of the scope's`,
				`Scope.Orchestrator.EKS[0]: "arn:aws:eks:us-east-1:444455556666:cluster/train" is of account "444455556666", the scope of "111122223333": name one of the scope's`,
				`Scope.Orchestrator.EKS[2]: "debug" is no ARN; an ARN is needed whose resource is cluster/NAME`,
				`Scope.ExecutionRoles[0]: "arn:aws:iam:us-west-2:444455556666:role/x" names Region "us-west-2"; such an ARN has none`,
				`Scope.ExecutionRoles[0]: "arn:aws:iam:us-west-2:444455556666:role/x" is of account "444455556666", the scope of "111122223333": name one of the scope's`,
				`Scope.KMSKeys[0]: "arn:aws:kms:us-east-1:444455556666:key/abc" is of Region "us-east-1", the scope of "us-west-2": name one of the scope's`,
			},
		},
		"place": {
			func(s *policy.Scope) {
				*s = policy.Scope{Partition: "aws", Region: "cn-north-1", Account: "1234"}
			},
			[]policy.Workflow{policy.CheckImage},
			[]string{
				`Scope.Region: cn-north-1 is not in partition aws but in aws-cn: change one of the two`,
				`Scope.Account: "1234" is no account id of twelve digits; write the one that the clusters are in`,
			},
		},
		"spelling of the place": {
			func(s *policy.Scope) { s.Partition, s.Region = "AWS", "us-west-2*" },
			[]policy.Workflow{policy.CheckImage},
			[]string{
				`Scope.Partition: "AWS" is no AWS partition; write aws, aws-cn, aws-us-gov or another that exists, in lower case`,
				`Scope.Region: "us-west-2*" is no Region; name one, such as us-west-2`,
				`Scope.Clusters.ARNs[0]: "` + clusterARN + `" is of partition "aws", the scope of "AWS": name one of the scope's`,
				`Scope.Clusters.ARNs[0]: "` + clusterARN + `" is of Region "us-west-2", the scope of "us-west-2*": name one of the scope's`,
				`Scope.Orchestrator.EKS[0]: "` + eksARN + `" is of partition "aws", the scope of "AWS": name one of the scope's`,
				`Scope.Orchestrator.EKS[0]: "` + eksARN + `" is of Region "us-west-2", the scope of "us-west-2*": name one of the scope's`,
				`Scope.ExecutionRoles[0]: "` + roleARN + `" is of partition "aws", the scope of "AWS": name one of the scope's`,
			},
		},
		"roles": {
			func(s *policy.Scope) {
				s.ClusterRole = "arn:aws:iam::444455556666:role/autoscaling"
				s.ExecutionRoles = []string{"arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:user/x", "x", "arn:aws:sts::111122223333:assumed-role/x/y"}
			},
			[]policy.Workflow{policy.UpdateGroups},
			[]string{
				`Scope.ExecutionRoles[0]: "arn:aws:iam::111122223333:role/*": the resource must be role/NAME, without wildcards`,
				`Scope.ExecutionRoles[1]: "arn:aws:iam::111122223333:user/x": the resource must be role/NAME, without wildcards`,
				`Scope.ExecutionRoles[2]: "x" is no ARN; an ARN is needed whose resource is role/NAME, without wildcards`,
				`Scope.ExecutionRoles[3]: "arn:aws:sts::111122223333:assumed-role/x/y" is of service "sts", not "iam"`,
				`Scope.ClusterRole: "arn:aws:iam::444455556666:role/autoscaling" is of account "444455556666", the scope of "111122223333": name one of the scope's`,
			},
		},
		"a role for scaling on Slurm": {
			func(s *policy.Scope) { s.ClusterRole, s.Orchestrator = clusterRoleARN, policy.Slurm() },
			[]policy.Workflow{policy.UpdateGroups},
			[]string{`Scope.ClusterRole: set, but the clusters are on Slurm, where nothing scales by it; leave it out`},
		},
		"images": {
			func(s *policy.Scope) {
				s.Images = []string{"arn:aws:ec2:us-west-2:111122223333:image/ami-0123456789abcdef0", "ami-*", "arn:aws:ec2:us-west-2::image/*"}
				s.Snapshots = []string{"ami-0123456789abcdef0", "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0"}
			},
			[]policy.Workflow{policy.RollImage},
			[]string{
				`Scope.Images[0]: "arn:aws:ec2:us-west-2:111122223333:image/ami-0123456789abcdef0" names account 111122223333; the ARN of an image has an empty account field, and never matches with one: leave it out`,
				`Scope.Images[1]: "ami-*" is no id of an image; write ids without wildcards, or leave the list empty for all`,
				`Scope.Images[2]: "arn:aws:ec2:us-west-2::image/*": the resource must be image/ID`,
				`Scope.Snapshots[0]: "ami-0123456789abcdef0" is no id of a snapshot; write ids without wildcards, or leave the list empty for all`,
				`Scope.Snapshots[1]: "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0": the resource must be snapshot/ID`,
			},
		},
		"accounts and sources": {
			func(s *policy.Scope) {
				s.Accounts = []string{"*"}
				s.Sources = policy.Sources{
					Images: []string{"ami-*"}, Owners: []string{"self"}, Regions: []string{"x", "cn-north-1"},
					KMSKeys: []string{sourceKeyARN, "alias/x", "arn:aws:kms:us-west-2:444455556666:alias/x"},
				}
				s.Guard = policy.Tag{Key: "HyperpodKit:adoption", Value: "x"}
			},
			[]policy.Workflow{policy.AdoptImage},
			[]string{
				`Scope.Guard: "HyperpodKit:adoption": keys that begin with hyperpodkit: tell where a copy comes from, and are set as it is made`,
				`Scope.Accounts[0]: "*" is not an account id of twelve digits`,
				`Scope.Sources.Images[0]: "ami-*" is not an id of an AMI such as ami-0123456789abcdef0`,
				`Scope.Sources.Owners[0]: "self" is not an account id of twelve digits`,
				`Scope.Sources.Regions[0]: "x" is no Region; name one, such as eu-west-1`,
				`Scope.Sources.Regions[1]: cn-north-1 is not in partition aws; AMIs are not copied between partitions`,
				`Scope.Sources.KMSKeys[0]: "` + sourceKeyARN + `" is of Region "eu-west-1", from which nothing is copied: add the Region to Sources.Regions`,
				`Scope.Sources.KMSKeys[1]: "alias/x" is no ARN; an ARN is needed whose resource is key/ID; an alias is no resource of a grant`,
				`Scope.Sources.KMSKeys[2]: "arn:aws:kms:us-west-2:444455556666:alias/x": the resource must be key/ID; an alias is no resource of a grant`,
			},
		},
		"limits": {
			func(s *policy.Scope) {
				s.InstanceTypes, s.Subnets, s.SecurityGroups = []string{"p5.48xlarge"}, []string{"subnet-*"}, []string{"default"}
				s.KMSKeys = []string{"arn:aws:kms:us-west-2:111122223333:alias/x", "arn:aws:kms:us-west-2:*:key/x"}
			},
			[]policy.Workflow{policy.UpdateGroups},
			[]string{
				`Scope.InstanceTypes[0]: "p5.48xlarge" is not an instance type such as ml.p5.48xlarge`,
				`Scope.Subnets[0]: "subnet-*" is not a subnet id such as subnet-0123456789abcdef0`,
				`Scope.SecurityGroups[0]: "default" is not a security group id such as sg-0123456789abcdef0`,
				`Scope.KMSKeys[0]: "arn:aws:kms:us-west-2:111122223333:alias/x": the resource must be key/ID; an alias is no resource of a grant`,
				`Scope.KMSKeys[1]: "arn:aws:kms:us-west-2:*:key/x": "*" is no account id of twelve digits; write the one that owns it`,
			},
		},
		"tags": {
			func(s *policy.Scope) {
				s.Clusters = policy.ClusterTag("team", "${aws:PrincipalTag/team}")
				s.Guard = policy.Tag{Key: "AllowSharing"}
				s.Tags = []policy.Tag{{Key: "Team", Value: "x"}, {Value: "x"}, {Key: "aws:x"}, {Key: "a", Value: "*"}, {Key: strings.Repeat("k", 129)}}
			},
			[]policy.Workflow{policy.CreateCluster},
			[]string{
				`Scope.Clusters.Tag: "team" = "${aws:PrincipalTag/team}" has characters that tags do not have; wildcards and variables are not allowed`,
				`Scope.Guard: has no value; a guard tag needs one that is set on purpose`,
				`Scope.Tags[0]: key "Team" is given twice, or differs in case only; condition keys ignore case`,
				`Scope.Tags[1]: the tag has no key`,
				`Scope.Tags[2]: "aws:x": keys that begin with aws: are set by AWS only`,
				`Scope.Tags[3]: "a" = "*" has characters that tags do not have; wildcards and variables are not allowed`,
				`Scope.Tags[4]: a tag has at most 128 characters in its key and 256 in its value`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scope(tc.edit)
			doc, err := policy.Generate(s, tc.workflows...)
			assert.Nil(t, doc)
			require.ErrorIs(t, err, policy.ErrInvalidScope)
			var details *policy.ScopeError
			require.ErrorAs(t, err, &details)
			var got []string
			for _, p := range details.Problems {
				got = append(got, p.String())
			}
			assert.Equal(t, tc.want, got)

			_, explained := policy.Explain(s, tc.workflows...)
			assert.Equal(t, err, explained)
		})
	}
}

func TestScopesThatNeedLess(t *testing.T) {
	t.Parallel()
	image := policy.Scope{Partition: "aws", Region: "us-west-2", Account: account}
	generate(t, image, policy.CheckImage, policy.TagForSharing)
	created := scope(func(s *policy.Scope) { s.Clusters = policy.ClusterARNs() })
	assert.NotContains(t, generate(t, created, policy.CreateCluster).String(), "UpdateClusterSoftware")
	for _, region := range []string{"us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1", "ap-southeast-5"} {
		image.Region = region
		image.Partition = map[string]string{
			"us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e",
			"us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc", "ap-southeast-5": "aws",
		}[region]
		generate(t, image, policy.CheckImage)
	}
}

func TestExplainCoversThePolicy(t *testing.T) {
	t.Parallel()
	for name, s := range scopes() {
		doc := generate(t, s, workflows()...)
		e, err := policy.Explain(s, workflows()...)
		require.NoError(t, err)
		var granted, explained []string
		for _, st := range doc.Statements {
			for _, a := range st.Action.Items {
				granted = append(granted, st.Sid+" "+a)
			}
		}
		for _, g := range e.Grants {
			explained = append(explained, g.Sid+" "+g.Action)
			assert.NotEmpty(t, g.Why, g.Action)
			assert.NotEmpty(t, g.Access, g.Action)
			assert.NotEmpty(t, g.Workflows, g.Action)
			for _, src := range g.Sources {
				assert.NotEmpty(t, src.Name, g.Action)
				assert.Regexp(t, `^20[0-9]{2}`, src.Date, g.Action)
			}
			assert.NotEmpty(t, g.Sources, g.Action)
		}
		assert.Equal(t, granted, explained, name)
		assert.Contains(t, e.String(), "no condition key names ImageId", name)
	}
}

func TestWorkflowsInJSON(t *testing.T) {
	for _, w := range workflows() {
		text, err := json.Marshal([]policy.Workflow{w})
		require.NoError(t, err)
		assert.Equal(t, `["`+w.String()+`"]`, string(text))
	}
}
