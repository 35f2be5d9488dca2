package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
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
		"watch train --for 1s":                             `"OnDesired":`,
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
