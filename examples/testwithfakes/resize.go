// Package testwithfakes is a user's own code and, in its tests, the three ways to test it:
// against the emulator, with a fake written by hand, and with a testify mock.
//
//	go test -v ./examples/testwithfakes
package testwithfakes

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Pool keeps a group of a cluster at the size that its queue of jobs needs.
type Pool struct {
	// Clusters are how the pool gets at its cluster.
	Clusters hyperpod.API
	// Cluster and Group say which group it is.
	Cluster, Group string
	// Most is how many instances it has at most.
	Most int32
}

// ErrPaused means that the pool is left as it is for now: somebody else changes the
// cluster.
var ErrPaused = errors.New("the cluster is busy")

// Fit brings the pool to the size that so many jobs need, one instance each.
func (p *Pool) Fit(ctx context.Context, jobs int) (int32, error) {
	wanted := min(int32(max(jobs, 0)), p.Most)
	cluster := hyperpod.New(p.Clusters).Cluster(p.Cluster)
	report, err := cluster.Update(ctx, hyperpod.Scale(p.Group, wanted))
	switch {
	case errors.Is(err, hyperpod.ErrBusy):
		return 0, fmt.Errorf("pool %s: %w: %w", p.Group, ErrPaused, err)
	case err != nil:
		return 0, fmt.Errorf("pool %s: %w", p.Group, err)
	}
	for _, g := range report.Groups {
		if g.Name == p.Group {
			return g.Count, nil
		}
	}
	return wanted, nil // it had that size already
}

// Describer describes clusters.
type Describer interface {
	DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, optFns ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error)
}

// Size is how many instances the pool has. It needs one operation alone, and takes no more.
func (p *Pool) Size(ctx context.Context, api Describer) (int32, error) {
	out, err := api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: &p.Cluster})
	if err != nil {
		return 0, err
	}
	for _, g := range out.InstanceGroups {
		if g.InstanceGroupName != nil && *g.InstanceGroupName == p.Group && g.CurrentCount != nil {
			return *g.CurrentCount, nil
		}
	}
	return 0, fmt.Errorf("cluster %s has no group %s", p.Cluster, p.Group)
}
