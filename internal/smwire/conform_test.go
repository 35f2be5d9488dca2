package smwire

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/schemas"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConform(t *testing.T) {
	tests := []struct {
		name, document string
		says           []string // the findings, without level and rule
	}{
		{"in shape", `{"ClusterName":"c","Tags":[{"Key":"k","Value":""}]}`, nil},
		{"unknown member, misspelt", `{"InstanceGroups":[{"LifeCycleConfig":{"OnCreat":"a"}}]}`, []string{
			"error: InstanceGroups[0].LifeCycleConfig.OnCreat: there is no such member; did you mean OnCreate? [json-member]",
		}},
		{"unknown member, in other case", `{"clusterName":"c"}`, []string{
			"error: clusterName: there is no such member; did you mean ClusterName? [json-member]",
		}},
		{"unknown member, unlike any", `{"Nonsense":{"a":[1]}}`, []string{
			"error: Nonsense: there is no such member; remove it, or use a newer aws-sdk-go-v2/service/sagemaker if the service has it [json-member]",
		}},
		{"everything at once, in order", `{"ClusterName":7,"Tags":{"k":"v"},"VpcConfig":{"Subnets":["s",1],"Subnet":[]}}`, []string{
			"error: ClusterName: the value is a number; give a string [json-type]",
			"error: Tags: the value is an object; give a list [json-type]",
			"error: VpcConfig.Subnets[1]: the value is a number; give a string [json-type]",
			"error: VpcConfig.Subnet: there is no such member; did you mean Subnets? [json-member]",
		}},
		{"given twice", `{"ClusterName":"a","ClusterName":"b"}`, []string{
			"error: ClusterName: the member is given twice; give it once [json-twice]",
		}},
		{"union of an unknown kind", `{"InstanceGroups":[{"InstanceStorageConfigs":[{"EBSVolumeConfig":{}}]}]}`, []string{
			"error: InstanceGroups[0].InstanceStorageConfigs[0].EBSVolumeConfig: there is no such member; did you mean EbsVolumeConfig? [json-member]",
		}},
		{"union without a member", `{"InstanceGroups":[{"InstanceStorageConfigs":[{"EbsVolumeConfig":null}]}]}`, []string{
			"error: InstanceGroups[0].InstanceStorageConfigs[0]: 0 members are given; give exactly one of EbsVolumeConfig, FsxLustreConfig, FsxOpenZfsConfig [json-union]",
		}},
		{"union of two members", `{"InstanceGroups":[{"InstanceStorageConfigs":[{"EbsVolumeConfig":{},"FsxLustreConfig":{}}]}]}`, []string{
			"error: InstanceGroups[0].InstanceStorageConfigs[0]: 2 members are given; give exactly one of EbsVolumeConfig, FsxLustreConfig, FsxOpenZfsConfig [json-union]",
		}},
		{"enum that is empty", `{"NodeRecovery":""}`, []string{
			"error: NodeRecovery: the value is empty; leave the member out, or give it a value [json-empty]",
		}},
		{"null in a list", `{"InstanceGroups":[null]}`, []string{"error: InstanceGroups[0]: the value is null; give an object [json-type]"}},
		{"null in a map", `{"InstanceGroups":[{"KubernetesConfig":{"Labels":{"a b":null}}}]}`, []string{
			`error: InstanceGroups[0].KubernetesConfig.Labels["a b"]: the value is null; give a string [json-type]`,
		}},
		{"numbers", `{"InstanceGroups":[{"InstanceCount":1.5,"MinInstanceCount":3000000000,"ThreadsPerCore":"1"}]}`, []string{
			"error: InstanceGroups[0].InstanceCount: 1.5 is no whole number of 32 bits; give one [json-type]",
			"error: InstanceGroups[0].MinInstanceCount: 3000000000 is no whole number of 32 bits; give one [json-type]",
			"error: InstanceGroups[0].ThreadsPerCore: the value is a string; give a number [json-type]",
		}},
		{"boolean", `{"InstanceGroups":[{"InstanceStorageConfigs":[{"EbsVolumeConfig":{"RootVolume":"true"}}]}]}`, []string{
			"error: InstanceGroups[0].InstanceStorageConfigs[0].EbsVolumeConfig.RootVolume: the value is a string; give true or false [json-type]",
		}},
		{"time in words", `{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":"tomorrow"}}}]}`, []string{
			"error: InstanceGroups[0].AutoPatchConfig.PatchSchedule.NextPatchDate: the value is no time; give seconds since 1970, or RFC 3339 such as 2026-12-01T00:00:00Z [json-type]",
		}},
		{"time too far off", `{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":1e300}}}]}`, []string{
			"error: InstanceGroups[0].AutoPatchConfig.PatchSchedule.NextPatchDate: the value is no time; give seconds since 1970, or RFC 3339 such as 2026-12-01T00:00:00Z [json-type]",
		}},
		{"no object", `[]`, []string{"error: the value is a list; give an object [json-type]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, findings, err := Conform([]byte(tt.document), schemas.CreateClusterRequest)
			require.NoError(t, err)
			var says []string
			for _, f := range findings {
				says = append(says, f.String())
			}
			assert.Equal(t, tt.says, says)
		})
	}
}

