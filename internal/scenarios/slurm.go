package scenarios

import (
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// slurm are rollouts over Slurm clusters, where the service does less.
func slurm() []Scenario {
	on := func(image string) []Cluster {
		return []Cluster{{
			Name: "train-0",
			Groups: []hyperpod.Group{
				Workers("login", 1).WithSlurm(types.ClusterSlurmNodeTypeController).WithImage(image),
				Workers("workers", 2).WithSlurm(types.ClusterSlurmNodeTypeCompute, "dev").WithImage(image),
			},
			Spec: func(spec *hyperpod.Spec) { spec.Orchestrator = hyperpod.Slurm() },
		}}
	}
	workers := func(spec *rollout.Spec) { spec.Targets[0].Groups = hyperpod.Named("workers") }
	return []Scenario{
		{
			Name: "Slurm, from an AMI to another in place", Clusters: on(Old),
			Want: Want{Outcome: succeeded, Phases: phases(rolled), Sent: 1},
		},
		{
			Name: "Slurm, from an AMI to another and back", Clusters: on(Old), Spec: onFailure(rollout.UndoAll), Options: refuses("train-0"),
			Want: Want{Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 2},
		},
		{
			Name: "Slurm, from HyperPod's own image to an AMI in place", Clusters: on("default"),
			Want: Want{Refused: []string{"workers", "which the service does not replace by a custom AMI"}},
		},
		{
			Name: "Slurm, from HyperPod's own image to an AMI by another group", Clusters: on("default"),
			Spec: each(workers, strategy(rollout.Strategy{Replace: &rollout.Replace{Suffix: "-b", Canary: 1}})),
			Want: Want{Outcome: succeeded, Phases: phases(rolled), Sent: 0, Runs: map[string]string{"train-0": "login=default workers-b=new"}},
		},
		{
			Name: "Slurm, in batches", Clusters: on(Old), Spec: strategy(rollout.Strategy{Deployment: oneNode}),
			Want: Want{Refused: []string{"EKS only"}},
		},
		{
			Name: "Slurm, from an AMI to HyperPod's own image, which cannot be taken back", Clusters: on(Old),
			Spec: each(image(hyperpod.ImageVersion{ID: "default"}), onFailure(rollout.UndoAll)), Options: refuses("train-0"),
			Want: Want{
				Outcome: partlyTakenBack, Phases: phases(stuck), Failed: 1, Sent: 1, Warned: []string{"cannot be taken back exactly"},
				Runs: map[string]string{"train-0": "login=default workers=default"},
				Says: map[string][]string{"train-0": {"on Slurm the service does not move a group from HyperPod's own image to a custom AMI"}},
			},
		},
	}
}
