package hyperpod_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const publicAMI = "ami-0aaaaaaaaaaaaaaa0"

// clientOf acts for an account in a Region.
func clientOf(srv *hyperpodtest.Server, account, region string) *sagemaker.Client {
	return srv.Client(func(o *sagemaker.Options) {
		o.Region = region
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "secret"}, nil
		})
	})
}

// create makes a cluster of the page's specification, with other groups.
func create(t *testing.T, client *sagemaker.Client, name string, groups ...hyperpod.Group) {
	t.Helper()
	spec := pageSpec(2)
	if len(groups) > 0 {
		spec.Groups = groups
	}
	// The service takes one HyperPod cluster for one EKS cluster.
	spec.Orchestrator = hyperpod.EKS(fmt.Sprintf("arn:aws:eks:%s:111122223333:cluster/%s", client.Options().Region, name))
	_, err := hyperpod.New(client, fast).Cluster(name).Create(t.Context(), spec)
	require.NoError(t, err)
}

// wants returns one image for everything.
func wants(image string) func(*hyperpod.InventoryOptions) {
	return func(o *hyperpod.InventoryOptions) {
		o.Wanted = hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: image}}}.Find
	}
}

func names(list hyperpod.InventoryList) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.Account+" "+c.Region+" "+c.Name)
	}
	return names
}

func TestInventoryOverAccountsAndRegions(t *testing.T) {
	srv := hyperpodtest.NewServer()
	west, east, other := clientOf(srv, "111122223333", "us-west-2"), clientOf(srv, "111122223333", "us-east-1"), clientOf(srv, "444455556666", "us-west-2")
	create(t, west, "b")
	create(t, west, "a")
	create(t, east, "c")
	create(t, other, "d")
	inv := hyperpod.NewInventory([]hyperpod.Source{
		{API: other, Account: "research"}, {API: west}, {API: clientOf(srv, "111122223333", "eu-west-1")}, {API: east},
	}, wants(goldenAMI))
	want := []string{"research us-west-2 d", "111122223333 us-west-2 a", "111122223333 us-west-2 b", "111122223333 us-east-1 c"}
	for range 2 { // an iterator can be ranged over again
		list, err := inv.Take(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, names(list))
		assert.Empty(t, list.Drift())
	}
	list, err := inv.Take(t.Context())
	require.NoError(t, err)
	assert.Equal(t, hyperpod.InventoryCluster{
		Account: "111122223333", Region: "us-east-1", Name: "c", ARN: list[3].ARN, Status: "InService", Orchestrator: "eks", Continuous: true,
		Groups: []hyperpod.InventoryGroup{{
			Name: "workers", Status: "InService", InstanceTypes: []string{"ml.c5.2xlarge"}, Count: 2, Target: 2,
			Current: hyperpod.ImageVersion{ID: goldenAMI}, Desired: hyperpod.ImageVersion{ID: goldenAMI}, Wanted: hyperpod.ImageVersion{ID: goldenAMI},
			Class: hyperpod.ImageWanted, Drift: hyperpod.NoDrift,
		}},
	}, list[3])
}

func TestInventoryOfManyPages(t *testing.T) {
	srv := hyperpodtest.NewServer()
	for i := range 5 {
		create(t, srv.Client(), fmt.Sprintf("c%d", i))
	}
	list, err := hyperpod.NewInventory([]hyperpod.Source{{API: pagesOfTwo{srv.Client()}}}).Take(t.Context())
	require.NoError(t, err)
	assert.Len(t, list, 5)
}

// pagesOfTwo lists two clusters or nodes at a time.
type pagesOfTwo struct{ hyperpod.InventoryAPI }

func (p pagesOfTwo) ListClusters(ctx context.Context, in *sagemaker.ListClustersInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	in.MaxResults = aws.Int32(2)
	return p.InventoryAPI.ListClusters(ctx, in, optFns...)
}

func (p pagesOfTwo) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, optFns ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	in.MaxResults = aws.Int32(2)
	return p.InventoryAPI.ListClusterNodes(ctx, in, optFns...)
}

