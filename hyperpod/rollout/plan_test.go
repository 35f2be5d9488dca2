package rollout

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// mixed is a plan for clusters that are changed in different ways.
func mixed() *Plan {
	s := planned(8)
	s.Settings.Before, s.Settings.After, s.Settings.Drain = true, true, true
	s.Settings.Budget, s.Settings.WaitBusy = Budget{Wave: 1, Total: 2}, 90*time.Minute
	s.Settings.Limits = Limits{Wave: 2, Region: 1, Nodes: 12}
	s.Settings.Windows = []Window{{Zone: "Europe/Berlin", Days: []time.Weekday{time.Saturday, time.Sunday}, Start: "22:30", Duration: 6 * time.Hour}}
	s.Settings.Strategies = append(s.Settings.Strategies,
		Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}, OneByOne: true},
		Strategy{Replace: &Replace{Suffix: "-2", Canary: 1}},
		Strategy{Replace: &Replace{Suffix: "-2", Canary: 1}},
	)
	s.Targets[2].Windows = []Window{{Zone: "UTC", Start: "03:00", Duration: time.Hour}}
	s.Targets[3].current()
	one := &s.Targets[4]
	one.Strategy = 1
	one.Groups[1].Out, one.Groups[1].Nodes = 4, 4
	one.Groups[0].CurrentImage, one.Groups[0].CurrentRelease, one.Groups[0].Image = "default", "1.3.0", hyperpod.Release("1.4.0")
	for _, i := range []int{5, 6} {
		t := &s.Targets[i]
		t.Strategy = i - 3
		t.Groups = t.Groups[1:]
		t.Groups[0].New, t.Groups[0].Out, t.Groups[0].CurrentImage = "workers-2", 0, "default"
	}
	half := &s.Targets[7]
	half.Groups[0].CurrentImage, half.Groups[0].Skip = midAMI, true
	half.Cluster = "arn:aws:sagemaker:eu-central-1:444455556666:cluster/abcdefghij01"
	p := &Plan{State: s}
	for _, i := range []int{0, 1, 2, 4} {
		p.Findings = append(p.Findings, hyperpodkit.Finding{
			Level: hyperpodkit.Warning, Rule: "roll-back", Path: fmt.Sprintf("Targets[%d]", i), Resource: s.Targets[i].where(),
			Found: "group login cannot be taken back exactly: not all of its instances run " + oldAMI + ", which all of them would then",
		})
	}
	p.Findings = append(p.Findings, hyperpodkit.Finding{
		Level: hyperpodkit.Unknown, Rule: "snapshot-encryption", Path: "Targets[4]", Resource: s.Targets[4].where(), Found: "the keys of the snapshots\ncannot be seen", Fix: "ask the owner",
	})
	return p
}

func TestPlanGolden(t *testing.T) {
	simple := planned(3)
	simple.Name, simple.Waves, simple.Settings = "", []Wave{{Name: "1"}}, Settings{
		Strategies: []Strategy{{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}}}, OnFailure: Stop, Budget: Budget{Wave: -1, Total: -1},
	}
	for i := range simple.Targets {
		t := &simple.Targets[i]
		t.Wave, t.Groups[1].Out = 0, t.Groups[1].Nodes
	}
	nothing := simple.clone()
	for i := range nothing.Targets {
		nothing.Targets[i].current()
	}
	for name, p := range map[string]*Plan{"mixed": mixed(), "simple": {State: simple}, "nothing": {State: nothing}} {
		t.Run(name, func(t *testing.T) { golden(t, "plan-"+name+".txt", p.String()) })
	}
}

// Whatever names and findings say, a plan has a line for each of them.
func TestPlanOfHostileText(t *testing.T) {
	p := mixed()
	lines := strings.Count(p.String(), "\n")
	p.State.Targets[0].Cluster = "a\nb\x1b[2J\tc\u202ed"
	p.State.Settings.Strategies[0].Deployment.Alarms[0] = "x\ny"
	p.Findings[4].Found = "x\n\x1b[31my"
	p.State.Waves[0].Name, p.State.Name = "w\n", "n\nm"
	text := p.String()
	assert.Equal(t, lines, strings.Count(text, "\n"))
	for _, r := range text {
		assert.True(t, r == '\n' || r >= ' ' && r != 0x7f && r != '\u202e', "%q", r)
	}
}

func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                               {"0s", "0s"},
		1500 * time.Millisecond:         {"2s", "1.5s"},
		59*time.Minute + 40*time.Second: {"1h", "59m40s"},
		90 * time.Second:                {"2m", "1m30s"},
		10 * time.Minute:                {"10m", "10m"},
		time.Hour:                       {"1h", "1h"},
		65 * time.Minute:                {"1h05m", "1h5m"},
		49 * time.Hour:                  {"49h", "49h"},
	} {
		assert.Equal(t, want, [2]string{roughly(d), exactly(d)})
	}
}
