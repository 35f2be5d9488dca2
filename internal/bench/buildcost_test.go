package bench

import (
	"encoding/json"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cost is the CPU time that building a program takes, by who wrote its packages.
type cost struct{ std, sdk, others, ours, link time.Duration }

// total is for compiling, without the link.
func (c *cost) total() time.Duration { return c.std + c.sdk + c.others + c.ours }

// action is a line of the graph that `go build -debug-actiongraph` writes, as far as it
// is needed here.
type action struct {
	ID              int
	Mode            string
	Package         string
	Deps            []int
	CmdUser, CmdSys time.Duration
}

func (a action) cpu() time.Duration { return a.CmdUser + a.CmdSys }

// readCosts sums up for each program what its packages took. Those of several programs
// were compiled once, and count for each.
func readCosts(t *testing.T, graph string) map[string]cost {
	t.Helper()
	text, err := os.ReadFile(graph)
	require.NoError(t, err)
	var actions []action
	require.NoError(t, json.Unmarshal(text, &actions))
	byID := map[int]action{}
	for _, a := range actions {
		byID[a.ID] = a
	}
	costs := map[string]cost{}
	for _, a := range actions {
		if a.Mode != "link" {
			continue
		}
		c, seen := cost{link: a.cpu()}, map[int]bool{}
		for _, id := range a.Deps {
			c.add(byID, id, seen)
		}
		costs[path.Base(a.Package)] = c
	}
	return costs
}

// add adds an action and all that it depends on, each once.
func (c *cost) add(byID map[int]action, id int, seen map[int]bool) {
	if seen[id] {
		return
	}
	seen[id] = true
	a := byID[id]
	if a.Mode == "build" {
		host, _, _ := strings.Cut(a.Package, "/")
		switch {
		case strings.HasPrefix(a.Package, "github.com/aws/"):
			c.sdk += a.cpu()
		case strings.HasPrefix(a.Package, "github.com/hyperpodkit/"):
			c.ours += a.cpu()
		case strings.Contains(host, "."):
			c.others += a.cpu()
		default:
			c.std += a.cpu()
		}
	}
	for _, dep := range a.Deps {
		c.add(byID, dep, seen)
	}
}