func TestImageClasses(t *testing.T) {
	older, newer, undated := "ami-0bbbbbbbbbbbbbbb0", "ami-0cccccccccccccccc", "ami-0ddddddddddddddd0"
	day := time.Date(2026, 8, 4, 0, 0, 0, 0, time.UTC)
	facts := map[string]hyperpod.ImageFacts{
		goldenAMI: {Class: hyperpod.ImageCustom, Created: day},
		older:     {Class: hyperpod.ImageCustom, Created: day.Add(-time.Hour)},
		newer:     {Class: hyperpod.ImageCustom, Created: day.Add(time.Hour)},
		undated:   {Class: hyperpod.ImageCustom},
		publicAMI: {Class: hyperpod.ImagePublic, Created: day.Add(-time.Hour)},
	}
	for name, tt := range map[string]struct {
		image, wanted string
		blind         bool // without a classifier
		class         hyperpod.ImageClass
		drift         hyperpod.Drift
	}{
		"wanted":                        {image: goldenAMI, wanted: goldenAMI, class: hyperpod.ImageWanted, drift: hyperpod.NoDrift},
		"older":                         {image: older, wanted: goldenAMI, class: hyperpod.ImageOlderCustom, drift: hyperpod.Drifted},
		"newer":                         {image: newer, wanted: goldenAMI, class: hyperpod.ImageCustom, drift: hyperpod.Drifted},
		"of unknown age":                {image: undated, wanted: goldenAMI, class: hyperpod.ImageCustom, drift: hyperpod.Drifted},
		"wanted one of unknown age":     {image: older, wanted: undated, class: hyperpod.ImageCustom, drift: hyperpod.Drifted},
		"custom where default is right": {image: older, wanted: "default", class: hyperpod.ImageCustom, drift: hyperpod.Drifted},
		"default":                       {image: "default", wanted: goldenAMI, class: hyperpod.ImageDefault, drift: hyperpod.Drifted},
		"default, and wanted":           {image: "default", wanted: "default", class: hyperpod.ImageWanted, drift: hyperpod.NoDrift},
		"public":                        {image: publicAMI, wanted: goldenAMI, class: hyperpod.ImagePublic, drift: hyperpod.Drifted},
		"nothing known of it":           {image: "ami-0eeeeeeeeeeeeeee0", wanted: goldenAMI, class: hyperpod.ImageUnknown, drift: hyperpod.Drifted},
		"nobody to ask":                 {image: older, wanted: goldenAMI, blind: true, class: hyperpod.ImageUnknown, drift: hyperpod.Drifted},
		"nothing wanted":                {image: older, class: hyperpod.ImageCustom, drift: hyperpod.DriftUnknown},
		"nothing wanted, nobody to ask": {image: older, blind: true, class: hyperpod.ImageUnknown, drift: hyperpod.DriftUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			create(t, srv.Client(), "train", workersGroup("workers", 1).WithImage(tt.image), workersGroup("login", 1).WithImage(tt.image))
			var asked sync.Map
			list, err := hyperpod.NewInventory([]hyperpod.Source{{API: srv.Client()}}, wants(tt.wanted), func(o *hyperpod.InventoryOptions) {
				if tt.blind {
					return
				}
				o.Classify = func(_ context.Context, q hyperpod.ImageQuery) (hyperpod.ImageFacts, error) {
					_, again := asked.LoadOrStore(q, true)
					assert.False(t, again, "asked twice about %s", q.Image)
					assert.Equal(t, "111122223333 us-west-2", q.Account+" "+q.Region)
					return facts[q.Image], nil
				}
			}).Take(t.Context())
			require.NoError(t, err)
			require.Len(t, list, 1)
			for _, g := range list[0].Groups {
				assert.Equal(t, tt.class, g.Class)
				assert.Equal(t, tt.drift, g.Drift)
			}
			assert.Equal(t, tt.drift == hyperpod.NoDrift, len(list.Drift()) == 0)
		})
	}
}

