package rollout_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// A canary must be allowed to be smaller than the group's minimum, and the group that it
// grows into must not.
func TestACanaryGrowsIntoTheGroupAsItWas(t *testing.T) {
	for name, canary := range map[string]int32{"all at once": 0, "a canary of one": 1, "a canary of all": 4, "a canary of more": 9} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 0, hyperpodtest.Realistic)
				f.create("train-0", hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/eks-0"), workers("workers", 4).WithMinInstanceCount(3), workers("login", 1))
				spec := f.spec()
				spec.Strategy = rollout.Strategy{Replace: &rollout.Replace{Suffix: "-2", Canary: canary}}
				spec.Targets[0].Groups = hyperpod.Named("workers")
				x := rollout.NewExecutor(f.clients)
				plan, err := x.Plan(t.Context(), spec)
				require.NoError(t, err)
				report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(t.Context(), plan)
				require.NoError(t, err)
				assert.Equal(t, rollout.PhaseRolled, report.Targets[0].Phase)
				out, err := f.srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &f.names[0]})
				require.NoError(t, err)
				for _, g := range out.InstanceGroups {
					if *g.InstanceGroupName == "workers-2" {
						assert.Equal(t, int32(4), *g.CurrentCount)
						require.NotNil(t, g.MinCount)
						assert.Equal(t, int32(3), *g.MinCount)
					}
				}
				assert.Equal(t, map[string]string{"workers-2": newAMI, "login": goldenAMI}, f.images("train-0"))
			})
		})
	}
}
