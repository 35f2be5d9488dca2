package hyperpod_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// nodesEdited is an API whose nodes are shown otherwise.
type nodesEdited struct {
	hyperpod.API
	edit func([]types.ClusterNodeSummary) []types.ClusterNodeSummary
}

func (a nodesEdited) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	out, err := a.API.ListClusterNodes(ctx, in, optFns...)
	if err == nil {
		out.ClusterNodeSummaries = a.edit(out.ClusterNodeSummaries)
	}
	return out, err
}

// A group is left out of a roll to the newest image only when the service says in both
// places that it is up to date.
func TestRollToDefaultSkipsWhatIsUpToDateTwice(t *testing.T) {
	same := func(nodes []types.ClusterNodeSummary) []types.ClusterNodeSummary { return nodes }
	for name, tt := range map[string]struct {
		group func(*types.ClusterInstanceGroupDetails)
		nodes func([]types.ClusterNodeSummary) []types.ClusterNodeSummary
		skip  bool
	}{
		"both say so": {nil, same, true},
		"the group's word flapped": {func(g *types.ClusterInstanceGroupDetails) {
			g.ImageVersionStatus = types.ClusterImageVersionStatusUpdateAvailable
		}, same, false},
		"no word of the group": {func(g *types.ClusterInstanceGroupDetails) { g.ImageVersionStatus = "" }, same, false},
		"one node says otherwise": {nil, func(nodes []types.ClusterNodeSummary) []types.ClusterNodeSummary {
			nodes[1].ImageVersionStatus = types.ClusterImageVersionStatusSecurityUpdateRequired
			return nodes
		}, false},
		"one node says nothing": {nil, func(nodes []types.ClusterNodeSummary) []types.ClusterNodeSummary {
			nodes[1].ImageVersionStatus = ""
			return nodes
		}, false},
		"one node is not listed": {nil, func(nodes []types.ClusterNodeSummary) []types.ClusterNodeSummary { return nodes[:1] }, false},
		"one node is leaving and another there": {nil, func(nodes []types.ClusterNodeSummary) []types.ClusterNodeSummary {
			leaving := nodes[0]
			leaving.ImageVersionStatus, leaving.InstanceStatus = "", &types.ClusterInstanceStatusDetails{Status: types.ClusterInstanceStatusShuttingDown}
			return append(nodes, leaving)
		}, true},
		"no instance": {func(g *types.ClusterInstanceGroupDetails) { g.CurrentCount = aws.Int32(0) }, same, false},
		"nodes were left behind": {func(g *types.ClusterInstanceGroupDetails) {
			g.SoftwareUpdateStatus, g.TargetStateCount = types.SoftwareUpdateStatusSucceeded, aws.Int32(1)
		}, same, false},
		"an update is beginning": {func(g *types.ClusterInstanceGroupDetails) {
			g.ActiveSoftwareUpdateConfig = &types.DeploymentConfiguration{}
		}, same, false},
		"a release is on its way": {func(g *types.ClusterInstanceGroupDetails) { g.DesiredImageReleaseVersion = aws.String("1.5.0") }, same, false},
		"a custom AMI":            {func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageId = aws.String(goldenAMI) }, same, false},
	} {
		t.Run(name, func(t *testing.T) {
			spec := pageSpec(2)
			onDefault(&spec)
			srv, _ := madeBy(t, spec)
			api := scripted{API: nodesEdited{srv.Client(), tt.nodes}, describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
				out, err := srv.DescribeCluster(ctx, in)
				if err == nil && tt.group != nil {
					tt.group(&out.InstanceGroups[0])
				}
				return out, err
			}}
			plan, err := hyperpod.New(api, fast).Cluster("example-cluster").PlanRoll(t.Context(), rollAll(hyperpod.DefaultImage))
			require.NoError(t, err)
			assert.Equal(t, tt.skip, plan.Empty())
			if tt.skip {
				assert.Equal(t, hyperpod.OutcomeUnchanged, plan.Left[0].Outcome)
				assert.Contains(t, plan.String(), "nothing to do")
			}
		})
	}
}

