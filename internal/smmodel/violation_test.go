package smmodel

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a caller reads, one text a kind of mistake.
func TestTexts(t *testing.T) {
	type create = sagemaker.CreateClusterInput
	tests := []struct {
		name string
		edit func(*create)
		want string
	}{
		{"missing", func(in *create) { in.ClusterName = nil }, "ClusterName: missing; give it a value"},
		{
			"missing choice", func(in *create) { in.InstanceGroups[0].SlurmConfig = &types.ClusterSlurmConfig{} },
			"InstanceGroups[0].SlurmConfig.NodeType: missing; use Controller, Login or Compute",
		},
		{
			"too small", func(in *create) { in.InstanceGroups[0].InstanceCount = aws.Int32(-1) },
			"InstanceGroups[0].InstanceCount: -1 is out of range; use 0 to 6758",
		},
		{"empty", func(in *create) { in.ClusterName = aws.String("") }, "ClusterName: it is empty; use 1 to 63 characters"},
		{
			"too long", func(in *create) { in.ClusterName = aws.String(strings.Repeat("x", 81)) },
			`ClusterName: "` + strings.Repeat("x", 80) + `…" has 81 characters; use 1 to 63 characters`,
		},
		{"too long, no least", func(in *create) {
			in.VpcConfig = &types.VpcConfig{Subnets: []string{strings.Repeat("s", 33)}, SecurityGroupIds: []string{"sg-1"}}
		}, `VpcConfig.Subnets[0]: "` + strings.Repeat("s", 33) + `" has 33 characters; use at most 32 characters`},
		{"one at most", func(in *create) {
			in.InstanceGroups[0].SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeLogin, PartitionNames: []string{"a", "b"}}
		}, "InstanceGroups[0].SlurmConfig.PartitionNames: it has 2 items; use at most 1 item"},
		{"no items", func(in *create) { in.InstanceGroups = in.InstanceGroups[:0] }, "InstanceGroups: it has 0 items; use 1 to 100 items"},
		{
			"wrong form", func(in *create) { in.InstanceGroups[0].ImageId = aws.String("ami-1234") },
			`InstanceGroups[0].ImageId: "ami-1234" has the wrong form; use an AMI id, ami- and 8 to 17 hexadecimal digits, or default`,
		},
		{"one value", func(in *create) { in.NodeProvisioningMode = "Cont" }, `NodeProvisioningMode: "Cont" is not a known value; use Continuous`},
		{"two values", func(in *create) { in.NodeRecovery = "automatic" }, `NodeRecovery: "automatic" is not a known value; use Automatic or None`},
		{
			"near one of many", func(in *create) { in.InstanceGroups[0].InstanceType = "ml.p5.48xlrge" },
			`InstanceGroups[0].InstanceType: "ml.p5.48xlrge" is not a known value; use ml.p5.48xlarge if that is meant, else check the spelling, unless the value is newer than this library`,
		},
		{
			"near none", func(in *create) { in.InstanceGroups[0].InstanceType = "gigantic" },
			`InstanceGroups[0].InstanceType: "gigantic" is not a known value; check the spelling, unless the value is newer than this library`,
		},
		{"nothing set", func(in *create) {
			in.InstanceGroups[0].InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{nil}
		}, "InstanceGroups[0].InstanceStorageConfigs[0]: nothing is set, or a member that this library does not know; remove it, or set exactly one member that is known"},
		{
			"in a map", func(in *create) { in.InstanceGroups[0].KubernetesConfig.Labels = map[string]string{"a": "-"} },
			`InstanceGroups[0].KubernetesConfig.Labels["a"]: "-" has the wrong form; use letters, digits and the characters _ . -, a letter or digit at both ends`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &create{ClusterName: aws.String("c"), InstanceGroups: []types.ClusterInstanceGroupSpecification{group()}}
			require.Empty(t, Operation("CreateCluster", in))
			tt.edit(in)
			found := Operation("CreateCluster", in)
			require.Len(t, found, 1)
			assert.Equal(t, tt.want, found[0].String())
		})
	}
	least := Shape("ListTagsMaxResults", "MaxResults", 1)
	require.Len(t, least, 1)
	assert.Equal(t, "MaxResults: 1 is out of range; use at least 50", least[0].String())
}

func TestMapViolationsAreInOrder(t *testing.T) {
	labels := map[string]string{"c": "-", "-": "x", "a": "-", "b": "-"}
	for range 20 {
		var paths []string
		for _, v := range Shape("ClusterKubernetesLabels", "Labels", labels) {
			paths = append(paths, v.Path)
		}
		assert.Equal(t, []string{`Labels["-"]`, `Labels["a"]`, `Labels["b"]`, `Labels["c"]`}, paths)
	}
}
