package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

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