func TestWantedImages(t *testing.T) {
	set := hyperpod.WantedImages{
		{Account: "444455556666", Image: hyperpod.ImageVersion{ID: "ami-1"}},
		{Region: "us-west-2", Architecture: "arm64", Image: hyperpod.ImageVersion{ID: "ami-2"}},
		{Region: "us-west-2", Architecture: "x86_64", Orchestrator: "eks", Image: hyperpod.ImageVersion{ID: "ami-3"}},
	}
	for want, q := range map[string]hyperpod.WantedQuery{
		"ami-1": {Account: "444455556666", Region: "us-west-2", Architecture: "arm64"},
		"ami-2": {Account: "111122223333", Region: "us-west-2", Architecture: "arm64"},
		"ami-3": {Account: "111122223333", Region: "us-west-2", Architecture: "x86_64", Orchestrator: "eks"},
		"":      {Account: "111122223333", Region: "us-west-2", Architecture: "x86_64", Orchestrator: "slurm"},
	} {
		assert.Equal(t, want, set.Find(q).ID)
	}
}

func TestWhatIsWantedIsAskedForEachGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train",
		workersGroup("arm", 1).WithInstances("ml.c7g.large", 1),
		workersGroup("mixed", 1).WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
			s.InstanceType, s.ThreadsPerCore = "", nil
			s.InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{"ml.c7g.large", "ml.c5.large"}}
		}))
	var queries []hyperpod.WantedQuery
	_, err := hyperpod.NewInventory([]hyperpod.Source{{API: srv.Client(), Account: "research"}}, func(o *hyperpod.InventoryOptions) {
		o.Wanted = func(q hyperpod.WantedQuery) hyperpod.ImageVersion {
			queries = append(queries, q)
			return hyperpod.ImageVersion{}
		}
	}).Take(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []hyperpod.WantedQuery{
		{Account: "research", Region: "us-west-2", Cluster: "train", Group: "arm", Orchestrator: "eks", InstanceTypes: []string{"ml.c7g.large"}, Architecture: "arm64"},
		{Account: "research", Region: "us-west-2", Cluster: "train", Group: "mixed", Orchestrator: "eks", InstanceTypes: []string{"ml.c7g.large", "ml.c5.large"}},
	}, queries)
}

func TestNodesOfAnInventory(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train", workersGroup("workers", 3), workersGroup("plain", 1).WithImage("default"))
	for name, tt := range map[string]struct {
		detail    hyperpod.NodeDetail
		nodes     int
		image     string
		described int
	}{
		"none":      {hyperpod.NoNodes, 0, "", 0},
		"listed":    {hyperpod.ListedNodes, 3, "", 0},
		"described": {hyperpod.DescribedNodes, 3, goldenAMI, 4},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(sent[sagemaker.DescribeClusterNodeInput](srv))
			list, err := hyperpod.NewInventory([]hyperpod.Source{{API: pagesOfTwo{srv.Client()}}}, wants(goldenAMI), func(o *hyperpod.InventoryOptions) {
				o.Nodes = tt.detail
			}).Take(t.Context())
			require.NoError(t, err)
			assert.Len(t, sent[sagemaker.DescribeClusterNodeInput](srv), before+tt.described)
			workers, plain := list[0].Groups[0], list[0].Groups[1]
			require.Len(t, workers.Nodes, tt.nodes)
			assert.Equal(t, hyperpod.NoDrift, workers.Drift, "nodes of which less is known change nothing")
			assert.Equal(t, "default 1.4.0", plain.Current.String())
			for _, n := range workers.Nodes {
				assert.Equal(t, tt.image, n.Current.ID)
				assert.Equal(t, "Running", n.Status)
				assert.Equal(t, tt.detail == hyperpod.DescribedNodes, n.Class == hyperpod.ImageWanted)
				assert.False(t, n.LastSoftwareUpdate.IsZero())
			}
			for _, n := range plain.Nodes {
				assert.Equal(t, "1.4.0", n.Current.Release)
				assert.Equal(t, "UpToDate", n.VersionStatus)
			}
		})
	}
}

