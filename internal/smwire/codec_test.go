package smwire

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func input() *sagemaker.CreateClusterInput {
	return &sagemaker.CreateClusterInput{
		ClusterName:          aws.String("c"),
		NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
		InstanceGroups: []types.ClusterInstanceGroupSpecification{{
			InstanceGroupName: aws.String("g"),
			InstanceCount:     aws.Int32(0),
			ExecutionRole:     aws.String("arn:aws:iam::111122223333:role/r"),
			InstanceStorageConfigs: []types.ClusterInstanceStorageConfig{
				&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(7)}},
			},
			AutoPatchConfig:  &types.ClusterAutoPatchConfig{PatchSchedule: &types.ClusterPatchSchedule{NextPatchDate: aws.Time(time.Unix(1700000000, 5e8).UTC())}},
			KubernetesConfig: &types.ClusterKubernetesConfig{Labels: map[string]string{}, Taints: []types.ClusterKubernetesTaint{}},
		}},
		Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("")}},
	}
}

func TestInputRoundTrip(t *testing.T) {
	body, err := Encode(input())
	require.NoError(t, err)
	var got sagemaker.CreateClusterInput
	require.NoError(t, DecodeInput(body, &got))
	assert.Equal(t, input(), &got)
}

func TestInputTimesAndNumbers(t *testing.T) {
	in := &sagemaker.ListClustersInput{CreationTimeAfter: aws.Time(time.Unix(1700000000, 123e6).UTC()), MaxResults: aws.Int32(7), SortOrder: types.SortOrderDescending}
	body, err := Encode(in)
	require.NoError(t, err)
	var got sagemaker.ListClustersInput
	require.NoError(t, DecodeInput(body, &got))
	assert.Equal(t, in, &got)
}

func TestOutputRoundTrip(t *testing.T) {
	out := &sagemaker.DescribeClusterOutput{
		ClusterArn:    aws.String("arn"),
		ClusterStatus: types.ClusterStatusInservice,
		CreationTime:  aws.Time(time.Unix(1700000000, 0).UTC()),
		InstanceGroups: []types.ClusterInstanceGroupDetails{{
			InstanceGroupName: aws.String("g"), ActiveOperations: map[string]int32{"Scaling": 1},
		}},
	}
	body, err := Encode(out)
	require.NoError(t, err)
	assert.True(t, json.Valid(body))
	var got sagemaker.DescribeClusterOutput
	require.NoError(t, Decode(body, &got))
	assert.Equal(t, out, &got)
}

func TestDecodeInputRefuses(t *testing.T) {
	tests := []struct{ name, body, says string }{
		{"unknown member", `{"ClusterName":"c","Nonsense":1}`, "Nonsense: there is no such member"},
		{"unknown member of a structure", `{"VpcConfig":{"Subnets":[],"Zones":[]}}`, "VpcConfig.Zones: there is no such member"},
		{"unknown member in a list", `{"InstanceGroups":[{},{"LifeCycleConfig":{"OnDelete":"x"}}]}`, "InstanceGroups[1].LifeCycleConfig.OnDelete: there is no such member"},
		{"unknown member of a union", `{"InstanceGroups":[{"InstanceStorageConfigs":[{"Tape":{}}]}]}`, "InstanceGroups[0].InstanceStorageConfigs[0].Tape: there is no such member"},
		{"unknown member inside a union", `{"InstanceGroups":[{"InstanceStorageConfigs":[{"EbsVolumeConfig":{"Size":1}}]}]}`, "InstanceStorageConfigs[0].EbsVolumeConfig.Size: there is no such member"},
		{"time that is none", `{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":1e308}}}]}`, "InstanceGroups[0].AutoPatchConfig.PatchSchedule.NextPatchDate: the value is no time"},
		{"metadata is no member", `{"ResultMetadata":{}}`, "ResultMetadata"},
		{"embedded type is no member", `{"noSmithyDocumentSerde":{}}`, "noSmithyDocumentSerde"},
		{"wrong type", `{"ClusterName":7}`, "ClusterName: "},
		{"wrong type in a list", `{"InstanceGroups":[7]}`, "InstanceGroups[0]: "},
		{"wrong type for a structure", `{"VpcConfig":[]}`, "VpcConfig: "},
		{"all that is wrong", `{"Nonsense":1,"ClusterName":7}`, "Nonsense: there is no such member; ClusterName: the value is a number"},
		{"a member given twice", `{"ClusterName":"a","ClusterName":"b"}`, "ClusterName: the member is given twice"},
		{"more than an input", `{}{}`, "line 1: something follows"},
		{"no object", `[]`, "the value is a list"},
		{"null", `null`, "the value is null"},
		{"no JSON", `{`, "line 1: unexpected EOF"},
		{"no UTF-8", "{\"ClusterName\":\"\xff\"}", "not UTF-8"},
		{"no UTF-8 in a structure", "{\"VpcConfig\":{\"Subnets\":[\"\xff\"]}}", "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.ErrorContains(t, DecodeInput([]byte(tt.body), new(sagemaker.CreateClusterInput)), tt.says)
		})
	}
}

func TestTimesOutOfRange(t *testing.T) {
	for _, text := range []string{"1e308", "-1e308", "9.3e18", "253402300800", "-62135596801", "NaN", `"2026-01-01T00:00:00Z"`} {
		t.Run(text, func(t *testing.T) {
			require.Error(t, DecodeInput([]byte(`{"CreationTimeAfter":`+text+`}`), new(sagemaker.ListClustersInput)))
		})
	}
	for text, want := range map[string]string{"253402300799": "9999-12-31T23:59:59Z", "-62135596800": "0001-01-01T00:00:00Z", "-1.5": "1969-12-31T23:59:58.5Z"} {
		var in sagemaker.ListClustersInput
		require.NoError(t, DecodeInput([]byte(`{"CreationTimeAfter":`+text+`}`), &in))
		assert.Equal(t, want, in.CreationTimeAfter.Format(time.RFC3339Nano))
	}
}

func FuzzDecodeInput(f *testing.F) {
	body, err := Encode(input())
	require.NoError(f, err)
	f.Add(body)
	f.Add([]byte(`{"InstanceGroups":[{"InstanceStorageConfigs":[{"New":{}}]}]}`))
	f.Add([]byte(`{"InstanceGroups":[{"AutoPatchConfig":{"PatchSchedule":{"NextPatchDate":-1e308}}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in sagemaker.CreateClusterInput
		if DecodeInput(body, &in) != nil {
			return
		}
		again, err := Encode(&in)
		if err != nil {
			t.Fatal(err)
		}
		var twice sagemaker.CreateClusterInput
		require.NoError(t, DecodeInput(again, &twice))
		require.Equal(t, in, twice)
	})
}
