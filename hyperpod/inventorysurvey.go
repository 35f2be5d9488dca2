package hyperpod

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// pageSize is how much the service lists in one call at the most.
const pageSize = 100

// survey is one pass over the clusters of an inventory.
type survey struct {
	*Inventory
	running  sync.WaitGroup
	slots    chan struct{} // one for each call under way
	facts    factsCache
	complete bool // set before the queue is closed, when every cluster is in it
}

func newSurvey(inv *Inventory) *survey {
	return &survey{Inventory: inv, slots: make(chan struct{}, inv.options.Concurrency), facts: factsCache{known: map[ImageQuery]*knownFacts{}}}
}

// acquire waits for a slot and tells whether there is one: false once ctx has ended.
func (s *survey) acquire(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *survey) release() { <-s.slots }

// called makes one call in a slot of its own.
func called[O any](ctx context.Context, s *survey, call func() (O, error)) (O, error) {
	if !s.acquire(ctx) {
		var none O
		return none, ctx.Err()
	}
	defer s.release()
	return call()
}

// start begins the survey. Each channel of the queue that it returns gets one cluster.
// The queue is in the order of the inventory, and bounds how many clusters are begun
// ahead.
func (s *survey) start(ctx context.Context) <-chan chan InventoryCluster {
	queue := make(chan chan InventoryCluster, s.options.Concurrency)
	lists := make([]chan listing, len(s.sources))
	for i, src := range s.sources {
		lists[i] = make(chan listing, 1)
		s.running.Go(func() { lists[i] <- s.list(ctx, src) })
	}
	s.running.Go(func() {
		defer close(queue)
		for i, src := range s.sources {
			found := <-lists[i]
			for _, summary := range found.clusters {
				if !s.enqueue(ctx, queue, func() InventoryCluster { return s.look(ctx, src, summary) }) {
					return
				}
			}
			if found.err == nil {
				continue
			}
			unlisted := InventoryCluster{Account: src.Account, Region: src.Region, Err: src.failed("", "", "ListClusters", found.err)}
			if !s.enqueue(ctx, queue, func() InventoryCluster { return unlisted }) {
				return
			}
		}
		s.complete = true
	})
	return queue
}

func (s *survey) enqueue(ctx context.Context, queue chan<- chan InventoryCluster, look func() InventoryCluster) bool {
	result := make(chan InventoryCluster, 1)
	select {
	case queue <- result:
		s.running.Go(func() { result <- look() })
		return true
	case <-ctx.Done():
		return false
	}
}

func (src InventorySource) failed(cluster, node, call string, err error) error {
	return &InventoryError{Account: src.Account, Region: src.Region, Cluster: cluster, Node: node, Call: call, Err: err}
}

// listing is what a source has, as far as it could be listed.
type listing struct {
	clusters []types.ClusterSummary
	err      error
}

func (s *survey) list(ctx context.Context, src InventorySource) listing {
	if src.API == nil {
		return listing{err: errors.New("the source has no API; give it a client")}
	}
	var found listing
	pages := sagemaker.NewListClustersPaginator(src.API, &sagemaker.ListClustersInput{SortBy: types.ClusterSortByName, MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := called(ctx, s, func() (*sagemaker.ListClustersOutput, error) { return pages.NextPage(ctx) })
		if err != nil {
			found.err = err
			break
		}
		found.clusters = append(found.clusters, page.ClusterSummaries...)
	}
	slices.SortStableFunc(found.clusters, func(a, b types.ClusterSummary) int {
		return strings.Compare(aws.ToString(a.ClusterName), aws.ToString(b.ClusterName))
	})
	return found
}

// look reads one cluster, by its ARN so that it is the one that was listed.
func (s *survey) look(ctx context.Context, src InventorySource, summary types.ClusterSummary) InventoryCluster {
	name, arn := aws.ToString(summary.ClusterName), aws.ToString(summary.ClusterArn)
	src.Account, src.Region = cmp.Or(src.Account, accountOf(arn)), cmp.Or(src.Region, regionOf(arn))
	c := InventoryCluster{Account: src.Account, Region: src.Region, Name: name, ARN: arn, Status: string(summary.ClusterStatus)}
	id := aws.String(cmp.Or(arn, name))
	live, err := called(ctx, s, func() (*sagemaker.DescribeClusterOutput, error) {
		return src.API.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: id})
	})
	if err != nil {
		c.Err = src.failed(name, "", "DescribeCluster", err)
		return c
	}
	c.Status = string(live.ClusterStatus)
	c.Orchestrator = settingOf(live.Orchestrator, live.NodeProvisioningMode).orchestrator
	c.Continuous = live.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous
	nodes, err := s.nodes(ctx, src, name, id)
	c.Err = errors.Join(err, s.groups(ctx, src, &c, live, nodes))
	return c
}

// nodes reads the nodes of a cluster, as far as they are asked for. The error joins
// all that went wrong.
func (s *survey) nodes(ctx context.Context, src InventorySource, cluster string, id *string) ([]InventoryNode, error) {
	if s.options.Nodes == NoNodes {
		return nil, nil
	}
	var nodes []InventoryNode
	var errs []error
	pages := sagemaker.NewListClusterNodesPaginator(src.API, &sagemaker.ListClusterNodesInput{ClusterName: id, MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := called(ctx, s, func() (*sagemaker.ListClusterNodesOutput, error) { return pages.NextPage(ctx) })
		if err != nil {
			errs = append(errs, src.failed(cluster, "", "ListClusterNodes", err))
			break
		}
		for _, n := range page.ClusterNodeSummaries {
			nodes = append(nodes, listedNode(n))
		}
	}
	if s.options.Nodes != DescribedNodes {
		return nodes, errors.Join(errs...)
	}
	failures, gone := make([]error, len(nodes)), make([]bool, len(nodes))
	var describing sync.WaitGroup
	for i := range nodes {
		if !s.acquire(ctx) {
			errs = append(errs, src.failed(cluster, "", "DescribeClusterNode", ctx.Err()))
			break
		}
		describing.Go(func() {
			defer s.release()
			n := &nodes[i]
			out, err := src.API.DescribeClusterNode(ctx, &sagemaker.DescribeClusterNodeInput{ClusterName: id, NodeId: aws.String(n.Instance)})
			switch {
			case awserr.IsNotFound(err): // gone since it was listed, which is no failure
				gone[i] = true
			case err != nil:
				failures[i] = src.failed(cluster, n.Instance, "DescribeClusterNode", err)
			case out.NodeDetails != nil:
				n.describe(*out.NodeDetails)
			}
		})
	}
	describing.Wait()
	var left []InventoryNode
	for i, n := range nodes {
		if !gone[i] {
			left = append(left, n)
		}
	}
	return left, errors.Join(append(errs, failures...)...)
}
