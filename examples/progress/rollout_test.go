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
	s := rollout.Step{
		Kind: kind, Account: "111122223333", Region: "us-west-2", Name: name, Cluster: "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01",
	}
	if kind == rollout.StepAwait {
		s.Awaited = rollout.StepUpdate
	}
	return s
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
		"roll image on train  cluster SystemUpdating",
		"roll image on train  workers InProgress 1/4",
		"roll image on train  cluster InService",
		"roll image on train  workers Succeeded 4/4",
		"train  update: done",
		"train  gate: done",
		"rollout  waits: paused",
		"tune  gate: failed: loss is NaN",
		"rollout  stopped, 2 of 4 clusters, 1 failed",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

// settle lets what is drawn be drawn, and be read.
func settle() {
	time.Sleep(pause)
	synctest.Wait()
}

func TestARolloutInBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
		for _, e := range story() {
			r.OnRollout(t.Context(), e)
			settle()
			if e.Kind == rollout.EventFinished {
				assert.NotContains(t, strings.Join(screen(out.String()), "\n"), "/4 ", "the bars of groups go away with their step")
			}
		}
		lines := screen(out.String())
		assert.Contains(t, lines[len(lines)-1], "rollout  wave 1 of 2", "its bar stays, below all")
		assert.Contains(t, lines[len(lines)-1], "2 of 4 clusters, 1 failed")
		assert.Contains(t, lines, "train  update: done")
		assert.Contains(t, lines, "tune  gate: failed: loss is NaN")
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
		settle()
		bars := regexp.MustCompile(`(?m)^train-\d+  workers`)
		drawn := map[string]bool{}
		for _, name := range bars.FindAllString(out.String(), -1) {
			drawn[name] = true
		}
		assert.Len(t, drawn, 16)
		assert.Contains(t, out.String(), "rollout  wave 1 of 0, 84 more groups")

		out.Reset()
		for i := range 50 {
			r.OnRollout(t.Context(), finished(rollout.StepAwait, fmt.Sprintf("train-%d", i), rollout.Result{Kind: rollout.ResultDone}))
		}
		settle()
		assert.Contains(t, out.String(), "rollout  wave 1 of 0, 50 more groups", "those that ended are not counted")

		out.Reset()
		r.OnRollout(t.Context(), rollout.Event{Kind: rollout.EventEnded, Text: "succeeded"})
		last := strings.Split(strings.TrimSpace(out.String()), "\n")
		assert.Contains(t, last[len(last)-1], "rollout  wave 1 of 0  [")
	})
}

// at moves an event of a step to another account.
func at(account string, e rollout.Event) rollout.Event {
	e.Step.Account = account
	return e
}

func TestClustersOfOneName(t *testing.T) {
	update := func(done int32) rollout.Event {
		return inStep("train", look("SystemUpdating", group("workers", "InProgress", done, 4)))
	}
	begun := rollout.Event{Kind: rollout.EventStarted, Step: step(rollout.StepCheck, "train")}
	updated := finished(rollout.StepAwait, "train", rollout.Result{Kind: rollout.ResultDone})
	events := []rollout.Event{
		begun, at("444455556666", begun),
		update(1), at("444455556666", update(3)), update(1), at("444455556666", update(3)),
		updated, at("444455556666", update(4)),
	}
	t.Run("lines", func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out)
		for _, e := range events {
			r.OnRollout(t.Context(), e)
		}
		assert.Equal(t, []string{
			"roll image on train (111122223333, us-west-2)  cluster SystemUpdating",
			"roll image on train (111122223333, us-west-2)  workers InProgress 1/4",
			"roll image on train (444455556666, us-west-2)  cluster SystemUpdating",
			"roll image on train (444455556666, us-west-2)  workers InProgress 3/4",
			"train (111122223333, us-west-2)  update: done",
			"roll image on train (444455556666, us-west-2)  workers InProgress 4/4",
		}, strings.Split(strings.TrimSpace(out.String()), "\n"))
	})
	t.Run("bars", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
			for _, e := range events {
				r.OnRollout(t.Context(), e)
			}
			settle()
			text := strings.Join(screen(out.String()), "\n")
			assert.NotContains(t, text, "train (111122223333, us-west-2)  workers", "its bar has gone")
			assert.Regexp(t, `(?m)^train \(444455556666, us-west-2\)  workers InProgress .* 4/4`, text, "the other's stays")
			r.OnRollout(t.Context(), rollout.Event{Kind: rollout.EventEnded, Text: "stopped"})
		})
	})
}

// The waits for groups that replace others tell of no end of their own.
func TestBarsGoAwayWithTheirStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := progress.New(&out, func(o *progress.Options) { o.Mode, o.NoColor = progress.Bars, true })
		r.OnRollout(t.Context(), inStep("train", look("Updating", group("workers-2", "Creating", 1, 4))))
		settle()
		assert.Contains(t, strings.Join(screen(out.String()), "\n"), "workers-2")
		added := finished(rollout.StepAwait, "train", rollout.Result{Kind: rollout.ResultDone})
		added.Step.Awaited = rollout.StepAdd
		r.OnRollout(t.Context(), added)
		settle()
		text := strings.Join(screen(out.String()), "\n")
		assert.NotContains(t, text, "workers-2")
		assert.Contains(t, text, "train  add: done")
		r.OnRollout(t.Context(), rollout.Event{Kind: rollout.EventEnded, Text: "stopped"})
	})
}

