package hyperpod_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// An SDK with a member that a group loses on the way fails here.
func TestGroupKeepsEveryMember(t *testing.T) {
	want := filled[types.ClusterInstanceGroupSpecification]()
	body, err := json.Marshal(hyperpod.GroupFromSpec(want))
	require.NoError(t, err)
	var g hyperpod.Group
	require.NoError(t, json.Unmarshal(body, &g))
	assert.Equal(t, want, g.Spec())
	direct, err := smwire.Encode(&want)
	require.NoError(t, err)
	assert.JSONEq(t, string(direct), string(body), "the API's own shape")
}

// What the CLI's option --instance-groups takes: a list, or one group.
func TestReadGroups(t *testing.T) {
	list := groupsOf(t, recorded(t, "4-update-cluster-add-group.json"))
	body, err := json.Marshal(list)
	require.NoError(t, err)
	groups, err := hyperpod.ReadGroups(bytes.NewReader(body))
	require.NoError(t, err)
	require.Len(t, groups, 2)
	assert.Equal(t, workersGroup("workers2", 1).Spec(), groups[1].Spec())
	again, err := json.Marshal(groups)
	require.NoError(t, err)
	assert.JSONEq(t, string(body), string(again))

	one, err := json.MarshalIndent(list[1], "", "\t")
	require.NoError(t, err)
	groups, err = hyperpod.ReadGroups(bytes.NewReader(append([]byte("\n"), one...)))
	require.NoError(t, err)
	require.Len(t, groups, 1)
	assert.Equal(t, workersGroup("workers2", 1).Spec(), groups[0].Spec())
}

func TestReadGroupsRefuses(t *testing.T) {
	tests := []struct {
		name, document string
		paths          []string
	}{
		{"in a list", `[{},{"InstanceStorageConfigs":[{"EbsVolumeConfig":{"VolumeSize":1}}]},7]`, []string{"[1].InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSize", "[2]"}},
		{"in one", `{"ImageID":"ami-0123456789abcdef0"}`, []string{"ImageID"}},
		{"a string", `"g"`, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := hyperpod.ReadGroups(strings.NewReader(tt.document))
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			var paths []string
			for _, f := range invalid.Findings {
				paths = append(paths, f.Path)
			}
			assert.Equal(t, tt.paths, paths)
		})
	}
	_, err := hyperpod.ReadGroups(iotest.ErrReader(io.ErrClosedPipe))
	require.ErrorIs(t, err, io.ErrClosedPipe)
	for _, broken := range []string{"", "[", "[{}]]", "{"} {
		_, err := hyperpod.ReadGroups(strings.NewReader(broken))
		require.ErrorContains(t, err, "line 1", broken)
	}
}

func TestGroupStaysOnAnError(t *testing.T) {
	g := workersGroup("workers", 2)
	require.ErrorIs(t, json.Unmarshal([]byte(`{"InstanceCount":"2"}`), &g), hyperpod.ErrInvalid)
	require.NoError(t, json.Unmarshal([]byte(`null`), &g))
	assert.Equal(t, workersGroup("workers", 2), g)
	require.NoError(t, json.Unmarshal([]byte(`{}`), &g))
	assert.Equal(t, hyperpod.GroupFromSpec(types.ClusterInstanceGroupSpecification{}), g, "it replaces, it does not merge")
}

// A volume that the SDK does not know would silently be gone.
func TestMarshalRefusesWhatItCannotWrite(t *testing.T) {
	volumes := map[string]types.ClusterInstanceStorageConfig{
		"nil": nil, "typed nil": (*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)(nil), "unknown": &types.UnknownUnionMember{Tag: "New"},
	}
	for name, volume := range volumes {
		t.Run(name, func(t *testing.T) {
			g := workersGroup("workers", 2).WithEBSVolume(1).WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
				s.InstanceStorageConfigs = append(s.InstanceStorageConfigs, volume)
			})
			_, err := json.Marshal(g)
			require.ErrorContains(t, err, `instance group "workers": InstanceStorageConfigs[1]`)
			_, err = json.Marshal(hyperpod.Spec{Groups: []hyperpod.Group{g}})
			require.ErrorContains(t, err, "InstanceStorageConfigs[1]")
			_, err = json.Marshal(hyperpod.Spec{RestrictedGroups: []types.ClusterRestrictedInstanceGroupSpecification{{
				InstanceGroupName: aws.String("nova"), InstanceStorageConfigs: []types.ClusterInstanceStorageConfig{volume},
			}}})
			require.ErrorContains(t, err, `instance group "nova": InstanceStorageConfigs[0]`)
		})
	}
}

// What can be read is written, and read again is the same.
func FuzzReadGroups(f *testing.F) {
	body, err := os.ReadFile(filepath.Join("..", "testdata", "requests", "5-create-cluster-kms.json"))
	require.NoError(f, err)
	var request struct{ InstanceGroups json.RawMessage }
	require.NoError(f, json.Unmarshal(body, &request))
	f.Add([]byte(request.InstanceGroups))
	full, err := json.Marshal(hyperpod.GroupFromSpec(filled[types.ClusterInstanceGroupSpecification]()))
	require.NoError(f, err)
	f.Add(full)
	f.Fuzz(func(t *testing.T, document []byte) {
		groups, err := hyperpod.ReadGroups(bytes.NewReader(document))
		if err != nil {
			return
		}
		body, err := json.Marshal(groups)
		require.NoError(t, err)
		twice, err := hyperpod.ReadGroups(bytes.NewReader(body))
		require.NoError(t, err, "%s", body)
		for i := range groups {
			groups[i].Check()
			again, err := json.Marshal(twice[i])
			require.NoError(t, err)
			first, err := json.Marshal(groups[i])
			require.NoError(t, err)
			assert.Equal(t, string(first), string(again))
		}
	})
}
