package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// threat is a row of the table of attacks.
type threat struct {
	ID, Attack string
	// Sharing says that the policies are those of a role that shares AMIs directly.
	Sharing bool
	Probes  []probe
}

// probe is one request of an attack.
type probe struct {
	Name, Action, Resource string
	Keys                   keys
	// Legitimate says that the workflows need it: it is what an attack is narrowed to.
	Legitimate bool
	// Via says that HyperPod asks with the caller's rights.
	Via bool
	// NoKey says that no condition key tells it from what is legitimate.
	NoKey bool
}

// request adds the keys that every request has.
func (p probe) request() policy.Request {
	r := policy.Request{PrincipalARN: "arn:aws:iam::" + account + ":role/ops", Action: p.Action, Resource: p.Resource}
	r.Context = keys{"aws:RequestedRegion": {"us-west-2"}, "aws:ViaAWSService": {fmt.Sprint(p.Via)}}
	if strings.HasPrefix(p.Action, "ec2:") {
		r.Context["ec2:Region"] = []string{"us-west-2"}
	}
	if p.Via {
		r.Context["aws:CalledViaLast"] = []string{"sagemaker.amazonaws.com"}
	}
	maps.Copy(r.Context, p.Keys)
	return r
}

// cell says what of an attack is left.
func (th threat) cell(column string, allowed func(probe) bool) string {
	var left, legitimate []string
	attacks, noKey := 0, true
	for _, p := range th.Probes {
		switch ok := allowed(p); {
		case p.Legitimate && ok:
			legitimate = append(legitimate, p.Name)
		case p.Legitimate:
		default:
			attacks++
			if !ok {
				continue
			}
			name := p.Name
			if p.NoKey && column != "page" {
				name += " (no key exists)"
			}
			noKey = noKey && p.NoKey && column != "page"
			left = append(left, name)
		}
	}
	switch {
	case len(left) == 0 && len(legitimate) == 0:
		return "denied"
	case len(left) == 0:
		return "narrowed to " + strings.Join(legitimate, ", ")
	case len(left) == attacks && noKey:
		return "no key exists"
	case len(left) == attacks:
		return "allowed"
	default:
		return "narrowed to " + strings.Join(left, ", ")
	}
}

// columns are the policies of the table. The guardrail binds a holder of the default
// policy who has every right to EC2 from elsewhere.
func columns(t *testing.T, sharing bool) map[string]policy.Policies {
	t.Helper()
	s := scope(byTag, func(s *policy.Scope) {
		s.InstanceTypes, s.Subnets = []string{"ml.c5.2xlarge"}, []string{"subnet-0123456789abcdef0"}
		s.SecurityGroups = []string{"sg-0123456789abcdef0"}
		s.KMSKeys = []string{strings.Replace(keyARN, "444455556666", account, 1)}
		s.Accounts = []string{"222233334444"}
	})
	tight := s
	tight.Strict = true
	does := []policy.Workflow{policy.Read, policy.CreateCluster, policy.UpdateGroups, policy.RollImage, policy.DeleteCluster}
	if sharing {
		does = []policy.Workflow{policy.ShareImage}
	}
	_, page := pagePolicy(t)
	page.Statements[0].Resource = policy.String(roleARN)
	guardrail, err := policy.Guardrail(s)
	require.NoError(t, err)
	everything := func(action string) *policy.Document {
		return &policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{Effect: policy.Allow, Action: policy.String(action), Resource: policy.String("*")}}}
	}
	compile := func(docs ...*policy.Document) *policy.Set {
		set, err := policy.Compile(docs...)
		require.NoError(t, err)
		return set
	}
	loose := generate(t, s, does...)
	return map[string]policy.Policies{
		"page": {Identity: compile(page)}, "default": {Identity: compile(loose)}, "strict": {Identity: compile(generate(t, tight, does...))},
		"guardrail": {Identity: compile(loose, everything("ec2:*")), ServiceControl: []*policy.Set{compile(everything("*"), guardrail)}},
	}
}

// TestTableOfAttacks keeps testdata/attacks.md.
func TestTableOfAttacks(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/attacks.json")
	require.NoError(t, err)
	var threats []threat
	require.NoError(t, json.Unmarshal(data, &threats))
	var b strings.Builder
	b.WriteString(`# What is left of each attack

The page is the policy printed on "Cluster management with custom AMIs" of the SageMaker AI Developer Guide, as printed.
Default and strict are what Generate returns for creating, updating, rolling and deleting clusters that a tag selects.
The guardrail is the default policy of somebody who has ec2:* from elsewhere, under the service control policy that
Guardrail returns. The requests are in attacks.json. T14 is of another page, "Customer managed AWS KMS key encryption
for SageMaker HyperPod", which grants kms:CreateGrant on every key; T16 is what the misspelt action costs.

| # | attack | page | default | strict | ec2:* under the guardrail |
|---|---|---|---|---|---|
`)
	seen := map[string]bool{}
	for _, th := range threats {
		seen[th.ID] = true
		fmt.Fprintf(&b, "| %s | %s |", th.ID, th.Attack)
		set := columns(t, th.Sharing)
		for _, column := range []string{"page", "default", "strict", "guardrail"} {
			policies := set[column]
			fmt.Fprintf(&b, " %s |", th.cell(column, func(p probe) bool { return policies.Evaluate(p.request()).Allowed }))
		}
		b.WriteString("\n")
		for _, p := range th.Probes {
			strict := set["strict"]
			if p.Legitimate && (!th.Sharing || !p.Via) {
				assert.True(t, strict.Evaluate(p.request()).Allowed, "%s %s: %s", th.ID, p.Name, strict.Evaluate(p.request()).Reason)
			}
		}
	}
	for i := 1; i <= 16; i++ {
		assert.True(t, seen[fmt.Sprintf("T%d", i)], "T%d", i)
	}
	golden(t, "testdata/attacks.md", []byte(b.String()))
}
