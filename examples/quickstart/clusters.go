package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// base is what all groups have in common. A group is a value: what is made from it
// does not change it.
func (s *story) base() hyperpod.Group {
	return hyperpod.NewGroup("base").WithExecutionRole(s.names.role).
		WithLifecycle(s.names.lifecycle, s.names.onCreate).WithImage(s.names.image)
}

func (s *story) group(name string, count int32) hyperpod.Group {
	return s.base().WithName(name).WithInstances(s.names.instanceType, count)
}

func (s *story) create(ctx context.Context) error {
	spec := hyperpod.Spec{
		Groups:       []hyperpod.Group{s.group("workers", s.names.workers), s.group("login", 1)},
		Orchestrator: hyperpod.EKS(s.names.eksCluster),
		VPC:          hyperpod.VPC{Subnets: s.names.subnets, SecurityGroups: s.names.securityGroups},
		Tags:         map[string]string{tagKey: tagValue},
	}
	change := fmt.Sprintf("Create cluster %s on %s with groups workers (%d) and login (1) of %s, on %s",
		s.names.cluster, s.names.eksCluster, s.names.workers, s.names.instanceType, s.names.image)
	if err := s.consent(ctx, change); err != nil {
		return err
	}
	report, err := s.cluster.Create(ctx, spec)
	s.created = len(report.Calls) > 0
	s.printf("%s", report)
	return err
}

func (s *story) update(ctx context.Context) error {
	plan, err := s.cluster.Plan(ctx, hyperpod.Scale("workers", s.names.more), hyperpod.AddGroup(s.group("debug", 1)))
	if err != nil {
		return err
	}
	s.printf("%s\n", plan)
	if err := s.consent(ctx, "Apply this plan"); err != nil {
		return err
	}
	report, err := plan.Apply(ctx)
	s.printf("%s", report)
	return err
}

func (s *story) roll(ctx context.Context) error {
	return s.rollTo(ctx, s.names.next, hyperpod.AllGroups, "all groups")
}

// rollBroken is right if the service has rolled the AMI back, and the error tells it.
func (s *story) rollBroken(ctx context.Context) error {
	err := s.rollTo(ctx, s.names.broken, hyperpod.Named("workers"), "workers")
	switch {
	case err == nil:
		return fmt.Errorf("AMI %s was to fail, and workers run it", s.names.broken)
	case !errors.Is(err, waiter.ErrRolledBack):
		return err
	}
	s.printf("\nAs it should be, errors.Is(err, waiter.ErrRolledBack).")
	failed, ok := errors.AsType[*hyperpod.FailedError](err)
	if !ok || len(failed.Nodes) == 0 {
		return fmt.Errorf("the error does not say which nodes failed: %w", err)
	}
	s.printf(" What the cluster and its nodes say:\n\n%s", explanation(failed))
	return nil
}

func explanation(e *hyperpod.FailedError) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  WHO\tSTATUS\tMESSAGE")
	fmt.Fprintf(w, "  cluster %s\t\t%s\n", e.Cluster, e.Message)
	for _, n := range e.Nodes {
		fmt.Fprintf(w, "  %s of %s\t%s\t%s\n", n.Instance, n.Group, n.Status, n.Message)
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

func (s *story) rollTo(ctx context.Context, image string, groups hyperpod.GroupSelection, which string) error {
	change := fmt.Sprintf("Replace the root volumes of %s of cluster %s by %s, half of the nodes at a time", which, s.names.cluster, image)
	if err := s.consent(ctx, change); err != nil {
		return err
	}
	report, err := s.cluster.RollImage(ctx, hyperpod.Roll{
		Image: hyperpod.AMI(image), Groups: groups, Batch: hyperpod.Percent(50), ReplaceRootVolumes: true,
	})
	s.printf("%s", report)
	return err
}

func (s *story) delete(ctx context.Context) error {
	if err := s.consent(ctx, fmt.Sprintf("Delete cluster %s with all its instances", s.names.cluster)); err != nil {
		return err
	}
	report, err := s.cluster.Delete(ctx)
	s.created = len(report.Calls) == 0
	s.printf("%s", report)
	return err
}
