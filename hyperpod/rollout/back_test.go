package rollout_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func refusing(context.Context, rollout.Visit) error {
	return rollout.Refuse(errors.New("loss is NaN"))
}

// rollBack has a rollout over the fleet fail and be taken back.
func (f *fleet) rollBack(edit func(*rollout.Spec), optFns ...func(*rollout.Options)) *rollout.Report {
	f.t.Helper()
	spec := f.spec()
	spec.OnFailure = rollout.UndoAll
	if edit != nil {
		edit(&spec)
	}
	x := rollout.NewExecutor(f.clients, append([]func(*rollout.Options){func(o *rollout.Options) { o.Gate = refusing }}, optFns...)...)
	plan, err := x.Plan(f.t.Context(), spec)
	require.NoError(f.t, err)
	report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(f.t.Context(), plan)
	require.ErrorIs(f.t, err, rollout.ErrFailed)
	return report
}

// A release version is no image of a group on an AMI, and yet the way back to HyperPod's
// own.
func TestTakenBackToARelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 0, hyperpodtest.Realistic)
		own := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 2).
			WithExecutionRole(role).WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh")
		f.create("train-0", hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/eks-0"), own)
		report := f.rollBack(nil)
		assert.Equal(t, rollout.PhaseTakenBack, report.Targets[0].Phase, report.Targets[0].Reason)
		assert.Equal(t, map[string]string{"workers": "default"}, f.images("train-0"))
	})
}

// The alarm for which the service would roll back may fire for what is being taken back.
func TestTakenBackWhileAnAlarmFires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hyperpodtest.Realistic)
		report := f.rollBack(func(s *rollout.Spec) {
			s.Strategy.Deployment = hyperpod.Deployment{Batch: hyperpod.Nodes(2), RollbackBatch: hyperpod.Nodes(1), Alarms: []string{"loss"}}
		}, func(o *rollout.Options) {
			o.Gate = func(ctx context.Context, v rollout.Visit) error {
				f.srv.SetAlarm("loss", true)
				return refusing(ctx, v)
			}
		})
		assert.Equal(t, rollout.PhaseTakenBack, report.Targets[0].Phase, report.Targets[0].Reason)
		assert.Equal(t, map[string]string{"workers": goldenAMI, "login": goldenAMI}, f.images("train-0"))
		var back *sagemaker.UpdateClusterSoftwareInput
		for _, c := range f.srv.Calls() {
			if in, ok := c.Input.(*sagemaker.UpdateClusterSoftwareInput); ok {
				back = in
			}
		}
		assert.Equal(t, int32(1), *back.DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value, "as the service would have")
		assert.Empty(t, back.DeploymentConfig.AutoRollbackConfiguration)
	})
}

// While the old group is being deleted its successor is all that is left.
func TestASuccessorStaysOnceTheOldGroupGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 0, hyperpodtest.Realistic)
		f.create("train-0", hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/eks-0"), workers("workers", 2), workers("workers-2", 2), workers("login", 1))
		cluster := hyperpod.New(f.srv.Client(), func(o *hyperpod.Options) { o.NoWait = true }).Cluster("train-0")
		_, err := cluster.Update(t.Context(), hyperpod.DeleteGroup("workers"))
		require.NoError(t, err)
		x := rollout.NewExecutor(f.clients)
		for _, kind := range []rollout.StepKind{rollout.StepCheckBack, rollout.StepDelete} {
			r := x.Do(t.Context(), rollout.Step{
				Kind: kind, Program: rollout.Back, Account: account, Region: region, Cluster: "train-0", Strategy: rollout.Strategy{Replace: &rollout.Replace{Suffix: "-2"}},
				Groups: []rollout.GroupState{{RollGroup: hyperpod.RollGroup{Name: "workers", Nodes: 2, Target: 2}, Image: hyperpod.AMI(newAMI), New: "workers-2", Sent: true}},
			})
			assert.Equal(t, rollout.ResultFailed, r.Kind, kind)
			assert.Contains(t, r.Reason, "group workers was deleted, or is being: its successor workers-2 stays")
		}
	})
}

// The hook after runs also where taking back fails: nodes were cordoned by the one before.
func TestTheHookAfterRunsWhenTakingBackFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hyperpodtest.Realistic)
		hooked := 0
		report := f.rollBack(nil, func(o *rollout.Options) {
			o.Before = func(context.Context, rollout.Visit) error { hooked++; return nil }
			o.After = func(context.Context, rollout.Visit) error { hooked--; return nil }
			o.Gate = func(ctx context.Context, v rollout.Visit) error {
				f.srv.FailLifecycle(goldenAMI, "")
				return refusing(ctx, v)
			}
		})
		assert.Equal(t, rollout.PhaseStuck, report.Targets[0].Phase)
		assert.Equal(t, rollout.OutcomePartlyTakenBack, report.Outcome)
		assert.Zero(t, hooked)
	})
}

