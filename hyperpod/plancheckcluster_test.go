package hyperpod_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// What a new cluster cannot have, a live one cannot be given.
func TestChangesOfTheClusterItselfAreChecked(t *testing.T) {
	strategy := hyperpod.Slurm(func(c *types.ClusterOrchestratorSlurmConfig) {
		c.SlurmConfigStrategy = types.ClusterSlurmConfigStrategyManaged
	})
	accounting := hyperpod.Slurm(func(c *types.ClusterOrchestratorSlurmConfig) {
		c.AccountingDatabase = &types.ClusterAccountingDatabase{
			Endpoint: aws.String("db.example.com"), SecretArn: aws.String("arn:aws:secretsmanager:us-west-2:111122223333:secret:db-AbCdEf"),
		}
	})
	scaling := &types.ClusterAutoScalingConfig{Mode: types.ClusterAutoScalingModeEnable, AutoScalerType: types.ClusterAutoScalerTypeKarpenter}
	onSlurm := func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.Slurm() }
	wholeSlurm := func(s *hyperpod.Spec) { s.Orchestrator, s.NonContinuous = hyperpod.Slurm(), true }
	asIs := func(*hyperpod.Spec) {}
	tests := []struct {
		name         string
		create, edit func(*hyperpod.Spec)
		refused      bool
		says         string
	}{
		{"strategy on Continuous", onSlurm, func(s *hyperpod.Spec) { s.Orchestrator = strategy }, true, "Orchestrator.Slurm.SlurmConfigStrategy: the cluster's NodeProvisioningMode is Continuous; leave it out [slurm-strategy]"},
		{"strategy elsewhere", wholeSlurm, func(s *hyperpod.Spec) { s.Orchestrator = strategy }, false, `SlurmConfigStrategy  "Managed"`},
		{"accounting elsewhere", wholeSlurm, func(s *hyperpod.Spec) { s.Orchestrator = accounting }, true, "Orchestrator.Slurm.AccountingDatabase: the cluster's NodeProvisioningMode is not Continuous; leave it out"},
		{"accounting on Continuous", onSlurm, func(s *hyperpod.Spec) { s.Orchestrator = accounting }, false, "AccountingDatabase.Endpoint"},
		{"autoscaling without a role", asIs, func(s *hyperpod.Spec) { s.AutoScaling = scaling }, false, "warning: ClusterRole: missing"},
		{"autoscaling with a role", asIs, func(s *hyperpod.Spec) { s.AutoScaling, s.ClusterRole = scaling, adminRole }, false, `"Karpenter"`},
		{"autoscaling on Slurm", onSlurm, func(s *hyperpod.Spec) { s.AutoScaling, s.ClusterRole = scaling, adminRole }, false, "warning: AutoScaling: it is for clusters on EKS"},
		{"autoscaling elsewhere", func(s *hyperpod.Spec) { s.NonContinuous = true }, func(s *hyperpod.Spec) { s.AutoScaling, s.ClusterRole = scaling, adminRole }, false, "warning: AutoScaling: it is built on Continuous"},
		{"role while autoscaling", func(s *hyperpod.Spec) { s.AutoScaling, s.ClusterRole = scaling, adminRole }, func(s *hyperpod.Spec) { s.ClusterRole = adminRole + "2" }, true, "ClusterRole: it cannot change"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := hyperpod.New(hyperpodtest.NewServer().Client(), fast).Cluster("example-cluster")
			spec := pageSpec(1)
			tt.create(&spec)
			_, err := c.Create(t.Context(), spec)
			require.NoError(t, err)
			tt.edit(&spec)
			plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
			if tt.refused {
				require.ErrorIs(t, err, hyperpod.ErrInvalid)
				require.ErrorContains(t, err, tt.says)
				return
			}
			require.NoError(t, err)
			assert.Contains(t, plan.String(), tt.says)
			if strings.HasSuffix(tt.name, "with a role") {
				assert.NotContains(t, plan.String(), "warning")
			}
			_, err = plan.Apply(t.Context())
			require.NoError(t, err)
			plan, err = c.Plan(t.Context(), hyperpod.Desired(spec))
			require.NoError(t, err)
			assert.True(t, plan.Empty(), "%s", plan)
			assert.NotContains(t, plan.String(), "warning", "what the cluster has already is not told again")
		})
	}
}

// A saved plan in which request and changes were edited alike is held to the same rules.
func TestForgedChangesOfTheClusterAreRefused(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	spec := pageSpec(1)
	spec.NodeRecovery = types.ClusterNodeRecoveryNone
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	saved, err := json.Marshal(plan)
	require.NoError(t, err)
	forged := strings.NewReplacer(
		`{"Path":"NodeRecovery","Before":"\"Automatic\"","After":"\"None\""}`,
		`{"Path":"Orchestrator.Eks.ClusterArn","Before":"\"`+eksARN+`\"","After":"\"`+eksARN+`2\""}`,
		`"NodeRecovery":"None"`, `"Orchestrator":{"Eks":{"ClusterArn":"`+eksARN+`2"}}`,
	).Replace(string(saved))
	require.Equal(t, 2, strings.Count(forged, eksARN+"2"))
	loaded, err := c.LoadPlan([]byte(forged))
	require.NoError(t, err)
	_, err = loaded.Apply(t.Context())
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "make a new cluster")
}
