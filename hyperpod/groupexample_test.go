package hyperpod_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Groups are values: several are made from one base, which stays as it is.
func ExampleNewGroup() {
	base := hyperpod.NewGroup("base").WithExecutionRole(role).
		WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").WithImage("ami-0123456789abcdef0")
	workers := base.WithName("workers").
		WithInstances(types.ClusterInstanceTypeMlP548xlarge, 8).WithMinInstanceCount(4).
		WithRootVolumeKey("alias/golden").WithEncryptedEBSVolume(500, "alias/golden").
		WithFSxLustre("fs-0123456789abcdef0.fsx.us-west-2.amazonaws.com", "abcdefgh", "/fsx").
		WithKubernetesLabels(map[string]string{"team": "vision"}).
		WithKubernetesTaints(hyperpod.Taint("dedicated", "vision", types.ClusterKubernetesTaintEffectNoSchedule)).
		WithScheduledUpdate("cron(0 3 ? * SUN *)", hyperpod.Deployment{Batch: hyperpod.Percent(25), Alarms: []string{"train-loss-nan"}})
	login := base.WithName("login").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 1)

	for _, g := range []hyperpod.Group{workers, login} {
		spec, err := g.Build()
		fmt.Println(g.Name(), *spec.InstanceCount, len(spec.InstanceStorageConfigs), err)
	}
	// Output:
	// workers 8 3 <nil>
	// login 1 0 <nil>
}

// A flexible group takes what capacity there is, the first type first.
func ExampleGroup_WithFlexibleInstances() {
	g := exampleGroup().WithFlexibleInstances(16, types.ClusterInstanceTypeMlP5en48xlarge, types.ClusterInstanceTypeMlP548xlarge).WithSpot()
	spec, err := g.Build()
	fmt.Println(*spec.InstanceCount, spec.InstanceRequirements.InstanceTypes, err)
	// Output:
	// 16 [ml.p5en.48xlarge ml.p5.48xlarge] <nil>
}

// A Slurm cluster names what each group is, and may have a strategy for partitions.
func ExampleSlurm() {
	spec := hyperpod.Spec{
		ClusterName: "train",
		Groups: []hyperpod.Group{
			exampleGroup().WithName("controller").WithSlurm(types.ClusterSlurmNodeTypeController),
			exampleGroup().WithName("workers").WithSlurm(types.ClusterSlurmNodeTypeCompute, "dev"),
		},
		Orchestrator: hyperpod.Slurm(func(s *types.ClusterOrchestratorSlurmConfig) {
			s.SlurmConfigStrategy = types.ClusterSlurmConfigStrategyManaged
		}),
		NonContinuous: true,
	}
	body, err := json.Marshal(spec)
	fmt.Println(strings.Contains(string(body), `"Orchestrator":{"Slurm":{"SlurmConfigStrategy":"Managed"}}`), err)
	// Output:
	// true <nil>
}

// A file that the AWS CLI takes by --cli-input-json. Mistakes are found by their path.
func ExampleReadSpec() {
	const file = `{
		"ClusterName": "train",
		"InstanceGroups": [{
			"InstanceGroupName": "workers",
			"InstanceType": "ml.c5.2xlarge",
			"InstanceCount": 2,
			"ExecutionRole": "arn:aws:iam::111122223333:role/HyperPod",
			"LifeCycleConfig": {"SourceS3Uri": "s3://amzn-s3-demo-bucket/lifecycle", "OnCreate": "on_create.sh"},
			"InstanceStorageConfigs": [{"EbsVolumeConfig": {"VolumeSizeInGB": 500}}]
		}],
		"NodeProvisioningMode": "Continuous"
	}`
	spec, err := hyperpod.ReadSpec(strings.NewReader(file))
	fmt.Println(spec.ClusterName, spec.Groups[0].Name(), err)

	_, err = hyperpod.ReadSpec(strings.NewReader(strings.ReplaceAll(file, `"OnCreate"`, `"OnCreat"`)))
	fmt.Println(err)
	// Output:
	// train workers <nil>
	// read a cluster specification: invalid input: InstanceGroups[0].LifeCycleConfig.OnCreat: there is no such member; did you mean OnCreate? [json-member]
}

// A file that the AWS CLI takes by --instance-groups, changed and written back.
func ExampleReadGroups() {
	const file = `[{"InstanceGroupName": "workers", "InstanceType": "ml.c5.2xlarge", "InstanceCount": 2, "ExecutionRole": "arn:aws:iam::111122223333:role/HyperPod"}]`
	groups, err := hyperpod.ReadGroups(strings.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := json.MarshalIndent(groups[0].WithInstanceCount(4), "", "  ")
	fmt.Println(string(body), err)
	// Output:
	// {
	//   "ExecutionRole": "arn:aws:iam::111122223333:role/HyperPod",
	//   "InstanceCount": 4,
	//   "InstanceGroupName": "workers",
	//   "InstanceType": "ml.c5.2xlarge"
	// } <nil>
}
