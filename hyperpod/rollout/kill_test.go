package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// stride is how many moments to be killed at are passed over: the race detector makes each
// run ten times as long.
var stride = map[bool]int{false: 1, true: 7}[raced]

var errKilled = errors.New("killed")

// process is a runner's process, which is killed at a moment: from then on nothing that it
// does has any effect.
type process struct {
	mu     sync.Mutex
	dead   bool
	gone   bool // nothing of it is under way any more
	cancel context.CancelCauseFunc
}

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	p.cancel(errKilled)
}

func (p *process) killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// mortalStore is a journal whose writer can be killed: before an entry is written, after
// it, and while it is.
type mortalStore struct {
	rollout.Store
	p     *process
	at    int // the append at which the process is killed, from 1; 0 for none
	how   string
	dir   string
	count int
}

func (s *mortalStore) Append(ctx context.Context, e rollout.Entry, expected uint64) error {
	if s.p.killed() {
		return errKilled
	}
	s.count++
	if s.count != s.at {
		return s.Store.Append(ctx, e, expected)
	}
	var err error
	switch s.how {
	case "before the entry":
	case "after the entry":
		err = s.Store.Append(ctx, e, expected)
	case "while the entry is written":
		err = os.WriteFile(filepath.Join(s.dir, "entry-torn.tmp"), []byte(`{"sha256":"12`), 0o600)
	}
	s.p.kill()
	return errors.Join(errKilled, err)
}

// killed is one run of a rollout over three clusters that is killed once and resumed.
type killed struct {
	store   func(t *testing.T) (store rollout.Store, dir string)
	how     string
	at      int
	pause   time.Duration // until it is resumed
	lost    bool          // the first answer of UpdateClusterSoftware
	spec    func(*rollout.Spec)
	options []func(*rollout.Options)
	bad     bool // the image fails
}

// run tells whether the rollout was killed at all, and gives the fleet at its end.
func (k killed) run(t *testing.T) (reached bool, f *fleet, report *rollout.Report, err error) {
	t.Helper()
	f = newFleet(t, 3, hyperpodtest.Realistic)
	spec := f.spec()
	spec.Waves = rollout.Percentages(34, 100)
	if k.spec != nil {
		k.spec(&spec)
	}
	if k.bad {
		f.srv.FailLifecycle(newAMI, "")
	}
	x := rollout.NewExecutor(f.clients, k.options...)
	plan, err := x.Plan(t.Context(), spec)
	require.NoError(t, err)
	if k.lost {
		f.srv.Faults().LoseResponse("UpdateClusterSoftware", 1)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	p := &process{cancel: cancel}
	store, dir := k.store(t)
	mortal := &mortalStore{Store: store, p: p, how: k.how, dir: dir}
	switch k.how {
	case "before the call", "after the call":
		k.killAtCall(f, p)
	default:
		mortal.at = k.at
	}
	report, err = rollout.NewRunner(x, mortal).Run(ctx, plan)
	synctest.Wait()
	p.gone = true
	if !p.killed() {
		return false, f, report, err
	}
	require.Error(t, err)
	time.Sleep(k.pause)
	next := rollout.NewRunner(rollout.NewExecutor(f.clients, k.options...), store)
	report, err = next.Resume(t.Context())
	if errors.Is(err, rollout.ErrNotBegun) { // killed before the first entry
		report, err = next.Run(t.Context(), plan)
	}
	return true, f, report, err
}

// anywhere runs the rollout again and again, killed a moment later each time until it is
// through before, which must be more than least moments, and holds each end to what is
// promised.
func (k killed) anywhere(t *testing.T, least int, ends func(t *testing.T, f *fleet, report *rollout.Report, err error)) {
	t.Helper()
	for k.at = 1; ; k.at += stride {
		reached := true
		if !t.Run(fmt.Sprint(k.at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var f *fleet
				var report *rollout.Report
				var err error
				reached, f, report, err = k.run(t)
				ends(t, f, report, err)
			})
		}) || !reached {
			break
		}
	}
	require.Greater(t, k.at, least, "the rollout was never killed")
}

func (k killed) killAtCall(f *fleet, p *process) {
	n, answered := 0, 0
	var mu sync.Mutex
	f.srv.Faults().Before(func(context.Context, string, any) error {
		mu.Lock()
		defer mu.Unlock()
		if p.gone {
			return nil
		}
		if p.killed() {
			return errKilled
		}
		if n++; n == k.at && k.how == "before the call" {
			p.kill()
			return errKilled
		}
		return nil
	})
	f.srv.Faults().After(func(context.Context, string, any, error) {
		mu.Lock()
		defer mu.Unlock()
		if answered++; answered == k.at && k.how == "after the call" && !p.gone {
			p.kill()
		}
	})
}

