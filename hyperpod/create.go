package hyperpod

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// Create creates the cluster and waits until it is in service with all its groups at
// their counts. The specification is checked first, every image too when
// Options.Images is set, and what else Options.Preflights are asked about; a mistake is
// an [*InvalidError] and nothing is sent. The report is never nil.
//
// A cluster of that name that exists is [ErrClusterExists], unless it is the one asked
// for: when an answer is lost the SDK sends the request again, and the service then
// finds the name taken. A cluster counts as the one asked for when it was created since
// the request was first sent, by the service's clock and to about a second, and is
// described with all that was asked.
func (c *Cluster) Create(ctx context.Context, spec Spec) (*Report, error) {
	r := c.start(OperationCreate)
	return r.end(ctx, r.create(ctx, spec))
}

func (r *run) create(ctx context.Context, spec Spec) error {
	in := spec.input(r.report.Cluster)
	if err := r.found(ctx, slices.Concat(spec.checkName(r.report.Cluster), spec.checkOrchestrator(in), checkCreate(in, spec.Orchestrator.left))); err != nil {
		return err
	}
	if err := r.preflightCreate(ctx, in); err != nil {
		return err
	}
	sent := time.Now()
	out, err := r.api.CreateCluster(ctx, in)
	switch {
	case err == nil:
		r.called(ctx, "CreateCluster", out.ClusterArn)
	case awserr.IsInUse(err):
		live, lookErr := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: in.ClusterName})
		if lookErr != nil {
			r.report.Unknown = true
			return callError(OperationCreate, r.report.Cluster, "DescribeCluster", fmt.Errorf("%w; whether the cluster that has the name is this one is not known: %w", err, lookErr))
		}
		if !createdSince(live, sent, err) || !madeFrom(live, in) {
			return &Error{Operation: OperationCreate, Cluster: r.report.Cluster, Call: "CreateCluster", Condition: ErrClusterExists, Err: err}
		}
		r.called(ctx, "CreateCluster", live.ClusterArn)
	default:
		return r.refused("CreateCluster", err)
	}
	if r.options.NoWait {
		return nil
	}
	return r.waitForCreation(ctx, countsOf(in.InstanceGroups, in.RestrictedInstanceGroups))
}

// waitForCreation waits for the cluster and then for its groups: a Continuous cluster
// is in service before they are.
func (r *run) waitForCreation(ctx context.Context, wanted map[string]int32) error {
	groups := counting(wanted, nil)
	r.report.again = "waiter.ClusterInService, then " + waitsFor(wanted, nil)
	live, err := waiter.ClusterInService(ctx, r.api, r.target(), r.watching(groups))
	r.noteCounts(live, wanted, nil)
	if err != nil {
		return r.failed(ctx, err, slices.Collect(maps.Keys(wanted)))
	}
	_, err = r.waitForGroups(ctx, wanted, nil)
	return err
}
