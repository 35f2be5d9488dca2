package hyperpodtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Conformance says what [RunConformance] works with.
type Conformance struct {
	// Spec is the cluster that is created, with at least one instance group, whose
	// first is scaled up by one and rolled. A cluster of that name must not exist.
	Spec *sagemaker.CreateClusterInput
	// OtherImage is the AMI that the first group is rolled to. Empty leaves that part
	// out.
	OtherImage string
	// Timeout is how long one operation may take. Zero means three hours.
	Timeout time.Duration
	// Interval is the pause between two looks. Zero means 30 seconds.
	Interval time.Duration
}

// RunConformance runs the contract that the workflows of package hyperpod rely on, as
// subtests: against the emulator, against a fake of one's own, or against AWS, where it
// creates a cluster, changes it, and deletes it at the end. On AWS it costs money and
// takes hours; a cluster that it could not delete is named in the test's output.
func RunConformance(t *testing.T, api API, c Conformance) {
	t.Helper()
	if c.Spec == nil || len(c.Spec.InstanceGroups) == 0 || c.Spec.ClusterName == nil {
		t.Fatal("Conformance.Spec must have a ClusterName and at least one of InstanceGroups")
	}
	if c.Timeout <= 0 {
		c.Timeout = 3 * time.Hour
	}
	if c.Interval <= 0 {
		c.Interval = 30 * time.Second
	}
	run := &conformance{Conformance: c, api: api, name: c.Spec.ClusterName}
	if !t.Run("unknown cluster", run.unknown) {
		return // a cluster of that name is somebody's
	}
	t.Cleanup(func() { run.cleanUp(t) })
	for _, step := range []struct {
		name string
		test func(*testing.T)
	}{
		{"create", run.create},
		{"names and ARNs", run.names},
		{"exists", run.exists},
		{"nodes", run.nodes},
		{"scale", run.scale},
		{"add a group", run.addGroup},
		{"refusals", run.refusals},
		{"roll", run.roll},
		{"delete a group", run.deleteGroup},
	} {
		if !t.Run(step.name, step.test) && step.name == "create" {
			return // nothing else makes sense
		}
	}
	t.Run("delete", run.delete)
}

type conformance struct {
	Conformance
	api  API
	name *string
	arn  *string // once the cluster was created
	gone bool
}

// apiCode is the error code of an error, empty when it is not the service's.
func apiCode(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

func (c *conformance) describe(ctx context.Context, t *testing.T) *sagemaker.DescribeClusterOutput {
	t.Helper()
	out, err := c.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: c.name})
	if err != nil {
		t.Fatalf("DescribeCluster: %v", err)
	}
	return out
}

// until looks until a condition holds, and fails the test with the last look when it
// does not in time.
func (c *conformance) until(t *testing.T, what string, holds func(*sagemaker.DescribeClusterOutput) bool) *sagemaker.DescribeClusterOutput {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), c.Timeout)
	defer cancel()
	for {
		out := c.describe(ctx, t)
		if holds(out) {
			return out
		}
		if out.ClusterStatus == types.ClusterStatusFailed {
			t.Fatalf("%s: the cluster has failed: %s", what, aws.ToString(out.FailureMessage))
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s; the cluster is %s: %s", what, c.Timeout, out.ClusterStatus, aws.ToString(out.FailureMessage))
		case <-time.After(c.Interval):
		}
	}
}

// settled tells whether the cluster and all its groups are in service at their targets.
func settled(out *sagemaker.DescribeClusterOutput) bool {
	for _, g := range out.InstanceGroups {
		if g.Status != types.InstanceGroupStatusInservice || aws.ToInt32(g.CurrentCount) != aws.ToInt32(g.TargetCount) {
			return false
		}
	}
	return out.ClusterStatus == types.ClusterStatusInservice
}

func (c *conformance) first() types.ClusterInstanceGroupSpecification {
	return deep.Copy(c.Spec.InstanceGroups[0])
}

func find(out *sagemaker.DescribeClusterOutput, name *string) *types.ClusterInstanceGroupDetails {
	for i := range out.InstanceGroups {
		if aws.ToString(out.InstanceGroups[i].InstanceGroupName) == aws.ToString(name) {
			return &out.InstanceGroups[i]
		}
	}
	return nil
}
