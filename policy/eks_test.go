package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// A fleet has several EKS clusters: every statement about them names them all, and the
// entries of each.
func TestSeveralEKSClusters(t *testing.T) {
	t.Parallel()
	more := []string{"arn:aws:eks:us-west-2:111122223333:cluster/debug", eksARN}
	fleet := policy.EKS(eksARN, more...)
	more[0] = "changed"
	const entries = "arn:aws:eks:us-west-2:111122223333:access-entry/"
	clusters := []string{"arn:aws:eks:us-west-2:111122223333:cluster/debug", eksARN}
	for _, strict := range []bool{false, true} {
		doc := generate(t, scope(func(s *policy.Scope) { s.Orchestrator, s.Strict = fleet, strict }), onClusters()...)
		seen := 0
		for _, s := range doc.Statements {
			if !strings.HasPrefix(s.Action.Items[0], "eks:") {
				continue
			}
			seen++
			assert.NotContains(t, s.Sid, "OneEKSCluster")
			if strings.Contains(s.Resource.Items[0], "access-entry/") {
				assert.Equal(t, []string{entries + "debug/*", entries + "train/*"}, s.Resource.Items, s.Sid)
			} else {
				assert.Equal(t, clusters, s.Resource.Items, s.Sid)
			}
		}
		assert.Equal(t, map[bool]int{false: 2, true: 4}[strict], seen)
	}
	role, err := policy.ExecutionRole(scope(func(s *policy.Scope) { s.Orchestrator = fleet }), func(o *policy.RoleOptions) { o.PodIdentity = true })
	require.NoError(t, err)
	i := slices.IndexFunc(role.Statements, func(s policy.Statement) bool { return s.Sid == "PodIdentity" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, clusters, role.Statements[i].Resource.Items)
}
