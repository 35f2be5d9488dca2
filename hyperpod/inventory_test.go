package hyperpod_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

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
	inv := hyperpod.NewInventory([]hyperpod.InventorySource{
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
			list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: pagesOfTwo{srv.Client()}}}, wants(goldenAMI), func(o *hyperpod.InventoryOptions) {
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

func TestInventoryAsJSON(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv.Client(), "train")
	list, err := hyperpod.NewInventory([]hyperpod.InventorySource{{API: srv.Client()}, {Region: "us-east-1"}}, wants(goldenAMI)).Take(t.Context())
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