// Nodes that cannot be listed are an error: whether they are up to date is not known.
func TestRollToDefaultThatCannotListNodes(t *testing.T) {
	spec := pageSpec(2)
	onDefault(&spec)
	srv, c := madeBy(t, spec)
	srv.Faults().Fail("ListClusterNodes", 1, errors.New("denied"))
	_, err := c.PlanRoll(t.Context(), rollAll(hyperpod.DefaultImage))
	require.ErrorContains(t, err, "ListClusterNodes")
	assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
}

func TestRollToAReleaseSkipsWhatRunsIt(t *testing.T) {
	for name, tt := range map[string]struct {
		edit func(*types.ClusterInstanceGroupDetails)
		skip bool
	}{
		"on it":                          {nil, true},
		"the release is only the wanted": {func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageReleaseVersion = aws.String("1.3.0") }, false},
		"and is to leave it":             {func(g *types.ClusterInstanceGroupDetails) { g.DesiredImageReleaseVersion = aws.String("1.5.0") }, false},
		"nodes were left behind": {func(g *types.ClusterInstanceGroupDetails) {
			g.SoftwareUpdateStatus, g.TargetStateCount = types.SoftwareUpdateStatusSucceeded, aws.Int32(1)
		}, false},
		"an update is beginning": {func(g *types.ClusterInstanceGroupDetails) {
			g.ActiveSoftwareUpdateConfig = &types.DeploymentConfiguration{}
		}, false},
		"some run a custom AMI":  {func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageId = aws.String(goldenAMI) }, false},
		"the last update failed": {func(g *types.ClusterInstanceGroupDetails) { g.SoftwareUpdateStatus = types.SoftwareUpdateStatusFailed }, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := described(t, func(out *sagemaker.DescribeClusterOutput) {
				if tt.edit != nil {
					tt.edit(&out.InstanceGroups[0])
				}
			}, onDefault)
			roll := rollTo(newAMI)
			roll.Image = hyperpod.Release("1.4.0")
			plan, err := c.PlanRoll(t.Context(), roll)
			require.NoError(t, err)
			assert.Equal(t, tt.skip, plan.Empty())
		})
	}
}

// Some groups are on the image and some are not: only these are sent, in their order.
func TestRollSendsOnlyWhatIsToBeRolled(t *testing.T) {
	spec := twoGroups()
	spec.Groups[0] = spec.Groups[0].WithImage(newAMI)
	srv, c := madeBy(t, spec)
	report, err := c.RollImage(t.Context(), rollAll(hyperpod.AMI(newAMI)))
	require.NoError(t, err)
	in := sent[sagemaker.UpdateClusterSoftwareInput](srv)
	require.Len(t, in, 1)
	require.Len(t, in[0].InstanceGroups, 1)
	assert.Equal(t, "login", *in[0].InstanceGroups[0].InstanceGroupName)
	var got []string
	for _, g := range report.Groups {
		got = append(got, g.Name+" "+g.Outcome.String())
	}
	assert.Equal(t, []string{"login on the image", "workers unchanged", "nova not rolled"}, got)
}

// What the service does not prove is no error, and the report does not call it complete
// without more ado.
func TestUnprovenRollsAreToldAsSuch(t *testing.T) {
	spec := pageSpec(2)
	spec.Orchestrator = hyperpod.Slurm()
	spec.NonContinuous = true
	srv := hyperpodtest.NewServer()
	api := nodesEdited{srv.Client(), func(nodes []types.ClusterNodeSummary) []types.ClusterNodeSummary {
		for i := range nodes {
			nodes[i].LastSoftwareUpdateTime, nodes[i].LaunchTime = nil, nil
		}
		return nodes
	}}
	c := hyperpod.New(api, fast).Cluster("example-cluster")
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	report, err := c.RollImage(t.Context(), rollTo(newAMI))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.OutcomeUnproven, report.Groups[0].Outcome)
	assert.True(t, report.Complete)
	assert.Contains(t, report.String(), ": complete, unproven after ")
	assert.Contains(t, report.LogValue().String(), "unproven=true")
}
