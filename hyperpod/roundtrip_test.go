package hyperpod_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// FuzzRoundTrip makes clusters of all kinds on the emulator: what is described,
// converted back and applied again is no change, and neither is the specification that
// made it. A specification that the checks let pass is one that the service takes.
func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		spec := anySpec(rand.New(rand.NewPCG(seed, 0)))
		srv := hyperpodtest.NewServer()
		c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
		_, err := c.Create(t.Context(), spec)
		require.NoError(t, err)

		live, err := c.Describe(t.Context())
		require.NoError(t, err)
		rebuilt, findings, err := live.Spec()
		require.NoError(t, err)
		assert.Empty(t, findings)
		for name, wanted := range map[string]hyperpod.Spec{"rebuilt": rebuilt, "as asked": spec} {
			plan, err := c.Plan(t.Context(), hyperpod.Desired(wanted))
			require.NoError(t, err, name)
			assert.True(t, plan.Empty(), "%s: %s", name, plan)
			assert.Empty(t, plan.Rolls(), name)
		}

		// Every group sent again in full, with one instance more, stays what it is but
		// for that.
		edits := make([]hyperpod.Edit, 0, len(spec.Groups))
		for _, g := range spec.Groups {
			edits = append(edits, hyperpod.Scale(g.Name(), *g.Spec().InstanceCount+1))
		}
		_, err = c.Update(t.Context(), edits...)
		require.NoError(t, err)
		for i, g := range spec.Groups {
			spec.Groups[i] = g.WithInstanceCount(*g.Spec().InstanceCount + 1)
		}
		plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
		require.NoError(t, err)
		assert.True(t, plan.Empty(), "after an update: %s", plan)
	})
}

// dice make choices.
type dice struct{ *rand.Rand }

func (d dice) maybe() bool { return d.IntN(2) == 0 }

func pick[T any](d dice, choices ...T) T { return choices[d.IntN(len(choices))] }

func anySpec(r *rand.Rand) hyperpod.Spec {
	d := dice{r}
	eks := d.maybe()
	spec := hyperpod.Spec{
		Orchestrator:  hyperpod.Slurm(),
		VPC:           anyVPC(d),
		NonContinuous: d.maybe(),
		NodeRecovery:  pick(d, "", types.ClusterNodeRecoveryAutomatic, types.ClusterNodeRecoveryNone),
	}
	if eks {
		spec.Orchestrator = hyperpod.EKS(eksARN)
		if d.maybe() {
			spec.ClusterRole = adminRole
			if !spec.NonContinuous && d.maybe() {
				spec.AutoScaling = &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeEnable, AutoScalerType: types.ClusterAutoScalerTypeKarpenter}
			}
		}
		if d.maybe() {
			spec.TieredStorage = &types.ClusterTieredStorageConfig{Mode: types.ClusterConfigModeEnable, InstanceMemoryAllocationPercentage: aws.Int32(int32(d.IntN(101)))}
		}
	} else if spec.NonContinuous && d.maybe() {
		spec.Orchestrator = hyperpod.Slurm(func(c *types.ClusterOrchestratorSlurmConfig) {
			c.SlurmConfigStrategy = pick(d, types.ClusterSlurmConfigStrategyManaged, types.ClusterSlurmConfigStrategyMerge)
		})
	}
	for i := range 1 + d.IntN(4) {
		spec.Groups = append(spec.Groups, anyGroup(d, fmt.Sprintf("group-%d", i), eks, !spec.NonContinuous))
	}
	if eks && d.maybe() {
		spec.RestrictedGroups = append(spec.RestrictedGroups, anyRestricted(d))
	}
	return spec
}

func anyVPC(d dice) hyperpod.VPC {
	var vpc hyperpod.VPC
	for range 1 + d.IntN(3) {
		vpc.Subnets = append(vpc.Subnets, fmt.Sprintf("subnet-%017x", d.Uint32()))
		vpc.SecurityGroups = append(vpc.SecurityGroups, fmt.Sprintf("sg-%017x", d.Uint32()))
	}
	return vpc
}

func anyRestricted(d dice) types.ClusterRestrictedInstanceGroupSpecification {
	g := types.ClusterRestrictedInstanceGroupSpecification{
		InstanceGroupName: aws.String("restricted"), InstanceCount: aws.Int32(int32(d.IntN(3))),
		InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(adminRole),
	}
	if d.maybe() {
		g.EnvironmentConfig = &types.EnvironmentConfig{FSxLustreConfig: &types.FSxLustreConfig{SizeInGiB: aws.Int32(12000), PerUnitStorageThroughput: aws.Int32(125)}}
	}
	if d.maybe() {
		g.ThreadsPerCore = aws.Int32(2)
	}
	if d.maybe() {
		g.OnStartDeepHealthChecks = []types.DeepHealthCheckType{types.DeepHealthCheckTypeInstanceStress}
	}
	if d.maybe() {
		vpc := anyVPC(d)
		g.OverrideVpcConfig = &types.VpcConfig{Subnets: vpc.Subnets, SecurityGroupIds: vpc.SecurityGroups}
	}
	return g
}

