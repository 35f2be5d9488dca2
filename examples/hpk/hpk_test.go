package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const declared = "testdata/train.json"

// planned saves a plan for train in a file.
func planned(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "train.plan")
	r := hpk(t, "plan", "train", declared, "--save", file)
	require.Zero(t, r.status, r.errs)
	return file
}

func TestJSON(t *testing.T) {
	plan := planned(t)
	for line, holds := range map[string]string{
		"describe train":                                   `"ClusterStatus": "InService"`,
		"describe train --declaration":                     `"InstanceGroupName": "login"`,
		"explain research --group debug":                   `"Class": "lifecycle script"`,
		"explain research --node i-1":                      `"Causes": null`,
		"images --wanted " + next:                          `"Drift": "yes"`,
		"images --wanted arm64=" + next:                    `"Drift": "unknown"`,
		"images --nodes":                                   `"Instance": "i-`,
		"plan train " + declared:                           `"After": "6"`,
		"apply train " + plan:                              `"After": "6"`,
		"apply train --yes " + plan:                        `"Complete": true`,
		rollWorkers:                                        `"batch": "50%"`,
		rollWorkers + " --yes":                             `"Outcome": "on the image"`,
		"share " + next + " --accounts 444455556666":       `"State": "not made"`,
		"share " + next + " --accounts 444455556666 --yes": `"Outcome": "as wanted"`,
		"retire " + retired:                                `"Unused": true`,
		"retire " + retired + " --yes":                     `"Changed": true`,
		"policy read rollimage --cluster train":            `"sagemaker:UpdateClusterSoftware"`,
		"policy Read --cluster train --reasons":            "\"Workflows\": [\n        \"Read\"\n",
		"watch train --for 1s":                             `"OnDesiredImage":`,
	} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := hpk(t, append(words(line), "--output", "json")...)
				require.Zero(t, r.status, r.errs)
				assert.NotEmpty(t, documents(t, r.out))
				assert.Contains(t, r.out, holds)
			})
		})
	}
}

const rollWorkers = "roll train --groups workers --batch 50% --image " + next

func TestNothingIsSentWithoutYes(t *testing.T) {
	for line, sends := range map[string][]string{
		"apply train " + planned(t): {"UpdateCluster"},
		rollWorkers:                 {"UpdateClusterSoftware"},
		"share " + next + " --accounts 444455556666":         {"ModifySnapshotAttribute", "ModifyImageAttribute"},
		"share " + next + " --organizations " + organization: {"ModifyImageAttribute"},
		"retire " + retired: {"EnableImageDeprecation"},
	} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dry := hpk(t, words(line)...)
				require.Zero(t, dry.status, dry.errs)
				assert.Contains(t, dry.errs, "Dry run: nothing was sent. With --yes ")
				assert.Empty(t, dry.stage.changes())

				done := hpk(t, append(words(line), "--yes")...)
				require.Zero(t, done.status, done.errs)
				assert.NotContains(t, done.errs, "Dry run")
				assert.Equal(t, sends, done.stage.changes())
			})
		})
	}
	for _, line := range []string{
		"describe train", "explain train", "images", "plan train " + declared, "policy Read --cluster train",
	} {
		r := hpk(t, words(line)...)
		require.Zero(t, r.status, r.errs)
		assert.Empty(t, r.stage.changes(), line)
	}
}

const organization = "arn:aws:organizations::111122223333:organization/o-abcdefghij"

func TestNothingToDo(t *testing.T) {
	for line, says := range map[string]string{
		"roll train --groups login --batch 50% --image " + next: "nothing to do",
		"share --revoke --accounts 444455556666 " + next:        "nothing to change",
		"retire " + current: "in use",
		"explain train":     "nothing found wrong",
		"images --drift --wanted " + current + " --wanted " + next: loginDrifts,
	} {
		r := hpk(t, words(line)...)
		require.Zero(t, r.status, r.errs)
		assert.Contains(t, r.out, says, line)
		assert.NotContains(t, r.errs, "Dry run", line)
		assert.Empty(t, r.stage.changes(), line)
	}
}

// loginDrifts is what drifts: the first AMI that is wanted counts.
const loginDrifts = "train     login  -     1 of 1     " + next

