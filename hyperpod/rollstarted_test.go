package hyperpod_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// shown is what a fake service shows of a cluster whose group "workers" is of two nodes.
type shown struct {
	hyperpod.UnimplementedAPI
	cluster types.ClusterStatus
	group   types.ClusterInstanceGroupDetails
	nodes   []types.ClusterNodeSummary
	looks   int
}

func (s *shown) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	s.looks++
	return &sagemaker.DescribeClusterOutput{ClusterStatus: s.cluster, InstanceGroups: []types.ClusterInstanceGroupDetails{s.group}}, nil
}

func (s *shown) ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return &sagemaker.ListClusterNodesOutput{ClusterNodeSummaries: s.nodes}, nil
}

// Yes and No only where it is certain, for whatever the service may show.
func TestRollStarted(t *testing.T) {
	const other = "ami-0aaaaaaaaaaaaaaaa"
	type (
		status = types.SoftwareUpdateStatus
		was    = hyperpod.RollGroup
	)
	ami := was{Name: "workers", Nodes: 2, Target: 2, CurrentImage: goldenAMI, DesiredImage: goldenAMI}
	with := func(g was, edit func(*was)) was {
		edit(&g)
		return g
	}
	succeeded := with(ami, func(g *was) { g.Status = "Succeeded" })
	managed := was{Name: "workers", Nodes: 2, Target: 2, CurrentImage: "default", DesiredImage: "default", CurrentRelease: "1.4.0", DesiredRelease: "1.4.0"}
	bare := was{Name: "workers", Nodes: 2, Target: 2}
	old, fresh := []time.Duration{-time.Hour, -time.Hour}, []time.Duration{-time.Hour, time.Minute}
	for name, tt := range map[string]struct {
		before           was
		image            hyperpod.Image
		current, desired string
		release          string // current and desired
		status           status
		cluster          types.ClusterStatus // InService when empty
		nodes            []time.Duration     // when each got its software, after the request
		want             hyperpod.Started
	}{
		"the AMI is desired":                   {before: ami, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: newAMI, status: "InProgress", want: hyperpod.StartedYes},
		"it is over":                           {before: succeeded, image: hyperpod.AMI(newAMI), current: newAMI, desired: newAMI, status: "Succeeded", want: hyperpod.StartedYes},
		"it is being rolled back":              {before: ami, image: hyperpod.AMI(newAMI), current: newAMI, desired: goldenAMI, status: "RollbackInProgress", want: hyperpod.StartedYes},
		"somebody else's is being rolled back": {before: ami, image: hyperpod.AMI(newAMI), current: other, desired: goldenAMI, status: "RollbackInProgress", want: hyperpod.StartedUnknown},
		"rolled back, ours or not":             {before: ami, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, status: "RollbackComplete", nodes: old, want: hyperpod.StartedUnknown},
		"nothing happened":                     {before: ami, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, nodes: old, want: hyperpod.StartedNo},
		"nothing after an update":              {before: succeeded, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, status: "Succeeded", nodes: old, want: hyperpod.StartedNo},
		"a node was updated since":             {before: succeeded, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, status: "Succeeded", nodes: fresh, want: hyperpod.StartedUnknown},
		"a node without a time":                {before: succeeded, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, status: "Succeeded", nodes: []time.Duration{-time.Hour, 0}, want: hyperpod.StartedUnknown},
		"a node is not listed":                 {before: succeeded, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, status: "Succeeded", nodes: old[:1], want: hyperpod.StartedUnknown},
		"the cluster is at work":               {before: ami, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, cluster: types.ClusterStatusSystemupdating, nodes: old, want: hyperpod.StartedUnknown},
		"a word of failure, as before":         {before: with(ami, func(g *was) { g.Status = "Failed" }), image: hyperpod.AMI(newAMI), current: goldenAMI, desired: goldenAMI, status: "Failed", nodes: old, want: hyperpod.StartedUnknown},
		"somebody else's AMI":                  {before: ami, image: hyperpod.AMI(newAMI), current: goldenAMI, desired: other, status: "InProgress", want: hyperpod.StartedUnknown},
		"the same AMI over the rest":           {before: with(ami, func(g *was) { g.DesiredImage, g.Status = newAMI, "Succeeded" }), image: hyperpod.AMI(newAMI), current: goldenAMI, desired: newAMI, status: "InProgress", want: hyperpod.StartedYes},
		"and nothing of it":                    {before: with(ami, func(g *was) { g.DesiredImage, g.Status = newAMI, "Succeeded" }), image: hyperpod.AMI(newAMI), current: goldenAMI, desired: newAMI, status: "Succeeded", nodes: old, want: hyperpod.StartedUnknown},
		"from an AMI to default":               {before: ami, image: hyperpod.DefaultImage, current: goldenAMI, desired: "default", status: "Pending", want: hyperpod.StartedYes},
		"default over default, idle":           {before: managed, image: hyperpod.DefaultImage, current: "default", desired: "default", release: "1.4.0", nodes: old, want: hyperpod.StartedUnknown},
		"default over default, over":           {before: managed, image: hyperpod.DefaultImage, current: "default", desired: "default", release: "1.4.0", status: "Succeeded", nodes: fresh, want: hyperpod.StartedUnknown},
		"a release is desired":                 {before: managed, image: hyperpod.Release("1.5.0"), current: "default", desired: "default", release: "1.5.0", status: "InProgress", want: hyperpod.StartedYes},
		"another release is desired":           {before: managed, image: hyperpod.Release("1.5.0"), current: "default", desired: "default", release: "1.6.0", status: "InProgress", want: hyperpod.StartedUnknown},
		"the former release":                   {before: managed, image: hyperpod.Release("1.5.0"), current: "default", desired: "default", release: "1.4.0", nodes: old, want: hyperpod.StartedNo},
		"a release without ids": {
			before: was{Name: "workers", Nodes: 2, Target: 2, CurrentRelease: "1.4.0", DesiredRelease: "1.4.0"}, image: hyperpod.Release("1.5.0"),
			release: "1.5.0", status: "InProgress", want: hyperpod.StartedYes,
		},
		"no ids, an update under way": {before: bare, image: hyperpod.AMI(newAMI), status: "InProgress", want: hyperpod.StartedUnknown},
		"no ids, idle":                {before: bare, image: hyperpod.AMI(newAMI), nodes: old, want: hyperpod.StartedUnknown},
		"a public AMI shown as default, no node": {
			before: with(managed, func(g *was) { g.Nodes, g.Status = 0, "Succeeded" }), image: hyperpod.AMI(newAMI),
			current: "default", desired: "default", release: "1.4.0", status: "Succeeded", want: hyperpod.StartedUnknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				text := func(s string) *string {
					if s == "" {
						return nil
					}
					return aws.String(s)
				}
				requested := time.Now()
				fake := &shown{cluster: types.ClusterStatusInservice, group: types.ClusterInstanceGroupDetails{
					InstanceGroupName: aws.String("workers"), CurrentCount: aws.Int32(tt.before.Nodes), CurrentImageId: text(tt.current), DesiredImageId: text(tt.desired),
					CurrentImageReleaseVersion: text(tt.release), DesiredImageReleaseVersion: text(tt.release), SoftwareUpdateStatus: tt.status,
				}}
				if tt.cluster != "" {
					fake.cluster = tt.cluster
				}
				for _, after := range tt.nodes {
					n := types.ClusterNodeSummary{InstanceGroupName: aws.String("workers")}
					if after != 0 {
						n.LastSoftwareUpdateTime = aws.Time(requested.Add(after))
					}
					fake.nodes = append(fake.nodes, n)
				}
				plan := &hyperpod.RollPlan{Cluster: "train", Image: tt.image, Groups: []hyperpod.RollGroup{tt.before}}
				got, err := hyperpod.New(fake).Cluster("train").RollStarted(t.Context(), plan, requested)
				require.NoError(t, err)
				assert.Equal(t, tt.want, got, "%s", got)
				if tt.want == hyperpod.StartedYes {
					assert.Equal(t, 1, fake.looks)
				} else {
					assert.GreaterOrEqual(t, time.Since(requested), 2*time.Minute, "nothing is certain before")
				}

				fake.looks = 0
				again, err := hyperpod.New(fake).Cluster("train").RollStarted(t.Context(), plan, requested.Add(-time.Hour))
				require.NoError(t, err)
				assert.Equal(t, 1, fake.looks, "long after the request one look tells")
				if tt.want == hyperpod.StartedYes {
					assert.Equal(t, tt.want, again)
				}
			})
		})
	}
}

