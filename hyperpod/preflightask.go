package hyperpod

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// question is one use that a checker is asked about.
type question struct {
	path, what string
	ask        func(ctx context.Context) ([]hyperpodkit.Finding, error)
}

// asking makes questions of uses. describe says where a use stands in the request and
// what it is.
func asking[Use any](uses []Use, check func(context.Context, Use) ([]hyperpodkit.Finding, error), describe func(Use) (path, what string)) []question {
	var list []question
	for _, use := range uses {
		path, what := describe(use)
		list = append(list, question{path: path, what: what, ask: func(ctx context.Context) ([]hyperpodkit.Finding, error) {
			return check(ctx, deep.Copy(use))
		}})
	}
	return list
}

func (o *Options) imageQuestions(uses []hyperpodkit.ImageUse) []question {
	if o.Images == nil {
		return nil
	}
	return asking(uses, o.Images.CheckImage, func(u hyperpodkit.ImageUse) (path, what string) { return u.Path, "image " + u.Image })
}

// questions are those of the preflights.
func (p *Preflights) questions(l launching) []question {
	var list []question
	if p.Lifecycle != nil {
		list = append(list, asking(l.lifecycleUses(), p.Lifecycle.CheckLifecycle, func(u LifecycleUse) (path, what string) {
			return u.Path, "lifecycle script " + u.Script
		})...)
	}
	if p.Roles != nil {
		list = append(list, asking(l.roleUses(), p.Roles.CheckRole, func(u RoleUse) (path, what string) { return u.Path, "role " + u.ARN })...)
	}
	if p.Network != nil {
		list = append(list, asking(l.networkUses(), p.Network.CheckNetwork, func(u NetworkUse) (path, what string) { return u.Path, "network" })...)
	}
	if p.EKS != nil {
		list = append(list, asking(l.eksUses(), p.EKS.CheckEKS, func(u EKSUse) (path, what string) { return u.Path, "EKS cluster " + u.ClusterARN })...)
	}
	if p.Quotas != nil {
		list = append(list, asking(l.quotaUses(), p.Quotas.CheckQuotas, func(u QuotaUse) (path, what string) { return u.Path, "quotas" })...)
	}
	return list
}

// preflightCreate asks about all that a request to create a cluster uses.
func (r *run) preflightCreate(ctx context.Context, in *sagemaker.CreateClusterInput) error {
	region := cmp.Or(regionOf(eksOf(in.Orchestrator)), clientRegion(r.api)) // an EKS cluster's is that of its HyperPod cluster
	uses := imageUses(in.InstanceGroups, settingOf(in.Orchestrator, in.NodeProvisioningMode).orchestrator, region)
	return r.ask(ctx, append(r.options.imageQuestions(uses), r.options.Preflights.questions(launchedBy(in, region))...))
}

// preflightPlan asks about the images that a plan sends, about what the groups that it
// adds use, and about a new cluster role.
func (r *run) preflightPlan(ctx context.Context, p *Plan, live *sagemaker.DescribeClusterOutput) error {
	uses := imageUses(p.input.InstanceGroups, p.setting.orchestrator, regionOf(p.arn))
	return r.ask(ctx, append(r.options.imageQuestions(uses), r.options.Preflights.questions(launchedByPlan(p, live))...))
}

// ask asks all the questions, some at a time, and notes the findings in the order of
// the questions. A check that failed stops the workflow: the user asked for it.
func (r *run) ask(ctx context.Context, questions []question) error {
	const concurrency = 4
	findings, failures := make([][]hyperpodkit.Finding, len(questions)), make([]error, len(questions))
	slots := make(chan struct{}, cmp.Or(max(r.options.Preflights.Concurrency, 0), concurrency))
	var asked sync.WaitGroup
	for i, q := range questions {
		slots <- struct{}{}
		asked.Go(func() {
			defer func() { <-slots }()
			findings[i], failures[i] = q.ask(ctx)
		})
	}
	asked.Wait()
	var all []hyperpodkit.Finding
	var errs []error
	for i, q := range questions {
		for _, f := range findings[i] {
			f.Path = cmp.Or(f.Path, q.path)
			all = append(all, f)
		}
		if failures[i] != nil {
			errs = append(errs, &Error{
				Operation: r.report.Operation, Cluster: r.report.Cluster, Err: fmt.Errorf("%s: check %s: %w", q.path, q.what, failures[i]),
			})
		}
	}
	if err := r.found(ctx, all); err != nil {
		errs = append([]error{err}, errs...)
	}
	return joined(errs...)
}
