package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var cold = flag.Bool("cold", false, "have TestPrograms compile everything anew: minutes of all processors")

// programs are those in the folder of that name, and what each does.
var programs = []struct{ name, does string }{
	{"nothing", "nothing"},
	{"http", "`net/http` alone"},
	{"backoff", "cenkalti/backoff"},
	{"kubernetes", "Kubernetes' `wait`"},
	{"terraform", "Terraform's `StateChangeConf`"},
	{"poll", "**`waiter/poll`**"},
	{"policy", "**`policy`**"},
	{"ec2", "SDK, `ec2`"},
	{"amishare", "**`amishare`**"},
	{"sagemaker", "SDK, `sagemaker`"},
	{"waiter", "**`waiter`**"},
	{"hyperpod", "**`hyperpod`**"},
	{"rollout", "**`rollout`**"},
	{"sdk", "SDK, `ec2` and `sagemaker`"},
	{"everything", "**all of them**"},
}

// program is what one of them costs.
type program struct {
	cost
	size, stripped int64
}

// TestPrograms builds small programs, each of which uses one package, and holds their
// sizes to README.md. With -cold it does so with an empty cache, and tells what compiling
// costs.
func TestPrograms(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the sizes in README.md are those on linux/amd64")
	}
	built := build(t, *cold)
	var doc strings.Builder
	table := newTable(&doc, "program with", "compiled, CPU", "of which Go's own", "SDK's", "others'", "ours and the program's", "linked, CPU", "binary", "stripped")
	for _, p := range programs {
		b := built[p.name]
		table.row(p.does, cpuSeconds(b.total()), cpuSeconds(b.std), cpuSeconds(b.sdk), cpuSeconds(b.others), cpuSeconds(b.ours), cpuSeconds(b.link),
			megabytes(b.size), megabytes(b.stripped))
	}
	table.end()
	doc.WriteString(machine())
	section(t, "programs", doc.String(), *cold, holdPrograms)

	// A package of this library costs little beside the service of the SDK that it needs.
	for name, sdk := range map[string]string{"amishare": "ec2", "waiter": "sagemaker", "hyperpod": "sagemaker", "rollout": "sagemaker", "everything": "sdk"} {
		assert.Less(t, built[name].size, built[sdk].size*5/4, name)
	}
	for _, name := range []string{"poll", "policy"} {
		assert.Less(t, built[name].size, built["http"].size, "%s is of the standard library alone", name)
	}
}

// build builds the programs. Only a cold build tells what it costs, and makes stripped
// binaries too.
func build(t *testing.T, cold bool) map[string]program {
	t.Helper()
	dir := t.TempDir()
	var env []string
	if cold {
		env = append(env, "GOCACHE="+filepath.Join(dir, "cache"))
	}
	graph, plain, stripped := filepath.Join(dir, "graph"), filepath.Join(dir, "plain"), filepath.Join(dir, "stripped")
	for _, folder := range []string{plain, stripped} {
		require.NoError(t, os.Mkdir(folder, 0o755))
	}
	goBuild(t, env, "-debug-actiongraph="+graph, "-o", plain)
	costs := map[string]cost{}
	if cold {
		costs = readCosts(t, graph)
		goBuild(t, env, "-ldflags=-s -w", "-o", stripped)
	}
	built := map[string]program{}
	for _, p := range programs {
		b := program{cost: costs[p.name], size: size(t, filepath.Join(plain, p.name))}
		if cold {
			b.stripped = size(t, filepath.Join(stripped, p.name))
		}
		built[p.name] = b
	}
	return built
}

func goBuild(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-buildvcs=false"}, args...), "./programs/...")...)
	cmd.Env = append(append(os.Environ(), "GOWORK=off"), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	require.NoError(t, err)
	return info.Size()
}

func cpuSeconds(d time.Duration) string { return unit(d.Seconds(), "s") }

func megabytes(n int64) string { return unit(float64(n)/1e6, "MB") }

// unit is a number with its unit, or a dash for what there was none of, or was not
// measured.
func unit(n float64, unit string) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %s", n, unit)
}

// holdPrograms holds the sizes, which differ a little between releases of Go.
func holdPrograms(t *testing.T, published, now [][]string) {
	for i, row := range now {
		require.Equal(t, published[i][0], row[0])
		near(t, published[i][7], row[7], 0.1, row[0])
	}
}
