package waiter_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// figures are what a simulation has measured.
type figures struct {
	calls, lists, describes int
	lag                     time.Duration // mean
	perSecond               int           // the most calls in any second
}

func (a *account) figures(lag time.Duration, clusters int) figures {
	f := figures{
		calls: a.total(), lists: a.count("ListClusters"), describes: a.count("DescribeCluster"),
		lag: lag / time.Duration(clusters),
	}
	first := 0
	for i, at := range a.at {
		for at.Sub(a.at[first]) >= time.Second {
			first++
		}
		f.perSecond = max(f.perSecond, i-first+1)
	}
	return f
}

const (
	simulatedClusters = 1000
	startsWithin      = time.Hour
)

// operation is one of the simulated kinds of work.
type operation struct {
	name     string
	others   int                                             // clusters that nobody waits for
	shuffle  bool                                            // clusters begin in another order than they were created in
	existing func(name string, created time.Time) *simulated // nil when it is created
	goal     waiter.Goal
	single   func(t *testing.T, a *account, name string)
	median   time.Duration
	every    func(*waiter.Options) // everyInterval when nil
}

// everyInterval leaves nothing to chance: jitter takes no seed.
func everyInterval(o *waiter.Options) { o.Poll.Interval, o.Poll.Jitter = 15*time.Second, -1 }

// simulate runs a thousand operations that begin within an hour, and calls watch with
// the name of each when it begins. ends tells when each is over.
func (op operation) simulate(a *account, begin func(name string)) (ends map[string]time.Time) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a simulation is to be repeatable
	born := time.Now()
	ends = map[string]time.Time{}
	names := make([]string, simulatedClusters)
	existing := map[string]*simulated{}
	for i := range op.others {
		a.add(&simulated{name: fmt.Sprintf("other-%04d", i), created: born.Add(-time.Duration(1+random.IntN(10000)) * time.Minute), after: inService})
	}
	for i := range names {
		names[i] = fmt.Sprintf("cluster-%04d", i)
		if op.existing != nil {
			existing[names[i]] = a.add(op.existing(names[i], born.Add(-time.Duration(10000-10*i)*time.Minute)))
		}
	}
	if op.shuffle {
		random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	}
	for i, name := range names {
		time.Sleep(time.Until(born.Add(time.Duration(i) * startsWithin / simulatedClusters)))
		end := time.Now().Add(logNormal(random, op.median))
		a.mu.Lock()
		ends[name] = end
		if c := existing[name]; c != nil {
			c.ends = end
		}
		a.mu.Unlock()
		if op.existing == nil {
			a.add(&simulated{name: name, created: time.Now(), ends: end, before: types.ClusterStatusCreating, after: inService})
		}
		begin(name)
	}
	return ends
}

// fleet measures a fleet.
func (op operation) fleet(t *testing.T, optFns ...func(*waiter.Options)) figures {
	t.Helper()
	a := newAccount()
	every := everyInterval
	if op.every != nil {
		every = op.every
	}
	f := waiter.NewFleet(append([]func(*waiter.Options){every}, optFns...)...)
	seen := map[string]time.Time{}
	var all sync.WaitGroup
	first := make(chan struct{})
	var ends map[string]time.Time
	all.Go(func() {
		var once sync.Once
		ends = op.simulate(a, func(name string) {
			f.Add(a, name)
			once.Do(func() { close(first) })
		})
	})
	<-first
	for r, err := range f.Each(t.Context(), op.goal) {
		require.NoError(t, err)
		seen[r.Cluster] = time.Now()
	}
	all.Wait()
	require.Len(t, seen, simulatedClusters)
	return a.figures(lagOf(t, ends, seen), simulatedClusters)
}

// singles measures one wait for each cluster.
func (op operation) singles(t *testing.T) figures {
	t.Helper()
	a := newAccount()
	seen := map[string]time.Time{}
	var mu sync.Mutex
	var all sync.WaitGroup
	ends := op.simulate(a, func(name string) {
		all.Go(func() {
			op.single(t, a, name)
			mu.Lock()
			defer mu.Unlock()
			seen[name] = time.Now()
		})
	})
	all.Wait()
	return a.figures(lagOf(t, ends, seen), simulatedClusters)
}

func lagOf(t *testing.T, ends, seen map[string]time.Time) time.Duration {
	t.Helper()
	var sum time.Duration
	for name, end := range ends {
		lag := seen[name].Sub(end)
		assert.GreaterOrEqual(t, lag, time.Duration(0), "%s was said to be done early", name)
		sum += lag
	}
	return sum
}

func creations() operation {
	return operation{
		name: "creations", median: 15 * time.Minute, goal: waiter.GoalInService(),
		single: func(t *testing.T, a *account, name string) {
			_, err := waiter.ClusterInService(t.Context(), a, name, everyInterval)
			assert.NoError(t, err)
		},
	}
}

