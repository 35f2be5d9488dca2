package hyperpodtest_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// A cluster that exists is somebody's: the conformance run stops before it touches it.
// The run fails its test, so it runs in a process of its own.
func TestConformanceSparesAClusterThatExists(t *testing.T) {
	if os.Getenv("CONFORMANCE_ON_AN_EXISTING_CLUSTER") == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestConformanceSparesAClusterThatExists$", "-test.v")
		cmd.Env = append(os.Environ(), "CONFORMANCE_ON_AN_EXISTING_CLUSTER=yes")
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "the run must fail")
		assert.Contains(t, string(out), "cluster train must not exist")
		assert.Contains(t, string(out), "the cluster is still there")
		return
	}
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 1)))
	arn := describe(t, srv).ClusterArn
	hyperpodtest.RunConformance(t, srv, hyperpodtest.Conformance{Spec: createInput(group("workers", 1))})
	if *describe(t, srv).ClusterArn == *arn {
		t.Log("the cluster is still there")
	}
}
