package hyperpod_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// fullRequest is the body of a request in which every member of the SDK's is set.
func fullRequest(t testing.TB) []byte {
	t.Helper()
	var in sagemaker.CreateClusterInput
	for _, name := range exported(reflect.TypeOf(in)) {
		fillIn(reflect.ValueOf(&in).Elem().FieldByName(name))
	}
	in.NodeProvisioningMode = types.ClusterNodeProvisioningModeContinuous
	body, err := smwire.Encode(&in)
	require.NoError(t, err)
	return body
}

// An SDK with a member that a specification loses fails here.
func TestSpecKeepsEveryMember(t *testing.T) {
	body := fullRequest(t)
	var spec hyperpod.Spec
	require.NoError(t, json.Unmarshal(body, &spec))
	again, err := json.Marshal(spec)
	require.NoError(t, err)
	assert.JSONEq(t, string(body), string(again))
	assert.Equal(t, "x", spec.ClusterName)
}

func requestFile(t *testing.T, file string) io.Reader {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "testdata", "requests", file))
	require.NoError(t, err)
	return bytes.NewReader(body)
}

// The bodies that the AWS CLI sends are read and written back as they are.
func TestReadSpecRecorded(t *testing.T) {
	for _, file := range []string{
		"1-create-cluster.json", "3-update-cluster-scale.json", "4-update-cluster-add-group.json", "5-create-cluster-kms.json", "6-update-cluster-scale-kms.json",
	} {
		t.Run(file, func(t *testing.T) {
			spec, err := hyperpod.ReadSpec(requestFile(t, file))
			require.NoError(t, err)
			again, err := json.Marshal(spec)
			require.NoError(t, err)
			assert.Equal(t, recorded(t, file), decode(t, again))
			assert.Equal(t, "example-cluster", spec.ClusterName)
		})
	}
}

func TestReadSpecRefusesAnotherOperationsBody(t *testing.T) {
	_, err := hyperpod.ReadSpec(requestFile(t, "2-update-cluster-software.json"))
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "ImageId: there is no such member")
}

// A file is enough to create a cluster with.
func TestCreateFromAFile(t *testing.T) {
	spec, err := hyperpod.ReadSpec(requestFile(t, "1-create-cluster.json"))
	require.NoError(t, err)
	srv := hyperpodtest.NewServer()
	hp := hyperpod.New(srv.Client(), fast)

	_, err = hp.Cluster("another-name").Create(t.Context(), spec)
	var invalid *hyperpod.InvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "ClusterName", invalid.Findings[0].Path)
	assert.Empty(t, mutations(srv))

	_, err = hp.Cluster(spec.ClusterName).Create(t.Context(), spec)
	require.NoError(t, err)
	assert.Equal(t, recorded(t, "1-create-cluster.json"), encoded(t, sent[sagemaker.CreateClusterInput](srv)[0]))
}

// Files from before EKS name no orchestrator, and mean Slurm, as to the service. A
// specification in Go has to say it.
func TestReadSpecWithoutAnOrchestrator(t *testing.T) {
	spec, err := hyperpod.ReadSpec(strings.NewReader(`{"ClusterName":"slurm","InstanceGroups":[{"InstanceGroupName":"workers","InstanceCount":1,
		"InstanceType":"ml.c5.2xlarge","ExecutionRole":"` + adminRole + `","KubernetesConfig":{"Labels":{"a":"b"}}}]}`))
	require.NoError(t, err)
	srv := hyperpodtest.NewServer()
	hp := hyperpod.New(srv.Client(), fast)
	report, err := hp.Cluster("slurm").Create(t.Context(), spec)
	require.ErrorContains(t, err, "the cluster is orchestrated by Slurm")
	assert.Equal(t, "Orchestrator", report.Findings[0].Path)

	spec.Groups[0] = spec.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) { g.KubernetesConfig = nil })
	report, err = hp.Cluster("slurm").Create(t.Context(), spec)
	require.NoError(t, err)
	assert.Contains(t, report.String(), "warning: Orchestrator: missing, which to the service means Slurm; say Slurm if that is meant")
	assert.Nil(t, sent[sagemaker.CreateClusterInput](srv)[0].Orchestrator, "the file is sent as it is")

	report, err = hp.Cluster("slurm").Update(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.Empty(t, report.Calls)

	spec.Orchestrator = hyperpod.Orchestrator{}
	_, err = hp.Cluster("other").Create(t.Context(), spec)
	require.ErrorContains(t, err, "Orchestrator: missing; use EKS or Slurm")
}

