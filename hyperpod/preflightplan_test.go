package hyperpod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestTheClusterRoleIsAskedAbout(t *testing.T) {
	c := &checks{}
	train := hyperpod.New(hyperpodtest.NewServer().Client(), fast, c.all).Cluster("example-cluster")
	scaler := func(name string) hyperpod.RoleUse {
		return hyperpod.RoleUse{ARN: "arn:aws:iam::444455556666:role/" + name, Service: "hyperpod.sagemaker.amazonaws.com", Path: "ClusterRole"}
	}
	spec := pageSpec(1)
	spec.ClusterRole = scaler("Scaler").ARN
	_, err := train.Create(t.Context(), spec)
	require.NoError(t, err)
	assert.Contains(t, of[hyperpod.RoleUse](c.taken()), scaler("Scaler"))

	_, err = train.Plan(t.Context(), hyperpod.Scale("workers", 2))
	require.NoError(t, err)
	assert.Empty(t, of[hyperpod.RoleUse](c.taken()), "the service holds it already")

	spec.ClusterRole = scaler("Scaler2").ARN
	_, err = train.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.Equal(t, []any{scaler("Scaler2")}, c.taken(), "nothing else is new")
}

func TestADeclaredClusterIsAskedAboutItsNewGroups(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 2)
	c := &checks{}
	spec := pageSpec(2)
	spec.RestrictedGroups = preflightSpec().RestrictedGroups
	_, err := hyperpod.New(srv.Client(), fast, c.all).Cluster("example-cluster").Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	uses := c.taken()
	network := of[hyperpod.NetworkUse](uses)
	require.Len(t, network, 1)
	assert.Equal(t, "nova", network[0].Groups[0].Group)
	assert.Len(t, network[0].Groups, 1)
	quota := of[hyperpod.QuotaUse](uses)
	require.Len(t, quota, 1)
	assert.Len(t, quota[0].Groups, 2, "the group that stays is counted")
}

func TestAPlanAsksAboutTheGroupsThatItAdds(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 3)
	c := &checks{}
	train := hyperpod.New(srv.Client(), fast, c.all).Cluster("example-cluster")

	_, err := train.Plan(t.Context(), hyperpod.Scale("workers", 4))
	require.NoError(t, err)
	assert.Len(t, of[hyperpodkit.ImageUse](c.uses), 1)
	assert.Len(t, c.taken(), 1, "the image alone: no group is new")

	debug := workersGroup("debug", 1).WithExecutionRole("arn:aws:iam::444455556666:role/Debug")
	plan, err := train.Plan(t.Context(), hyperpod.Scale("workers", 4), hyperpod.AddGroup(debug))
	require.NoError(t, err)
	planned := c.taken()
	assert.Equal(t, []hyperpod.RoleUse{
		{ARN: "arn:aws:iam::444455556666:role/Debug", Service: "sagemaker.amazonaws.com", Path: "InstanceGroups[1].ExecutionRole"},
	}, of[hyperpod.RoleUse](planned))
	network := of[hyperpod.NetworkUse](planned)
	require.Len(t, network, 1)
	assert.Equal(t, []string{"subnet-0123456789abcdef0"}, network[0].Subnets, "the live cluster's")
	assert.Len(t, network[0].Groups, 1)
	assert.Equal(t, "us-west-2", network[0].Region)
	assert.Len(t, of[hyperpod.EKSUse](planned), 1)
	quota := of[hyperpod.QuotaUse](planned)
	require.Len(t, quota, 1)
	assert.Equal(t, []hyperpod.GroupInstances{
		{Group: "workers", Types: []string{"ml.c5.2xlarge"}, Count: 4, Before: 3, VolumeGB: 200, Path: "InstanceGroups[0]"},
		{Group: "debug", Types: []string{"ml.c5.2xlarge"}, Count: 1, Path: "InstanceGroups[1]"},
	}, quota[0].Groups)

	_, err = plan.Apply(t.Context())
	require.NoError(t, err)
	assert.ElementsMatch(t, planned, c.taken(), "asked again before it is sent")

	_, err = train.Plan(t.Context(), hyperpod.DeleteGroup("workers"), hyperpod.AddGroup(workersGroup("third", 1)))
	require.NoError(t, err)
	quota = of[hyperpod.QuotaUse](c.taken())
	require.Len(t, quota, 1)
	assert.Equal(t, []hyperpod.GroupInstances{
		{Group: "debug", Types: []string{"ml.c5.2xlarge"}, Count: 1, Before: 1},
		{Group: "third", Types: []string{"ml.c5.2xlarge"}, Count: 1, Path: "InstanceGroups[0]"},
	}, quota[0].Groups, "the group that goes is not counted")
}

func TestAFindingStopsTheApplyOfAPlanMadeBefore(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 1)
	bad := false
	c := &checks{answer: func(use any) ([]hyperpodkit.Finding, error) {
		if _, ok := use.(hyperpod.NetworkUse); ok && bad {
			return []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "subnet-full", Found: "no address is free"}}, nil
		}
		return nil, nil
	}}
	plan, err := hyperpod.New(srv.Client(), fast, c.all).Cluster("example-cluster").Plan(t.Context(), hyperpod.AddGroup(workersGroup("debug", 1)))
	require.NoError(t, err)
	bad = true
	_, err = plan.Apply(t.Context())
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
}
