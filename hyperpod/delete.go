package hyperpod

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// Delete deletes the cluster with all its instances and waits until it is gone. An
// unknown cluster is [ErrClusterNotFound], one that another operation works on is
// [ErrBusy]. The report is never nil.
func (c *Cluster) Delete(ctx context.Context) (*Report, error) {
	r := c.start(OperationDelete)
	return r.end(ctx, r.delete(ctx))
}

func (r *run) delete(ctx context.Context) error {
	if err := r.named(ctx); err != nil {
		return err
	}
	out, err := r.api.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: aws.String(r.report.Cluster)})
	if err != nil {
		return r.refused("DeleteCluster", err)
	}
	r.called(ctx, "DeleteCluster", out.ClusterArn)
	if r.options.NoWait {
		return nil
	}
	var names []string
	remember := func(s waiter.Snapshot) []GroupProgress {
		var groups []GroupProgress
		for _, g := range s.Groups {
			if !slices.Contains(names, g.Name) {
				names = append(names, g.Name)
			}
			groups = append(groups, GroupProgress{Name: g.Name, Status: string(g.Status), Done: g.Current})
		}
		return groups
	}
	err = waiter.ClusterDeleted(ctx, r.api, r.target(), r.watching(remember))
	if err != nil {
		return r.failed(ctx, err, names)
	}
	return nil
}