func TestConformWritesWhatTheSDKReads(t *testing.T) {
	document := ` {"ClusterName": "a\"b", "NodeRecovery": null,
		"InstanceGroups": [{"AutoPatchConfig": {"PatchSchedule": {"NextPatchDate": "2026-12-01T01:00:00.5+01:00"}}}]}`
	body, findings, err := Conform([]byte(document), schemas.CreateClusterRequest)
	require.NoError(t, err)
	require.Empty(t, findings)
	assert.JSONEq(t, `{"ClusterName":"a\"b","InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":1796083200.5}}}]}`, string(body))
	var in sagemaker.CreateClusterInput
	require.NoError(t, DecodeInput(body, &in))
	assert.Equal(t, time.Date(2026, 12, 1, 0, 0, 0, 5e8, time.UTC), in.InstanceGroups[0].AutoPatchConfig.PatchSchedule.NextPatchDate.UTC())
}

func TestConformNoJSON(t *testing.T) {
	for _, tt := range []struct{ name, document, says string }{
		{"broken", "{\n\"a\": 1,\n}", "line 3: invalid character '}'"},
		{"cut short", "{\n\"a\": 1", "line 2: unexpected EOF"},
		{"empty", "", "line 1: EOF"},
		{"two documents", "{}\n{}", "line 2: something follows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Conform([]byte(tt.document), schemas.CreateClusterRequest)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// An SDK with a type of number that is not known here fails here, not at a user's.
func TestEveryTypeOfAnInputIsKnown(t *testing.T) {
	seen := map[*smithy.Schema]bool{}
	var walk func(path string, shape *smithy.Schema)
	walk = func(path string, shape *smithy.Schema) {
		if shape == nil || seen[shape] {
			return
		}
		seen[shape] = true
		assert.NotEmpty(t, typeFor(shape), path)
		switch shape.Type() { //nolint:exhaustive // the others hold no shapes
		case smithy.ShapeTypeList:
			walk(path+"[]", shape.ListMember())
		case smithy.ShapeTypeMap:
			walk(path+"[key]", shape.MapValue())
		default:
			for name, member := range shape.Members() {
				walk(path+"."+name, member)
			}
		}
	}
	for _, input := range []*smithy.Schema{
		schemas.AddTagsInput, schemas.BatchAddClusterNodesRequest, schemas.BatchDeleteClusterNodesRequest, schemas.BatchRebootClusterNodesRequest,
		schemas.BatchReplaceClusterNodesRequest, schemas.CreateClusterRequest, schemas.DeleteClusterRequest, schemas.DeleteTagsInput,
		schemas.DescribeClusterEventRequest, schemas.DescribeClusterNodeRequest, schemas.DescribeClusterRequest, schemas.ListClusterEventsRequest,
		schemas.ListClusterNodesRequest, schemas.ListClustersRequest, schemas.ListTagsInput, schemas.StartClusterHealthCheckRequest,
		schemas.UpdateClusterRequest, schemas.UpdateClusterSoftwareRequest,
	} {
		walk(input.ID().Name, input)
	}
	assert.Greater(t, len(seen), 150)
}

// What is wrong leaves the rest readable, so that the rest can be judged in the same round.
func TestFillReadsWhatConformLeaves(t *testing.T) {
	body, findings, err := Conform([]byte(`{"ClusterName":7,"Nonsense":1,"Tags":[{"Key":"k","Value":{}},3],"InstanceGroups":[{"InstanceCount":1.5,"InstanceGroupName":"g",
		"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":"soon"}},"KubernetesConfig":{"Labels":{"a":null,"b":"c"}}}]}`), schemas.CreateClusterRequest)
	require.NoError(t, err)
	assert.Len(t, findings, 7)
	var in sagemaker.CreateClusterInput
	require.NoError(t, Fill(body, &in))
	assert.Equal(t, "k", *in.Tags[0].Key)
	assert.Equal(t, "g", *in.InstanceGroups[0].InstanceGroupName)
}