// updates counts the requests to update each cluster, those that were refused or whose
// answer was lost included, but not those that a kill kept from being sent.
func (f *fleet) updates() map[string]int {
	updates := map[string]int{}
	for _, c := range f.srv.Calls() {
		if in, ok := c.Input.(*sagemaker.UpdateClusterSoftwareInput); ok && !errors.Is(c.Err, errKilled) && !errors.Is(c.Err, context.Canceled) {
			updates[aws.ToString(in.ClusterName)]++
		}
	}
	return updates
}

func memory(*testing.T) (rollout.Store, string) { return rollout.NewMemStore(), "" }

func files(t *testing.T) (rollout.Store, string) {
	t.Helper()
	dir := t.TempDir()
	store, err := rollout.OpenFileStore(dir)
	require.NoError(t, err)
	return store, dir
}

func TestKilledAnywhereItEndsTheSame(t *testing.T) {
	gate := func(o *rollout.Options) {
		o.Gate = rollout.NodesRunning()
		o.Before = func(context.Context, rollout.Visit) error { return nil }
		o.After = o.Before
	}
	bake := func(s *rollout.Spec) { s.Bake = time.Hour }
	for name, k := range map[string]killed{
		"after each call":                     {how: "after the call"},
		"after each call, resumed late":       {how: "after the call", pause: 5 * time.Hour},
		"before each call":                    {how: "before the call"},
		"after each call, an answer is lost":  {how: "after the call", lost: true},
		"with hooks, a gate and a bake":       {how: "after the call", options: []func(*rollout.Options){gate}, spec: bake},
		"one group after another":             {how: "after the call", spec: func(s *rollout.Spec) { s.Strategy.OneByOne = true }},
		"before each entry of the journal":    {how: "before the entry", store: files},
		"after each entry of the journal":     {how: "after the entry", store: files},
		"in the middle of each entry":         {how: "while the entry is written", store: files},
		"at each entry, with a gate and bake": {how: "after the entry", options: []func(*rollout.Options){gate}, spec: bake},
	} {
		t.Run(name, func(t *testing.T) {
			if k.store == nil {
				k.store = memory
			}
			perCluster := 1
			if name == "one group after another" {
				perCluster = 2
			}
			k.anywhere(t, 15, func(t *testing.T, f *fleet, report *rollout.Report, err error) {
				t.Helper()
				require.NoError(t, err)
				assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
				for _, target := range report.Targets {
					assert.Equal(t, rollout.PhaseRolled, target.Phase, "%s: %s", target.Cluster, target.Reason)
				}
				for _, cluster := range f.names {
					assert.Equal(t, map[string]string{"workers": newAMI, "login": newAMI}, f.images(cluster))
				}
				require.Len(t, f.updates(), 3)
				for cluster, n := range f.updates() {
					assert.Equal(t, perCluster, n, "requests to update %s", cluster)
				}
			})
		})
	}
}

// What fails is taken back, and killed on the way it is taken back all the same.
func TestKilledAnywhereItIsTakenBack(t *testing.T) {
	bad := func(o *rollout.Options) {
		o.Gate = func(context.Context, rollout.Visit) error { return rollout.Refuse(errors.New("loss is NaN")) }
	}
	for _, how := range []string{"before the call", "after the call", "after the entry", "before the entry"} {
		t.Run(how, func(t *testing.T) {
			k := killed{how: how, store: memory, options: []func(*rollout.Options){bad}, spec: func(s *rollout.Spec) { s.OnFailure = rollout.UndoAll }}
			k.anywhere(t, 8, func(t *testing.T, f *fleet, report *rollout.Report, err error) {
				t.Helper()
				require.ErrorIs(t, err, rollout.ErrFailed)
				assert.Equal(t, rollout.OutcomeTakenBack, report.Outcome)
				for _, cluster := range f.names {
					assert.Equal(t, map[string]string{"workers": goldenAMI, "login": goldenAMI}, f.images(cluster))
				}
				require.Equal(t, hyperpod.AMI(newAMI), report.Targets[0].Groups[0].Image, "what it was to run")
				for cluster, n := range f.updates() {
					assert.Equal(t, 2, n, "requests to update %s", cluster)
				}
			})
		})
	}
}

// A group that replaces another is added once, and the other deleted once.
func TestKilledAnywhereGroupsAreReplacedOnce(t *testing.T) {
	for _, how := range []string{"before the call", "after the call", "before the entry", "after the entry"} {
		t.Run(how, func(t *testing.T) {
			k := killed{how: how, store: memory, spec: func(s *rollout.Spec) {
				s.Strategy = rollout.Strategy{Replace: &rollout.Replace{Suffix: "-2", Canary: 1}}
				for i := range s.Targets {
					s.Targets[i].Groups = hyperpod.Named("workers")
				}
			}}
			k.anywhere(t, 15, func(t *testing.T, f *fleet, report *rollout.Report, err error) {
				t.Helper()
				require.NoError(t, err)
				assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
				for _, cluster := range f.names {
					assert.Equal(t, map[string]string{"workers-2": newAMI, "login": goldenAMI}, f.images(cluster))
				}
				assert.Equal(t, 9, f.calls("UpdateCluster"), "add, scale and delete for each cluster")
			})
		})
	}
}
