package rollout

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// mistakes collects what is wrong with a spec.
type mistakes []hyperpodkit.Finding

func (m *mistakes) add(rule, path, resource, found, fix string) {
	*m = append(*m, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Resource: resource, Found: found, Fix: fix})
}

// err is nil when there are none.
func (m *mistakes) err(causes ...error) error {
	if len(*m) == 0 {
		return nil
	}
	return &InvalidError{Findings: *m, causes: causes}
}

// check judges a spec by itself, before anything is called.
func (spec *Spec) check() mistakes {
	var m mistakes
	if len(spec.Targets) == 0 {
		m.add("rollout-targets", "Targets", "", "missing", "name the clusters")
	}
	if len(spec.Images) == 0 {
		m.add("rollout-images", "Images", "", "missing", "say which image is wanted")
	}
	if spec.Waves.divide == nil {
		m.add("rollout-waves", "Waves", "", "missing", "use OneWave, Percentages, ByLabel or Waves")
	}
	if !spec.ReplaceRootVolumes {
		m.add("roll-consent", "ReplaceRootVolumes", "", "not consented to: the root volume of every node is replaced and its data lost", "set it to true")
	}
	switch spec.OnFailure {
	case Stop, UndoWave, UndoAll:
	default:
		m.add("rollout-response", "OnFailure", "", fmt.Sprintf("%q", string(spec.OnFailure)), "use Stop, UndoWave or UndoAll")
	}
	for path, d := range map[string]int64{
		"Bake": int64(spec.Bake), "WaitBusy": int64(spec.WaitBusy),
		"Limits.Wave": int64(spec.Limits.Wave), "Limits.Region": int64(spec.Limits.Region),
		"Limits.Account": int64(spec.Limits.Account), "Limits.Nodes": int64(spec.Limits.Nodes),
	} {
		if d < 0 {
			m.add("rollout-range", path, "", "negative", "use zero or more")
		}
	}
	m.windows("Windows", spec.Windows)
	m.strategy("Strategy", spec.Strategy)
	spec.checkTargets(&m)
	slices.SortStableFunc(m, func(a, b hyperpodkit.Finding) int { return comparePaths(a.Path, b.Path) })
	return m
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

func (spec *Spec) checkTargets(m *mistakes) {
	seen := map[string]int{}
	for i := range spec.Targets {
		t := &spec.Targets[i]
		path := fmt.Sprintf("Targets[%d]", i)
		if !accountID.MatchString(t.Account) {
			m.add("rollout-account", path+".Account", t.Cluster, fmt.Sprintf("%q is no account id", t.Account), "use its 12 digits")
		}
		if t.Region == "" {
			m.add("rollout-region", path+".Region", t.Cluster, "missing", "name the Region")
		}
		if t.Cluster == "" {
			m.add("rollout-cluster", path+".Cluster", "", "missing", "give the name or ARN")
		}
		if first, twice := seen[t.where()]; twice {
			m.add("rollout-cluster", path+".Cluster", t.Cluster, fmt.Sprintf("is Targets[%d] already", first), "name it once")
		}
		seen[t.where()] = i
		if t.Groups.IsZero() {
			m.add("roll-groups", path+".Groups", t.Cluster, "no group is named", "use hyperpod.Named, or hyperpod.AllGroups if that is meant")
		}
		if t.Strategy != nil {
			m.strategy(path+".Strategy", *t.Strategy)
		}
		m.windows(path+".Windows", t.Windows)
	}
}

func (m *mistakes) windows(path string, windows []Window) {
	if windows != nil && len(windows) == 0 {
		m.add("rollout-window", path, "", "empty", "leave it nil, or name a window")
	}
	for i, w := range windows {
		if err := w.check(); err != nil {
			m.add("rollout-window", fmt.Sprintf("%s[%d]", path, i), "", err.Error(), "mend the window")
		}
	}
}

var groupSuffix = regexp.MustCompile(`^(-*[a-zA-Z0-9])+$`)

func (m *mistakes) strategy(path string, s Strategy) {
	switch {
	case s.Replace == nil && s.Deployment.Batch == (hyperpod.Batch{}):
		m.add("roll-batch", path+".Deployment.Batch", "", "missing", "use hyperpod.Nodes or Percent, or AllAtOnce if all nodes may go at the same time")
	case s.Replace == nil:
	case !groupSuffix.MatchString(s.Replace.Suffix):
		m.add("rollout-suffix", path+".Replace.Suffix", "", fmt.Sprintf("%q makes no name of a group", s.Replace.Suffix), "use letters, digits and hyphens, a letter or digit last")
	case s.Replace.Canary < 0:
		m.add("rollout-range", path+".Replace.Canary", "", "negative", "use zero or more")
	}
}

// comparePaths orders Targets[10] after Targets[9].
func comparePaths(a, b string) int {
	var i, j int
	if _, err := fmt.Sscanf(a, "Targets[%d]", &i); err == nil {
		if _, err := fmt.Sscanf(b, "Targets[%d]", &j); err == nil && i != j {
			return i - j
		}
	}
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}
