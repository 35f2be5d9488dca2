package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// table is the file of what is unshown. Each line needs a reason, and each reason a line.
func (a *tally) table(t *testing.T) []byte {
	t.Helper()
	type line struct{ sid, element, reason string }
	workflows, sites := map[line][]string{}, map[line][]string{}
	used := map[string]bool{}
	for _, u := range a.unshown {
		i := slices.IndexFunc(reasons(), func(r reason) bool { return r.covers(u) })
		if i < 0 {
			t.Errorf("%v at %q: nothing shows that its policy needs %s of statement %s: no run of the workflow asks for it and no attack passes without it. "+
				"Take it out of the policy, or add the run or the attack; else give the reason in reasons()", u.workflow, u.scenario, u.element, u.sid)
			continue
		}
		r := reasons()[i]
		used[r.why] = true
		l := line{u.sid, u.element, r.why}
		workflows[l], sites[l] = append(workflows[l], u.workflow.String()), append(sites[l], u.scenario)
	}
	for _, r := range reasons() {
		assert.True(t, used[r.why], "%s %s is shown: its reason is needed no more", r.sid, r.element)
	}
	var rows []string
	for l, ws := range workflows {
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |\n", l.sid, l.element, list(ws, ", "), list(sites[l], "; "), l.reason))
	}
	slices.Sort(rows)
	return fmt.Appendf(nil, `# What neither a workflow nor an attack shows

Of the policy of each workflow, each action, resource, condition and value was left out, one at a time, at %d sites:
%d parts. Without %d of them the workflow fails on the emulators, and without %d others an attack of the table of attacks
passes that the whole policy denies. These are the other %d. The test of package internal/proof that writes this file
fails when it is no longer exact.

| statement | part | workflows | sites | why it is there |
|---|---|---|---|---|
%s`, len(scenarios()), a.tried, a.failed, a.attacked, len(a.unshown), strings.Join(rows, ""))
}

// list is a sorted set as text.
func list(items []string, sep string) string {
	items = slices.Clone(items)
	slices.Sort(items)
	return strings.Join(slices.Compact(items), sep)
}

// golden compares with a file, which -update rewrites: the run fails all the same, so that
// the change is looked at.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(file)
	if *update && (err != nil || string(want) != string(got)) {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o600))
		t.Fatalf("%s was rewritten: look at the change", file)
	}
	require.NoError(t, err, "rewrite it by -update")
	require.Equal(t, string(want), string(got), "%s is no longer exact; rewrite it by -update", file)
}