func TestReadSpecRefuses(t *testing.T) {
	tests := []struct {
		name, document string
		paths          []string
	}{
		{"what is not in the shape", `{"InstanceGroups":[{"LifeCycleConfig":{"OnCreat":"a"},"InstanceCount":"2"}],"Nonsense":1}`, []string{
			"InstanceGroups[0].LifeCycleConfig.OnCreat", "InstanceGroups[0].InstanceCount", "Nonsense",
		}},
		{"a name that is empty", `{"ClusterName":""}`, []string{"ClusterName"}},
		{"a role that is empty", `{"ClusterRole":""}`, []string{"ClusterRole"}},
		{"a mode that Spec cannot say", `{"NodeProvisioningMode":"Later"}`, []string{"NodeProvisioningMode"}},
		{"a tag without key and value", `{"Tags":[{}]}`, []string{"Tags[0].Key", "Tags[0].Value"}},
		{"a tag given twice", `{"Tags":[{"Key":"a","Value":"1"},{"Key":"a","Value":"2"}]}`, []string{"Tags[1].Key"}},
		{"all in one round", `{"Nonsense":1,"ClusterName":"","ClusterRole":7,"Tags":[{"Key":7,"Value":"a"},{"Key":"b"},8,{"Kez":"c","Value":"d"}]}`, []string{
			"Nonsense", "ClusterRole", "Tags[0].Key", "Tags[2]", "Tags[3].Kez", "ClusterName", "Tags[1].Value", "Tags[3].Key",
		}},
		{"a list", `[]`, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := pageSpec(2)
			err := json.Unmarshal([]byte(tt.document), &spec)
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			var paths []string
			for _, f := range invalid.Findings {
				paths = append(paths, f.Path)
			}
			assert.Equal(t, tt.paths, paths)
			assert.Equal(t, pageSpec(2), spec, "on an error it stays as it was")
		})
	}
}

func TestReadSpecThatCannotBeRead(t *testing.T) {
	_, err := hyperpod.ReadSpec(iotest.ErrReader(io.ErrClosedPipe))
	require.ErrorIs(t, err, io.ErrClosedPipe)
	_, err = hyperpod.ReadSpec(strings.NewReader("{\n\"ClusterName\": c}"))
	require.ErrorContains(t, err, "line 2")
	var syntax *json.SyntaxError
	require.ErrorAs(t, err, &syntax)
	assert.NotErrorIs(t, err, hyperpod.ErrInvalid)
}

// Absent, empty and null: absent and null leave alone, empty asks for none.
func TestSpecEmptyIsNotAbsent(t *testing.T) {
	read := func(document string) hyperpod.Spec {
		spec, err := hyperpod.ReadSpec(strings.NewReader(document))
		require.NoError(t, err)
		return spec
	}
	absent := read(`{"Tags":null}`)
	absent.Orchestrator = hyperpod.Orchestrator{} // knows that it was left out
	assert.Equal(t, hyperpod.Spec{NonContinuous: true}, absent)
	empty := read(`{"Tags":[],"VpcConfig":{},"NodeProvisioningMode":"Continuous"}`)
	assert.NotNil(t, empty.Tags)
	assert.NotNil(t, request(t, empty).VpcConfig)
	assert.False(t, empty.NonContinuous)

	spec := pageSpec(2)
	require.NoError(t, json.Unmarshal([]byte("null"), &spec))
	assert.Equal(t, pageSpec(2), spec, "null changes nothing, as encoding/json has it")
}

// Files in repositories must not change by themselves.
func TestMarshalIsStable(t *testing.T) {
	g := hyperpod.NewGroup("g").WithKubernetesLabels(map[string]string{"d": "", "c": "", "b": "", "a": ""})
	for range 20 {
		body, err := json.Marshal(g)
		require.NoError(t, err)
		assert.Equal(t, `{"InstanceCount":0,"InstanceGroupName":"g","KubernetesConfig":{"Labels":{"a":"","b":"","c":"","d":""}}}`, string(body)) //nolint:testifylint // the order is the point
	}
}

func TestMarshalIncludesInput(t *testing.T) {
	spec := pageSpec(2)
	spec.Input = func(in *sagemaker.CreateClusterInput) { in.NodeRecovery = types.ClusterNodeRecoveryNone }
	body, err := json.Marshal(spec)
	require.NoError(t, err)
	assert.Equal(t, "None", decode(t, body)["NodeRecovery"])
	assert.NotContains(t, decode(t, body), "ClusterName")
}

// What can be read is written, and read again means the same.
func FuzzReadSpec(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "requests", "*.json"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Add(fullRequest(f))
	f.Add([]byte(`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":"2026-12-01T00:00:00Z"}},"KubernetesConfig":{"Labels":{}}}],"Tags":[],"VpcConfig":{}}`))
	for _, document := range []string{
		"{\"ClusterName\":\"\xff\",\"Tags\":[{\"Key\":\"\xff\",\"Value\":\"\"}]}", "{\"\xff\":1}", `{"ClusterName":"\ud800"}`,
		"{\"InstanceGroups\":[{\"KubernetesConfig\":{\"Labels\":{\"\xff\":\"\",\"\xfe\":\"\"}}}]}",
		`{"InstanceGroups":[{"KubernetesConfig":{"Labels":{"\ud800":"","\u00e9\n":"\u0000"}}}]}`,
		`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":-1e-9}},"InstanceCount":-0}]}`,
		`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":1700000000.1239999}}}]}`,
		`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":-253402300799.9995}}}]}`,
		`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":"0000-01-01T00:00:00Z"}}}]}`,
		`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":1E9}},"CapacityRequirements":{"Spot":{}}}]}`,
		`{"InstanceGroups":[{"InstanceStorageConfigs":[{"EbsVolumeConfig":{}}],"SlurmConfig":{},"LifeCycleConfig":{}}]}`,
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		spec, err := hyperpod.ReadSpec(bytes.NewReader(document))
		if err != nil {
			return
		}
		body, err := json.Marshal(spec)
		require.NoError(t, err)
		var twice hyperpod.Spec
		require.NoError(t, json.Unmarshal(body, &twice), "%s", body)
		again, err := json.Marshal(twice)
		require.NoError(t, err)
		assert.Equal(t, string(body), string(again))
	})
}
