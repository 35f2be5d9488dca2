package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// start runs the command and returns its address. The command must end well with the
// test.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, args, write, &errs)
		_ = write.Close()
	}()
	t.Cleanup(func() {
		stop()
		assert.Equal(t, 0, <-ended, "exit status; %s", errs.String())
	})
	line := make([]byte, 100)
	n, err := read.Read(line)
	require.NoError(t, err, errs.String())
	url, found := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "listening on ")
	require.True(t, found)
	return url
}

func send(t *testing.T, url, contentType, target, body string, change ...func(*http.Request)) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", contentType)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	for _, fn := range change {
		fn(r)
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(content)
}

func recorded(t *testing.T, path ...string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	require.NoError(t, err)
	return strings.TrimSpace(string(body))
}

// The bodies that the AWS CLI sends for the AWS guide's examples.
func TestRecordedRequests(t *testing.T) {
	url := start(t, "-instant")
	for _, step := range []struct{ file, operation string }{
		{"1-create-cluster.json", "CreateCluster"},
		{"2-update-cluster-software.json", "UpdateClusterSoftware"},
		{"3-update-cluster-scale.json", "UpdateCluster"},
		{"4-update-cluster-add-group.json", "UpdateCluster"},
	} {
		status, answer := send(t, url, "application/x-amz-json-1.1", "SageMaker."+step.operation, recorded(t, "testdata", "requests", step.file))
		require.Equal(t, http.StatusOK, status, "%s: %s", step.file, answer)
		_, answer = send(t, url, "application/x-amz-json-1.1", "SageMaker.DescribeCluster", `{"ClusterName":"example-cluster"}`)
		require.Contains(t, answer, `"ClusterStatus":"InService"`, step.file)
	}
}

func TestRecordedImageRequests(t *testing.T) {
	url := start(t)
	refused := map[string]string{"ec2-008": "OperationNotPermitted", "ec2-010": "InvalidParameterCombination"}
	files, err := filepath.Glob(filepath.Join("..", "..", "amishare", "amisharetest", "testdata", "requests", "ec2-*.form.txt"))
	require.NoError(t, err)
	require.Len(t, files, 15)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		status, answer := send(t, url, "application/x-www-form-urlencoded; charset=utf-8", "", strings.TrimSpace(string(body)))
		code := refused[filepath.Base(file)[:7]]
		if code == "" {
			assert.Equal(t, http.StatusOK, status, "%s: %s", file, answer)
			continue
		}
		assert.Equal(t, http.StatusBadRequest, status, file)
		assert.Contains(t, answer, "<Code>"+code+"</Code>", file)
	}
}

func TestHealthAndStrangers(t *testing.T) {
	url := start(t)
	res, err := http.Get(url + "/health")
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusOK, res.StatusCode)
	status, answer := send(t, url, "text/plain", "", "hello")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Contains(t, answer, "emulator")
}

// Emulated time runs so many times faster than the wall's.
func TestSpeed(t *testing.T) {
	url := start(t, "-speed", "1000000")
	now := func() time.Time {
		res, err := http.Get(url + "/health")
		require.NoError(t, err)
		defer res.Body.Close()
		var health struct{ Time time.Time }
		require.NoError(t, json.NewDecoder(res.Body).Decode(&health))
		return health.Time
	}
	began, first := time.Now(), now()
	assert.Greater(t, now().Sub(first), 100*time.Since(began))
}

func TestStateFile(t *testing.T) {
	url := start(t, "-instant", "-state", "example-state.json")
	_, answer := send(t, url, "application/x-amz-json-1.1", "SageMaker.DescribeCluster", `{"ClusterName":"train"}`)
	assert.Contains(t, answer, `"EbsVolumeConfig":{"VolumeSizeInGB":200}`)
	assert.Contains(t, answer, `"CurrentCount":2`)
	_, answer = send(t, url, "application/x-www-form-urlencoded", "", "Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-0badbadbadbadbad0")
	assert.Contains(t, answer, "snap-0badbadbadbadbad0")
}

// A state file with principals is a world in which keys count.
func TestPrincipalsOfAStateFile(t *testing.T) {
	url := start(t, "-instant", "-state", "example-state.json")
	for _, tt := range []struct{ key, clusters, images string }{
		{"AKIAREADER", "ClusterSummaries", "<Code>UnauthorizedOperation</Code>"},
		{"111122223333", "ClusterSummaries", "<imagesSet>"},
		{"AKIASTRANGER", "UnrecognizedClientException", "<Code>AuthFailure</Code>"},
	} {
		signed := func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+tt.key+"/20261101/us-west-2/any/aws4_request, SignedHeaders=host, Signature=0")
		}
		_, answer := send(t, url, "application/x-amz-json-1.1", "SageMaker.ListClusters", "{}", signed)
		assert.Contains(t, answer, tt.clusters, tt.key)
		_, answer = send(t, url, "application/x-www-form-urlencoded", "", "Action=DescribeImages&Version=2016-11-15", signed)
		assert.Contains(t, answer, tt.images, tt.key)
	}
}