func TestRestrictedGroupsHaveNoImage(t *testing.T) {
	srv := hyperpodtest.NewServer()
	spec := pageSpec(1)
	spec.RestrictedGroups = preflightSpec().RestrictedGroups
	_, err := hyperpod.New(srv.Client(), fast).Cluster("train").Create(t.Context(), spec)
	require.NoError(t, err)
	list, err := hyperpod.NewInventory([]hyperpod.Source{{API: srv.Client()}}, wants(goldenAMI), func(o *hyperpod.InventoryOptions) {
		o.Nodes = hyperpod.ListedNodes
	}).Take(t.Context())
	require.NoError(t, err)
	nova := list[0].Groups[1]
	assert.Len(t, nova.Nodes, 4)
	nova.Nodes = nil
	assert.Equal(t, hyperpod.InventoryGroup{
		Name: "nova", Restricted: true, Status: "InService", InstanceTypes: []string{"ml.p5.48xlarge"}, Count: 4, Target: 4,
		Class: hyperpod.ImageNone, Drift: hyperpod.NoDrift,
	}, nova)
	assert.Empty(t, list.Drift())
}

func TestAClusterThatNamesNoImageIsNotKnownToRunTheWantedOne(t *testing.T) {
	srv := hyperpodtest.NewServer()
	spec := pageSpec(1)
	spec.NonContinuous = true
	_, err := hyperpod.New(srv.Client(), fast).Cluster("train").Create(t.Context(), spec)
	require.NoError(t, err)
	list, err := hyperpod.NewInventory([]hyperpod.Source{{API: srv.Client()}}, wants(goldenAMI)).Take(t.Context())
	require.NoError(t, err)
	assert.Equal(t, hyperpod.ImageUnknown, list[0].Groups[0].Class)
	assert.Equal(t, hyperpod.DriftUnknown, list[0].Groups[0].Drift)
	assert.Len(t, list.Drift(), 1)
}

func TestGroupsThatDrift(t *testing.T) {
	group := func(edit func(*types.ClusterInstanceGroupDetails)) types.ClusterInstanceGroupDetails {
		g := types.ClusterInstanceGroupDetails{
			InstanceGroupName: aws.String("workers"), CurrentCount: aws.Int32(2), TargetCount: aws.Int32(2),
			CurrentImageId: aws.String(newAMI), DesiredImageId: aws.String(newAMI),
		}
		edit(&g)
		return g
	}
	for name, tt := range map[string]struct {
		edit  func(*types.ClusterInstanceGroupDetails)
		want  hyperpod.ImageVersion
		drift hyperpod.Drift
	}{
		"settled":                  {func(*types.ClusterInstanceGroupDetails) {}, hyperpod.ImageVersion{ID: newAMI}, hyperpod.NoDrift},
		"update to it under way":   {func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageId = aws.String(goldenAMI) }, hyperpod.ImageVersion{ID: newAMI}, hyperpod.Drifted},
		"update from it under way": {func(g *types.ClusterInstanceGroupDetails) { g.DesiredImageId = aws.String(goldenAMI) }, hyperpod.ImageVersion{ID: newAMI}, hyperpod.Drifted},
		"nodes were skipped":       {func(g *types.ClusterInstanceGroupDetails) { g.TargetStateCount = aws.Int32(1) }, hyperpod.ImageVersion{ID: newAMI}, hyperpod.DriftUnknown},
		"all nodes were updated":   {func(g *types.ClusterInstanceGroupDetails) { g.TargetStateCount = aws.Int32(2) }, hyperpod.ImageVersion{ID: newAMI}, hyperpod.NoDrift},
		"no desired image is told": {func(g *types.ClusterInstanceGroupDetails) { g.DesiredImageId = nil }, hyperpod.ImageVersion{ID: newAMI}, hyperpod.NoDrift},
		"no current image is told": {func(g *types.ClusterInstanceGroupDetails) { g.CurrentImageId = nil }, hyperpod.ImageVersion{ID: newAMI}, hyperpod.DriftUnknown},
		"empty, with a current image of old": {func(g *types.ClusterInstanceGroupDetails) {
			g.CurrentCount, g.CurrentImageId = aws.Int32(0), aws.String(goldenAMI)
		}, hyperpod.ImageVersion{ID: newAMI}, hyperpod.NoDrift},
		"an older release of the right image": {func(g *types.ClusterInstanceGroupDetails) {
			g.CurrentImageId, g.DesiredImageId, g.CurrentImageReleaseVersion = aws.String("default"), nil, aws.String("1.3.0")
		}, hyperpod.ImageVersion{ID: "default", Release: "1.4.0"}, hyperpod.Drifted},
		"a release that is not told": {func(g *types.ClusterInstanceGroupDetails) {
			g.CurrentImageId, g.DesiredImageId = aws.String("default"), nil
		}, hyperpod.ImageVersion{ID: "default", Release: "1.4.0"}, hyperpod.DriftUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			api := &fixed{groups: []types.ClusterInstanceGroupDetails{group(tt.edit)}}
			list, err := hyperpod.NewInventory([]hyperpod.Source{{API: api}}, func(o *hyperpod.InventoryOptions) {
				o.Wanted = hyperpod.WantedImages{{Image: tt.want}}.Find
			}).Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.drift, list[0].Groups[0].Drift)
		})
	}
}

