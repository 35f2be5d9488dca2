package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// snippet is the first block of a language below a heading of the README, pointed at
// another address.
func snippet(t *testing.T, heading, language, url string) string {
	t.Helper()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## "+heading+"\n")
	require.True(t, found, heading)
	_, block, found := strings.Cut(section, "\n```"+language+"\n")
	require.True(t, found, language)
	code, _, found := strings.Cut(block, "\n```")
	require.True(t, found)
	require.Contains(t, code, "http://127.0.0.1:4599")
	return strings.ReplaceAll(code, "http://127.0.0.1:4599", url)
}

// environment is that of a program without a configuration of its own.
func environment() []string {
	return append(os.Environ(), "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
}

func TestREADMEOfBoto3(t *testing.T) {
	known := exec.CommandContext(t.Context(), "python3", "-c", "import boto3; boto3.client('sagemaker', region_name='us-west-2').list_clusters")
	known.Env = environment()
	if err := known.Run(); err != nil {
		t.Skip("no python3 with a boto3 that knows SageMaker's clusters: the README's snippet is not run")
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", snippet(t, "boto3", "python", start(t, "-instant")))
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "[]\n['ami-0123456789abcdef0', 'ami-0fedcba9876543210']\n", string(out))
}

func TestREADMEOfTheCommandLine(t *testing.T) {
	known := exec.CommandContext(t.Context(), "aws", "sagemaker", "update-cluster-software", "--generate-cli-skeleton", "input")
	known.Env = append(environment(), "AWS_DEFAULT_REGION=us-west-2")
	if skeleton, err := known.Output(); err != nil || !bytes.Contains(skeleton, []byte("ImageId")) {
		t.Skip("no aws command that knows update-cluster-software --image-id: the README's commands are not run")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", snippet(t, "AWS CLI", "sh", start(t, "-instant")))
	cmd.Env, cmd.Dir = environment(), root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), `"ImageId": "ami-0fedcba9876543210"`)
	assert.Contains(t, string(out), `"ClusterStatus": "InService"`)
}
