package proof

import (
	"cmp"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files and fail")

// unshown is a part of a policy that a workflow runs without, and whose absence no attack
// gains by.
type unshown struct {
	workflow               policy.Workflow
	scenario, sid, element string
}

// tally is what came of leaving parts out.
type tally struct {
	sync.Mutex
	tried, failed, attacked int
	unshown                 []unshown
	succeeded               map[string]int // how many parts a misuse shows, by its name
}

// TestEveryPartOfAPolicyIsNeeded leaves out each action, resource, condition and value of
// each policy, one at a time. Either the workflow then fails on the emulators, or an attack
// passes that the whole policy denies; the rest stands in testdata/unshown.md with its
// reasons.
func TestEveryPartOfAPolicyIsNeeded(t *testing.T) {
	all := tally{succeeded: map[string]int{}}
	t.Run("cuts", func(t *testing.T) {
		for _, s := range scenarios() {
			for _, r := range runners() {
				t.Run(s.name+"/"+r.workflow.String(), func(t *testing.T) {
					t.Parallel()
					prove(t, s, r.workflow, &all)
				})
			}
		}
	})
	t.Logf("%d parts left out: %d workflows failed, %d attacks passed, %d unshown", all.tried, all.failed, all.attacked, len(all.unshown))
	for _, d := range misuses() {
		assert.Positive(t, all.succeeded[d.name], "%s, %s: shows nothing, or is not tried; take it out", d.threat, d.name)
	}
	golden(t, filepath.Join("testdata", "unshown.md"), all.table(t))
}

// trial runs a workflow under a policy and returns what it asked.
func trial(t *testing.T, s scenario, w policy.Workflow, less *policy.Document) (doc *policy.Document, asked []policy.Request, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, s, w)
		var generated error
		doc, generated = policy.Generate(f.scope(t), w)
		require.NoError(t, generated)
		var mu sync.Mutex
		f.under(policy.Policies{Identity: compileAll(t, cmp.Or(less, doc))}, func(r policy.Request, _ policy.Decision) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, r)
		})
		err = f.run(t)
	})
	return doc, asked, err
}

func prove(t *testing.T, s scenario, w policy.Workflow, all *tally) {
	t.Helper()
	doc, asked, err := trial(t, s, w, nil)
	require.NoError(t, err, "under the whole policy")
	asked = distinct(asked)
	whole := compileAll(t, doc)
	attacks := attacksOn(whole, asked)
	for _, c := range cuts(doc) {
		less := compileAll(t, c.less)
		needed := slices.ContainsFunc(asked, func(r policy.Request) bool { return !less.Evaluate(r).Allowed })
		if needed {
			_, _, err := trial(t, s, w, c.less)
			require.Error(t, err, "%s without %s is refused what it asks, and yet runs", c.sid, c.element)
		}
		passed := map[string]bool{}
		for _, a := range attacks {
			if !needed && passes(less, a.request) {
				passed[a.misuse] = true
			}
		}
		all.Lock()
		all.tried++
		switch {
		case needed:
			all.failed++
		case len(passed) > 0:
			all.attacked++
			for name := range passed {
				all.succeeded[name]++
			}
		default:
			all.unshown = append(all.unshown, unshown{w, s.name, c.sid, c.element})
		}
		all.Unlock()
	}
}

// attack is a request that a misuse made of one of a workflow's.
type attack struct {
	misuse  string
	request policy.Request
}

// attacksOn are the attacks on what a workflow asks for that its whole policy denies.
func attacksOn(whole *policy.Set, asked []policy.Request) []attack {
	var all []attack
	for _, d := range misuses() {
		for _, r := range asked {
			for _, changed := range d.to(r) {
				if !passes(whole, changed) {
					all = append(all, attack{d.name, changed})
				}
			}
		}
	}
	return all
}

// passes tells whether the emulator lets a request of a holder of the policy pass.
func passes(set *policy.Set, r policy.Request) bool {
	role := hyperpodtest.Principal{ARN: operator, Policies: policy.Policies{Identity: set}}
	return hyperpodtest.Authorize(role, policy.Request{Action: r.Action, Context: r.Context}, policy.Resource{ARN: r.Resource}) == nil
}

// distinct leaves each request once.
func distinct(asked []policy.Request) []policy.Request {
	seen := map[string]bool{}
	return slices.DeleteFunc(asked, func(r policy.Request) bool {
		text := fmt.Sprint(r.Action, r.Resource, r.Context)
		defer func() { seen[text] = true }()
		return seen[text]
	})
}