// fixed is a source with clusters that are all alike.
type fixed struct {
	hyperpod.UnimplementedAPI
	clusters int // 1 when zero
	groups   []types.ClusterInstanceGroupDetails
	nodes    map[string]string // the nodes' images
	describe func(ctx context.Context, name string) error
}

func (f *fixed) ListClusters(context.Context, *sagemaker.ListClustersInput, ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	out := &sagemaker.ListClustersOutput{}
	for i := range max(f.clusters, 1) {
		out.ClusterSummaries = append(out.ClusterSummaries, types.ClusterSummary{ClusterName: aws.String(fmt.Sprintf("c%02d", i))})
	}
	return out, nil
}

func (f *fixed) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	if f.describe != nil {
		if err := f.describe(ctx, *in.ClusterName); err != nil {
			return nil, err
		}
	}
	return &sagemaker.DescribeClusterOutput{ClusterName: in.ClusterName, InstanceGroups: f.groups}, nil
}

func (f *fixed) ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	out := &sagemaker.ListClusterNodesOutput{}
	for id := range f.nodes {
		out.ClusterNodeSummaries = append(out.ClusterNodeSummaries, types.ClusterNodeSummary{InstanceGroupName: aws.String("workers"), InstanceId: aws.String(id)})
	}
	return out, nil
}

func (f *fixed) DescribeClusterNode(_ context.Context, in *sagemaker.DescribeClusterNodeInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	// The desired image is the service's own copy, as during an update.
	return &sagemaker.DescribeClusterNodeOutput{NodeDetails: &types.ClusterNodeDetails{
		CurrentImageId: aws.String(f.nodes[*in.NodeId]), DesiredImageId: aws.String("ami-0c09cc09cc09cc09c"),
	}}, nil
}

func TestNodesTellMoreThanTheirGroup(t *testing.T) {
	for name, tt := range map[string]struct {
		nodes map[string]string
		drift hyperpod.Drift
	}{
		"one was skipped":          {map[string]string{"i-1": newAMI, "i-2": goldenAMI}, hyperpod.Drifted},
		"none was":                 {map[string]string{"i-1": newAMI, "i-2": newAMI}, hyperpod.NoDrift},
		"one does not say":         {map[string]string{"i-1": newAMI, "i-2": ""}, hyperpod.DriftUnknown},
		"one is not in the list":   {map[string]string{"i-1": newAMI}, hyperpod.DriftUnknown},
		"and a skipped one counts": {map[string]string{"i-1": goldenAMI}, hyperpod.Drifted},
	} {
		t.Run(name, func(t *testing.T) {
			api := &fixed{nodes: tt.nodes, groups: []types.ClusterInstanceGroupDetails{{
				InstanceGroupName: aws.String("workers"), CurrentCount: aws.Int32(2), TargetCount: aws.Int32(2), TargetStateCount: aws.Int32(1),
				CurrentImageId: aws.String(newAMI), DesiredImageId: aws.String(newAMI),
			}}}
			list, err := hyperpod.NewInventory([]hyperpod.Source{{API: api}}, wants(newAMI), func(o *hyperpod.InventoryOptions) {
				o.Nodes = hyperpod.DescribedNodes
			}).Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.drift, list[0].Groups[0].Drift)
			for _, c := range list.Drift() {
				for _, n := range c.Groups[0].Nodes {
					assert.NotEqual(t, newAMI, n.Current.ID, "only what drifts is left")
				}
			}
		})
	}
}