func TestHowStepsEnd(t *testing.T) {
	done := rollout.Result{Kind: rollout.ResultDone}
	busy := rollout.Result{Kind: rollout.ResultBusy, Reason: "another operation is under way"}
	gate := finished(rollout.StepGate, "train", done)
	baked := gate
	baked.Step.Baked = true
	back := finished(rollout.StepAwait, "train", done)
	back.Step.Program = rollout.Back
	alone := finished(rollout.StepAwait, "train", done)
	alone.Step.Strategy.OneByOne = true
	alone.Step.Groups = []rollout.GroupState{{RollGroup: hyperpod.RollGroup{Name: "workers"}}}
	var out bytes.Buffer
	r := progress.New(&out)
	for _, e := range []rollout.Event{
		finished(rollout.StepCheck, "train", busy), finished(rollout.StepCheck, "train", busy), at("444455556666", finished(rollout.StepCheck, "tune", busy)),
		finished(rollout.StepCheck, "train", done), finished(rollout.StepCheck, "train", busy),
		finished(rollout.StepUpdate, "train", done), alone, finished(rollout.StepCheck, "train", busy), gate, baked, back,
		finished(rollout.StepBefore, "train", rollout.Result{Kind: rollout.ResultFailed, Reason: "the hook: no"}),
	} {
		r.OnRollout(t.Context(), e)
	}
	assert.Equal(t, []string{
		"train  check: busy: another operation is under way",
		"tune  check: busy: another operation is under way",
		"train  update of workers: done",
		"train  check: busy: another operation is under way",
		"train  gate: done",
		"train  gate after the bake: done",
		"train  back, update: done",
		"train  before: failed: the hook: no",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

// Targets that are busy are checked again each minute.
func TestWhatIsFoundIsToldOnce(t *testing.T) {
	waits := func(text string) rollout.Event { return rollout.Event{Kind: rollout.EventWaiting, Text: text} }
	stopped := rollout.Event{Kind: rollout.EventEnded, Text: "stopped"}
	var out bytes.Buffer
	r := progress.New(&out)
	for _, e := range []rollout.Event{
		at("111122223333", inStep("train", warned)), waits("train: busy"), at("111122223333", inStep("train", warned)),
		at("111122223333", inStep("tune", warned)), waits("tune: busy"), waits("a; b; c; d"), waits("e; f; g; h; i"),
		stopped, at("111122223333", inStep("train", warned)),
	} {
		r.OnRollout(t.Context(), e)
	}
	assert.Equal(t, []string{
		"roll image on train  warning: something is odd [some-rule]",
		"rollout  waits: train: busy",
		"roll image on tune  warning: something is odd [some-rule]",
		"rollout  waits: tune: busy",
		"rollout  waits: a; b; c; d",
		"rollout  waits: e; f; g; and for 2 more reasons",
		"rollout  stopped, 0 of 0 clusters",
		"roll image on train  warning: something is odd [some-rule]",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

// The step that failed has told why: that its target failed is told without.
func TestWhyATargetFailedIsToldOnce(t *testing.T) {
	moment := func(text string) rollout.Event { return rollout.Event{Kind: rollout.EventMoment, Text: text} }
	gate := finished(rollout.StepGate, "train", rollout.Result{Kind: rollout.ResultFailed, Reason: "loss is NaN"})
	var out bytes.Buffer
	r := progress.New(&out)
	for _, e := range []rollout.Event{
		gate, moment("train (111122223333, us-west-2) failed: loss is NaN"),
		moment("tune (111122223333, us-west-2) failed: loss is NaN"),
		moment("train (111122223333, us-west-2) could not be taken back: loss is NaN"),
		gate, moment("train (111122223333, us-west-2) could not be taken back: loss is NaN"),
	} {
		r.OnRollout(t.Context(), e)
	}
	assert.Equal(t, []string{
		"train  gate: failed: loss is NaN",
		"rollout  train (111122223333, us-west-2) failed",
		"rollout  tune (111122223333, us-west-2) failed: loss is NaN",
		"rollout  train (111122223333, us-west-2) could not be taken back: loss is NaN",
		"train  gate: failed: loss is NaN",
		"rollout  train (111122223333, us-west-2) could not be taken back",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

func TestTheEstimatedEnd(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.Local)
	for end, want := range map[time.Time]string{
		now.Add(90 * time.Minute): "rollout  stopped, 1 of 4 clusters, ends about 11:30:00\n",
		now.AddDate(0, 0, 2):      "rollout  stopped, 1 of 4 clusters, ends about Wed 4 Mar 10:00\n",
		now.AddDate(1, 0, 0):      "rollout  stopped, 1 of 4 clusters, ends about Tue 2 Mar 10:00\n",
		{}:                        "rollout  stopped, 1 of 4 clusters\n",
	} {
		var out bytes.Buffer
		progress.New(&out).OnRollout(t.Context(), rollout.Event{
			Kind: rollout.EventEnded, Time: now, Text: "stopped", Totals: rollout.Totals{Targets: 4, Done: 1, End: end},
		})
		assert.Equal(t, want, out.String())
	}
}
