package proof

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// rollOnly is what the policy generated for rolling an image on the clusters of some EKS
// clusters allows.
func rollOnly(t *testing.T, orchestrators []string) policy.Policies {
	t.Helper()
	doc, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333", Clusters: policy.AnyCluster(),
		Orchestrator: policy.EKS(orchestrators[0], orchestrators[1:]...),
	}, policy.RollImage)
	require.NoError(t, err)
	set, err := policy.Compile(doc)
	require.NoError(t, err)
	return policy.Policies{Identity: set}
}

// A rollout, with the gate that looks at nodes, runs under only the policy for rolling an
// image; so does the way back, and so does whoever resumes it.
func TestRolloutsUnderThePolicyOfRollImage(t *testing.T) {
	for name, tt := range map[string]struct {
		gate rollout.Gate
		want rollout.Outcome
		runs func(old, fresh string) string
	}{
		"it goes through": {rollout.NodesRunning(), rollout.OutcomeSucceeded, func(_, fresh string) string { return fresh }},
		"it is taken back": {
			rollout.AllOf(rollout.NodesRunning(), func(_ context.Context, v rollout.Visit) error {
				if v.Wave == 1 {
					return rollout.Refuse(errors.New("loss is NaN"))
				}
				return nil
			}), rollout.OutcomeTakenBack, func(old, _ string) string { return old },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				images := amisharetest.NewServer()
				srv := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Images = images })
				old, fresh := images.AddImage(guarded()), images.AddImage(guarded())
				s := rollout.Spec{
					Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: fresh}}}, Waves: rollout.Percentages(34, 100), Bake: time.Hour,
					Strategy:  rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(50)}},
					OnFailure: rollout.UndoAll, ReplaceRootVolumes: true,
				}
				var clusters, orchestrators []string
				for i := range 3 {
					cluster := fmt.Sprintf("train-%d", i)
					clusters = append(clusters, cluster)
					made := spec(old)
					orchestrators = append(orchestrators, "arn:aws:eks:us-west-2:111122223333:cluster/"+cluster)
					made.Orchestrator = hyperpod.EKS(orchestrators[i])
					_, err := hyperpod.New(srv.Client()).Cluster(cluster).Create(t.Context(), made)
					require.NoError(t, err)
					s.Targets = append(s.Targets, rollout.Target{Account: "111122223333", Region: "us-west-2", Cluster: cluster, Groups: hyperpod.AllGroups})
				}
				role := hyperpodtest.Principal{ARN: operator, Policies: rollOnly(t, orchestrators)}
				reads := images.As(amisharetest.Principal{ARN: operator, Policies: only(t, policy.CheckImage)})
				executor := func() *rollout.Executor {
					return rollout.NewExecutor(func(context.Context, string, string) (rollout.Access, error) {
						return rollout.Access{HyperPod: srv.As(role).Client(), Images: amishare.NewChecker(reads.Client())}, nil
					}, func(o *rollout.Options) { o.Gate = tt.gate })
				}
				plan, err := executor().Plan(t.Context(), s)
				require.NoError(t, err)

				store := rollout.NewMemStore()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				_, err = rollout.NewRunner(executor(), store).Run(ctx, plan)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				report, err := rollout.NewRunner(executor(), store).Resume(t.Context())
				if tt.want != rollout.OutcomeSucceeded {
					require.ErrorIs(t, err, rollout.ErrFailed)
					err = nil
				}
				require.NoError(t, err)
				assert.Equal(t, tt.want, report.Outcome)
				for _, cluster := range clusters {
					out, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &cluster})
					require.NoError(t, err)
					assert.Equal(t, tt.runs(old, fresh), *out.InstanceGroups[0].CurrentImageId)
				}
				for _, c := range srv.Calls() {
					assert.NoError(t, c.Err, "%s by %s", c.Operation, c.Principal)
				}
			})
		})
	}
}