func TestWhatCannotBeReadEndsNothingElse(t *testing.T) {
	denied := errors.New("denied")
	srv := hyperpodtest.NewServer()
	west, east := clientOf(srv, "111122223333", "us-west-2"), clientOf(srv, "111122223333", "us-east-1")
	for _, name := range []string{"a", "b", "gone", "nodeless", "z"} {
		create(t, west, name)
	}
	create(t, east, "far", workersGroup("workers", 2))
	sources := []hyperpod.Source{
		{Account: "444455556666", Region: "us-west-2", API: hyperpod.UnimplementedAPI{}},
		{API: west},
		{Account: "777788889999"},
		{API: east},
	}
	notFound := &types.ResourceNotFound{Message: aws.String("gone")}
	srv.Faults().Before(func(_ context.Context, _ string, input any) error {
		switch in := input.(type) {
		case *sagemaker.DescribeClusterInput:
			list, err := srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NameContains: aws.String("gone")})
			if err == nil && len(list.ClusterSummaries) > 0 && aws.ToString(list.ClusterSummaries[0].ClusterArn) == *in.ClusterName {
				return notFound
			}
		case *sagemaker.DescribeClusterNodeInput:
			return denied
		case *sagemaker.ListClusterNodesInput:
			list, err := srv.ListClusters(t.Context(), &sagemaker.ListClustersInput{NameContains: aws.String("nodeless")})
			if err == nil && len(list.ClusterSummaries) > 0 && aws.ToString(list.ClusterSummaries[0].ClusterArn) == *in.ClusterName {
				return denied
			}
		}
		return nil
	})
	list, err := hyperpod.NewInventory(sources, wants(goldenAMI), func(o *hyperpod.InventoryOptions) { o.Nodes = hyperpod.DescribedNodes }).Take(t.Context())
	require.ErrorIs(t, err, hyperpod.ErrUnimplemented)
	require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
	assert.Equal(t, []string{
		"444455556666 us-west-2 ", "111122223333 us-west-2 a", "111122223333 us-west-2 b", "111122223333 us-west-2 gone",
		"111122223333 us-west-2 nodeless", "111122223333 us-west-2 z", "777788889999  ", "111122223333 us-east-1 far",
	}, names(list))
	for _, c := range list {
		require.Error(t, c.Err)
		var failed *hyperpod.InventoryError
		require.ErrorAs(t, c.Err, &failed)
		switch c.Name {
		case "":
			assert.Equal(t, "ListClusters", failed.Call)
		case "gone":
			assert.ErrorIs(t, c.Err, hyperpod.ErrClusterNotFound)
			assert.Empty(t, c.Groups)
		case "nodeless":
			assert.Equal(t, "ListClusterNodes", failed.Call)
			assert.Len(t, c.Groups, 1, "what could be read is told")
		default:
			assert.Equal(t, "DescribeClusterNode", failed.Call)
			assert.NotEmpty(t, failed.Node)
			assert.Len(t, c.Groups[0].Nodes, 2)
			require.NotErrorIs(t, c.Err, hyperpod.ErrClusterNotFound)
		}
	}
	assert.Len(t, list.Drift(), len(list), "what could not be read is not known to be right")
	assert.Contains(t, list.String(), "error: inventory account 444455556666 Region us-west-2: ListClusters: hyperpod: operation not implemented")
}

func TestAPageThatFailsKeepsTheOnesBefore(t *testing.T) {
	srv := hyperpodtest.NewServer()
	for i := range 3 {
		create(t, srv.Client(), fmt.Sprintf("c%d", i))
	}
	pages := 0
	srv.Faults().Before(func(_ context.Context, operation string, _ any) error {
		if operation == "ListClusters" {
			if pages++; pages > 1 {
				return errors.New("denied")
			}
		}
		return nil
	})
	list, err := hyperpod.NewInventory([]hyperpod.Source{{API: pagesOfTwo{srv.Client()}}}).Take(t.Context())
	require.Error(t, err)
	assert.Len(t, list, 3, "two clusters and the source that could not be listed to its end")
	assert.Empty(t, list[2].Name)
}

