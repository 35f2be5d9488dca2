package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Plan is a rollout that was judged against the clusters, before anything is sent. Print
// it, keep it as JSON, and have a [Runner] run it.
type Plan struct {
	// State is what the rollout begins with.
	State State `json:"state"`
	// Findings are the warnings and unknowns that the checks found. Resource is the
	// target.
	Findings []hyperpodkit.Finding `json:"findings,omitempty"`
}

// planConcurrency is how many clusters are described at the same time.
const planConcurrency = 8

// Plan describes each target once, chooses the image of each group, has the roll judged,
// and divides the targets into waves. It sends nothing that changes anything. What is
// refused is an [*InvalidError] that holds the mistakes of all targets. A cluster that is
// busy now is none; see Spec.WaitBusy.
func (x *Executor) Plan(ctx context.Context, spec Spec) (*Plan, error) {
	m := spec.check()
	var waves []division
	if spec.Waves.divide != nil && len(spec.Targets) > 0 {
		var err error
		if waves, err = spec.Waves.divide(spec.Targets); err != nil {
			m.add("rollout-waves", "Waves", "", oneLine(err.Error()), "divide every target into one wave")
		}
	}
	if err := m.err(); err != nil {
		return nil, err
	}
	p := &Plan{State: spec.state(x.options)}
	p.State.divide(waves, spec)
	surveys := x.survey(ctx, &spec, &p.State)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("plan a rollout: %w", context.Cause(ctx))
	}
	var causes []error
	first := map[string]int{}
	for i, s := range surveys {
		t := &p.State.Targets[i]
		if at, twice := first[s.arn]; twice && s.arn != "" {
			m.add("rollout-cluster", fmt.Sprintf("Targets[%d].Cluster", i), t.where(), fmt.Sprintf("is Targets[%d] already", at), "name it once")
		} else {
			first[s.arn] = i
		}
		t.ARN, t.Groups = s.arn, s.groups
		p.Findings = append(p.Findings, s.findings...)
		m = append(m, s.mistakes...)
		causes = append(causes, s.causes...)
		if crowd := p.State.crowd(t); crowd != "" {
			m.add("rollout-nodes", fmt.Sprintf("Targets[%d]", i), spec.Targets[i].where(), crowd, "")
		}
	}
	return p, m.err(causes...)
}

// state is what the rollout begins with, as far as the spec says it.
func (spec *Spec) state(o Options) State {
	s := State{
		Version: Version, Name: spec.Name,
		Settings: Settings{
			Strategies: []Strategy{spec.Strategy.resolved()}, Budget: spec.Budget, OnFailure: spec.OnFailure, Limits: spec.Limits,
			Windows: slices.Clone(spec.Windows), WaitBusy: spec.WaitBusy,
			Before: o.Before != nil, After: o.After != nil, Drain: o.Drain != nil, Gate: o.Gate != nil,
		},
	}
	for _, t := range spec.Targets {
		target := TargetState{Account: t.Account, Region: t.Region, Cluster: t.Cluster, Windows: slices.Clone(t.Windows), Phase: PhaseWaiting}
		if t.Strategy != nil {
			target.Strategy = len(s.Settings.Strategies)
			s.Settings.Strategies = append(s.Settings.Strategies, t.Strategy.resolved())
		}
		s.Targets = append(s.Targets, target)
	}
	return s
}

// resolved is the strategy with its defaults, sharing nothing.
func (s *Strategy) resolved() Strategy {
	r := *s
	if r.Deployment.RollbackBatch == (hyperpod.Batch{}) && r.Deployment.Batch != hyperpod.AllAtOnce {
		r.Deployment.RollbackBatch = r.Deployment.Batch
	}
	r.Deployment.Alarms = slices.Clone(r.Deployment.Alarms)
	if s.Replace != nil {
		replace := *s.Replace
		r.Replace = &replace
	}
	return r
}

func (s *State) divide(waves []division, spec Spec) {
	for w, d := range waves {
		s.Waves = append(s.Waves, Wave{Name: d.name, Bake: spec.Bake, Approval: spec.Approval && w > 0})
		for _, i := range d.targets {
			s.Targets[i].Wave = w
		}
	}
}

// survey is what was found about one target.
type survey struct {
	arn      string
	groups   []GroupState
	findings []hyperpodkit.Finding
	mistakes mistakes
	causes   []error
}

// survey looks at all targets.
func (x *Executor) survey(ctx context.Context, spec *Spec, s *State) []survey {
	surveys := make([]survey, len(spec.Targets))
	slots := make(chan struct{}, planConcurrency)
	var looked sync.WaitGroup
	for i := range spec.Targets {
		slots <- struct{}{}
		looked.Go(func() {
			defer func() { <-slots }()
			surveys[i] = x.look(ctx, spec, s, i)
		})
	}
	looked.Wait()
	return surveys
}

