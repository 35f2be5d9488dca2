package smwire

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The SDK ships, for each operation, the request that its own serialiser makes of an
// input in which every member is set. Each is read and written back byte for byte.
func TestRequestSnapshots(t *testing.T) {
	inputs := map[string]smithy.Serializable{
		"AddTags": &sagemaker.AddTagsInput{}, "BatchAddClusterNodes": &sagemaker.BatchAddClusterNodesInput{},
		"BatchDeleteClusterNodes": &sagemaker.BatchDeleteClusterNodesInput{}, "BatchRebootClusterNodes": &sagemaker.BatchRebootClusterNodesInput{},
		"BatchReplaceClusterNodes": &sagemaker.BatchReplaceClusterNodesInput{}, "CreateCluster": &sagemaker.CreateClusterInput{},
		"DeleteCluster": &sagemaker.DeleteClusterInput{}, "DeleteTags": &sagemaker.DeleteTagsInput{},
		"DescribeCluster": &sagemaker.DescribeClusterInput{}, "DescribeClusterEvent": &sagemaker.DescribeClusterEventInput{},
		"DescribeClusterNode": &sagemaker.DescribeClusterNodeInput{}, "ListClusterEvents": &sagemaker.ListClusterEventsInput{},
		"ListClusterNodes": &sagemaker.ListClusterNodesInput{}, "ListClusters": &sagemaker.ListClustersInput{},
		"ListTags": &sagemaker.ListTagsInput{}, "StartClusterHealthCheck": &sagemaker.StartClusterHealthCheckInput{},
		"UpdateCluster": &sagemaker.UpdateClusterInput{}, "UpdateClusterSoftware": &sagemaker.UpdateClusterSoftwareInput{},
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/sagemaker").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(out)), "request_snapshot")
	for operation, input := range inputs {
		t.Run(operation, func(t *testing.T) {
			snapshot, err := os.ReadFile(filepath.Join(dir, operation+".request.snap"))
			require.NoError(t, err)
			_, body, found := bytes.Cut(snapshot, []byte("\n\n{"))
			require.True(t, found)
			body = append([]byte("{"), bytes.TrimSpace(body)...)
			require.NoError(t, DecodeInput(body, input))
			again, err := Encode(input)
			require.NoError(t, err)
			assert.Equal(t, string(body), string(again))
		})
	}
}
