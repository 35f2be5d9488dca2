package hyperpodtest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestServicePath(t *testing.T) {
	tests := []struct{ name, path, want string }{
		{"member", "ClusterName", "clusterName"},
		{"element", "InstanceGroups[0].ImageId", "instanceGroups.1.member.imageId"},
		{"last element", "Subnets[11]", "subnets.12.member"},
		{"map value", `KubernetesConfig.Labels["Team"]`, "kubernetesConfig.labels.Team.member"},
		{"dots and brackets in a key", `Labels["a.b[0]"].Value`, "labels.a.b[0].member.value"},
		{"quotes in a key", `Labels["a\"b"]`, `labels.a"b.member`},
		{"more bytes than letters", `Labels["Ärger"]`, "labels.Ärger.member"},
		{"digits in a key", `Labels["7"]`, "labels.7.member"},
		{"empty key", `Labels[""]`, "labels..member"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, servicePath(tt.path)) })
	}
}
