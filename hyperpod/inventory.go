package hyperpod

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// InventoryAPI is what an [Inventory] calls of SageMaker, all of it read-only:
// [*sagemaker.Client] satisfies it, and so does a fake that embeds
// [UnimplementedAPI]. It may grow with a new version.
type InventoryAPI interface {
	DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error)
	DescribeClusterNode(context.Context, *sagemaker.DescribeClusterNodeInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error)
	ListClusterNodes(context.Context, *sagemaker.ListClusterNodesInput, ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error)
	ListClusters(context.Context, *sagemaker.ListClustersInput, ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error)
}

// InventorySource is where an inventory looks: the clusters of one account in one Region.
type InventorySource struct {
	// API is a client of that account and Region.
	API InventoryAPI
	// Account and Region say which they are. Empty takes the Region from the SDK
	// client, and what is then unknown from the ARN of each cluster.
	Account, Region string
}

// NodeDetail says what an inventory tells of nodes.
type NodeDetail uint8

const (
	// NoNodes tells nothing of nodes, and costs no call.
	NoNodes NodeDetail = iota
	// ListedNodes tells of each node what ListClusterNodes shows: status, release
	// version and version status, but no image id.
	ListedNodes
	// DescribedNodes also tells each node's image, for one DescribeClusterNode each.
	DescribedNodes
)

// InventoryOptions configure an [Inventory]. The zero value works, and then nothing
// is known to drift.
type InventoryOptions struct {
	// Wanted says which image a group is to run. The zero [ImageVersion] has no
	// opinion. [WantedImages.Find] is one such function. Nil has no opinion on any.
	Wanted func(WantedQuery) ImageVersion

	// Classify says what is known of an AMI that is not the wanted one, and of the
	// wanted one to compare their ages: whether it is a public one of HyperPod or a
	// custom one, and when it was made. SageMaker does not tell; EC2 does, and
	// amishare.Checker.Check tells the class. It is asked once for each AMI of an
	// account and Region, from several goroutines. Nil knows nothing.
	Classify func(context.Context, ImageQuery) (ImageFacts, error)

	// Nodes says what to tell of nodes.
	Nodes NodeDetail

	// Concurrency is how many calls may be under way at the same time, over all
	// sources. Zero means 8.
	Concurrency int
}

// Inventory tells which images the clusters of any number of accounts and Regions
// run. It holds no state and is safe for concurrent use. Make one with
// [NewInventory].
type Inventory struct {
	sources []InventorySource
	options InventoryOptions
}

// NewInventory makes an inventory of sources. It calls nothing.
func NewInventory(sources []InventorySource, optFns ...func(*InventoryOptions)) *Inventory {
	inv := &Inventory{sources: slices.Clone(sources)}
	for i, src := range inv.sources {
		inv.sources[i].Region = cmp.Or(src.Region, clientRegion(src.API))
	}
	for _, fn := range optFns {
		fn(&inv.options)
	}
	if inv.options.Concurrency <= 0 {
		inv.options.Concurrency = 8
	}
	return inv
}

// Clusters looks at the clusters while they are ranged over, some ahead: source by
// source as given, in each in the order of their names. It can be ranged over again,
// which looks again; breaking off ends the calls that are under way.
//
// What cannot be read ends nothing else. A cluster comes with an [*InventoryError],
// or several joined, and with what could be read of it; a source that cannot be
// listed to its end comes as a cluster without a name. When ctx ends, its error comes
// last, with an empty cluster.
//
// It calls ListClusters and DescribeCluster, and what [InventoryOptions] ask for.
func (inv *Inventory) Clusters(ctx context.Context) iter.Seq2[InventoryCluster, error] {
	return func(yield func(InventoryCluster, error) bool) {
		looking, stop := context.WithCancel(ctx)
		s := newSurvey(inv)
		defer s.running.Wait()
		defer stop()
		cut := false
		for next := range s.start(looking) {
			c := <-next
			if cut = ctx.Err() != nil; cut {
				break
			}
			if !yield(c, c.Err) {
				return
			}
		}
		if cut || !s.complete {
			yield(InventoryCluster{}, fmt.Errorf("inventory: %w", context.Cause(ctx)))
		}
	}
}

// Take ranges over all clusters and returns them as a list, those that could not be
// read included. The error joins all that went wrong.
func (inv *Inventory) Take(ctx context.Context) (InventoryList, error) {
	list := InventoryList{}
	var errs []error
	for c, err := range inv.Clusters(ctx) {
		if c.Region != "" || c.Name != "" || c.Err != nil {
			list = append(list, c)
		}
		errs = append(errs, err)
	}
	return list, errors.Join(errs...)
}

// InventoryError is a call of an inventory that failed.
type InventoryError struct {
	// Account and Region are the source's, Account empty when unknown.
	Account, Region string
	// Cluster and Node are what the call was about, empty when it was about more.
	Cluster, Node string
	// Call is the API operation, or "Classify" and the image.
	Call string
	// Err is the cause.
	Err error
}

// Error tells where, which call and why.
func (e *InventoryError) Error() string {
	var b strings.Builder
	b.WriteString("inventory")
	for _, part := range []struct{ what, name string }{{"account", e.Account}, {"Region", e.Region}, {"cluster", e.Cluster}, {"node", e.Node}} {
		if part.name != "" {
			b.WriteString(" " + part.what + " " + part.name)
		}
	}
	return fmt.Sprintf("%s: %s: %v", &b, e.Call, e.Err)
}

// Unwrap returns the cause, and [ErrClusterNotFound] before it when the cluster is
// gone since it was listed.
func (e *InventoryError) Unwrap() []error {
	if e.Cluster != "" && e.Node == "" && awserr.IsNotFound(e.Err) {
		return []error{ErrClusterNotFound, e.Err}
	}
	return []error{e.Err}
}

// LogValue implements [slog.LogValuer].
func (e *InventoryError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("account", e.Account), slog.String("region", e.Region), slog.String("cluster", e.Cluster),
		slog.String("node", e.Node), slog.String("call", e.Call), slog.String("error", e.Err.Error()),
	)
}
