package policy_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// universe is the requests by which the breadth of policies is measured: each action
// that the page's policy or one of ours grants, on each class of resource (the scope's
// own, another of the account, one of another Region, one of another account, "*" for
// actions that take none), under each condition that a request can meet: as it is,
// about something with the team's or the guard tag, for SageMaker or for another
// service, private or public, of this Region or another.
func universe(t *testing.T) []policy.Request {
	t.Helper()
	_, page := pagePolicy(t)
	actions := map[string]bool{}
	for _, d := range append([]*policy.Document{page}, generate(t, scope(byTag), workflows()...)) {
		for _, s := range d.Statements {
			for _, a := range s.Action.Items {
				actions[a] = true
			}
		}
	}
	conditions := []keys{
		{},
		{"aws:ResourceTag/team": {"ml"}, "sagemaker:ResourceTag/team": {"ml"}},
		{"aws:ResourceTag/team": {"web"}},
		{"ec2:ResourceTag/AllowSharing": {"true"}, "aws:ResourceTag/AllowSharing": {"true"}},
		{"ec2:ResourceTag/AllowSharing": {"true"}, "aws:ResourceTag/AllowSharing": {"true"}, "ec2:Add/group": {"all"}},
		{"iam:PassedToService": {"sagemaker.amazonaws.com"}},
		{"iam:PassedToService": {"ec2.amazonaws.com"}},
		{"iam:AWSServiceName": {"hyperpod.sagemaker.amazonaws.com"}},
		{"iam:AWSServiceName": {"spot.amazonaws.com"}},
		{"aws:RequestTag/team": {"ml"}, "aws:TagKeys": {"team"}, "sagemaker:TaggingAction": {"CreateCluster"}},
		{"aws:RequestTag/team": {"ml"}, "aws:TagKeys": {"team"}},
		{"aws:RequestTag/stage": {"x"}, "aws:TagKeys": {"stage"}, "aws:ResourceTag/team": {"ml"}},
		{"aws:RequestTag/AllowSharing": {"true"}, "aws:TagKeys": {"AllowSharing"}},
	}
	var requests []policy.Request
	for action := range maps.Keys(actions) {
		known, ok := policy.LookupAction(action)
		if !ok {
			continue // the misspelt one allows nothing
		}
		resources := map[string]string{"*": "us-west-2"}
		needed := slices.ContainsFunc(known.Resources, func(r policy.ResourceType) bool { return r.Required })
		for _, r := range known.Resources {
			if needed && !r.Required {
				continue // only some requests name one
			}
			for _, place := range [][2]string{{"us-west-2", account}, {"eu-west-1", account}, {"us-west-2", "444455556666"}} {
				for _, name := range []string{"own", "other"} {
					resources[exampleARN(r, place[0], place[1], name)] = place[0]
				}
			}
		}
		if len(known.Resources) == 0 {
			resources["*"] = "us-west-2"
			resources[" *"] = "eu-west-1"
		}
		for resource, region := range resources {
			for _, c := range conditions {
				context := maps.Clone(c)
				maps.Copy(context, keys{"aws:RequestedRegion": {region}, "ec2:Region": {region}})
				requests = append(requests, policy.Request{Action: action, Resource: strings.TrimSpace(resource), Context: context})
			}
		}
	}
	return requests
}

// exampleARN is a resource of a type: the scope's own, or another of its kind.
func exampleARN(r policy.ResourceType, region, accountID, name string) string {
	own := map[string]string{"cluster": "abcdefghij01", "role": "hyperpod/execution", "image": "ami-0123456789abcdef0", "snapshot": "snap-0123456789abcdef0"}[r.Name]
	if strings.Contains(r.ARN, ":eks:") {
		own = "train"
	}
	if name == "other" || own == "" {
		own = "other0000001"
	}
	arn := strings.NewReplacer("${Partition}", "aws", "${Region}", region, "${Account}", accountID, "${ClusterId}", own, "${ClusterName}", own,
		"${RoleNameWithPath}", own, "${ImageId}", own, "${SnapshotId}", own).Replace(r.ARN)
	for strings.Contains(arn, "${") {
		start := strings.Index(arn, "${")
		arn = arn[:start] + "x" + arn[start+strings.Index(arn[start:], "}")+1:]
	}
	return arn
}

func breadth(t *testing.T, d *policy.Document, requests []policy.Request) int {
	t.Helper()
	set, err := policy.Compile(d)
	require.NoError(t, err)
	n := 0
	for _, r := range requests {
		if set.Evaluate(r).Allowed {
			n++
		}
	}
	return n
}

// How much each policy allows, in requests of one universe, beside the page's.
func TestBreadth(t *testing.T) {
	t.Parallel()
	requests := universe(t)
	_, page := pagePolicy(t)
	page.Statements[0].Resource = policy.String(roleARN)
	pages := breadth(t, page, requests)
	var b strings.Builder
	b.WriteString("# How much each policy allows\n\nThe number of requests that pass, of a fixed set: each action on each class of resource (the scope's own, another of the\n" +
		"account, one of another Region, one of another account) under each condition that matters (tags of team and guard, the\nservice that a role is passed to, public or not). TestBreadth defines the set.\n\n" +
		"| policy | requests | of the page's |\n|---|---:|---:|\n")
	fmt.Fprintf(&b, "| the page's | %d | |\n", pages)
	for _, w := range workflows() {
		n := breadth(t, generate(t, scope(), w), requests)
		fmt.Fprintf(&b, "| %v | %d | 1/%d |\n", w, n, pages/max(n, 1))
		if w == policy.RollImage {
			assert.GreaterOrEqual(t, pages, 10*n)
		}
	}
	golden(t, filepath.Join("testdata", "breadth.md"), []byte(b.String()))
}
