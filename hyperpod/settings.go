package hyperpod

import (
	"fmt"
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
	const path = "NodeProvisioningMode"
	switch {
	case !w.options.MakeContinuous:
		w.note(hyperpodkit.Warning, "provisioning-mode", path, "the cluster is not Continuous and stays so", "consent to the change if it is meant, or leave the mode out of the specification")
	case w.setting().orchestrator == "slurm":
		w.note(hyperpodkit.Error, "provisioning-mode", path, "a live cluster on Slurm cannot become Continuous", "make a new cluster")
	default:
		w.draft.settings.NodeProvisioningMode = w.in.NodeProvisioningMode
	}
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
		want.Orchestrator = nil
	}
	merged := merge(have, want)
	for _, change := range fieldChanges(have, merged) {
		member, rest, _ := strings.Cut(change.Path, ".")
		if member == "Orchestrator" && strings.HasPrefix(rest, "Eks.") {
			w.fixed("", []FieldChange{change})
			continue
		}
		if member == "ClusterRole" && have.AutoScaling != nil && have.AutoScaling.Mode == types.ClusterAutoScalingModeEnable {
			w.note(hyperpodkit.Error, "cluster-role", member, fmt.Sprintf("%s cannot become %s while autoscaling is enabled", change.Before, change.After), "turn autoscaling off first, in a request of its own")
		}
		reflect.ValueOf(&w.draft.settings).Elem().FieldByName(member).Set(reflect.ValueOf(&merged).Elem().FieldByName(member))
	}
	if o := w.draft.settings.Orchestrator; o != nil && o.Slurm != nil && w.setting().mode == continuousMode {
		o.Slurm.SlurmConfigStrategy = "" // refused on a Continuous cluster, though described
	}
}

// fixed refuses changes of what a live cluster cannot change.
func (w *wish) fixed(member string, changes []FieldChange) {
	for _, c := range changes {
		path := c.Path
		if member != "" {
			path = join(member, path)
		}
		w.note(hyperpodkit.Error, "immutable", path, fmt.Sprintf("a live cluster cannot change it from %s to %s", orNothing(c.Before), orNothing(c.After)), "make a new cluster")
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