func TestRefused(t *testing.T) {
	plan := planned(t)
	notJSON := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(notJSON, []byte(`{"ClusterName": "train", "InstanceGroup": []}`), 0o600))
	for line, says := range map[string]string{
		"describe nope":                                           `hpk: describe cluster "nope": DescribeCluster: cluster not found`,
		"explain nope":                                            "cluster not found",
		"watch nope --for 1s":                                     "cluster does not exist",
		"policy Read --cluster nope":                              "cluster not found",
		"plan train missing.json":                                 "missing.json: no such file",
		"plan train " + notJSON:                                   "InstanceGroup: ",
		"plan research " + declared:                               `ClusterName: `,
		"apply research " + plan:                                  `it was made for cluster "train"`,
		"apply train " + declared:                                 "load plan: ",
		"roll nope --all-groups --batch 1% --image " + next:       "cluster not found",
		"roll train --groups worker --batch 1% --image " + next:   `group "worker"`,
		"roll train --groups workers --batch 0% --image " + next:  "MaximumBatchSize.Value: 0 is out of range",
		"roll research --all-groups --batch 50% --image " + next:  "clusters on EKS only",
		"roll train --all-groups --batch 1% --image " + untagged:  "AllowSharing=true",
		"share " + untagged + " --accounts 444455556666":          "lacks the tag AllowSharing=true",
		"share " + next + " --accounts 4444":                      "4444",
		"share --revoke --accounts 999988887777 --yes " + current: "in use",
		"retire --yes " + current:                                 "image is in use: cluster research",
		"retire ami-00000000000000000":                            "image not found",
	} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := hpk(t, words(line)...)
				assert.Equal(t, 1, r.status)
				assert.Contains(t, r.errs, says)
				assert.NotContains(t, r.errs, "--help")
				if !strings.HasPrefix(line, "watch") { // which sets train in motion first
					assert.Empty(t, r.stage.changes())
				}
			})
		})
	}
}

func TestUsage(t *testing.T) {
	for line, says := range map[string]string{
		"descibe train":                           `unknown command "descibe" for "hpk"`,
		"describe":                                "argument CLUSTER is missing\nSee 'hpk describe --help'.",
		"describe train research":                 `argument "research" is one too many`,
		"plan train":                              "argument FILE is missing",
		"images train":                            `argument "train" is one too many`,
		"images -o yaml":                          "it is table or json",
		"images --drift":                          "nothing drifts unless --wanted",
		"images --region us-east-1":               "flags --region and --profile mean something with --live only",
		"images --profile dev":                    "flags --region and --profile mean something with --live only",
		"describe train --yes":                    "unknown flag: --yes",
		"roll train --batch 1% --all-groups":      `required flag(s) "image" not set`,
		"roll train --image default --all-groups": `required flag(s) "batch" not set`,
		"roll train --image default --batch 1%":   "[groups all-groups]",
		"roll train --image golden --batch 1%":    `"golden" is no image`,
		"roll train --image default --batch 2":    `"2" is no batch`,
		rollWorkers + " --all-groups":             "[groups all-groups]",
		"share " + next:                           "[accounts organizations]",
		"policy Read":                             `required flag(s) "cluster" not set`,
		"policy --cluster train":                  "requires at least 1 arg",
		"policy Rol --cluster train":              `"Rol" is no workflow: there are Read, CreateCluster, `,
		"watch train --for soon":                  `invalid duration "soon"`,
	} {
		r := hpk(t, words(line)...)
		assert.Equal(t, 2, r.status, line)
		assert.Contains(t, r.errs, says, line)
		assert.Contains(t, r.errs, " --help'.", line)
		assert.Empty(t, r.out, line)
		assert.Nil(t, r.stage, line)
	}
	r := hpkOn(t, func(context.Context) (*stage, error) { return nil, errors.New("no room") }, "images")
	assert.Equal(t, 2, r.status)
	assert.Contains(t, r.errs, "make the emulated clusters: no room")
}

func TestHelp(t *testing.T) {
	r := hpk(t)
	assert.Zero(t, r.status)
	assert.Contains(t, r.out, "no change outlives it")
	assert.Contains(t, r.out, "Exit status: 0 when done, 1 when it failed or was refused, 2 when it could not begin.")
	assert.Zero(t, hpk(t, "completion", "bash").status)
}

// Each example that the help shows works.
func TestExamplesOfTheHelp(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	t.Chdir(dir)
	require.Zero(t, hpk(t, "plan", "train", "train.json", "--save", "train.plan").status)
	examples := 0
	for _, cmd := range (&app{}).root().Commands() {
		for example := range strings.Lines(cmd.Example) {
			examples++
			command, _, _ := strings.Cut(strings.TrimPrefix(example, "  hpk "), " > ")
			synctest.Test(t, func(t *testing.T) {
				r := hpk(t, words(command)...)
				assert.Zero(t, r.status, "%s%s", example, r.errs)
			})
		}
	}
	assert.Greater(t, examples, 10)
}

