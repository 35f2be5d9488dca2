package hyperpod

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// compareMode changes the provisioning mode, if that was consented to.
func (w *wish) compareMode() {
	if w.in.NodeProvisioningMode == "" || w.in.NodeProvisioningMode == w.live.NodeProvisioningMode {
		return
	}
	if !w.options.MakeContinuous {
		w.note(hyperpodkit.Warning, "provisioning-mode", "NodeProvisioningMode", "the cluster is not Continuous and stays so", "consent to the change if it is meant, or leave the mode out of the specification")
		return
	}
	w.draft.settings.NodeProvisioningMode = w.in.NodeProvisioningMode
}

// compareSettings compares the cluster's own members, and keeps those that are to be sent.
func (w *wish) compareSettings() {
	have := settingsFrom(w.live)
	want := sagemaker.UpdateClusterInput{
		AutoScaling: w.in.AutoScaling, ClusterRole: w.in.ClusterRole, NodeRecovery: w.in.NodeRecovery,
		Orchestrator: w.in.Orchestrator, RestrictedInstanceGroupsConfig: w.in.RestrictedInstanceGroupsConfig,
		TieredStorageConfig: w.in.TieredStorageConfig,
	}
	w.fixed("VpcConfig", fieldChanges(w.live.VpcConfig, merge(w.live.VpcConfig, w.in.VpcConfig)))
	if want.Orchestrator != nil && (want.Orchestrator.Eks == nil) != (have.Orchestrator.Eks == nil) {
		w.fixed("Orchestrator", fieldChanges(have.Orchestrator, want.Orchestrator))
		want.Orchestrator = nil // the one is not to be merged with the other
	}
	merged := merge(have, want)
	if had, o := have.Orchestrator.Slurm, merged.Orchestrator.Slurm; had != nil && o != nil && w.setting().mode == continuousMode && o.SlurmConfigStrategy == had.SlurmConfigStrategy {
		o.SlurmConfigStrategy = "" // refused on a Continuous cluster, though described
	}
	for _, change := range fieldChanges(have, merge(have, merged)) {
		member, _, _ := strings.Cut(change.Path, ".")
		reflect.ValueOf(&w.draft.settings).Elem().FieldByName(member).Set(reflect.ValueOf(&merged).Elem().FieldByName(member))
	}
}

// fixed refuses changes of what a live cluster cannot change.
func (w *wish) fixed(member string, changes []FieldChange) {
	for _, c := range changes {
		path := c.Path
		if member != "" {
			path = join(member, path)
		}
		w.note(hyperpodkit.Error, "immutable", path, cannotChange(c), "make a new cluster")
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// settingsFrom is what DescribeCluster says of the cluster itself, in the form in
// which it is sent. A cluster without orchestrator is one on Slurm.
func settingsFrom(live *sagemaker.DescribeClusterOutput) sagemaker.UpdateClusterInput {
	in := sagemaker.UpdateClusterInput{
		ClusterRole: live.ClusterRole, NodeRecovery: live.NodeRecovery, Orchestrator: live.Orchestrator,
		TieredStorageConfig: live.TieredStorageConfig,
	}
	if in.Orchestrator == nil || in.Orchestrator.Eks == nil && in.Orchestrator.Slurm == nil {
		in.Orchestrator = Slurm().config
	}
	if a := live.AutoScaling; a != nil {
		in.AutoScaling = &types.ClusterAutoScalingConfig{Mode: a.Mode, AutoScalerType: a.AutoScalerType}
	}
	if c := live.RestrictedInstanceGroupsConfig; c != nil && c.SharedEnvironmentConfig != nil {
		e := c.SharedEnvironmentConfig
		shared := &types.ClusterSharedEnvironmentConfig{FSxLustreConfig: e.DesiredFSxLustreConfig, FSxLustreDeletionPolicy: e.DesiredFSxLustreDeletionPolicy}
		if shared.FSxLustreConfig == nil {
			shared.FSxLustreConfig = e.CurrentFSxLustreConfig
		}
		if shared.FSxLustreDeletionPolicy == "" {
			shared.FSxLustreDeletionPolicy = e.CurrentFSxLustreDeletionPolicy
		}
		in.RestrictedInstanceGroupsConfig = &types.ClusterRestrictedInstanceGroupsConfig{SharedEnvironmentConfig: shared}
	}
	return deep.Copy(in)
}

// settingChanges are the changes of the cluster's own members.
func (d *draft) settingChanges() []FieldChange {
	have := settingsFrom(d.live)
	have.NodeProvisioningMode = d.live.NodeProvisioningMode
	return fieldChanges(&have, merge(&have, &d.settings))
}