func anyGroup(d dice, name string, eks, continuous bool) hyperpod.Group {
	const key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	g := hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlC52xlarge, int32(d.IntN(4))).WithExecutionRole(adminRole)
	managed := d.maybe()
	maybe := func(with func(hyperpod.Group) hyperpod.Group) {
		if d.maybe() {
			g = with(g)
		}
	}
	maybe(func(g hyperpod.Group) hyperpod.Group {
		return g.WithLifecycle(fmt.Sprintf("s3://amzn-s3-demo-bucket/%d", d.Uint32()), "on_create.sh")
	})
	maybe(func(g hyperpod.Group) hyperpod.Group { return g.WithThreadsPerCore(pick(d, int32(1), 2)) })
	maybe(func(g hyperpod.Group) hyperpod.Group { return g.WithEBSVolume(int32(1 + d.IntN(16384))) })
	maybe(func(g hyperpod.Group) hyperpod.Group { return g.WithOverrideVPC(anyVPC(d)) })
	maybe(func(g hyperpod.Group) hyperpod.Group {
		return g.WithNetworkInterface(pick(d, types.ClusterInterfaceTypeEfa, types.ClusterInterfaceTypeEfaOnly))
	})
	if d.IntN(4) == 0 {
		g = pick(d, g.WithSpot(), g.WithOnDemand())
	}
	if managed {
		maybe(hyperpod.Group.WithDefaultImage)
		maybe(func(g hyperpod.Group) hyperpod.Group {
			return g.WithScheduledUpdate("cron(0 3 ? * 1 *)", anyDeployment(d, eks))
		})
		if eks {
			maybe(func(g hyperpod.Group) hyperpod.Group {
				g = g.WithAutoPatch(pick(d, types.ClusterPatchingStrategyWhenIdle, types.ClusterPatchingStrategyWhenAllIdle), anyDeployment(d, eks))
				if d.maybe() {
					g = g.WithNextPatchDate(time.Now().Add(240 * time.Hour).Truncate(time.Second).UTC())
				}
				return g
			})
		}
	} else {
		g = g.WithImage(pick(d, goldenAMI, newAMI))
	}
	if continuous {
		maybe(func(g hyperpod.Group) hyperpod.Group {
			return g.WithMinInstanceCount(min(*g.Spec().InstanceCount, int32(d.IntN(3))))
		})
		maybe(func(g hyperpod.Group) hyperpod.Group { return g.WithRootVolumeKey(key) })
		if d.IntN(4) == 0 {
			g = g.WithFlexibleInstances(*g.Spec().InstanceCount, types.ClusterInstanceTypeMlC5Xlarge, types.ClusterInstanceTypeMlC52xlarge)
		}
	}
	if eks {
		maybe(func(g hyperpod.Group) hyperpod.Group {
			return g.WithKubernetesLabels(map[string]string{"team": pick(d, "a", "b"), "tier": "x"})
		})
		if d.maybe() {
			g = pick(d, g.WithKubernetesTaints(hyperpod.Taint("gpu", "yes", types.ClusterKubernetesTaintEffectNoSchedule)),
				g.WithDeepHealthChecks(types.DeepHealthCheckTypeInstanceStress, types.DeepHealthCheckTypeInstanceConnectivity))
		}
	} else {
		if continuous {
			g = g.WithSlurm(types.ClusterSlurmNodeTypeCompute, "dev")
		}
		maybe(func(g hyperpod.Group) hyperpod.Group {
			return g.WithFSxLustre("fs-0123456789abcdef0.fsx.us-west-2.amazonaws.com", "mount", "/fsx")
		})
		maybe(func(g hyperpod.Group) hyperpod.Group {
			return g.WithFSxOpenZFS("fs-0123456789abcdef1.fsx.us-west-2.amazonaws.com", "/home")
		})
	}
	return g
}

func anyDeployment(d dice, eks bool) hyperpod.Deployment {
	if !eks || d.maybe() {
		return hyperpod.Deployment{}
	}
	return hyperpod.Deployment{Batch: hyperpod.Percent(int32(1 + d.IntN(100))), WaitInterval: time.Minute}
}
