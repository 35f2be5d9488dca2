package hyperpodtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func ebs(volume types.ClusterEbsVolumeConfig) func(*types.ClusterInstanceGroupSpecification) {
	return func(g *types.ClusterInstanceGroupSpecification) {
		g.InstanceStorageConfigs = append(g.InstanceStorageConfigs, &types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: volume})
	}
}

func TestCreateRefusals(t *testing.T) {
	tests := []struct {
		name string
		edit func(*sagemaker.CreateClusterInput)
		says string
	}{
		{"no groups", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups = nil }, "At least one instance group"},
		{"both orchestrators", func(in *sagemaker.CreateClusterInput) {
			in.Orchestrator.Slurm = &types.ClusterOrchestratorSlurmConfig{}
		}, "exactly one of Eks and Slurm"},
		{"EKS without a network", func(in *sagemaker.CreateClusterInput) { in.VpcConfig = nil }, "VpcConfig"},
		{"name twice", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups = append(in.InstanceGroups, group("workers", 1))
		}, "more than once"},
		{"no type", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].InstanceType = "" }, "exactly one of InstanceType"},
		{"two kinds of type", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC52xlarge}}
		}, "exactly one of InstanceType"},
		{"minimum above count", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].MinInstanceCount = aws.Int32(9) }, "greater than"},
		{"minimum without Continuous", func(in *sagemaker.CreateClusterInput) {
			in.NodeProvisioningMode, in.InstanceGroups[0].MinInstanceCount = "", aws.Int32(1)
		}, "Continuous"},
		{"release of an AMI", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].ImageReleaseVersion = aws.String("1.2.3") }, "cannot be combined"},
		{"root volume without key", func(in *sagemaker.CreateClusterInput) {
			ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true)})(&in.InstanceGroups[0])
		}, "must have a VolumeKmsKeyId"},
		{"root volume with size", func(in *sagemaker.CreateClusterInput) {
			ebs(types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("k"), VolumeSizeInGB: aws.Int32(1)})(&in.InstanceGroups[0])
		}, "must not have a VolumeSizeInGB"},
		{"volume without size", func(in *sagemaker.CreateClusterInput) { ebs(types.ClusterEbsVolumeConfig{})(&in.InstanceGroups[0]) }, "must have a VolumeSizeInGB"},
		{"two secondary volumes", func(in *sagemaker.CreateClusterInput) {
			ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(1)})(&in.InstanceGroups[0])
			ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(2)})(&in.InstanceGroups[0])
		}, "more than one"},
		{"Slurm settings on EKS", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeCompute}
		}, "Slurm only"},
		{"type named twice", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].InstanceType = ""
			in.InstanceGroups[0].InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC52xlarge, types.ClusterInstanceTypeMlC52xlarge}}
		}, "type twice"},
		{"health check of EKS on Slurm", func(in *sagemaker.CreateClusterInput) {
			in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
			in.InstanceGroups[0].OnStartDeepHealthChecks = []types.DeepHealthCheckType{types.DeepHealthCheckTypeMultiNodeTrainingValidation}
		}, "EKS only"},
		{"Slurm strategy on a Continuous cluster", func(in *sagemaker.CreateClusterInput) {
			in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{SlurmConfigStrategy: types.ClusterSlurmConfigStrategyMerge}}
		}, "SlurmConfigStrategy is not supported"},
		{"accounting without Continuous", func(in *sagemaker.CreateClusterInput) {
			in.NodeProvisioningMode = ""
			in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{AccountingDatabase: &types.ClusterAccountingDatabase{Endpoint: aws.String("db.example.com"), SecretArn: aws.String("arn:aws:secretsmanager:us-west-2:111122223333:secret:slurm-AbCdEf")}}}
		}, "AccountingDatabase"},
		{"key of a restricted group's volume", func(in *sagemaker.CreateClusterInput) {
			in.RestrictedInstanceGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
				InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(role),
				InstanceStorageConfigs: []types.ClusterInstanceStorageConfig{&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: aws.String("k")}}},
			}}
		}, "restricted instance group nova"},
		{"schedule of a restricted group", func(in *sagemaker.CreateClusterInput) {
			in.RestrictedInstanceGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
				InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(role),
				ScheduledUpdateConfig: &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(never)")},
			}}
		}, "ScheduledUpdateConfig of instance group nova"},
		{"constraint of the model", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].InstanceCount = aws.Int32(6759) }, "instanceGroups.1.member.instanceCount"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			in := createInput(group("workers", 2))
			tt.edit(in)
			_, err := srv.CreateCluster(t.Context(), in)
			assert.Equal(t, "ValidationException", code(t, err))
			assert.ErrorContains(t, err, tt.says)
		})
	}
}

func TestOneEKSClusterForOneCluster(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	in := createInput(group("workers", 1))
	in.ClusterName = aws.String("second")
	_, err := srv.CreateCluster(t.Context(), in)
	assert.ErrorContains(t, err, "already in use")
}

