package proof

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// run does all that a workflow is there for, on everything that the scope names: that it
// fails and is explained, too. Its error says what could not be done or told.
func (f *fixture) run(t *testing.T) error {
	t.Helper()
	switch f.workflow { //nolint:exhaustive // the others are on AMIs
	case policy.Read:
		return f.read(t)
	case policy.CreateCluster:
		return f.create(t)
	case policy.UpdateGroups:
		return f.each(t, f.update)
	case policy.RollImage:
		return f.each(t, f.roll)
	case policy.DeleteCluster:
		return f.each(t, f.remove)
	case policy.OperateNodes:
		return f.each(t, f.operate)
	case policy.TagClusters:
		return f.each(t, f.tag)
	default:
		return f.onImages(t.Context(), t)
	}
}

// each runs a job on each cluster that the scope names.
func (f *fixture) each(t *testing.T, job func(*testing.T, string, *hyperpod.Cluster) error) error {
	t.Helper()
	for _, name := range f.clusters {
		if err := job(t, name, f.hp.Cluster(name)); err != nil {
			return err
		}
	}
	return nil
}

// explained is nil for a failure that is explained with nothing left out.
func explained(err error) error {
	failed, ok := errors.AsType[*hyperpod.FailedError](err)
	switch {
	case !ok:
		return fmt.Errorf("not the failure that was staged: %w", err)
	case len(failed.Gaps) > 0:
		return errors.New(strings.Join(failed.Gaps, "; "))
	}
	return nil
}

// staged runs a job while the lifecycle scripts on an AMI fail.
func (f *fixture) staged(image string, job func() error) error {
	f.srv.FailLifecycle(image, "on_create.sh: exit status 3")
	defer f.srv.MendLifecycle(image)
	return explained(job())
}

func (f *fixture) read(t *testing.T) error {
	t.Helper()
	broken := f.second("broken")
	f.srv.FailLifecycle(f.fresh, "on_create.sh: exit status 3")
	for _, name := range f.clusters {
		_, err := f.root.Cluster(name).Update(t.Context(), hyperpod.AddGroup(broken))
		require.Error(t, err)
	}
	err := f.each(t, func(t *testing.T, _ string, c *hyperpod.Cluster) error {
		t.Helper()
		why, err := c.Explain(t.Context())
		if err != nil {
			return err
		}
		require.NotEmpty(t, why.Causes)
		if len(why.Gaps) > 0 {
			return errors.New(strings.Join(why.Gaps, "; "))
		}
		for _, err := range c.Nodes(t.Context(), func(o *hyperpod.NodesOptions) { o.Details = true }) {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = hyperpod.NewInventory([]hyperpod.InventorySource{{API: f.api}}).Take(t.Context())
	return err
}

func (f *fixture) create(t *testing.T) error {
	t.Helper()
	return f.each(t, func(t *testing.T, name string, c *hyperpod.Cluster) error {
		t.Helper()
		makeRoom := func() {
			_, err := f.root.Cluster(name).Delete(t.Context())
			require.NoError(t, err)
		}
		makeRoom()
		err := f.staged(f.old, func() error { _, err := c.Create(t.Context(), f.spec(name)); return err })
		if err != nil {
			return err
		}
		makeRoom()
		_, err = c.Create(t.Context(), f.spec(name))
		return err
	})
}

func (f *fixture) update(t *testing.T, name string, c *hyperpod.Cluster) error {
	t.Helper()
	whole := f.spec(name)
	whole.Tags = nil // they are for TagClusters
	for _, edit := range []hyperpod.Edit{
		hyperpod.Scale("workers", 2), hyperpod.AddGroup(f.second("more")), hyperpod.DeleteGroup("more"), hyperpod.Scale("workers", 1), hyperpod.Desired(whole),
	} {
		if _, err := c.Update(t.Context(), edit); err != nil {
			return err
		}
	}
	return f.staged(f.fresh, func() error { _, err := c.Update(t.Context(), hyperpod.AddGroup(f.second("broken"))); return err })
}

func (f *fixture) roll(t *testing.T, name string, c *hyperpod.Cluster) error {
	t.Helper()
	to := func(c *hyperpod.Cluster, image string) error {
		_, err := c.RollImage(t.Context(), hyperpod.Roll{
			Image: hyperpod.AMI(image), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
		})
		return err
	}
	if err := to(c, f.fresh); err != nil {
		return err
	}
	// Whoever comes back to a roll that another process began knows nothing of before.
	if err := to(c.With(func(o *hyperpod.Options) { o.NoWait = true }), f.old); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	_, err := waiter.SoftwareUpdated(t.Context(), f.api, name, waiter.Update{Image: f.old, Groups: f.groups()})
	if err != nil {
		return err
	}
	return f.staged(f.fresh, func() error { return to(c, f.fresh) })
}

func (f *fixture) remove(t *testing.T, name string, c *hyperpod.Cluster) error {
	t.Helper()
	f.srv.FailDeletion(name, 1, types.ClusterStatusFailed)
	_, err := c.Delete(t.Context())
	if err := explained(err); err != nil {
		return err
	}
	_, err = c.Delete(t.Context())
	return err
}

func (f *fixture) operate(t *testing.T, _ string, c *hyperpod.Cluster) error {
	t.Helper()
	for _, group := range f.groups() {
		if _, err := c.AddNodes(t.Context(), hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: group, Count: 1}}}); err != nil {
			return err
		}
	}
	for _, do := range []func(context.Context, ...string) (*hyperpod.Report, error){c.RebootNodes, c.DeleteNodes, c.ReplaceNodes} {
		last := ""
		chosen := func(o *hyperpod.NodesOptions) { o.Details, o.Groups = true, f.groups()[len(f.groups())-1:] }
		for n, err := range c.Nodes(t.Context(), chosen) {
			if err != nil {
				return err
			}
			last = n.Instance
		}
		if _, err := do(t.Context(), last); err != nil {
			return err
		}
	}
	return f.staged(f.old, func() error {
		_, err := c.AddNodes(t.Context(), hyperpod.Addition{Groups: []hyperpod.GroupAddition{{Group: "workers", Count: 1}}})
		return err
	})
}

// tag sets a tag and removes it.
func (f *fixture) tag(t *testing.T, name string, c *hyperpod.Cluster) error {
	t.Helper()
	for _, stage := range []string{"test", ""} {
		in := f.spec(name)
		if in.Tags == nil {
			in.Tags = map[string]string{}
		}
		if stage != "" {
			in.Tags["stage"] = stage
		}
		pruning := func(o *hyperpod.DesiredOptions) { o.Prune = true }
		if _, err := c.Update(t.Context(), hyperpod.Desired(in, pruning)); err != nil {
			return err
		}
	}
	return nil
}