func TestCompletion(t *testing.T) {
	for line, offers := range map[string]string{
		"describe":                            "train\nresearch\n:4\n",
		"watch":                               "train\nresearch\n:4\n",
		"policy Read --cluster":               "train\nresearch\n:4\n",
		"plan train":                          ":0\n",
		"images --profile dev --output":       ":0\n",
		"describe --profile dev":              ":1\n",
		"policy --cluster train":              "Read\nCreateCluster\n",
		"roll train --image default --groups": ":0\n",
	} {
		r := hpk(t, append(append([]string{cobra.ShellCompRequestCmd}, words(line)...), "")...)
		assert.Zero(t, r.status, r.errs)
		assert.True(t, strings.HasPrefix(r.out, offers), "%s: %s", line, r.out)
	}
}

// What describe declares is what plan reads, and it is what is there.
func TestDeclarationIsWhatIsThere(t *testing.T) {
	for _, cluster := range []string{"train", "research"} {
		r := hpk(t, "describe", cluster, "--declaration")
		require.Zero(t, r.status, r.errs)
		file := filepath.Join(t.TempDir(), "cluster.json")
		require.NoError(t, os.WriteFile(file, []byte(r.out), 0o600))
		r = hpk(t, "plan", cluster, file)
		require.Zero(t, r.status, r.errs)
		assert.Contains(t, r.out, "nothing to do: the cluster is as asked")
	}
}

func TestPlanReadsStandardInput(t *testing.T) {
	text, err := os.ReadFile(declared)
	require.NoError(t, err)
	var out, errs strings.Builder
	a := &app{in: strings.NewReader(string(text)), out: &out, errs: &errs, stage: seed}
	require.Zero(t, run(t.Context(), []string{"plan", "train", "-"}, a), errs.String())
	assert.Contains(t, out.String(), "~ InstanceCount  4 -> 6")
}

func TestPlanFlags(t *testing.T) {
	text, err := os.ReadFile(declared)
	require.NoError(t, err)
	spec, err := hyperpod.ReadSpec(strings.NewReader(string(text)))
	require.NoError(t, err)
	spec.Groups = spec.Groups[:1]
	file := filepath.Join(t.TempDir(), "workers.json")
	text, err = json.Marshal(spec)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))

	r := hpk(t, "plan", "train", file)
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.errs, "login")
	r = hpk(t, "plan", "train", file, "--prune")
	assert.Zero(t, r.status, r.errs)
	assert.Contains(t, r.out, "- group login, with its 1 instance")
	r = hpk(t, "plan", "train", declared, "--keep-counts")
	assert.Zero(t, r.status, r.errs)
	assert.NotContains(t, r.out, "InstanceCount")
}

// A plan is for the cluster as it was seen.
func TestPlanIsStale(t *testing.T) {
	st, err := seed(t.Context())
	require.NoError(t, err)
	args := []string{"apply", "train", planned(t), "--yes"}
	require.Zero(t, hpkOn(t, the(st), args...).status)
	r := hpkOn(t, the(st), args...)
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.errs, hyperpod.ErrStale.Error())
	assert.Equal(t, []string{"UpdateCluster"}, st.changes())
}

func TestRevoke(t *testing.T) {
	st, err := seed(t.Context())
	require.NoError(t, err)
	for _, test := range []struct{ args, says string }{
		{"share --accounts 444455556666 --yes " + retired, "grant 444455556666  made"},
		{"share --accounts 444455556666 --revoke " + retired, "- 444455556666"},
		{"share --accounts 444455556666 --revoke --yes " + retired, "remove 444455556666  made"},
	} {
		r := hpkOn(t, the(st), words(test.args)...)
		require.Zero(t, r.status, r.errs)
		assert.Contains(t, r.out, test.says)
	}
}

func TestRollThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := hpk(t, words("roll train --groups workers --batch 50% --yes --image "+broken)...)
		assert.Equal(t, 1, r.status)
		assert.Contains(t, r.out, "workers  rolled back  4 of 4     "+current)
		assert.Contains(t, r.errs, "hpk: roll image on cluster \"train\": ")
		assert.Contains(t, r.errs, brokenSay)
	})
}