func TestAClassifierThatFailsIsToldWithTheCluster(t *testing.T) {
	denied := errors.New("denied")
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train", workersGroup("a", 1), workersGroup("b", 1))
	list, err := hyperpod.NewInventory([]hyperpod.Source{{API: srv.Client()}}, wants(newAMI), func(o *hyperpod.InventoryOptions) {
		o.Classify = func(context.Context, hyperpod.ImageQuery) (hyperpod.ImageFacts, error) {
			return hyperpod.ImageFacts{}, denied
		}
	}).Take(t.Context())
	require.ErrorIs(t, err, denied)
	assert.Equal(t, 1, strings.Count(err.Error(), "denied"), "once")
	assert.Equal(t, hyperpod.Drifted, list[0].Groups[0].Drift)
	assert.Equal(t, hyperpod.ImageUnknown, list[0].Groups[0].Class)
}

func TestInventoryCallsSomeAtATime(t *testing.T) {
	for name, tt := range map[string]struct{ concurrency, want int }{"by default": {0, 8}, "one": {1, 1}, "three": {3, 3}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				running, most := 0, 0
				api := &fixed{clusters: 20, describe: func(context.Context, string) error {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return nil
				}}
				list, err := hyperpod.NewInventory([]hyperpod.Source{{API: api}, {API: api}}, func(o *hyperpod.InventoryOptions) {
					o.Concurrency = tt.concurrency
				}).Take(t.Context())
				require.NoError(t, err)
				assert.Len(t, list, 40)
				assert.Equal(t, tt.want, most)
			})
		})
	}
}

// The bubble fails a test that leaves a goroutine behind.
func TestBreakingOffStopsTheCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		described, cut := 0, 0
		api := &fixed{clusters: 50, describe: func(ctx context.Context, name string) error {
			mu.Lock()
			described++
			mu.Unlock()
			if name == "c00" {
				return nil
			}
			select {
			case <-time.After(time.Hour):
				return nil
			case <-ctx.Done():
				mu.Lock()
				cut++
				mu.Unlock()
				return ctx.Err()
			}
		}}
		began := time.Now()
		for c, err := range hyperpod.NewInventory([]hyperpod.Source{{API: api}}).Clusters(t.Context()) {
			require.NoError(t, err)
			assert.Equal(t, "c00", c.Name)
			synctest.Wait() // others are under way
			break
		}
		assert.Zero(t, time.Since(began), "nobody waited for them")
		assert.Positive(t, cut)
		assert.Less(t, described, 20, "only some are begun ahead")
	})
}

func TestAContextThatEndsEndsTheInventory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		api := &fixed{clusters: 5, describe: func(ctx context.Context, name string) error {
			if name < "c02" {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		list, err := hyperpod.NewInventory([]hyperpod.Source{{API: api, Region: "us-west-2"}}).Take(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, list, 2, "those that were read before")
		assert.Equal(t, "inventory: context deadline exceeded", err.Error())
	})
}

func TestInventoryAsJSON(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train")
	list, err := hyperpod.NewInventory([]hyperpod.Source{{API: srv.Client()}, {Region: "us-east-1"}}, wants(goldenAMI)).Take(t.Context())
	require.Error(t, err)
	body, err := json.Marshal(list)
	require.NoError(t, err)
	assert.JSONEq(t, `[
		{"Account": "111122223333", "Region": "us-west-2", "Name": "train", "ARN": "`+list[0].ARN+`", "Status": "InService", "Orchestrator": "eks", "Continuous": true,
			"Groups": [{"Name": "workers", "Restricted": false, "Status": "InService", "SoftwareUpdate": "", "InstanceTypes": ["ml.c5.2xlarge"], "Count": 2, "Target": 2,
				"Current": {"ID": "`+goldenAMI+`"}, "Desired": {"ID": "`+goldenAMI+`"}, "Wanted": {"ID": "`+goldenAMI+`"}, "VersionStatus": "", "Class": "wanted", "Drift": "no"}]},
		{"Account": "", "Region": "us-east-1", "Name": "", "ARN": "", "Status": "", "Orchestrator": "", "Continuous": false, "Groups": null,
			"Err": "inventory Region us-east-1: ListClusters: the source has no API; give it a client"}
	]`, string(body))
	empty, err := json.Marshal(list[:1].Drift())
	require.NoError(t, err)
	assert.Equal(t, "[]", string(empty))
}