func TestStrictRoles(t *testing.T) {
	foreign := func(g *types.ClusterInstanceGroupSpecification) {
		g.ExecutionRole = aws.String("arn:aws:iam::444455556666:role/Admin")
	}
	create(t, hyperpodtest.NewServer(), createInput(group("workers", 1, foreign)))
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.StrictRoles = true })
	_, err := srv.CreateCluster(t.Context(), createInput(group("workers", 1, foreign)))
	assert.ErrorContains(t, err, "another account")
}

func TestUpdateRefusals(t *testing.T) {
	changed := func(edit func(*types.ClusterInstanceGroupSpecification)) *sagemaker.UpdateClusterInput {
		return &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2, override, edit)}}
	}
	tests := []struct {
		name string
		in   *sagemaker.UpdateClusterInput
		says string
	}{
		{"role", changed(func(g *types.ClusterInstanceGroupSpecification) { g.ExecutionRole = aws.String(role + "2") }), "fields ExecutionRole on"},
		{"type", changed(func(g *types.ClusterInstanceGroupSpecification) {
			g.InstanceType = types.ClusterInstanceTypeMlC54xlarge
		}), "fields InstanceType on"},
		{"threads", changed(func(g *types.ClusterInstanceGroupSpecification) { g.ThreadsPerCore = aws.Int32(1) }), "fields ThreadsPerCore on"},
		{"image", changed(func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = aws.String(newer) }), "fields ImageId on"},
		{"network left out", changed(func(g *types.ClusterInstanceGroupSpecification) { g.OverrideVpcConfig = nil }), "fields OverrideVpcConfig on"},
		{"unknown group deleted", &sagemaker.UpdateClusterInput{InstanceGroupsToDelete: []string{"none"}}, "does not exist"},
		{"group deleted twice", &sagemaker.UpdateClusterInput{
			InstanceGroups: []types.ClusterInstanceGroupSpecification{group("other", 0)}, InstanceGroupsToDelete: []string{"workers", "workers"},
		}, "named twice"},
		{"another kind of orchestrator", &sagemaker.UpdateClusterInput{Orchestrator: &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}}, "kind of Orchestrator"},
		{"last group deleted", &sagemaker.UpdateClusterInput{InstanceGroupsToDelete: []string{"workers"}}, "must remain"},
		{"sent and deleted", &sagemaker.UpdateClusterInput{
			InstanceGroups: []types.ClusterInstanceGroupSpecification{group("workers", 2, override)}, InstanceGroupsToDelete: []string{"workers"},
		}, "InstanceGroupsToDelete"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			create(t, srv, createInput(group("workers", 2, override)))
			err := update(t, srv, tt.in)
			assert.Equal(t, "ValidationException", code(t, err))
			require.ErrorContains(t, err, tt.says)
			assert.EqualValues(t, 2, *describe(t, srv).InstanceGroups[0].TargetCount)
		})
	}
}

func override(g *types.ClusterInstanceGroupSpecification) {
	g.OverrideVpcConfig = &types.VpcConfig{Subnets: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}}
}

func TestClusterRoleStaysWhileAutoscaling(t *testing.T) {
	srv := hyperpodtest.NewServer()
	in := createInput(group("workers", 0))
	in.ClusterRole = aws.String(role)
	in.AutoScaling = &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeEnable, AutoScalerType: types.ClusterAutoScalerTypeKarpenter}
	create(t, srv, in)
	describe(t, srv)
	other := aws.String(role + "2")
	err := update(t, srv, &sagemaker.UpdateClusterInput{ClusterRole: other})
	assert.Equal(t, "ValidationException", code(t, err))
	require.ErrorContains(t, err, "while autoscaling is enabled")
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{ClusterRole: aws.String(role), NodeRecovery: types.ClusterNodeRecoveryNone}), "the same role is no change")
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{AutoScaling: &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeDisable}}))
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{ClusterRole: other}))
	assert.Equal(t, *other, *describe(t, srv).ClusterRole)
}

func TestUpdateKeepsWhatIsNotSent(t *testing.T) {
	srv := hyperpodtest.NewServer()
	full := func(g *types.ClusterInstanceGroupSpecification) {
		ebs(types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(100)})(g)
		g.KubernetesConfig = &types.ClusterKubernetesConfig{Labels: map[string]string{"team": "a", "tier": "b"}}
		g.MinInstanceCount = aws.Int32(1)
	}
	create(t, srv, createInput(group("workers", 2, full), group("login", 1)))
	scale(t, srv, "workers", 3)
	out := describe(t, srv)
	g := out.InstanceGroups[0]
	assert.Len(t, g.InstanceStorageConfigs, 1)
	assert.Equal(t, map[string]string{"team": "a", "tier": "b"}, g.KubernetesConfig.DesiredLabels)
	assert.EqualValues(t, 1, *g.MinCount)
	assert.EqualValues(t, 1, *out.InstanceGroups[1].TargetCount, "a group that is not sent stays")

	// What is sent of the Kubernetes settings is the whole truth.
	in := group("workers", 3, func(g *types.ClusterInstanceGroupSpecification) {
		g.KubernetesConfig = &types.ClusterKubernetesConfig{Labels: map[string]string{"team": "c"}}
	})
	require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{in}}))
	assert.Equal(t, map[string]string{"team": "c"}, describe(t, srv).InstanceGroups[0].KubernetesConfig.DesiredLabels)
}

