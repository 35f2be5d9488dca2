package hyperpod

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// Create creates the cluster and waits until it is in service with all its groups at
// their counts. The specification is checked first, every image too when
// Options.Images is set, and what else Options.Preflights are asked about; a mistake is
// an [*InvalidError] and nothing is sent. A cluster of that name that exists is
// [ErrClusterExists], unless it is the one asked for: when an answer is lost the SDK
// sends the request again, and the service then finds the name taken. The report is
// never nil.
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
		arn, ours := r.createdByUs(ctx, in, sent)
		if !ours {
			return &Error{Operation: OperationCreate, Cluster: r.report.Cluster, Call: "CreateCluster", Condition: ErrClusterExists, Err: err}
		}
		r.called(ctx, "CreateCluster", arn)
	default:
		return r.refused("CreateCluster", err)
	}
	if r.options.NoWait {
		return nil
	}
	return r.waitForCreation(ctx, countsOf(in.InstanceGroups, in.RestrictedInstanceGroups))
}

// createdByUs tells whether the cluster that has the name is the one that the request
// asked for: created since it was first sent, and alike in all that the service
// describes. A clock of ours that is ahead of the service's makes it somebody else's,
// which is the safe mistake.
func (r *run) createdByUs(ctx context.Context, in *sagemaker.CreateClusterInput, sent time.Time) (arn *string, ours bool) {
	live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: in.ClusterName})
	if err != nil || live.CreationTime == nil || live.CreationTime.Before(sent.Truncate(time.Millisecond)) || !sameCluster(live, in) {
		return nil, false
	}
	d := newDraft(live, sent)
	if len(d.groups) != len(in.InstanceGroups)+len(in.RestrictedInstanceGroups) {
		return nil, false
	}
	for i := range in.InstanceGroups {
		g, err := d.touch(aws.ToString(in.InstanceGroups[i].InstanceGroupName))
		if err != nil || g.regular == nil || !sameGroup(*g.regular, in.InstanceGroups[i]) {
			return nil, false
		}
	}
	for i := range in.RestrictedInstanceGroups {
		g, err := d.touch(aws.ToString(in.RestrictedInstanceGroups[i].InstanceGroupName))
		if err != nil || g.restricted == nil {
			return nil, false
		}
		if len(fieldChanges(g.restricted, &in.RestrictedInstanceGroups[i])) > 0 {
			return nil, false
		}
	}
	return live.ClusterArn, true
}

// sameCluster compares the settings of a cluster that exists with those asked for.
// What was left to the service may be anything.
func sameCluster(live *sagemaker.DescribeClusterOutput, asked *sagemaker.CreateClusterInput) bool {
	same := func(live, asked any) bool { return len(fieldChanges(live, asked)) == 0 }
	return (asked.NodeProvisioningMode == "" || live.NodeProvisioningMode == asked.NodeProvisioningMode) &&
		(asked.NodeRecovery == "" || live.NodeRecovery == asked.NodeRecovery) &&
		aws.ToString(live.ClusterRole) == aws.ToString(asked.ClusterRole) &&
		(asked.Orchestrator == nil || live.Orchestrator == nil || same(live.Orchestrator, asked.Orchestrator)) &&
		(asked.VpcConfig == nil || live.VpcConfig != nil && same(live.VpcConfig, asked.VpcConfig))
}

// sameGroup compares a group that exists with one that was asked for. The image may
// be missing in either: the service fills it in on some clusters and not on others.
func sameGroup(live, asked types.ClusterInstanceGroupSpecification) bool {
	if live.ImageId == nil || asked.ImageId == nil {
		live.ImageId, asked.ImageId = nil, nil
	}
	live.ImageReleaseVersion, asked.ImageReleaseVersion = nil, nil
	return len(fieldChanges(&live, &asked)) == 0
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
