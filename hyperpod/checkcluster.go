package hyperpod

import (
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// settings judges the cluster's own members as they will be, in whichever request they
// are sent.
func (c *checker) settings(in *sagemaker.UpdateClusterInput) {
	if in.Orchestrator != nil && in.Orchestrator.Slurm != nil {
		c.slurmSettings(in.Orchestrator.Slurm)
	}
	c.autoscaling(in)
}

// slurmSettings holds what the SDK's ClusterOrchestratorSlurmConfig says, and the
// developer guide's page on continuous provisioning with Slurm.
func (c *checker) slurmSettings(config *types.ClusterOrchestratorSlurmConfig) {
	if config.SlurmConfigStrategy != "" && c.in.mode == continuousMode {
		c.refuse("slurm-strategy", "Orchestrator.Slurm.SlurmConfigStrategy", "the cluster's NodeProvisioningMode is Continuous", "leave it out")
	}
	if config.AccountingDatabase != nil {
		c.needsContinuous("Orchestrator.Slurm.AccountingDatabase", "leave it out")
	}
}

// autoscaling warns of what the developer guide's page on autoscaling asks for; which of
// it the service refuses is not said.
func (c *checker) autoscaling(in *sagemaker.UpdateClusterInput) {
	if in.AutoScaling == nil || in.AutoScaling.Mode != types.ClusterAutoScalingModeEnable {
		return
	}
	if in.ClusterRole == nil {
		c.warn("autoscaling", "ClusterRole", "missing, and autoscaling needs the role to add and delete nodes with", "name the role")
	}
	if c.in.orchestrator == "slurm" {
		c.warn("autoscaling", "AutoScaling", "it is for clusters on EKS, and this one is on Slurm", "leave it out")
	}
	if c.in.mode == wholeMode {
		c.warn("autoscaling", "AutoScaling", "it is built on Continuous, which is not the cluster's NodeProvisioningMode", "make the cluster Continuous")
	}
}
