package hyperpod

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// SpecFrom rebuilds the cluster that was asked for from what DescribeCluster says of
// it: with its groups, each as [GroupFrom] has it, and its own settings. What is
// described of nobody's asking stays out, and so do tags, which DescribeCluster does
// not tell: with Tags nil, [Desired] leaves them as they are. A cluster without
// orchestrator is one on Slurm.
//
// The findings are those of GroupFrom, and so are the errors.
func SpecFrom(live *sagemaker.DescribeClusterOutput) (Spec, []hyperpodkit.Finding, error) {
	in, findings, err := createFrom(live, time.Now())
	if err != nil {
		return Spec{}, nil, err
	}
	return specOf(in), findings, nil
}

// createFrom is the request that would create a cluster as it is described.
func createFrom(live *sagemaker.DescribeClusterOutput, now time.Time) (*sagemaker.CreateClusterInput, []hyperpodkit.Finding, error) {
	settings := settingsFrom(live)
	in := &sagemaker.CreateClusterInput{
		ClusterName: live.ClusterName, NodeProvisioningMode: live.NodeProvisioningMode, VpcConfig: deep.Copy(live.VpcConfig),
		AutoScaling: settings.AutoScaling, ClusterRole: settings.ClusterRole, NodeRecovery: settings.NodeRecovery,
		Orchestrator: settings.Orchestrator, RestrictedInstanceGroupsConfig: settings.RestrictedInstanceGroupsConfig,
		TieredStorageConfig: settings.TieredStorageConfig,
	}
	d := newDraft(live, now)
	if o := in.Orchestrator; o.Slurm != nil && d.mode == continuousMode {
		o.Slurm.SlurmConfigStrategy = "" // refused on a Continuous cluster, though described
	}
	var findings []hyperpodkit.Finding
	for _, g := range d.groups {
		if err := g.rebuild(d); err != nil {
			return nil, nil, err
		}
		if g.before != nil {
			in.InstanceGroups = append(in.InstanceGroups, deep.Copy(*g.before))
			findings = append(findings, differingImages(*g.live, "")...)
		} else {
			in.RestrictedInstanceGroups = append(in.RestrictedInstanceGroups, deep.Copy(*g.beforeRestricted))
		}
	}
	return in, findings, nil
}
