package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// The library's requests equal those that the AWS CLI sends for the AWS page's
// commands, but for storage, which the page's scaling examples leave out and the
// library keeps.

var pageStorage = []any{map[string]any{"EbsVolumeConfig": map[string]any{"VolumeSizeInGB": 200.0}}}

func TestRequestCreate(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 2)
	requests := sent[sagemaker.CreateClusterInput](srv)
	require.Len(t, requests, 1)
	assert.Equal(t, recorded(t, "1-create-cluster.json"), encoded(t, requests[0]))
}

func TestRequestRoll(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(2)
	spec.Groups[0] = spec.Groups[0].WithImage(newAMI)
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)

	_, err = c.RollImage(t.Context(), hyperpod.Roll{
		Image: hyperpod.AMI(goldenAMI), Groups: hyperpod.Named("workers"), Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
	})
	require.NoError(t, err)
	requests := sent[sagemaker.UpdateClusterSoftwareInput](srv)
	require.Len(t, requests, 1)
	assert.Equal(t, recorded(t, "2-update-cluster-software.json"), encoded(t, requests[0]))
}

func TestRequestScale(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	_, err := c.Update(t.Context(), hyperpod.Scale("workers", 4))
	require.NoError(t, err)
	requests := sent[sagemaker.UpdateClusterInput](srv)
	require.Len(t, requests, 1)
	want := recorded(t, "3-update-cluster-scale.json")
	groupsOf(t, want)[0]["InstanceStorageConfigs"] = pageStorage
	assert.Equal(t, want, encoded(t, requests[0]))
}

func TestRequestScaleAndAddGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 4)
	_, err := c.Update(t.Context(), hyperpod.Scale("workers", 2), hyperpod.AddGroup(workersGroup("workers2", 1)))
	require.NoError(t, err)
	requests := sent[sagemaker.UpdateClusterInput](srv)
	require.Len(t, requests, 1)
	want := recorded(t, "4-update-cluster-add-group.json")
	groupsOf(t, want)[0]["InstanceStorageConfigs"] = pageStorage
	assert.Equal(t, want, encoded(t, requests[0]))
}

func TestAddGroupAloneSendsOnlyTheNewGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 2)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("workers2", 1)))
	require.NoError(t, err)
	requests := sent[sagemaker.UpdateClusterInput](srv)
	require.Len(t, requests, 1)
	want := recorded(t, "4-update-cluster-add-group.json")
	want["InstanceGroups"] = []any{groupsOf(t, want)[1]}
	assert.Equal(t, want, encoded(t, requests[0]))
}

// The page's newer examples, with a customer managed key on both volumes.

func TestRequestCreateAndScaleWithKey(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(2)
	spec.Groups = []hyperpod.Group{workersGroup("workers", 2).WithRootVolumeKey(volumeKey).WithEncryptedEBSVolume(100, volumeKey)}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	assert.Equal(t, recorded(t, "5-create-cluster-kms.json"), encoded(t, sent[sagemaker.CreateClusterInput](srv)[0]))

	_, err = c.Update(t.Context(), hyperpod.Scale("workers", 4))
	require.NoError(t, err)
	assert.Equal(t, recorded(t, "6-update-cluster-scale-kms.json"), encoded(t, sent[sagemaker.UpdateClusterInput](srv)[0]))
}