// What Ctrl-C does: what was done is told.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		var out, errs strings.Builder
		assert.Equal(t, 1, run(ctx, append(words(rollWorkers), "--yes"), &app{out: &out, errs: &errs, stage: seed}))
		assert.Contains(t, out.String(), "called UpdateClusterSoftware")
		assert.Contains(t, errs.String(), context.Canceled.Error())

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		errs.Reset()
		assert.Zero(t, run(ctx, []string{"watch", "train"}, &app{out: &out, errs: &errs, stage: seed}), errs.String())
	})
}

type noSpace struct{}

var errNoSpace = errors.New("no space left")

func (noSpace) Write([]byte) (int, error) { return 0, errNoSpace }

func TestResultThatCannotBeWritten(t *testing.T) {
	for _, line := range []string{"describe train", "images -o json", "watch train -o json --for 1s"} {
		synctest.Test(t, func(t *testing.T) {
			var errs strings.Builder
			assert.Equal(t, 1, run(t.Context(), words(line), &app{out: noSpace{}, errs: &errs, stage: seed}), line)
			assert.Contains(t, errs.String(), errNoSpace.Error())
		})
	}
	r := hpk(t, "plan", "train", declared, "--save", filepath.Join(t.TempDir(), "none", "plan"))
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.errs, "no such file")
}

// What EC2 knows of an AMI, for an inventory.
func TestClassify(t *testing.T) {
	a := &app{stage: seed}
	s, err := a.open(t.Context())
	require.NoError(t, err)
	for image, want := range map[string]hyperpod.ImageClass{
		amisharetest.PublicImage(region, "eks", ec2types.ArchitectureValuesX8664): hyperpod.ImagePublic,
		current:                 hyperpod.ImageCustom,
		"ami-00000000000000000": hyperpod.ImageUnknown,
	} {
		facts, err := s.classify(t.Context(), hyperpod.ImageQuery{Image: image})
		require.NoError(t, err)
		assert.Equal(t, want, facts.Class, image)
		assert.Equal(t, want == hyperpod.ImageUnknown, facts.Created.IsZero(), image)
	}
	s.stage.images.Faults().Fail("DescribeImages", 1, errNoSpace)
	_, err = s.classify(t.Context(), hyperpod.ImageQuery{Image: current})
	require.ErrorContains(t, err, "no space left")
}

// Every workflow of package policy can be named, and no other number is one.
func TestWorkflows(t *testing.T) {
	names := workflowNames()
	chosen, err := workflows(names)
	require.NoError(t, err)
	assert.Equal(t, policy.Read, chosen[0])
	assert.Equal(t, policy.RetireImage, chosen[len(chosen)-1])
	_, err = policy.Generate(policy.Scope{}, policy.RetireImage+1)
	require.ErrorContains(t, err, "workflow")
	for _, name := range names {
		r := hpk(t, "policy", name, "--cluster", "train", "--strict")
		assert.Zero(t, r.status, r.errs)
	}
}

// A policy names what the cluster is made of.
func TestPolicyIsOfTheCluster(t *testing.T) {
	const eks, role = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks", "arn:aws:iam::111122223333:role/HyperPodExecution"
	train := hpk(t, "policy", "UpdateGroups", "--cluster", "train").out
	assert.Contains(t, train, eks)
	assert.Equal(t, 1, strings.Count(train, role), train)
	research := hpk(t, "policy", "UpdateGroups", "--cluster", "research").out
	assert.NotContains(t, research, "eks:")
	assert.Contains(t, research, role)
	assert.NotEqual(t, train, hpk(t, "policy", "UpdateGroups", "--cluster", "train", "--strict").out)
}

func TestRollFlags(t *testing.T) {
	r := hpk(t, words(`roll train --image default --all-groups --batch "2 nodes" --rollback-batch 50% --wait 5m
		--alarms loss,nccl --one-by-one --keep-done --output json`)...)
	require.Zero(t, r.status, r.errs)
	var plan hyperpod.RollPlan
	require.NoError(t, json.Unmarshal([]byte(r.out), &plan))
	assert.Equal(t, hyperpod.DefaultImage, plan.Image)
	assert.Equal(t, hyperpod.Deployment{
		Batch: hyperpod.Nodes(2), RollbackBatch: hyperpod.Percent(50), WaitInterval: 5 * time.Minute, Alarms: []string{"loss", "nccl"},
	}, plan.Deployment)
	assert.True(t, plan.OneByOne)
	assert.True(t, plan.KeepDone)
	assert.Len(t, plan.Groups, 2)
}