func TestSoftwareRefusals(t *testing.T) {
	slurm := func(edits ...func(*types.ClusterInstanceGroupSpecification)) *sagemaker.CreateClusterInput {
		in := createInput(group("workers", 1, edits...))
		in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
		return in
	}
	onDefault := func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = nil }
	rolling := &types.DeploymentConfiguration{RollingUpdatePolicy: &types.RollingDeploymentPolicy{
		MaximumBatchSize: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(1)},
	}}
	tests := []struct {
		name   string
		create *sagemaker.CreateClusterInput
		in     *sagemaker.UpdateClusterSoftwareInput
		says   string
	}{
		{"unknown group", createInput(group("workers", 1)), &sagemaker.UpdateClusterSoftwareInput{
			ImageId: aws.String(newer), InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("none")}},
		}, "does not exist"},
		{"group named twice", createInput(group("workers", 1)), &sagemaker.UpdateClusterSoftwareInput{
			ImageId:        aws.String(newer),
			InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}, {InstanceGroupName: aws.String("workers")}},
		}, "named twice"},
		{"no regular group", func() *sagemaker.CreateClusterInput {
			in := createInput()
			in.RestrictedInstanceGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
				InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(role),
			}}
			return in
		}(), &sagemaker.UpdateClusterSoftwareInput{ImageId: aws.String(newer)}, "no instance group whose software"},
		{"custom group without image", createInput(group("workers", 1)), &sagemaker.UpdateClusterSoftwareInput{}, "ImageId must name"},
		{"release of an AMI", createInput(group("workers", 1)), &sagemaker.UpdateClusterSoftwareInput{
			ImageId:        aws.String(newer),
			InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers"), ImageReleaseVersion: aws.String("1.2.3")}},
		}, "cannot be combined"},
		{"Slurm from default to custom", slurm(onDefault), &sagemaker.UpdateClusterSoftwareInput{ImageId: aws.String(newer)}, "cannot be updated from"},
		{"Slurm in batches", slurm(), &sagemaker.UpdateClusterSoftwareInput{ImageId: aws.String(newer), DeploymentConfig: rolling}, "EKS only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			create(t, srv, tt.create)
			describe(t, srv)
			tt.in.ClusterName = aws.String("train")
			_, err := srv.UpdateClusterSoftware(t.Context(), tt.in)
			assert.Equal(t, "ValidationException", code(t, err))
			assert.ErrorContains(t, err, tt.says)
		})
	}
}

func TestSlurmFromCustomToCustom(t *testing.T) {
	srv := hyperpodtest.NewServer()
	in := createInput(group("workers", 1))
	in.Orchestrator = &types.ClusterOrchestrator{Slurm: &types.ClusterOrchestratorSlurmConfig{}}
	create(t, srv, in)
	describe(t, srv)
	require.NoError(t, roll(t, srv, newer, nil, "workers"))
	assert.Equal(t, newer, *describe(t, srv).InstanceGroups[0].CurrentImageId)
}

func TestANewGroupOnDefaultInheritsAnImage(t *testing.T) {
	onDefault := func(g *types.ClusterInstanceGroupSpecification) { g.ImageId = aws.String("default") }
	pinned := func(g *types.ClusterInstanceGroupSpecification) {
		onDefault(g)
		g.ImageReleaseVersion = aws.String("1.0.0")
	}
	for name, tt := range map[string]struct {
		cluster *sagemaker.CreateClusterInput
		added   types.ClusterInstanceGroupSpecification
		want    string
	}{
		"Continuous":          {createInput(group("workers", 1)), group("more", 1, onDefault), "ami-0123456789abcdef0"},
		"a release is named":  {createInput(group("workers", 1)), group("more", 1, pinned), "default"},
		"earliest on default": {createInput(group("workers", 1, onDefault), group("login", 1)), group("more", 1, onDefault), "default"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			create(t, srv, tt.cluster)
			require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroups: []types.ClusterInstanceGroupSpecification{tt.added}}))
			groups := describe(t, srv).InstanceGroups
			assert.Equal(t, tt.want, *groups[len(groups)-1].CurrentImageId)
		})
	}
}