// One request is for all its groups: one that shows nothing of it makes the others' sign
// somebody else's.
func TestRollStartedOfSeveralGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := twoGroups()
		srv, c, plan := planned(t, spec, hyperpod.AMI(newAMI), 1)
		requested := time.Now()
		started, err := c.RollStarted(t.Context(), plan, requested)
		require.NoError(t, err)
		assert.Equal(t, hyperpod.StartedNo, started)

		_, err = srv.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{
			ClusterName: aws.String("example-cluster"), ImageId: aws.String(newAMI),
			InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("login")}},
		})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		started, err = c.RollStarted(t.Context(), plan, requested)
		require.NoError(t, err)
		assert.Equal(t, hyperpod.StartedUnknown, started)
		started, err = c.RollStarted(t.Context(), plan.Only("login"), requested)
		require.NoError(t, err)
		assert.Equal(t, hyperpod.StartedYes, started)
	})
}

// A request that another machine's clock puts into the future is not waited for so long.
func TestRollStartedOfARequestAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, plan := planned(t, pageSpec(2), hyperpod.AMI(newAMI), 1)
		began := time.Now()
		started, err := c.RollStarted(t.Context(), plan, began.Add(time.Hour))
		require.NoError(t, err)
		assert.Equal(t, hyperpod.StartedNo, started)
		assert.Less(t, time.Since(began), 3*time.Minute)
	})
}

// What cannot be looked at is an error beside the unknown.
func TestRollStartedThatCannotLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c, plan := planned(t, pageSpec(2), hyperpod.AMI(newAMI), 1)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		started, err := c.RollStarted(ctx, plan, time.Now())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, hyperpod.StartedUnknown, started, "a deadline before the service may have shown it")

		srv.Faults().Fail("DescribeCluster", 1, &types.ConflictException{})
		started, err = c.RollStarted(t.Context(), plan, time.Now())
		require.Error(t, err)
		assert.Equal(t, hyperpod.StartedUnknown, started)

		_, err = c.Delete(t.Context())
		require.NoError(t, err)
		_, err = c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		started, err = c.RollStarted(t.Context(), plan, time.Now())
		require.ErrorIs(t, err, hyperpod.ErrClusterNotFound, "another cluster of the name is not looked at")
		assert.Equal(t, hyperpod.StartedUnknown, started)
	})
}

var _ hyperpod.API = (*shown)(nil)
