package proof

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// What BenchmarkGenerate takes for the workflows of one program is to be less than what
// BenchmarkDescribeCluster does: it may generate its policy whenever it would make a call.

func BenchmarkGenerate(b *testing.B) {
	var all []policy.Workflow
	for _, r := range runners() {
		all = append(all, r.workflow)
	}
	for _, bb := range []struct {
		name      string
		strict    bool
		workflows []policy.Workflow
	}{
		{"one workflow", false, []policy.Workflow{policy.RollImage}},
		{"three", false, []policy.Workflow{policy.CreateCluster, policy.UpdateGroups, policy.RollImage}},
		{"three, strict", true, []policy.Workflow{policy.CreateCluster, policy.UpdateGroups, policy.RollImage}},
		{"all", false, all},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := tableScope(bb.strict)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policy.Generate(s, bb.workflows...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDescribeCluster is one call through the SDK's client and the emulator's wire
// door.
func BenchmarkDescribeCluster(b *testing.B) {
	srv, images := emulators()
	_, err := hyperpod.New(srv.Client()).Cluster("train").Create(b.Context(), spec(images.AddImage(amisharetest.Image{})))
	require.NoError(b, err)
	client := srv.Client()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.DescribeCluster(b.Context(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")}); err != nil {
			b.Fatal(err)
		}
	}
}
