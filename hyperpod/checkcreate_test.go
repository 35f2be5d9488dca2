package hyperpod_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// created returns what a workflow finds in a request to create a cluster, and sends
// nothing.
func created(t *testing.T, edit func(*sagemaker.CreateClusterInput)) []hyperpodkit.Finding {
	t.Helper()
	api := scripted{create: func(context.Context, *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
		return nil, errors.New("not sent")
	}}
	spec := pageSpec(2)
	spec.Input = edit
	report, err := hyperpod.New(api).Cluster("example-cluster").Create(t.Context(), spec)
	require.Error(t, err)
	return report.Findings
}

// What is wrong with a request to create a cluster, by its orchestrator and mode.
func TestRulesOfACluster(t *testing.T) {
	const group = "InstanceGroups[0]."
	slurm := func(in *sagemaker.CreateClusterInput) {
		in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
		in.InstanceGroups[0].SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeController}
		in.InstanceGroups[0].InstanceCount = aws.Int32(1)
	}
	restricted := func(volumes ...types.ClusterInstanceStorageConfig) func(*sagemaker.CreateClusterInput) {
		return func(in *sagemaker.CreateClusterInput) {
			in.RestrictedInstanceGroups = []restrictedSpec{{
				InstanceGroupName: aws.String("rig"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
				ExecutionRole: aws.String(adminRole), InstanceStorageConfigs: volumes,
			}}
		}
	}
	const rig = "RestrictedInstanceGroups[0]."
	tests := []struct {
		name string
		edit func(*sagemaker.CreateClusterInput)
		want []want
	}{
		{"no orchestrator", func(in *sagemaker.CreateClusterInput) { in.Orchestrator = nil }, []want{refused("orchestrator", "Orchestrator")}},
		{
			"two orchestrators", func(in *sagemaker.CreateClusterInput) {
				in.Orchestrator.Slurm = &types.ClusterOrchestratorSlurmConfig{}
			},
			[]want{refused("orchestrator", "Orchestrator")},
		},
		{"no network on EKS", func(in *sagemaker.CreateClusterInput) { in.VpcConfig = nil }, []want{refused("eks-vpc", "VpcConfig")}},
		{"no groups", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups = nil }, []want{refused("no-groups", "InstanceGroups")}},
		{"empty groups", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups = []groupSpec{} }, []want{refused("model-length", "InstanceGroups")}},
		{"101 groups", func(in *sagemaker.CreateClusterInput) {
			for i := range 100 {
				g := in.InstanceGroups[0]
				g.InstanceGroupName = aws.String(fmt.Sprintf("g%d", i))
				in.InstanceGroups = append(in.InstanceGroups, g)
			}
		}, []want{refused("model-length", "InstanceGroups"), warned("many-groups", "InstanceGroups")}},
		{"a name twice", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups = append(in.InstanceGroups, in.InstanceGroups[0])
		}, []want{refused("unique-names", "InstanceGroups[1].InstanceGroupName")}},
		{"no name twice", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].InstanceGroupName = nil
			in.InstanceGroups = append(in.InstanceGroups, in.InstanceGroups[0])
		}, []want{refused("model-required", group+"InstanceGroupName"), refused("model-required", "InstanceGroups[1].InstanceGroupName")}},
		{"a restricted group's name twice", func(in *sagemaker.CreateClusterInput) {
			restricted()(in)
			in.RestrictedInstanceGroups[0].InstanceGroupName = in.InstanceGroups[0].InstanceGroupName
		}, []want{refused("unique-names", rig+"InstanceGroupName")}},
		{"tags", func(in *sagemaker.CreateClusterInput) {
			in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("")}, {Key: aws.String("AWS:a"), Value: aws.String("")}, {Key: aws.String("a"), Value: aws.String("")}}
		}, []want{refused("reserved-prefix", "Tags[1].Key"), refused("unique-tags", "Tags[2].Key")}},
		{"SlurmConfig on EKS", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeCompute}
		}, []want{refused("orchestrator-fields", group+"SlurmConfig")}},
		{"restricted group", restricted(ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(100)})), nil},
		{
			"restricted group's volume without size", restricted(ebs(types.ClusterEbsVolumeConfig{})),
			[]want{refused("volume-size", rig+"InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB")},
		},
		{
			"restricted group's volume out of range", restricted(ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(16385)})),
			[]want{refused("model-range", rig+"InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB")},
		},
		{
			"restricted group's key", restricted(ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(1), VolumeKmsKeyId: aws.String("k")})),
			[]want{refused("restricted-key", rig+"InstanceStorageConfigs[0].EbsVolumeConfig.VolumeKmsKeyId")},
		},
		{
			"restricted group's root volume", restricted(ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true)})),
			[]want{refused("restricted-key", rig+"InstanceStorageConfigs[0].EbsVolumeConfig.RootVolume")},
		},
		{
			"restricted group's two volumes", restricted(ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(1)}), ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(1)})),
			[]want{refused("one-volume", rig+"InstanceStorageConfigs")},
		},
		{"restricted group without type", func(in *sagemaker.CreateClusterInput) {
			restricted()(in)
			in.RestrictedInstanceGroups[0].InstanceType = ""
		}, []want{refused("model-required", rig+"InstanceType")}},
		{"restricted group's schedule", func(in *sagemaker.CreateClusterInput) {
			restricted()(in)
			in.RestrictedInstanceGroups[0].ScheduledUpdateConfig = &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("weekly")}
		}, []want{refused("schedule", rig+"ScheduledUpdateConfig.ScheduleExpression")}},
		{"settings of restricted groups without one", func(in *sagemaker.CreateClusterInput) {
			in.RestrictedInstanceGroupsConfig = &types.ClusterRestrictedInstanceGroupsConfig{SharedEnvironmentConfig: &types.ClusterSharedEnvironmentConfig{
				FSxLustreConfig:         &types.FSxLustreConfig{SizeInGiB: aws.Int32(1200), PerUnitStorageThroughput: aws.Int32(125)},
				FSxLustreDeletionPolicy: types.ClusterFSxLustreDeletionPolicyKeep,
			}}
		}, []want{warned("restricted-config", "RestrictedInstanceGroupsConfig")}},
		{"not Continuous", func(in *sagemaker.CreateClusterInput) { in.NodeProvisioningMode = "" }, []want{warned("needs-continuous", group+"ImageId")}},
		{"not Continuous, and what needs it", func(in *sagemaker.CreateClusterInput) {
			g := &in.InstanceGroups[0]
			in.NodeProvisioningMode, g.ImageId, g.MinInstanceCount = "", nil, aws.Int32(1)
			g.InstanceType, g.InstanceRequirements = "", &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{"ml.c5.large"}}
			g.InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("k")})}
		}, []want{
			refused("needs-continuous", group+"MinInstanceCount"), refused("needs-continuous", group+"InstanceRequirements"),
			refused("needs-continuous", group+"InstanceStorageConfigs[0].EbsVolumeConfig.VolumeKmsKeyId"),
		}},
		{"Slurm", slurm, nil},
		{"KubernetesConfig on Slurm", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.InstanceGroups[0].KubernetesConfig = labels("a")
		}, []want{refused("orchestrator-fields", group+"KubernetesConfig")}},
		{"Continuous on Slurm without SlurmConfig", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.InstanceGroups[0].SlurmConfig = nil
		}, []want{warned("slurm-config", group+"SlurmConfig")}},
		{"strategy on a Continuous cluster", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.Orchestrator.Slurm.SlurmConfigStrategy = types.ClusterSlurmConfigStrategyMerge
		}, []want{refused("slurm-strategy", "Orchestrator.Slurm.SlurmConfigStrategy")}},
		{"accounting database on a cluster that is not Continuous", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.NodeProvisioningMode, in.InstanceGroups[0].ImageId = "", nil
			in.Orchestrator.Slurm.SlurmConfigStrategy = types.ClusterSlurmConfigStrategyMerge
			in.Orchestrator.Slurm.AccountingDatabase = &types.ClusterAccountingDatabase{Endpoint: aws.String("e"), SecretArn: aws.String("s")}
		}, []want{refused("needs-continuous", "Orchestrator.Slurm.AccountingDatabase")}},
		{"no controller", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.InstanceGroups[0].SlurmConfig.NodeType = types.ClusterSlurmNodeTypeLogin
		}, []want{warned("slurm-controller", "InstanceGroups")}},
		{"two controllers", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.InstanceGroups[0].InstanceCount = aws.Int32(2)
		}, []want{warned("slurm-controller", "InstanceGroups")}},
		{"batches and checks on Slurm", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			g := &in.InstanceGroups[0]
			g.ImageId = nil
			g.AutoPatchConfig = &types.ClusterAutoPatchConfig{PatchingStrategy: types.ClusterPatchingStrategyWhenIdle, DeploymentConfig: batches(10)}
			g.OnStartDeepHealthChecks = []types.DeepHealthCheckType{types.DeepHealthCheckTypeMultiNodeTrainingValidation}
		}, []want{warned("needs-eks", group+"AutoPatchConfig.DeploymentConfig"), warned("needs-eks", group+"OnStartDeepHealthChecks[0]")}},
		{"autoscaling", func(in *sagemaker.CreateClusterInput) {
			in.AutoScaling = &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeEnable}
			in.ClusterRole = aws.String(adminRole)
		}, nil},
		{"autoscaling that is off", func(in *sagemaker.CreateClusterInput) {
			in.AutoScaling = &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeDisable}
		}, nil},
		{"autoscaling where it is not known", func(in *sagemaker.CreateClusterInput) {
			slurm(in)
			in.NodeProvisioningMode, in.InstanceGroups[0].ImageId = "", nil
			in.AutoScaling = &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeEnable}
		}, []want{warned("autoscaling", "ClusterRole"), warned("autoscaling", "AutoScaling"), warned("autoscaling", "AutoScaling")}},
	}
	require.Empty(t, created(t, func(*sagemaker.CreateClusterInput) {}))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assertFound(t, tt.want, created(t, tt.edit)) })
	}
}
