package main

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

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
