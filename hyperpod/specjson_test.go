package hyperpod_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// fill sets every member of a value: lists get one element, and one of each kind where
// the kind is a union's.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		for _, member := range unions[v.Type().Elem()] {
			kind := reflect.New(member)
			fill(kind.Elem())
			v.Set(reflect.Append(v, kind))
		}
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		}
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1.8e9, 0).UTC()))
			return
		}
		for _, name := range exported(v.Type()) {
			fill(v.FieldByName(name))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(7)
	default:
		panic("no way to fill a " + v.Type().String())
	}
}

// fullRequest is the body of a request in which every member of the SDK's is set.
func fullRequest(t testing.TB) []byte {
	t.Helper()
	var in sagemaker.CreateClusterInput
	for _, name := range exported(reflect.TypeOf(in)) {
		fill(reflect.ValueOf(&in).Elem().FieldByName(name))
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

// request is what a specification asks for.
func request(t *testing.T, spec hyperpod.Spec) (in sagemaker.CreateClusterInput) {
	t.Helper()
	spec.Input = func(made *sagemaker.CreateClusterInput) { in = *made }
	_, err := spec.MarshalJSON()
	require.NoError(t, err)
	return in
}

// specMembers set each member of a specification alone, and name the request's members
// that this sets. What is inside a group is the business of [hyperpod.Group], and for
// restricted groups the SDK's own.
var specMembers = []struct {
	member string
	spec   hyperpod.Spec
	sets   []string
}{
	{"ClusterName", hyperpod.Spec{NonContinuous: true, ClusterName: "c"}, []string{"ClusterName"}},
	{"Groups", hyperpod.Spec{NonContinuous: true, Groups: []hyperpod.Group{hyperpod.NewGroup("g")}}, []string{"InstanceGroups[]"}},
	{"RestrictedGroups", hyperpod.Spec{NonContinuous: true, RestrictedGroups: filled[[]types.ClusterRestrictedInstanceGroupSpecification]()}, []string{"RestrictedInstanceGroups[]"}},
	{
		"RestrictedGroupsConfig",
		hyperpod.Spec{NonContinuous: true, RestrictedGroupsConfig: filled[*types.ClusterRestrictedInstanceGroupsConfig]()},
		[]string{
			"RestrictedInstanceGroupsConfig.SharedEnvironmentConfig.FSxLustreConfig.PerUnitStorageThroughput",
			"RestrictedInstanceGroupsConfig.SharedEnvironmentConfig.FSxLustreConfig.SizeInGiB",
			"RestrictedInstanceGroupsConfig.SharedEnvironmentConfig.FSxLustreDeletionPolicy",
		},
	},
	{"Orchestrator", hyperpod.Spec{NonContinuous: true, Orchestrator: hyperpod.EKS(eksARN)}, []string{"Orchestrator.Eks.ClusterArn"}},
	{
		"Orchestrator",
		hyperpod.Spec{NonContinuous: true, Orchestrator: hyperpod.Slurm(func(s *types.ClusterOrchestratorSlurmConfig) {
			*s = *filled[*types.ClusterOrchestratorSlurmConfig]()
		})},
		[]string{
			"Orchestrator.Slurm.AccountingDatabase.Endpoint", "Orchestrator.Slurm.AccountingDatabase.Name", "Orchestrator.Slurm.AccountingDatabase.Port",
			"Orchestrator.Slurm.AccountingDatabase.SecretArn", "Orchestrator.Slurm.SlurmConfigStrategy",
		},
	},
	{"VPC", hyperpod.Spec{NonContinuous: true, VPC: network}, []string{"VpcConfig.SecurityGroupIds[]", "VpcConfig.Subnets[]"}},
	{"Tags", hyperpod.Spec{NonContinuous: true, Tags: map[string]string{"k": "v"}}, []string{"Tags[].Key", "Tags[].Value"}},
	{"NonContinuous", hyperpod.Spec{NonContinuous: false}, []string{"NodeProvisioningMode"}},
	{"NodeRecovery", hyperpod.Spec{NonContinuous: true, NodeRecovery: types.ClusterNodeRecoveryNone}, []string{"NodeRecovery"}},
	{"AutoScaling", hyperpod.Spec{NonContinuous: true, AutoScaling: filled[*types.ClusterAutoScalingConfig]()}, []string{"AutoScaling.AutoScalerType", "AutoScaling.Mode"}},
	{"ClusterRole", hyperpod.Spec{NonContinuous: true, ClusterRole: adminRole}, []string{"ClusterRole"}},
	{"TieredStorage", hyperpod.Spec{NonContinuous: true, TieredStorage: filled[*types.ClusterTieredStorageConfig]()}, []string{"TieredStorageConfig.InstanceMemoryAllocationPercentage", "TieredStorageConfig.Mode"}},
}

func filled[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem())
	return v
}

// shallow replaces the members inside of groups by the groups.
func shallow(paths []string) []string {
	set := map[string]bool{}
	for _, path := range paths {
		for _, groups := range []string{"InstanceGroups[]", "RestrictedInstanceGroups[]"} {
			if strings.HasPrefix(path, groups) {
				path = groups
			}
		}
		set[path] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Every member of the request is reached without Input, and Input is the only member of
// a specification that stands for none.
func TestEveryMemberIsReachedFromSpec(t *testing.T) {
	reached, members := map[string]bool{}, map[string]bool{"Input": true}
	for _, tt := range specMembers {
		t.Run(tt.member, func(t *testing.T) {
			set := map[string]bool{}
			in := request(t, tt.spec)
			collect(reflect.ValueOf(in), "", set)
			assert.Equal(t, tt.sets, shallow(slices.Collect(maps.Keys(set))))
		})
		members[tt.member] = true
		for _, path := range tt.sets {
			reached[path] = true
		}
	}
	assert.Equal(t, shallow(leaves(reflect.TypeFor[sagemaker.CreateClusterInput](), "")), slices.Sorted(maps.Keys(reached)))
	assert.ElementsMatch(t, exported(reflect.TypeFor[hyperpod.Spec]()), slices.Collect(maps.Keys(members)))
}

// The bodies that the AWS CLI sends are read and written back as they are.
func TestReadSpecRecorded(t *testing.T) {
	for _, file := range []string{
		"1-create-cluster.json", "3-update-cluster-scale.json", "4-update-cluster-add-group.json", "5-create-cluster-kms.json", "6-update-cluster-scale-kms.json",
	} {
		t.Run(file, func(t *testing.T) {
			f, err := os.Open(filepath.Join("..", "testdata", "requests", file))
			require.NoError(t, err)
			defer f.Close()
			spec, err := hyperpod.ReadSpec(f)
			require.NoError(t, err)
			again, err := json.Marshal(spec)
			require.NoError(t, err)
			assert.Equal(t, recorded(t, file), decode(t, again))
			assert.Equal(t, "example-cluster", spec.ClusterName)
		})
	}
}

func TestReadSpecRefusesAnotherOperationsBody(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("..", "testdata", "requests", "2-update-cluster-software.json"))
	require.NoError(t, err)
	_, err = hyperpod.ReadSpec(bytes.NewReader(body))
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "ImageId: there is no such member")
}

// A file is enough to create a cluster with.
func TestCreateFromAFile(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "testdata", "requests", "1-create-cluster.json"))
	require.NoError(t, err)
	defer f.Close()
	spec, err := hyperpod.ReadSpec(f)
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
	assert.False(t, errors.Is(err, hyperpod.ErrInvalid))
}

// Absent, empty and null: absent and null leave alone, empty asks for none.
func TestSpecEmptyIsNotAbsent(t *testing.T) {
	read := func(document string) hyperpod.Spec {
		spec, err := hyperpod.ReadSpec(strings.NewReader(document))
		require.NoError(t, err)
		return spec
	}
	absent := read(`{"Tags":null}`)
	assert.Equal(t, hyperpod.Spec{NonContinuous: true}, absent)
	empty := read(`{"Tags":[],"VpcConfig":{},"NodeProvisioningMode":"Continuous"}`)
	assert.NotNil(t, empty.Tags)
	assert.NotNil(t, request(t, empty).VpcConfig)
	assert.False(t, empty.NonContinuous)

	spec := pageSpec(2)
	require.NoError(t, json.Unmarshal([]byte("null"), &spec))
	assert.Equal(t, pageSpec(2), spec, "null changes nothing, as encoding/json has it")
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
