package hyperpod_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const publicAMI = "ami-0aaaaaaaaaaaaaaa0"

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
			list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}}, wants(tt.wanted), func(o *hyperpod.InventoryOptions) {
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
		{Region: "us-west-2", Architecture: "x86_64", Orchestrator: "eks", Kubernetes: "1.31", Image: hyperpod.ImageVersion{ID: "ami-4"}},
		{Region: "us-west-2", Architecture: "x86_64", Orchestrator: "eks", Image: hyperpod.ImageVersion{ID: "ami-3"}},
	}
	for want, q := range map[string]hyperpod.WantedQuery{
		"ami-1": {Account: "444455556666", Region: "us-west-2", Architecture: "arm64"},
		"ami-2": {Account: "111122223333", Region: "us-west-2", Architecture: "arm64"},
		"ami-3": {Account: "111122223333", Region: "us-west-2", Architecture: "x86_64", Orchestrator: "eks"},
		"ami-4": {Account: "111122223333", Region: "us-west-2", Architecture: "x86_64", Orchestrator: "eks", Kubernetes: "1.31"},
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
	_, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client(), Account: "research"}}, func(o *hyperpod.InventoryOptions) {
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

func TestRestrictedGroupsHaveNoImage(t *testing.T) {
	srv := hyperpodtest.NewServer()
	spec := pageSpec(1)
	spec.RestrictedGroups = preflightSpec().RestrictedGroups
	_, err := hyperpod.New(srv.Client(), fast).Cluster("train").Create(t.Context(), spec)
	require.NoError(t, err)
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}}, wants(goldenAMI), func(o *hyperpod.InventoryOptions) {
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
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}}, wants(goldenAMI)).Take(t.Context())
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
			list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: api}}, func(o *hyperpod.InventoryOptions) {
				o.Wanted = hyperpod.WantedImages{{Image: tt.want}}.Find
			}).Take(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.drift, list[0].Groups[0].Drift)
		})
	}
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
			list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: api}}, wants(newAMI), func(o *hyperpod.InventoryOptions) {
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

func TestAClassifierThatFailsIsToldWithTheCluster(t *testing.T) {
	denied := errors.New("denied")
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train", workersGroup("a", 1), workersGroup("b", 1))
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}}, wants(newAMI), func(o *hyperpod.InventoryOptions) {
		o.Classify = func(context.Context, hyperpod.ImageQuery) (hyperpod.ImageFacts, error) {
			return hyperpod.ImageFacts{}, denied
		}
	}).Take(t.Context())
	require.ErrorIs(t, err, denied)
	assert.Equal(t, 1, strings.Count(err.Error(), "denied"), "once")
	assert.Equal(t, hyperpod.Drifted, list[0].Groups[0].Drift)
	assert.Equal(t, hyperpod.ImageUnknown, list[0].Groups[0].Class)
}
