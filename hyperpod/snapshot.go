package hyperpod

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
)

// Snapshot is a cluster as one DescribeCluster showed it.
type Snapshot struct {
	// Time is when the answer came, by this machine's clock.
	Time time.Time
	// Cluster is the service's answer, whole.
	Cluster *sagemaker.DescribeClusterOutput
}

// Describe reads the cluster by one DescribeCluster. A cluster that does not exist is
// [ErrClusterNotFound]; what else the service says is in an [*Error].
func (c *Cluster) Describe(ctx context.Context) (*Snapshot, error) {
	r := c.start(OperationDescribe)
	if err := r.named(ctx); err != nil {
		return nil, err
	}
	live, err := r.describe(ctx)
	if err != nil {
		return nil, err
	}
	return &Snapshot{Time: time.Now(), Cluster: live}, nil
}

// ARN returns the cluster's ARN.
func (s *Snapshot) ARN() string { return aws.ToString(s.Cluster.ClusterArn) }

// Group rebuilds the group of a name as it was asked for; see [GroupFrom]. The error
// is [ErrGroupNotFound] when the cluster has no regular group of that name.
func (s *Snapshot) Group(name string) (Group, []hyperpodkit.Finding, error) {
	g := regularGroup(s.Cluster, name)
	if g == nil {
		return Group{}, nil, groupError(OperationDescribe, aws.ToString(s.Cluster.ClusterName), name, ErrGroupNotFound)
	}
	return GroupFrom(*g)
}

// Spec rebuilds the cluster as it was asked for; see [SpecFrom].
func (s *Snapshot) Spec() (Spec, []hyperpodkit.Finding, error) { return SpecFrom(s.Cluster) }

// String prints the cluster and its groups as a table in plain text.
func (s *Snapshot) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cluster %s (%s): %s", aws.ToString(s.Cluster.ClusterName), aws.ToString(s.Cluster.ClusterArn), s.Cluster.ClusterStatus)
	if message := aws.ToString(s.Cluster.FailureMessage); message != "" {
		fmt.Fprintf(&b, ": %s", message)
	}
	b.WriteByte('\n')
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  GROUP\tSTATUS\tINSTANCES\tTYPE\tIMAGE\tSOFTWARE UPDATE")
	for _, g := range s.Cluster.InstanceGroups {
		image := aws.ToString(g.CurrentImageId)
		if desired := aws.ToString(g.DesiredImageId); desired != image && desired != "" {
			image += " -> " + desired
		}
		kind := string(g.InstanceType)
		if kind == "" {
			kind = "flexible"
		}
		fmt.Fprintf(w, "  %s\t%s\t%d of %d\t%s\t%s\t%s\n", aws.ToString(g.InstanceGroupName), g.Status, aws.ToInt32(g.CurrentCount), aws.ToInt32(g.TargetCount), kind, image, g.SoftwareUpdateStatus)
	}
	for _, g := range s.Cluster.RestrictedInstanceGroups {
		fmt.Fprintf(w, "  %s\t%s\t%d of %d\t%s\t\t\n", aws.ToString(g.InstanceGroupName), g.Status, aws.ToInt32(g.CurrentCount), aws.ToInt32(g.TargetCount), g.InstanceType)
	}
	_ = w.Flush() // a strings.Builder takes everything
	return trimLines(b.String())
}

// LogValue implements [slog.LogValuer].
func (s *Snapshot) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("cluster", aws.ToString(s.Cluster.ClusterName)), slog.String("arn", aws.ToString(s.Cluster.ClusterArn)),
		slog.String("status", string(s.Cluster.ClusterStatus)),
	}
	for _, g := range s.Cluster.InstanceGroups {
		attrs = append(attrs, slog.Group(aws.ToString(g.InstanceGroupName), slog.String("status", string(g.Status)),
			slog.Int("count", int(aws.ToInt32(g.CurrentCount))), slog.Int("target", int(aws.ToInt32(g.TargetCount)))))
	}
	return slog.GroupValue(attrs...)
}