// look looks at one target.
func (x *Executor) look(ctx context.Context, spec *Spec, s *State, i int) survey {
	var found survey
	t := &spec.Targets[i]
	path := fmt.Sprintf("Targets[%d]", i)
	refuse := func(rule string, err error) survey {
		found.mistakes.add(rule, path, t.where(), oneLine(err.Error()), "mend it or leave the target out")
		found.causes = append(found.causes, err)
		return found
	}
	access, err := x.access(ctx, t.Account, t.Region)
	if err != nil {
		return refuse("rollout-clients", err)
	}
	w := x.work(Step{Target: i, Kind: StepCheck, Account: t.Account, Region: t.Region, Cluster: t.Cluster, Name: t.Cluster, Strategy: *s.strategy(&s.Targets[i])}, access)
	snap, err := w.describe(ctx)
	if err != nil {
		return refuse("rollout-describe", err)
	}
	found.arn = snap.ARN()
	if a, err := arn.Parse(found.arn); err == nil && (a.Region != t.Region || a.AccountID != t.Account) {
		return refuse("rollout-clients", fmt.Errorf("the client for account %s in %s describes %s", t.Account, t.Region, found.arn))
	}
	groups := spec.choose(t, path, snap, &found)
	if len(found.mistakes) > 0 {
		return found
	}
	judged, err := w.judge(ctx, snap, groups)
	if w.step.Strategy.Replace != nil {
		judged, err = w.judgeReplace(ctx, snap, groups)
	}
	var invalid *hyperpod.InvalidError
	switch {
	case errors.Is(err, hyperpod.ErrBusy):
		found.groups = groups
		found.findings = append(found.findings, hyperpodkit.Finding{
			Level: hyperpodkit.Warning, Rule: "rollout-busy", Path: path, Resource: t.where(), Found: oneLine(err.Error()),
			Fix: "wait for it, or set WaitBusy",
		})
	case errors.As(err, &invalid):
		for _, f := range invalid.Findings {
			f.Path, f.Resource = path+": "+f.Path, t.where()
			found.mistakes = append(found.mistakes, f)
		}
		found.causes = append(found.causes, err)
	case err != nil:
		return refuse("rollout-check", err)
	default:
		found.groups = judged
		for _, g := range judged {
			if g.BackNote != "" && !g.Skip && w.step.Strategy.Replace == nil {
				found.findings = append(found.findings, hyperpodkit.Finding{
					Level: hyperpodkit.Warning, Rule: "roll-back", Path: path, Resource: t.where(),
					Found: fmt.Sprintf("group %s cannot be taken back exactly: %s", g.Name, g.BackNote),
				})
			}
		}
	}
	return found
}

// choose resolves the groups of a target and the image of each.
func (spec *Spec) choose(t *Target, path string, snap *hyperpod.Snapshot, found *survey) []GroupState {
	live := map[string]types.ClusterInstanceGroupDetails{}
	var names []string
	for _, g := range snap.Cluster.InstanceGroups {
		name := aws.ToString(g.InstanceGroupName)
		live[name] = g
		names = append(names, name)
	}
	if t.Groups.All() {
		for _, g := range snap.Cluster.RestrictedInstanceGroups {
			found.findings = append(found.findings, hyperpodkit.Finding{
				Level: hyperpodkit.Warning, Rule: "restricted-group", Path: path + ".Groups", Resource: t.where(),
				Found: fmt.Sprintf("group %s is restricted and is not rolled", aws.ToString(g.InstanceGroupName)),
			})
		}
	} else {
		names = t.Groups.Names()
	}
	if len(names) == 0 {
		found.mistakes.add("roll-groups", path+".Groups", t.where(), "the cluster has no regular instance group", "restricted groups are not rolled")
	}
	var groups []GroupState
	for _, name := range names {
		g, exists := live[name]
		if !exists {
			found.mistakes.add("group-not-found", path+".Groups", t.where(), fmt.Sprintf("the cluster has no regular instance group %q", name), "name one that it has")
			found.causes = append(found.causes, fmt.Errorf("group %s of %s: %w", name, t.where(), hyperpod.ErrGroupNotFound))
			continue
		}
		q, _ := snap.Query(name)
		q.Account, q.Region, q.Kubernetes = t.Account, t.Region, t.Kubernetes
		image, ok := imageOf(spec.Images.Find(q))
		if !ok {
			found.mistakes.add("rollout-images", "Images", t.where(), fmt.Sprintf("no image for group %s: account %s, %s, %s, %s, Kubernetes %q", name, q.Account, q.Region, orUnknown(q.Architecture), q.Orchestrator, q.Kubernetes), "add one")
			continue
		}
		groups = append(groups, GroupState{RollGroup: hyperpod.RollGroup{Name: name, Nodes: aws.ToInt32(g.CurrentCount), Target: aws.ToInt32(g.TargetCount)}, Image: image})
	}
	return groups
}

func orUnknown(architecture string) string {
	if architecture == "" {
		return "architecture unknown"
	}
	return architecture
}

// imageOf is a wanted image as a roll takes it, and false when there is none.
func imageOf(v hyperpod.ImageVersion) (hyperpod.Image, bool) {
	switch {
	case v.Release != "":
		return hyperpod.Release(v.Release), true
	case v.ID == hyperpod.DefaultImage.ID():
		return hyperpod.DefaultImage, true
	default:
		return hyperpod.AMI(v.ID), v.ID != ""
	}
}
