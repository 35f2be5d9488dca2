package waiter

import (
	"context"
	"iter"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Fleet waits for many clusters at once, of any number of Regions and accounts, for
// few calls. Pages of ListClusters decide what their status words can decide: that a
// cluster is InService, on its way or being deleted. DescribeCluster is asked where
// they cannot, to confirm that a cluster has failed or is gone, and where it is fewer
// calls than the pages would be. Judgement, deadlines and errors are those of the
// waits for one cluster.
//
// A wait runs in the goroutine that asks for it. Whatever the number of clusters, only
// calls under way have goroutines of their own, at most nine for each client. The methods
// of a fleet may be called by many goroutines, also while it waits.
type Fleet struct {
	opts Options

	mu      sync.Mutex
	clients []FleetAPI
	members []member
	runs    map[*run]bool
}

// member is a cluster of the fleet.
type member struct {
	client  int
	cluster string // name or ARN
}

// Result tells of one cluster of a [Fleet] whose wait is over.
type Result struct {
	// Cluster is the name or ARN, as it was added.
	Cluster string
	// Progress is how far the wait got. Its Resource is the ARN once it is known, and
	// its Attempts count the looks, not the calls.
	Progress poll.Progress
	// Description is the last description seen. It is nil when none was needed, because
	// a list decided.
	Description *sagemaker.DescribeClusterOutput
	// Software is how the update ended for each group. Set by [GoalUpdated] only.
	Software []GroupSoftware
}

// NewFleet returns a fleet without clusters. The options hold for each cluster:
// Poll.Timeout counts from when its wait begins, and Poll.Settle, Poll.Tolerate and
// Poll.OnPoll are as for a single wait. What differs:
//
//   - Poll.Interval is that of the lists too, and zero or less means
//     [poll.DefaultInterval] for them; what is known of the operation then says when
//     to look at a cluster that lists do not serve. A cluster that is added while a
//     wait runs is first looked at with the next list.
//   - Poll.Wake is not listened to: [Fleet.Wake] says which cluster has changed.
//   - Poll.OnPoll and OnSnapshot run in the goroutine of the wait, which makes no
//     call meanwhile. OnSnapshot is told of descriptions only.
//   - Without a Limiter at most eight descriptions and one list are under way for
//     each client.
//   - A list that is throttled doubles the pauses between the lists to come, up to
//     [poll.LongestPause], unless Poll.Interval fixes them.
func NewFleet(optFns ...func(*Options)) *Fleet {
	return &Fleet{opts: resolve(optFns), runs: map[*run]bool{}}
}

// Add adds clusters, by name or ARN, that are to be asked for through the client: that
// of their Region and account. Waits under way wait for them too. What was added
// before with the same client is not added again.
func (f *Fleet) Add(api FleetAPI, namesOrARNs ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	client := f.client(api)
	known := make(map[member]bool, len(f.members))
	for _, m := range f.members {
		known[m] = true
	}
	for _, cluster := range namesOrARNs {
		if m := (member{client, cluster}); !known[m] {
			known[m] = true
			f.members = append(f.members, m)
		}
	}
	for r := range f.runs {
		r.hear()
	}
}

// client returns the number of the client, a new one for one that is new. Clients that
// cannot be compared are always new.
func (f *Fleet) client(api FleetAPI) int {
	if reflect.ValueOf(api).Comparable() {
		for i, known := range f.clients {
			if reflect.ValueOf(known).Comparable() && known == api {
				return i
			}
		}
	}
	f.clients = append(f.clients, api)
	return len(f.clients) - 1
}

// Wake makes running waits describe a cluster now, for example because an event told of
// it, rather than when its turn comes: though never sooner than a second after the last
// look. cluster is a name or an ARN, and one of no cluster does nothing; a name wakes
// all clusters of that name. It does not block.
func (f *Fleet) Wake(cluster string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r := range f.runs {
		if !slices.Contains(r.woken, cluster) {
			r.woken = append(r.woken, cluster)
		}
		r.hear()
	}
}

// InService waits until every cluster is InService, as [ClusterInService] does. The
// error is nil or a [*FleetError].
func (f *Fleet) InService(ctx context.Context) error { return f.Wait(ctx, GoalInService()) }

// Deleted waits until no cluster exists, as [ClusterDeleted] does. The error is nil or
// a [*FleetError].
func (f *Fleet) Deleted(ctx context.Context) error { return f.Wait(ctx, GoalDeleted()) }

// SoftwareUpdated waits until the software update of every cluster has ended, as
// [SoftwareUpdated] does. update is called once for each cluster, by the name or ARN
// that was added. The error is nil or a [*FleetError].
func (f *Fleet) SoftwareUpdated(ctx context.Context, update func(nameOrARN string) Update) error {
	return f.Wait(ctx, GoalUpdated(update))
}

// Wait waits until every cluster has reached the goal or can no longer. The error is
// nil, or a [*FleetError] that holds one for each cluster that has not.
func (f *Fleet) Wait(ctx context.Context, goal Goal) error {
	var unmet FleetError
	for result, err := range f.Each(ctx, goal) {
		unmet.Waited++
		if err != nil {
			unmet.Clusters = append(unmet.Clusters, &ClusterError{Cluster: result.Cluster, Err: err})
		}
	}
	if len(unmet.Clusters) == 0 {
		return nil
	}
	return &unmet
}

// Results is [Fleet.Each] with [GoalInService].
func (f *Fleet) Results(ctx context.Context) iter.Seq2[Result, error] {
	return f.Each(ctx, GoalInService())
}

// Each waits for every cluster and yields each as soon as its wait is over, with nil
// or the error that the wait for the one cluster would return: a [*poll.FailedError],
// [*poll.TimeoutError] or [*poll.StoppedError]. It ends when no cluster is left.
//
// No call begins while the loop's body runs; a body that takes long makes the others
// late. Breaking out stops the wait, and what was under way has ended when the loop
// is left. Ranging again starts anew.
func (f *Fleet) Each(ctx context.Context, goal Goal) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		calls, stop := context.WithCancel(ctx)
		r := f.begin(goal)
		defer f.forget(r)
		defer r.drain()
		defer stop()
		for {
			r.listen(ctx)
			if ctx.Err() != nil {
				r.end(ctx)
			} else {
				r.start(calls)
			}
			for _, o := range r.take() {
				if !yield(o.result, o.err) {
					return
				}
			}
			if r.pending == 0 && !r.heard() {
				return
			}
			r.await(ctx)
		}
	}
}

func (f *Fleet) begin(goal Goal) *run {
	if goal.begin == nil {
		goal = GoalInService()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &run{
		fleet: f, goal: goal,
		news: make(chan struct{}, 1), done: make(chan func(context.Context)),
	}
	f.runs[r] = true
	return r
}

func (f *Fleet) forget(r *run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.runs, r)
}
