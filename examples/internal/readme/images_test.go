package readme_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

func TestShareAndAdopt(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		ctx, builders, trainers := t.Context(), ec2.NewFromConfig(w.config(account)), ec2.NewFromConfig(w.config("444455556666"))
		//readme:start share
		shared, err := amishare.NewSharer(builders).Share(ctx, "ami-0123456789abcdef0", amishare.Accounts("444455556666"))

		// In the other account, since HyperPod takes AMIs of the cluster's own account only:
		adopted, err := amishare.NewAdopter(trainers).Adopt(ctx, amishare.Adoption{Image: "ami-0123456789abcdef0"})
		//readme:end
		require.NoError(t, err)
		assert.Equal(t, amishare.SharedAsWanted, shared.Outcome)
		assert.NotEmpty(t, adopted.String())
	})
}

func TestPolicy(t *testing.T) {
	//readme:start policy
	document, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333",
		Clusters:       policy.ClusterTag("team", "research"),
		Orchestrator:   policy.EKS(eksCluster),
		ExecutionRoles: []string{role},
	}, policy.CreateCluster, policy.UpdateGroups, policy.RollImage, policy.CheckImage)
	fmt.Print(document) // the same JSON each time; policy.Explain tells what each part is for
	//readme:end
	require.NoError(t, err)
	set, err := policy.Compile(document)
	require.NoError(t, err)
	request := policy.Request{
		PrincipalARN: role, Action: "sagemaker:UpdateClusterSoftware", Resource: "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01",
		Context: map[string][]string{"aws:ResourceTag/team": {"research"}},
	}
	assert.True(t, set.Evaluate(request).Allowed)
	request.Context = nil
	assert.False(t, set.Evaluate(request).Allowed)
}
