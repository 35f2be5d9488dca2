package testwithfakes

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// nobody is an account without clusters. What it embeds answers every other operation with
// an error, and keeps it a client when the library comes to need another operation.
type nobody struct {
	hyperpod.UnimplementedAPI
	asked []string
}

func (f *nobody) DescribeCluster(_ context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	f.asked = append(f.asked, *in.ClusterName)
	return nil, &types.ResourceNotFound{}
}

// A fake by hand is for an answer that is simple to give.
func TestFitWithoutCluster(t *testing.T) {
	fake := &nobody{}
	p := &Pool{Clusters: fake, Cluster: "train", Group: "workers", Most: 8}
	_, err := p.Fit(t.Context(), 5)
	require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
	assert.Equal(t, []string{"train"}, fake.asked)
}
