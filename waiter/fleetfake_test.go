package waiter_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// account is a Region of an account whose clusters are functions of the time. Lists
// look at 100 clusters for a page, as the service does.
type account struct {
	waiter.UnimplementedAPI
	mu       sync.Mutex
	clusters []*simulated            // by creation
	known    map[string][]*simulated // by name and ARN, the newest last
	calls    map[string]int
	at       []time.Time // of each call
	listErr  func() error
	reply    func(*sagemaker.ListClustersOutput)
	hang     map[string]bool // clusters whose descriptions do not come back
}

// simulated is one cluster: gone from a time on, or in a status until then.
type simulated struct {
	name, arn string
	created   time.Time
	ends      time.Time // of what is waited for
	before    types.ClusterStatus
	after     types.ClusterStatus // empty means that it is gone
	groups    func(now time.Time) []types.ClusterInstanceGroupDetails
}

func newAccount() *account {
	return &account{calls: map[string]int{}, known: map[string][]*simulated{}}
}

func (a *account) add(c *simulated) *simulated {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.arn == "" {
		c.arn = fmt.Sprintf("arn:aws:sagemaker:us-west-2:111122223333:cluster/%012d", len(a.clusters))
	}
	at, _ := slices.BinarySearchFunc(a.clusters, c, func(x, c *simulated) int {
		if x.created.After(c.created) {
			return 1
		}
		return -1
	})
	a.clusters = slices.Insert(a.clusters, at, c)
	a.known[c.name] = append(a.known[c.name], c)
	a.known[c.arn] = append(a.known[c.arn], c)
	return c
}

func (c *simulated) status() (types.ClusterStatus, bool) {
	switch now := time.Now(); {
	case now.Before(c.created):
		return "", false
	case now.Before(c.ends):
		return c.before, true
	default:
		return c.after, c.after != ""
	}
}

func (a *account) called(op string) {
	a.calls[op]++
	a.at = append(a.at, time.Now())
}

func (a *account) total() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at)
}

func (a *account) count(op string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[op]
}

func (a *account) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	a.mu.Lock()
	a.called("DescribeCluster")
	hangs := a.hang[*in.ClusterName]
	clusters := a.known[*in.ClusterName]
	a.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, c := range slices.Backward(clusters) {
		if status, exists := c.status(); exists {
			out := withARN(cluster(status), c.arn)
			out.ClusterName, out.CreationTime = &c.name, &c.created
			if status == failed {
				message(out, "no capacity")
			}
			if c.groups != nil {
				out.InstanceGroups = c.groups(time.Now())
			}
			return out, nil
		}
	}
	return nil, &types.ResourceNotFound{}
}

func (a *account) ListClusters(_ context.Context, in *sagemaker.ListClustersInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.called("ListClusters")
	if a.listErr != nil {
		if err := a.listErr(); err != nil {
			return nil, err
		}
	}
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	out := &sagemaker.ListClustersOutput{}
	seen := 0
	for i, c := range a.clusters {
		if in.SortOrder == types.SortOrderDescending {
			c = a.clusters[len(a.clusters)-1-i]
		}
		status, exists := c.status()
		if !exists {
			continue
		}
		if seen++; seen <= from {
			continue
		}
		if seen > from+int(*in.MaxResults) {
			out.NextToken = aws.String(strconv.Itoa(seen - 1))
			break
		}
		out.ClusterSummaries = append(out.ClusterSummaries, types.ClusterSummary{
			ClusterArn: &c.arn, ClusterName: &c.name, ClusterStatus: status, CreationTime: &c.created,
		})
	}
	if a.reply != nil {
		a.reply(out)
	}
	return out, nil
}

// ListClusterNodes lists four nodes that were launched when the operation ended.
func (a *account) ListClusterNodes(_ context.Context, in *sagemaker.ListClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.called("ListClusterNodes")
	out := &sagemaker.ListClusterNodesOutput{}
	for i := range 4 {
		out.ClusterNodeSummaries = append(out.ClusterNodeSummaries, types.ClusterNodeSummary{
			InstanceGroupName: aws.String("workers"), InstanceId: aws.String("i-" + strconv.Itoa(i)),
			InstanceStatus: &types.ClusterInstanceStatusDetails{Status: types.ClusterInstanceStatusRunning},
			LaunchTime:     &a.known[*in.ClusterName][0].ends,
		})
	}
	return out, nil
}

// logNormal returns a duration with that median and sigma 0.4.
func logNormal(random *rand.Rand, median time.Duration) time.Duration {
	return time.Duration(float64(median) * math.Exp(0.4*random.NormFloat64()))
}