func deletions() operation {
	return operation{
		name: "deletions", median: 15 * time.Minute, goal: waiter.GoalDeleted(), shuffle: true,
		existing: func(name string, created time.Time) *simulated {
			return &simulated{name: name, created: created, ends: created.AddDate(1, 0, 0), before: deleting}
		},
		single: func(t *testing.T, a *account, name string) {
			assert.NoError(t, waiter.ClusterDeleted(t.Context(), a, name, everyInterval))
		},
	}
}

func TestAFleetNeedsATwentiethOfTheCalls(t *testing.T) {
	if raced {
		t.Skip("a simulation without concurrency of its own")
	}
	for _, op := range []operation{creations(), deletions()} {
		t.Run(op.name, func(t *testing.T) {
			var fleet, singles, crowded figures
			bubble(t, func(t *testing.T) { fleet = op.fleet(t) })
			bubble(t, func(t *testing.T) { singles = op.singles(t) })
			op.others = 4000
			bubble(t, func(t *testing.T) { crowded = op.fleet(t) })
			t.Logf("fleet %+v, one waiter each %+v, fleet among 4,000 others %+v", fleet, singles, crowded)
			assert.LessOrEqual(t, 20*fleet.calls, singles.calls)
			// The means of a thousand lags each have an error of two hundredths.
			assert.LessOrEqual(t, fleet.lag, singles.lag+singles.lag/8)
			assert.Less(t, crowded.calls, singles.calls)
		})
	}
}

func updates() operation {
	every := func(o *waiter.Options) { everyInterval(o); o.Poll.Interval = time.Minute }
	update := waiter.Update{Groups: []string{"workers"}, Image: amiB, Before: cluster(inService, software("", amiA, amiA, 4))}
	return operation{
		name: "software updates", median: 45 * time.Minute,
		goal:  waiter.GoalUpdated(func(string) waiter.Update { return update }),
		every: every,
		existing: func(name string, created time.Time) *simulated {
			c := &simulated{name: name, created: created, before: inService, after: inService, ends: created.AddDate(1, 0, 0)}
			c.groups = func(now time.Time) []types.ClusterInstanceGroupDetails {
				if now.Before(c.ends) {
					return []types.ClusterInstanceGroupDetails{software("InProgress", amiA, amiB, 0)}
				}
				return []types.ClusterInstanceGroupDetails{software(succeeded, amiB, amiB, 4)}
			}
			return c
		},
		single: func(t *testing.T, a *account, name string) {
			_, err := waiter.SoftwareUpdated(t.Context(), a, name, update, every)
			assert.NoError(t, err)
		},
	}
}

func TestAFleetOfUpdatesLooksAsOftenAsSingleWaitsByDefault(t *testing.T) {
	const ends = 45 * time.Minute
	asked := waiter.Update{Groups: []string{"workers"}, Image: amiB, Before: cluster(inService, software("", amiA, amiA, 4))}
	steady := func(o *waiter.Options) { o.Poll.Jitter = -1 }
	look := func(wait func(*testing.T, *account)) (calls int) {
		bubble(t, func(t *testing.T) {
			a := newAccount()
			c := a.add(updates().existing("train", time.Now()))
			c.ends = time.Now().Add(ends)
			wait(t, a)
			calls = a.total()
		})
		return calls
	}
	single := look(func(t *testing.T, a *account) {
		_, err := waiter.SoftwareUpdated(t.Context(), a, "train", asked, steady)
		require.NoError(t, err)
	})
	fleet := look(func(t *testing.T, a *account) {
		f := waiter.NewFleet(steady)
		f.Add(a, "train")
		require.NoError(t, f.SoftwareUpdated(t.Context(), func(string) waiter.Update { return asked }))
	})
	assert.Equal(t, single, fleet)
	assert.Less(t, fleet, int(ends/time.Minute)+10)
}

func TestAFleetOfUpdatesNeedsNoMoreCallsAndKeepsTheRate(t *testing.T) {
	if raced {
		t.Skip("a simulation without concurrency of its own")
	}
	var fleet, singles, limited figures
	bubble(t, func(t *testing.T) { fleet = updates().fleet(t) })
	bubble(t, func(t *testing.T) { singles = updates().singles(t) })
	bubble(t, func(t *testing.T) {
		l := waiter.NewLimiter(5, 1)
		limited = updates().fleet(t, func(o *waiter.Options) { o.Limiter = l })
	})
	t.Logf("fleet %+v, one waiter each %+v, fleet with 5 calls a second %+v", fleet, singles, limited)
	assert.LessOrEqual(t, fleet.calls, singles.calls)
	assert.LessOrEqual(t, fleet.lag, singles.lag)
	assert.LessOrEqual(t, limited.perSecond, 5)
	assert.Less(t, limited.calls, fleet.calls)
}
