package hyperpod_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// request is what a specification asks for.
func request(t *testing.T, spec hyperpod.Spec) (in sagemaker.CreateClusterInput) {
	t.Helper()
	spec.Input = func(made *sagemaker.CreateClusterInput) { in = *made }
	_, err := spec.MarshalJSON()
	require.NoError(t, err)
	return in
}

// specMembers set each member of a specification alone, and name the request's members
// that this sets. What is inside a group is the business of [hyperpod.Group], and for
// restricted groups the SDK's own.
var specMembers = []struct {
	member string
	spec   hyperpod.Spec
	sets   []string
}{
	{"ClusterName", hyperpod.Spec{NonContinuous: true, ClusterName: "c"}, []string{"ClusterName"}},
	{"Groups", hyperpod.Spec{NonContinuous: true, Groups: []hyperpod.Group{hyperpod.NewGroup("g")}}, []string{"InstanceGroups[]"}},
	{"RestrictedGroups", hyperpod.Spec{NonContinuous: true, RestrictedGroups: filled[[]types.ClusterRestrictedInstanceGroupSpecification]()}, []string{"RestrictedInstanceGroups[]"}},
	{
		"RestrictedGroupsConfig",
		hyperpod.Spec{NonContinuous: true, RestrictedGroupsConfig: filled[*types.ClusterRestrictedInstanceGroupsConfig]()},
		[]string{
			"RestrictedInstanceGroupsConfig.SharedEnvironmentConfig.FSxLustreConfig.PerUnitStorageThroughput",
			"RestrictedInstanceGroupsConfig.SharedEnvironmentConfig.FSxLustreConfig.SizeInGiB",
			"RestrictedInstanceGroupsConfig.SharedEnvironmentConfig.FSxLustreDeletionPolicy",
		},
	},
	{"Orchestrator", hyperpod.Spec{NonContinuous: true, Orchestrator: hyperpod.EKS(eksARN)}, []string{"Orchestrator.Eks.ClusterArn"}},
	{
		"Orchestrator",
		hyperpod.Spec{NonContinuous: true, Orchestrator: hyperpod.Slurm(func(s *types.ClusterOrchestratorSlurmConfig) {
			*s = *filled[*types.ClusterOrchestratorSlurmConfig]()
		})},
		[]string{
			"Orchestrator.Slurm.AccountingDatabase.Endpoint", "Orchestrator.Slurm.AccountingDatabase.Name", "Orchestrator.Slurm.AccountingDatabase.Port",
			"Orchestrator.Slurm.AccountingDatabase.SecretArn", "Orchestrator.Slurm.SlurmConfigStrategy",
		},
	},
	{"VPC", hyperpod.Spec{NonContinuous: true, VPC: network}, []string{"VpcConfig.SecurityGroupIds[]", "VpcConfig.Subnets[]"}},
	{"Tags", hyperpod.Spec{NonContinuous: true, Tags: map[string]string{"k": "v"}}, []string{"Tags[].Key", "Tags[].Value"}},
	{"NonContinuous", hyperpod.Spec{NonContinuous: false}, []string{"NodeProvisioningMode"}},
	{"NodeRecovery", hyperpod.Spec{NonContinuous: true, NodeRecovery: types.ClusterNodeRecoveryNone}, []string{"NodeRecovery"}},
	{"AutoScaling", hyperpod.Spec{NonContinuous: true, AutoScaling: filled[*types.ClusterAutoScalingConfig]()}, []string{"AutoScaling.AutoScalerType", "AutoScaling.Mode"}},
	{"ClusterRole", hyperpod.Spec{NonContinuous: true, ClusterRole: adminRole}, []string{"ClusterRole"}},
	{"TieredStorage", hyperpod.Spec{NonContinuous: true, TieredStorage: filled[*types.ClusterTieredStorageConfig]()}, []string{"TieredStorageConfig.InstanceMemoryAllocationPercentage", "TieredStorageConfig.Mode"}},
}

// shallow replaces the members inside of groups by the groups.
func shallow(paths []string) []string {
	set := map[string]bool{}
	for _, path := range paths {
		for _, groups := range []string{"InstanceGroups[]", "RestrictedInstanceGroups[]"} {
			if strings.HasPrefix(path, groups) {
				path = groups
			}
		}
		set[path] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Every member of the request is reached without Input, and Input is the only member of
// a specification that stands for none.
func TestEveryMemberIsReachedFromSpec(t *testing.T) {
	reached, members := map[string]bool{}, map[string]bool{"Input": true}
	for _, tt := range specMembers {
		t.Run(tt.member, func(t *testing.T) {
			set := map[string]bool{}
			in := request(t, tt.spec)
			collect(reflect.ValueOf(in), "", set)
			assert.Equal(t, tt.sets, shallow(slices.Collect(maps.Keys(set))))
		})
		members[tt.member] = true
		for _, path := range tt.sets {
			reached[path] = true
		}
	}
	assert.Equal(t, shallow(leaves(reflect.TypeFor[sagemaker.CreateClusterInput](), "")), slices.Sorted(maps.Keys(reached)))
	assert.ElementsMatch(t, exported(reflect.TypeFor[hyperpod.Spec]()), slices.Collect(maps.Keys(members)))
}
