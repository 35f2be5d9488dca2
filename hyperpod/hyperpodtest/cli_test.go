package hyperpodtest_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// cli finds an AWS CLI that knows custom AMIs, and says why there is none.
func cli(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no aws command on the PATH: the page's commands are tested as recorded bodies only")
	}
	skeleton := exec.CommandContext(t.Context(), path, "sagemaker", "update-cluster-software", "--generate-cli-skeleton", "input")
	out, err := skeleton.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("ImageId")) {
		t.Skip("the aws command on the PATH is too old to know update-cluster-software --image-id")
	}
	return path
}

// The four commands of the AWS page, run by the AWS CLI against the emulator.
func TestCommandLine(t *testing.T) {
	path := cli(t)
	srv := hyperpodtest.NewServer()
	endpoint := httptest.NewServer(srv)
	defer endpoint.Close()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), path, append([]string{
			"sagemaker", "--endpoint-url", endpoint.URL, "--region", "us-west-2", "--output", "json",
		}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=111122223333", "AWS_SECRET_ACCESS_KEY=secret", "AWS_CONFIG_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "aws sagemaker %s: %s", strings.Join(args, " "), out)
		return string(out)
	}
	input := func(file string) string {
		t.Helper()
		absolute, err := filepath.Abs(filepath.Join("..", "..", "testdata", "requests", file))
		require.NoError(t, err)
		return "file://" + absolute
	}
	inService := func() {
		t.Helper()
		require.Contains(t, run("describe-cluster", "--cluster-name", "example-cluster"), `"ClusterStatus": "InService"`)
	}
	assert.Contains(t, run("create-cluster", "--cli-input-json", input("1-create-cluster.json")), "ClusterArn")
	inService()
	run("update-cluster-software", "--cluster-name", "example-cluster", "--instance-groups", "InstanceGroupName=workers", "--image-id", "ami-0123456789abcdef0")
	inService()
	run("update-cluster", "--cli-input-json", input("3-update-cluster-scale.json"))
	inService()
	run("update-cluster", "--cli-input-json", input("4-update-cluster-add-group.json"))
	inService()
	out, err := srv.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("example-cluster")})
	require.NoError(t, err)
	require.Len(t, out.InstanceGroups, 2)
	assert.EqualValues(t, 2, *out.InstanceGroups[0].CurrentCount)
	assert.EqualValues(t, 1, *out.InstanceGroups[1].CurrentCount)
}
