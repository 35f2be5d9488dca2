package rollout

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

var update = flag.Bool("update", false, "rewrite the golden files and fail")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	want, err := os.ReadFile(file)
	if *update && !bytes.Equal(want, []byte(got)) {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		t.Fatalf("%s rewritten: look at the change, then run without -update", file)
	}
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// gateFails is a script in which the gate of a cluster does not pass.
func gateFails(cluster, why string) func(Step) (Result, time.Duration) {
	return func(step Step) (Result, time.Duration) {
		if step.Kind == StepGate && step.Cluster == cluster {
			return Result{Kind: ResultFailed, Reason: why}, 10 * time.Minute
		}
		return Result{}, 0
	}
}

const sick = "the gate did not pass within 10m0s: group workers: 2 of 8 nodes are not Running: i-0123456789abcdef0 Failure (Lifecycle scripts did not run successfully: on_create.sh: exit status 7 | see /var/log/provision), i-0fedcba9876543210 DeepHealthCheckInProgress"

// reports are rollouts by the name of their golden file.
func reports(t *testing.T) map[string]*Report {
	t.Helper()
	all := map[string]*Report{}
	play1 := func(name string, s State, until time.Time, approved int, answer func(Step) (Result, time.Duration)) {
		p := &play{t: t, s: s, answer: answer}
		p.perform(until)
		for wave := 1; wave <= approved; wave++ {
			p.approve(wave)
			p.perform(until)
		}
		all[name] = p.s.Report()
	}
	s := planned(7)
	s.Targets[3].current()
	s.Targets[5].Groups[1].New = "workers-2"
	s.Targets[5].Groups = s.Targets[5].Groups[1:]
	s.Targets[5].Strategy = 1
	s.Settings.Strategies = append(s.Settings.Strategies, Strategy{Replace: &Replace{Suffix: "-2", Canary: 1}})
	play1("succeeded", s, never, 2, func(step Step) (Result, time.Duration) {
		if step.Kind != StepAwait || step.Cluster != "train-2" {
			return Result{}, 0
		}
		groups := step.Groups
		groups[0].Outcome, groups[0].Detail = hyperpod.OutcomeUnproven.String(), "the service reports no image ids of the group"
		groups[1].Outcome = hyperpod.OutcomeOnImage.String()
		return Result{Kind: ResultDone, Groups: groups}, 0
	})
	play1("canary-taken-back", planned(7), never, 0, gateFails("train-0", sick))
	s = planned(7)
	s.Settings.OnFailure, s.Settings.Budget = UndoAll, Budget{Wave: 1, Total: 1}
	play1("partly-taken-back", s, never, 2, func(step Step) (Result, time.Duration) {
		switch {
		case step.Kind == StepGate && (step.Cluster == "train-2" || step.Cluster == "train-4"):
			return gateFails(step.Cluster, sick)(step)
		case step.Kind == StepAwait && step.Program == Back && step.Cluster == "train-1":
			groups := step.Groups
			groups[0].Outcome = hyperpod.OutcomeTakenBack.String()
			groups[1].Outcome, groups[1].Detail = hyperpod.OutcomeIncomplete.String(), "5 of 8 instances run "+oldAMI
			return Result{Kind: ResultFailed, Groups: groups, Reason: "group workers: the software update left nodes behind: 5 of 8 instances run " + oldAMI}, 0
		case step.Kind == StepCheckBack && step.Cluster == "train-3":
			groups := step.Groups
			groups[0].Undo = &groups[0].RollGroup
			groups[1].Outcome, groups[1].Detail = hyperpod.OutcomeSuperseded.String(), "the group is to run ami-0aaaabbbbccccdddd by now, and is left alone"
			return Result{Kind: ResultDone, Groups: groups}, 0
		default:
			return Result{}, 0
		}
	})
	s = planned(7)
	s.Settings.Limits.Wave = 2 // one that asks counts
	play1("unknown", s, never, 1, func(step Step) (Result, time.Duration) {
		switch {
		case step.Cluster == "train-1" && step.Kind == StepUpdate:
			return Result{Kind: ResultLost, Reason: "EOF"}, 0
		case step.Kind == StepFind:
			return Result{Kind: ResultUnknown, Reason: "what the service reports of the groups is the same with the update and without it"}, 0
		default:
			return Result{}, 0
		}
	})
	s = planned(9)
	s.Settings.Limits.Wave, s.Waves[1].Approval = 2, false
	play1("under-way", s, start.Add(2*time.Hour), 0, nil)
	all["not-begun"] = (&State{Waves: planned(2).Waves, Targets: planned(2).Targets}).Report()
	return all
}

func TestReportGolden(t *testing.T) {
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			golden(t, "report-"+name+".txt", r.String())
		})
		t.Run(name+" as Markdown", func(t *testing.T) {
			golden(t, "report-"+name+".md", r.Markdown())
		})
	}
}

func TestReportAsJSON(t *testing.T) {
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			document, err := json.Marshal(r)
			require.NoError(t, err)
			var read Report
			decoder := json.NewDecoder(bytes.NewReader(document))
			decoder.DisallowUnknownFields()
			require.NoError(t, decoder.Decode(&read))
			assert.Equal(t, r, &read)
		})
	}
}

// many is a rollout over 500 clusters of which some fail.
func many(t *testing.T, response Response) *Report {
	t.Helper()
	s := planned(500)
	s.Settings.OnFailure, s.Settings.Budget = response, Budget{Wave: 3, Total: -1}
	for i := range s.Targets {
		if i%50 == 7 {
			s.Targets[i].current()
		}
	}
	p := &play{t: t, s: s, answer: func(step Step) (Result, time.Duration) {
		if step.Kind == StepGate && step.Target%100 == 42 {
			return Result{Kind: ResultFailed, Reason: sick}, 0
		}
		return Result{}, 0
	}}
	p.perform(never)
	p.approve(1)
	p.perform(never)
	p.approve(2)
	p.perform(never)
	return p.s.Report()
}

func TestReportOfManyTargets(t *testing.T) {
	r := many(t, Stop)
	golden(t, "report-many.txt", r.String())
	for name, text := range map[string]string{"text": r.String(), "Markdown": r.Markdown()} {
		assert.Less(t, strings.Count(text, "\n"), 100, name)
		for i := range r.Targets {
			if target := &r.Targets[i]; target.Failed {
				assert.Contains(t, text, target.Cluster, name)
			}
		}
	}
}

// However many they are, those that were taken back are named.
func TestReportNamesWhatWasTakenBack(t *testing.T) {
	s := planned(500)
	s.Settings.OnFailure, s.Waves[1].Approval = UndoAll, false
	p := &play{t: t, s: s, answer: gateFails("train-99", sick)}
	p.perform(never)
	r := p.s.Report()
	for name, text := range map[string]string{"text": r.String(), "Markdown": r.Markdown()} {
		for i := range r.Targets {
			if target := &r.Targets[i]; target.Phase == PhaseTakenBack {
				assert.Contains(t, text, target.Cluster, name)
			}
		}
		assert.Less(t, strings.Count(text, "\n"), 400, name)
	}
	golden(t, "report-many-taken-back.txt", r.String())
}
