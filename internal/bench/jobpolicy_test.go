package bench

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// generating makes the policy of a program that creates, scales and rolls one cluster.
func generating() job {
	const cluster = "arn:aws:sagemaker:us-west-2:111122223333:cluster/0123456789ab"
	generate := func() ([]byte, error) {
		doc, err := policy.Generate(policy.Scope{
			Partition: "aws", Region: "us-west-2", Account: "111122223333", Clusters: policy.ClusterARNs(cluster),
			Orchestrator:   policy.EKS("arn:aws:eks:us-west-2:111122223333:cluster/example-eks"),
			ExecutionRoles: []string{"arn:aws:iam::111122223333:role/HyperPod"},
		}, policy.CreateCluster, policy.UpdateGroups, policy.RollImage)
		if err != nil {
			return nil, err
		}
		return doc.MarshalJSON()
	}
	nothing := func() {}
	return job{name: "a policy for create, scale and roll, as JSON", worlds: 1, repeat: policies, ways: []way{
		{ours, func(*testing.T, *rand.Rand) attempt {
			return attempt{do: func(context.Context) error { _, err := generate(); return err }, check: nothing}
		}},
		{"the same document by hand, through encoding/json", func(t *testing.T, _ *rand.Rand) attempt {
			text, err := generate()
			require.NoError(t, err)
			var finished any
			require.NoError(t, json.Unmarshal(text, &finished))
			return attempt{do: func(context.Context) error { _, err := json.Marshal(finished); return err }, check: nothing}
		}},
	}}
}
