package waiter_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	arn   = "arn:aws:sagemaker:us-west-2:111122223333:cluster/a1b2c3d4e5f6"
	other = "arn:aws:sagemaker:us-west-2:111122223333:cluster/zzzzzzzzzzzz"
)

// fake is a cluster whose answers are a function of its age.
type fake struct {
	waiter.UnimplementedAPI
	born      time.Time
	timeline  []moment
	nodes     func(age time.Duration) []types.ClusterNodeSummary
	nodePage  int               // nodes in a page, all when zero
	images    map[string]string // what DescribeClusterNode says, by instance id
	describes []time.Duration
	lists     int
	nodeReads []string
}

// moment is what DescribeCluster answers from an age on.
type moment struct {
	from time.Duration
	out  *sagemaker.DescribeClusterOutput
	err  error
}

func newFake(timeline ...moment) *fake { return &fake{born: time.Now(), timeline: timeline} }

func (f *fake) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	age := time.Since(f.born)
	f.describes = append(f.describes, age)
	now := f.timeline[0]
	for _, m := range f.timeline {
		if m.from <= age {
			now = m
		}
	}
	return now.out, now.err
}

func (f *fake) ListClusterNodes(_ context.Context, in *sagemaker.ListClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	f.lists++
	var all []types.ClusterNodeSummary
	if f.nodes != nil {
		all = f.nodes(time.Since(f.born))
	}
	if f.nodePage == 0 {
		return &sagemaker.ListClusterNodesOutput{ClusterNodeSummaries: all}, nil
	}
	// Every other page is empty, as the service's may be.
	page, _ := strconv.Atoi(aws.ToString(in.NextToken))
	out := &sagemaker.ListClusterNodesOutput{}
	start := page / 2 * f.nodePage
	if page%2 == 1 {
		out.ClusterNodeSummaries = all[start:min(start+f.nodePage, len(all))]
		start += f.nodePage
	}
	if start < len(all) {
		out.NextToken = aws.String(strconv.Itoa(page + 1))
	}
	return out, nil
}

func (f *fake) DescribeClusterNode(_ context.Context, in *sagemaker.DescribeClusterNodeInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	id := aws.ToString(in.NodeId)
	f.nodeReads = append(f.nodeReads, id)
	image, exists := f.images[id]
	if !exists {
		return nil, &types.ResourceNotFound{}
	}
	details := &types.ClusterNodeDetails{InstanceId: in.NodeId}
	if image != "" {
		details.CurrentImageId = &image
	}
	return &sagemaker.DescribeClusterNodeOutput{NodeDetails: details}, nil
}

func at(from time.Duration, out *sagemaker.DescribeClusterOutput) moment {
	return moment{from: from, out: out}
}

func fails(from time.Duration, err error) moment { return moment{from: from, err: err} }

// cluster describes a Continuous cluster.
func cluster(status types.ClusterStatus, groups ...types.ClusterInstanceGroupDetails) *sagemaker.DescribeClusterOutput {
	return &sagemaker.DescribeClusterOutput{
		ClusterArn: aws.String(arn), ClusterName: aws.String("train"), ClusterStatus: status,
		InstanceGroups: groups, NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
	}
}

// plain makes the description that of a cluster that is not Continuous.
func plain(out *sagemaker.DescribeClusterOutput) *sagemaker.DescribeClusterOutput {
	out.NodeProvisioningMode = ""
	return out
}

func message(out *sagemaker.DescribeClusterOutput, text string) *sagemaker.DescribeClusterOutput {
	out.FailureMessage = &text
	return out
}

func withARN(out *sagemaker.DescribeClusterOutput, arn string) *sagemaker.DescribeClusterOutput {
	out.ClusterArn = &arn
	return out
}

func group(name string, status types.InstanceGroupStatus, current, target int32) types.ClusterInstanceGroupDetails {
	return types.ClusterInstanceGroupDetails{
		InstanceGroupName: &name, Status: status, CurrentCount: &current, TargetCount: &target,
	}
}

// software describes the group "workers" of four instances, InService.
func software(word types.SoftwareUpdateStatus, current, desired string, onDesired int32) types.ClusterInstanceGroupDetails {
	g := group("workers", types.InstanceGroupStatusInservice, 4, 4)
	g.SoftwareUpdateStatus = word
	if desired != "" {
		g.CurrentImageId, g.DesiredImageId, g.TargetStateCount = &current, &desired, &onDesired
	}
	return g
}

func versions(g types.ClusterInstanceGroupDetails, current, desired string) types.ClusterInstanceGroupDetails {
	g.CurrentImageReleaseVersion, g.DesiredImageReleaseVersion = &current, &desired
	return g
}

// nodes makes a node of the group "workers" for each update time, i-1, i-2 and so
// on, launched a day before the fake was born.
func nodes(f *fake, updated ...time.Duration) []types.ClusterNodeSummary {
	var all []types.ClusterNodeSummary
	for i, age := range updated {
		n := types.ClusterNodeSummary{
			InstanceGroupName: aws.String("workers"),
			InstanceId:        aws.String("i-" + strconv.Itoa(i+1)),
			InstanceStatus:    &types.ClusterInstanceStatusDetails{Status: types.ClusterInstanceStatusRunning},
			LaunchTime:        aws.Time(f.born.Add(-24 * time.Hour)),
		}
		if age != unreported {
			n.LastSoftwareUpdateTime = aws.Time(f.born.Add(age))
		}
		all = append(all, n)
	}
	return all
}

// unreported stands for a time that the service does not report.
const unreported time.Duration = -1 << 62

func always(ns []types.ClusterNodeSummary) func(time.Duration) []types.ClusterNodeSummary {
	return func(time.Duration) []types.ClusterNodeSummary { return slices.Clone(ns) }
}

// exact makes the times of polls exact: every 15 s.
func exact(o *waiter.Options) { o.Poll.Interval, o.Poll.Jitter = poll.DefaultInterval, -1 }

// bubble runs f in simulated time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}
