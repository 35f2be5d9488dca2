package progress_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// step is a step on a cluster, which is called by its ARN.
func step(kind rollout.StepKind, name string) rollout.Step {
	return rollout.Step{Kind: kind, Name: name, Cluster: "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"}
}

// inStep is what happens in a step's workflow.
func inStep(name string, e hyperpod.Event) rollout.Event {
	e.Operation = hyperpod.OperationRoll
	return rollout.Event{Kind: rollout.EventProgress, Step: step(rollout.StepAwait, name), HyperPod: &e}
}

func finished(kind rollout.StepKind, name string, r rollout.Result) rollout.Event {
	return rollout.Event{Kind: rollout.EventFinished, Step: step(kind, name), Result: r}
}

// story is a canary that goes through and a second cluster whose gate fails.
func story() []rollout.Event {
	done := rollout.Result{Kind: rollout.ResultDone}
	events := []rollout.Event{
		{Kind: rollout.EventMoment, Text: "wave 1 began"},
		{Kind: rollout.EventStarted, Step: step(rollout.StepCheck, "train")},
		finished(rollout.StepCheck, "train", done),
		inStep("train", called("UpdateClusterSoftware")),
		inStep("train", ended),
		finished(rollout.StepUpdate, "train", done),
		inStep("train", look("SystemUpdating", group("workers", "InProgress", 1, 4))),
		inStep("train", look("SystemUpdating", group("workers", "InProgress", 1, 4))),
		inStep("train", look("InService", group("workers", "Succeeded", 4, 4))),
		inStep("train", ended),
		finished(rollout.StepAwait, "train", done),
		finished(rollout.StepGate, "train", done),
		{Kind: rollout.EventWaiting, Text: "paused"},
		finished(rollout.StepGate, "tune", rollout.Result{Kind: rollout.ResultFailed, Reason: "loss is NaN"}),
		{Kind: rollout.EventEnded, Text: "stopped"},
	}
	for i := range events {
		events[i].Totals = rollout.Totals{Wave: 0, Waves: 2, Targets: 4, Done: min(i/7, 2), Failed: i / 14}
	}
	return events
}

func TestARolloutInPlainLines(t *testing.T) {
	var out bytes.Buffer
	r := progress.New(&out)
	for _, e := range story() {
		r.OnRollout(t.Context(), e)
	}
	assert.Equal(t, []string{
		"rollout  wave 1 began",
		"roll image on train  called UpdateClusterSoftware",
		"train  update: done",
		"roll image on train  cluster SystemUpdating",
		"roll image on train  workers InProgress 1/4",
		"roll image on train  cluster InService",
		"roll image on train  workers Succeeded 4/4",
		"train  gate: done",
		"rollout  waits: paused",
		"tune  gate: failed: loss is NaN",
		"rollout  stopped, 2 of 4 clusters, 1 failed",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

func TestARolloutInBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
		for _, e := range story() {
			r.OnRollout(t.Context(), e)
			time.Sleep(pause)
		}
		lines := screen(out.String())
		text := strings.Join(lines, "\n")
		assert.Contains(t, lines[len(lines)-1], "rollout  wave 1 of 2", "its bar stays, below all")
		assert.Contains(t, lines[len(lines)-1], "2 of 4 clusters, 1 failed")
		assert.Contains(t, text, "tune  gate: failed: loss is NaN")
		assert.NotContains(t, text, "] 4/4", "the bars of groups go away")
		assert.Contains(t, out.String(), "] 4/4", "and were there")
	})
}

// There is no room for hundreds of bars.
func TestARolloutDrawsSomeBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
		for i := range 100 {
			r.OnRollout(t.Context(), inStep(fmt.Sprintf("train-%d", i), look("SystemUpdating", group("workers", "InProgress", 1, 4))))
		}
		time.Sleep(pause)
		r.OnRollout(t.Context(), rollout.Event{Kind: rollout.EventEnded, Text: "stopped"})
		drawn := map[string]bool{}
		for _, name := range regexp.MustCompile(`train-\d+  workers`).FindAllString(out.String(), -1) {
			drawn[name] = true
		}
		assert.NotEmpty(t, drawn)
		assert.LessOrEqual(t, len(drawn), 20)
	})
}