func TestWrongStateFiles(t *testing.T) {
	const principal = `{"ARN":"arn:aws:iam::111122223333:role/R","AccessKey":"K","Policy":{"Version":"2012-10-17","Statement":[]}}`
	tests := []struct{ name, content, says string }{
		{"unknown member", `{"Image":[]}`, "Image"},
		{"unknown member of an image", `{"Images":[{"ID":"ami-1"},{"Id2":"x"}]}`, `Images[1]: json: unknown field "Id2"`},
		{"no JSON", `{`, "unexpected end"},
		{"cluster", `{"Clusters":[{"ClusterName":"_"}]}`, "Clusters[0]: CreateCluster: "},
		{"cluster's unknown member", `{"Clusters":[{"ClusterNames":"a"}]}`, "ClusterNames"},
		{"policy", `{"Principals":[{"ARN":"arn:aws:iam::111122223333:role/R","AccessKey":"K","Policy":{"Version":"2012-10-17"}}]}`, "Principals[0]: Policy"},
		{"two principals of one key", `{"Principals":[` + principal + `,` + principal + `]}`, `Principals[1]: AccessKey "K" is that of Principals[0]`},
		{"principal without key", `{"Principals":[{"ARN":"arn:aws:iam::111122223333:role/R"}]}`, "AccessKey"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "state.json")
			require.NoError(t, os.WriteFile(file, []byte(tt.content), 0o600))
			var out, errs bytes.Buffer
			assert.Equal(t, 2, run(t.Context(), []string{"-state", file}, &out, &errs))
			assert.Contains(t, errs.String(), tt.says)
			assert.Empty(t, out.String(), "it does not listen")
		})
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{
		{"-addr", "0.0.0.0:0"},
		{"-addr", "example.com:80"},
		{"-addr", ":4599"},
		{"-addr", "127.0.0.1"},
		{"-speed", "0"},
		{"-speed", "-1"},
		{"-speed", "NaN"},
		{"-speed", "Inf"},
		{"more"},
		{"-none"},
		{"-state", "no-such-file"},
	} {
		var out, errs bytes.Buffer
		assert.Equal(t, 2, run(t.Context(), args, &out, &errs), "%v", args)
		assert.NotEmpty(t, errs.String(), "%v", args)
		assert.Empty(t, out.String(), "it does not listen")
	}
	var out, errs bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"-h"}, &out, &errs))
	assert.Contains(t, errs.String(), "-speed")
}

func TestAddressThatIsTaken(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	var out, errs bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-addr", taken.Addr().String()}, &out, &errs))
}

// A request under way is answered before the command ends.
func TestShutdownLetsRequestsFinish(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stop()
		<-ctx.Done()
		w.WriteHeader(http.StatusTeapot)
	})
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, handler) }()
	status, _ := send(t, "http://"+listener.Addr().String(), "text/plain", "", "")
	assert.Equal(t, http.StatusTeapot, status)
	require.NoError(t, <-ended)
}

// The story of the AWS guide's page with the AWS CLI, over the one address.
func TestCommandLine(t *testing.T) {
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no aws command on the PATH: the recorded requests stand in for it")
	}
	skeleton, err := exec.CommandContext(t.Context(), path, "sagemaker", "update-cluster-software", "--generate-cli-skeleton", "input").CombinedOutput()
	if err != nil || !bytes.Contains(skeleton, []byte("ImageId")) {
		t.Skip("the aws command on the PATH is too old to know update-cluster-software --image-id")
	}
	url := start(t, "-instant", "-state", withReader(t))
	aws := func(key string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), path, append(args, "--endpoint-url", url, "--region", "us-west-2", "--output", "json")...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY=any", "AWS_CONFIG_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := aws("111122223333", args...)
		require.NoError(t, err, "aws %s: %s", strings.Join(args, " "), out)
		return out
	}
	input := func(file string) string {
		absolute, err := filepath.Abs(filepath.Join("..", "..", "testdata", "requests", file))
		require.NoError(t, err)
		return "file://" + absolute
	}
	must("ec2", "create-tags", "--resources", "ami-0123456789abcdef0", "snap-0123456789abcdef0", "--tags", "Key=AllowSharing,Value=true")
	must("ec2", "modify-image-attribute", "--image-id", "ami-0123456789abcdef0", "--launch-permission", "Add=[{UserId=444455556666}]")
	must("sagemaker", "create-cluster", "--cli-input-json", input("1-create-cluster.json"))
	assert.Contains(t, must("sagemaker", "describe-cluster", "--cluster-name", "example-cluster"), `"ClusterStatus": "InService"`)
	must("sagemaker", "update-cluster", "--cli-input-json", input("3-update-cluster-scale.json"))
	must("sagemaker", "update-cluster", "--cli-input-json", input("4-update-cluster-add-group.json"))
	must("sagemaker", "update-cluster-software", "--cluster-name", "example-cluster", "--instance-groups", "InstanceGroupName=workers", "--image-id", "ami-0fedcba9876543210")
	assert.Contains(t, must("sagemaker", "list-cluster-events", "--cluster-name", "example-cluster"), "UpdateClusterSoftware completed successfully for IG workers")
	out, err := aws("AKIAREADER", "sagemaker", "delete-cluster", "--cluster-name", "example-cluster")
	require.Error(t, err)
	assert.Contains(t, out, "AccessDeniedException")
	assert.Contains(t, out, "arn:aws:iam::111122223333:role/Reader is not authorized to perform: sagemaker:DeleteCluster")
	must("sagemaker", "delete-cluster", "--cluster-name", "example-cluster")
}

// withReader is a state file of the example account with a principal that may only read.
func withReader(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, []byte(`{
		"Images": [
			{"ID": "ami-0123456789abcdef0", "Snapshot": "snap-0123456789abcdef0"},
			{"ID": "ami-0fedcba9876543210", "Snapshot": "snap-0fedcba9876543210"}
		],
		"Principals": [{"ARN": "arn:aws:iam::111122223333:role/Reader", "AccessKey": "AKIAREADER", "Policy":
			{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["sagemaker:Describe*", "sagemaker:List*"], "Resource": "*"}}}]
	}`), 0o600))
	return file
}
