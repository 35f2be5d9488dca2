package hyperpod

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

const (
	// detailBatch is how many nodes are described before the first of them is handed on.
	detailBatch = 25
	// detailConcurrency is how many are described at a time unless it is said.
	detailConcurrency = 5
)

// yieldDetails describes some nodes, a few at a time, and hands them on in order. It
// returns false when the sequence is over.
func (c *Cluster) yieldDetails(ctx context.Context, nodes []Node, concurrency int, yield func(Node, error) bool) bool {
	if concurrency <= 0 {
		concurrency = detailConcurrency
	}
	errs := make([]error, len(nodes))
	var wg sync.WaitGroup
	free := make(chan struct{}, concurrency)
	for i := range nodes {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			errs[i] = c.describeNode(ctx, &nodes[i])
		})
	}
	wg.Wait()
	for i, n := range nodes {
		if errs[i] != nil {
			yield(Node{}, callError(OperationListNodes, c.name, "DescribeClusterNode", errs[i]))
			return false
		}
		if !yield(n, nil) {
			return false
		}
	}
	return true
}

// describeNode adds a node's description. One that has gone meanwhile keeps what the
// list said.
func (c *Cluster) describeNode(ctx context.Context, n *Node) error {
	in := &sagemaker.DescribeClusterNodeInput{ClusterName: aws.String(c.name)}
	if n.Instance != "" {
		in.NodeId = aws.String(n.Instance)
	} else {
		in.NodeLogicalId = aws.String(n.LogicalID)
	}
	out, err := c.api.DescribeClusterNode(ctx, in)
	if awserr.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	n.Details = out.NodeDetails
	return nil
}
