package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

const ourAccount = "111122223333"

// probe is one request of the table of attacks of package policy.
type probe struct {
	Name, Action, Resource string
	Keys                   map[string][]string
	Legitimate, Via, NoKey bool
}

func (p probe) key(name string) string {
	if values := p.Keys[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// tags are those that the keys with a prefix name.
func (p probe) tags(prefix string) map[string]string {
	tags := map[string]string{}
	for key, values := range p.Keys {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			tags[name] = values[0]
		}
	}
	return tags
}

// region is where the probe acts.
func (p probe) region() string {
	fields := strings.SplitN(p.Resource, ":", 6)
	switch {
	case p.key("aws:RequestedRegion") != "":
		return p.key("aws:RequestedRegion")
	case len(fields) == 6 && fields[3] != "":
		return fields[3]
	}
	return "us-west-2"
}

// door tells whether the emulators have one for the probe: not for other services, not
// for resources of other accounts, and not for what HyperPod never shares.
func (p probe) door() bool {
	service, _, _ := strings.Cut(p.Action, ":")
	fields := strings.SplitN(p.Resource, ":", 6)
	own := len(fields) < 6 || fields[4] == "" || fields[4] == ourAccount
	return own && !(p.Via && p.key("ec2:Add/group") != "") && (service == "sagemaker" || service == "ec2")
}

// asked is the probe as a request with the keys that every request has.
func (p probe) asked() policy.Request {
	keys := map[string][]string{"aws:RequestedRegion": {p.region()}, "aws:ViaAWSService": {fmt.Sprint(p.Via)}}
	if strings.HasPrefix(p.Action, "ec2:") {
		keys["ec2:Region"] = []string{p.region()}
	}
	if p.Via {
		keys["aws:CalledViaLast"] = []string{"sagemaker.amazonaws.com"}
	}
	maps.Copy(keys, p.Keys)
	return policy.Request{PrincipalARN: operator, Action: p.Action, Resource: p.Resource, Context: keys}
}

// tableScope is the scope of the table of attacks.
func tableScope(strict bool) policy.Scope {
	return policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: ourAccount, Strict: strict, Clusters: policy.ClusterTag("team", "ml"),
		Orchestrator:   policy.EKS("arn:aws:eks:us-west-2:111122223333:cluster/train"),
		ExecutionRoles: []string{"arn:aws:iam::111122223333:role/hyperpod/execution"}, Accounts: []string{"222233334444"},
		InstanceTypes: []string{"ml.c5.2xlarge"}, Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"},
		KMSKeys: []string{"arn:aws:kms:us-west-2:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"},
	}
}

func compileAll(t *testing.T, docs ...*policy.Document) *policy.Set {
	t.Helper()
	set, err := policy.Compile(docs...)
	require.NoError(t, err)
	return set
}

// tableColumns are the policies of the table's columns.
func tableColumns(t *testing.T, sharing bool) map[string]policy.Policies {
	t.Helper()
	does := []policy.Workflow{policy.Read, policy.CreateCluster, policy.UpdateGroups, policy.RollImage, policy.DeleteCluster}
	if sharing {
		does = []policy.Workflow{policy.ShareImage}
	}
	loose, err := policy.Generate(tableScope(false), does...)
	require.NoError(t, err)
	tight, err := policy.Generate(tableScope(true), does...)
	require.NoError(t, err)
	guardrail, err := policy.Guardrail(tableScope(false))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join("..", "..", "policy", "testdata", "aws-page-policy.json"))
	require.NoError(t, err)
	page, err := policy.Decode(text)
	require.NoError(t, err)
	page.Statements[0].Resource = policy.String("arn:aws:iam::111122223333:role/hyperpod/execution")
	everything := func(action string) *policy.Document {
		return &policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{Effect: policy.Allow, Action: policy.String(action), Resource: policy.String("*")}}}
	}
	return map[string]policy.Policies{
		"page": {Identity: compileAll(t, page)}, "default": {Identity: compileAll(t, loose)}, "strict": {Identity: compileAll(t, tight)},
		"guardrail": {Identity: compileAll(t, loose, everything("ec2:*")), ServiceControl: []*policy.Set{compileAll(t, everything("*"), guardrail)}},
	}
}

// The emulators decide every request of the table of attacks as the table says: at their
// doors, with condition keys of their own making, and for services and accounts without
// a door by Authorize.
func TestAttacksOnTheEmulators(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "policy", "testdata", "attacks.json"))
	require.NoError(t, err)
	var threats []struct {
		ID, Attack string
		Sharing    bool
		Probes     []probe
	}
	require.NoError(t, json.Unmarshal(data, &threats))
	doors := 0
	for _, threat := range threats {
		for column, policies := range tableColumns(t, threat.Sharing) {
			for _, p := range threat.Probes {
				t.Run(strings.Join([]string{threat.ID, column, p.Name}, "/"), func(t *testing.T) {
					want := policies.Evaluate(p.asked())
					role := hyperpodtest.Principal{ARN: operator, Policies: policies}
					var err error
					if p.door() {
						doors++
						err = knock(t, role, p)
					} else {
						r := p.asked()
						err = hyperpodtest.Authorize(role, policy.Request{Action: r.Action, Context: r.Context}, policy.Resource{ARN: p.Resource})
					}
					denied, ok := errors.AsType[*emul.DeniedError](err)
					if err != nil && !ok {
						require.NoError(t, err, "neither allowed nor denied")
					}
					// A call that may be made and then lacks another right is an allowed one.
					assert.Equal(t, want.Allowed, !ok || denied.Action != p.Action, "%s; %v", want.Reason, err)
				})
			}
		}
	}
	assert.Greater(t, doors, 100)
}
