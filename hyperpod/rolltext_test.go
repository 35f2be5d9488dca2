package hyperpod_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func TestImagesAsText(t *testing.T) {
	for text, image := range map[string]hyperpod.Image{
		"": {}, goldenAMI: hyperpod.AMI(goldenAMI), "default": hyperpod.DefaultImage, "release 1.2.3": hyperpod.Release("1.2.3"),
	} {
		written, err := image.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, text, string(written))
		var read hyperpod.Image
		require.NoError(t, read.UnmarshalText(written))
		assert.Equal(t, image, read)
	}
	assert.Equal(t, hyperpod.Image{}, hyperpod.Release(""), "no version is no image, and not the newest")
	var read hyperpod.Image
	for _, text := range []string{"release", "release ", "ubuntu", "Default"} {
		require.Error(t, read.UnmarshalText([]byte(text)), text)
	}
	_, err := hyperpod.AMI("ubuntu").MarshalText()
	require.Error(t, err, "what could not be read is not written")
	assert.Equal(t, "default 1.2.3", hyperpod.Release("1.2.3").ID()+" "+hyperpod.Release("1.2.3").Version())
}

func TestBatchesAsText(t *testing.T) {
	for text, batch := range map[string]hyperpod.Batch{
		"": {}, "1 node": hyperpod.Nodes(1), "2 nodes": hyperpod.Nodes(2), "0 nodes": hyperpod.Nodes(0), "25%": hyperpod.Percent(25), "all at once": hyperpod.AllAtOnce,
	} {
		written, err := batch.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, text, string(written))
		var read hyperpod.Batch
		require.NoError(t, read.UnmarshalText(written))
		assert.Equal(t, batch, read)
	}
	var read hyperpod.Batch
	for _, text := range []string{"2", "nodes", " nodes", "%", "2 %", "4294967297 nodes", "everything"} {
		require.Error(t, read.UnmarshalText([]byte(text)), text)
	}
}

func TestSelectionsAsText(t *testing.T) {
	for text, groups := range map[string]hyperpod.GroupSelection{
		"": {}, "all": hyperpod.AllGroups, `["workers","login"]`: hyperpod.Named("workers", "login"), `["all"]`: hyperpod.Named("all"),
	} {
		written, err := groups.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, text, string(written))
		var read hyperpod.GroupSelection
		require.NoError(t, read.UnmarshalText(written))
		assert.Equal(t, groups.String(), read.String())
	}
	var read hyperpod.GroupSelection
	for _, text := range []string{"workers", `["a"] x`, `{}`} {
		require.Error(t, read.UnmarshalText([]byte(text)), text)
	}
	require.Error(t, json.Unmarshal([]byte(`"workers"`), &read))
}

// A whole roll is a value that can be written down, its batches and selections in words.
func TestRollsAsJSON(t *testing.T) {
	roll := hyperpod.Roll{
		Image: hyperpod.Release("1.2.3"), Groups: hyperpod.Named("workers"), Batch: hyperpod.Percent(25), RollbackBatch: hyperpod.Nodes(2),
		WaitInterval: time.Minute, Alarms: []string{"loss"}, ReplaceRootVolumes: true, OneByOne: true,
	}
	body, err := json.Marshal(roll)
	require.NoError(t, err)
	for _, want := range []string{`"Image":"release 1.2.3"`, `"Groups":["workers"]`, `"Batch":"25%"`, `"RollbackBatch":"2 nodes"`} {
		assert.Contains(t, string(body), want)
	}
	for _, groups := range []hyperpod.GroupSelection{roll.Groups, hyperpod.AllGroups, {}} {
		roll.Groups = groups
		body, err := json.Marshal(roll)
		require.NoError(t, err)
		var read hyperpod.Roll
		require.NoError(t, json.Unmarshal(body, &read))
		assert.Equal(t, roll, read)
	}
}

func TestOutcomesAndAnswersAsText(t *testing.T) {
	for outcome := hyperpod.OutcomeUndecided; outcome <= hyperpod.OutcomeNotReached; outcome++ {
		text, err := outcome.MarshalText()
		require.NoError(t, err)
		assert.NotEqual(t, "unknown", string(text))
		var read hyperpod.GroupOutcome
		require.NoError(t, read.UnmarshalText(text))
		assert.Equal(t, outcome, read)
	}
	var outcome hyperpod.GroupOutcome
	require.Error(t, outcome.UnmarshalText([]byte("splendid")))
	for started := hyperpod.StartedUnknown; started <= hyperpod.StartedNo; started++ {
		text, err := started.MarshalText()
		require.NoError(t, err)
		var read hyperpod.Started
		require.NoError(t, read.UnmarshalText(text))
		assert.Equal(t, started, read)
	}
	var started hyperpod.Started
	require.Error(t, started.UnmarshalText([]byte("perhaps")))
	assert.Equal(t, "invalid", hyperpod.Started(9).String())
}

// What is read is written in a form that is read as the same.
func FuzzRollTexts(f *testing.F) {
	for _, s := range []string{"", "ami-1", "default", "release 1.2.3", "2 nodes", "-1 nodes", "1 node", "25%", "all at once", "all", `["a","b"]`, "[]", "null"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var image, image2 hyperpod.Image
		if image.UnmarshalText([]byte(s)) == nil {
			text, err := image.MarshalText()
			require.NoError(t, err)
			require.NoError(t, image2.UnmarshalText(text))
			require.Equal(t, image, image2)
		}
		var batch, batch2 hyperpod.Batch
		if batch.UnmarshalText([]byte(s)) == nil {
			text, err := batch.MarshalText()
			require.NoError(t, err)
			require.NoError(t, batch2.UnmarshalText(text))
			require.Equal(t, batch, batch2)
		}
		var groups, groups2 hyperpod.GroupSelection
		if groups.UnmarshalText([]byte(s)) == nil {
			text, err := groups.MarshalText()
			require.NoError(t, err)
			require.NoError(t, groups2.UnmarshalText(text))
			require.Equal(t, groups.String(), groups2.String())
		}
		if json.Unmarshal([]byte(s), &groups) == nil {
			text, err := json.Marshal(groups)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &groups2))
			require.Equal(t, groups.String(), groups2.String())
		}
	})
}