// A group that is looked at for the second time may have become somebody else's.
func TestAGroupThatSomebodySentElsewhereIsNotTakenBack(t *testing.T) {
	for name, tt := range map[string]struct {
		wanted, elsewhere hyperpod.Image
		outcome           string
	}{
		"an AMI":                       {hyperpod.AMI(newAMI), hyperpod.AMI("ami-0aaaaaaaaaaaaaaaa"), "superseded"},
		"a release":                    {hyperpod.Release("1.2.0"), hyperpod.Release("1.3.0"), "superseded"},
		"a group that is gone by then": {hyperpod.AMI(newAMI), hyperpod.Image{}, "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 0, hyperpodtest.Realistic)
				group := workers("workers", 2)
				was := hyperpod.RollGroup{Name: "workers", Nodes: 2, Target: 2, CurrentImage: goldenAMI, DesiredImage: goldenAMI, Back: hyperpod.AMI(goldenAMI)}
				if tt.wanted.Version() != "" {
					group = group.WithImage("default").WithImageReleaseVersion("1.1.0")
					was = hyperpod.RollGroup{Name: "workers", Nodes: 2, Target: 2, CurrentImage: "default", DesiredImage: "default", CurrentRelease: "1.1.0", DesiredRelease: "1.1.0", Back: hyperpod.Release("1.1.0")}
				}
				f.create("train-0", hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/eks-0"), group, workers("login", 1))
				cluster := hyperpod.New(f.srv.Client()).Cluster("train-0")
				var err error
				if tt.elsewhere == (hyperpod.Image{}) {
					_, err = cluster.Update(t.Context(), hyperpod.DeleteGroup("workers"))
				} else {
					_, err = cluster.RollImage(t.Context(), hyperpod.Roll{Image: tt.elsewhere, Groups: hyperpod.Named("workers"), Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true})
				}
				require.NoError(t, err)
				r := rollout.NewExecutor(f.clients).Do(t.Context(), rollout.Step{
					Kind: rollout.StepCheckBack, Program: rollout.Back, Account: account, Region: region, Cluster: "train-0",
					Strategy: rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}},
					Groups:   []rollout.GroupState{{RollGroup: was, Image: tt.wanted, Sent: true, Undo: &hyperpod.RollGroup{Name: "workers"}}},
				})
				require.Equal(t, rollout.ResultDone, r.Kind, r.Reason)
				require.Len(t, r.Groups, 1)
				assert.Equal(t, tt.outcome, r.Groups[0].Outcome)
				assert.Nil(t, r.Groups[0].Undo)
			})
		})
	}
}

// What cannot be taken back does not keep the others from it.
func TestOneGroupThatCannotBeTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, hyperpodtest.Realistic)
		roll := hyperpod.Roll{Image: hyperpod.AMI(newAMI), Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true}
		_, err := hyperpod.New(f.srv.Client()).Cluster("train-0").RollImage(t.Context(), roll)
		require.NoError(t, err)
		x := rollout.NewExecutor(f.clients, func(o *rollout.Options) { o.Gate = refusing })
		state := rollout.State{
			Version: rollout.Version, Waves: []rollout.Wave{{Name: "1"}},
			Settings: rollout.Settings{Gate: true, OnFailure: rollout.UndoAll, Strategies: []rollout.Strategy{{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}}}},
			Targets: []rollout.TargetState{{
				// Rolled up to the gate.
				Account: account, Region: region, Cluster: "train-0", Phase: rollout.PhaseActive, Program: rollout.Forward, Op: 3, Touched: true,
				Groups: []rollout.GroupState{
					{RollGroup: hyperpod.RollGroup{Name: "login", BackNote: "nobody knows"}, Image: hyperpod.AMI(newAMI), Sent: true},
					{RollGroup: hyperpod.RollGroup{Name: "workers", CurrentImage: goldenAMI, Back: hyperpod.AMI(goldenAMI)}, Image: hyperpod.AMI(newAMI), Sent: true},
				},
			}},
		}
		report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), &rollout.Plan{State: state})
		require.ErrorIs(t, err, rollout.ErrFailed)
		assert.Equal(t, rollout.PhaseStuck, report.Targets[0].Phase)
		assert.Contains(t, report.Targets[0].Reason, "taking back: group login: nobody knows")
		assert.Equal(t, map[string]string{"workers": goldenAMI, "login": newAMI}, f.images("train-0"))
	})
}
