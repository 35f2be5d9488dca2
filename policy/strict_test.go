package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// onClusters are the workflows whose calls to EC2 and EKS are all HyperPod's.
func onClusters() []policy.Workflow {
	return []policy.Workflow{policy.CreateCluster, policy.UpdateGroups, policy.RollImage, policy.DeleteCluster, policy.OperateNodes}
}

func strictWorld() world { return worlds()["strict-tag-eks with the keys of forward access"] }

// strictAttacks are requests that a default policy allows and a strict one does not,
// whatever workflows it is for.
func (w world) strictAttacks() []attack {
	admin := keys{"eks:policyArn": {"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}}
	ours := keys{"eks:policyArn": {"arn:aws:eks::aws:cluster-access-policy/AmazonSagemakerHyperpodClusterPolicy"}}
	hyperpod, ops := keys{"eks:principalArn": {w.role}}, keys{"eks:principalArn": {"arn:aws:iam::" + account + ":role/ops"}}
	cluster, entry := w.arn("eks", "cluster/train"), w.arn("eks", "access-entry/train/role/"+account+"/ops/1")
	other := keys{"aws:CalledViaLast": {"cloudformation.amazonaws.com"}, "aws:ViaAWSService": {"true"}}
	all := []attack{
		{name: "add an account to a snapshot directly", request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), keys{"ec2:Add/userId": {"999988887777"}})},
		{name: "add it through another service", request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded(), other, keys{"ec2:Add/userId": {"999988887777"}})},
		{name: "describe the EKS cluster directly", request: w.direct("eks:DescribeCluster", cluster)},
		{name: "enter oneself directly", request: w.direct("eks:CreateAccessEntry", cluster, hyperpod)},
		{name: "enter oneself through HyperPod", request: w.forwarded("eks:CreateAccessEntry", cluster, ops)},
		{name: "become administrator through HyperPod", request: w.forwarded("eks:AssociateAccessPolicy", entry, hyperpod, admin)},
		{name: "associate a policy directly", request: w.direct("eks:AssociateAccessPolicy", entry, hyperpod, ours)},
		{name: "associate a policy with oneself", request: w.forwarded("eks:AssociateAccessPolicy", entry, ops, ours)},
		{name: "lock HyperPod out directly", request: w.direct("eks:DeleteAccessEntry", entry, hyperpod)},
		{name: "lock others out through HyperPod", request: w.forwarded("eks:DeleteAccessEntry", entry, ops)},
	}
	return all
}

func TestStrictIsWithinTheDefault(t *testing.T) {
	t.Parallel()
	for name, s := range scopes() {
		for _, workflow := range workflows() {
			loose, tight := s, s
			loose.Strict, tight.Strict = false, true
			c, err := policy.Covers(generate(t, loose, workflow), generate(t, tight, workflow))
			require.NoError(t, err)
			assert.Equal(t, policy.Yes, c.Answer, "%s %v: %v", name, workflow, c.Open)
			e, err := policy.Explain(loose, workflow)
			require.NoError(t, err)
			assert.Empty(t, e.Verify)
		}
	}
}

// Without the keys of forward access sessions a strict policy refuses every call that
// HyperPod makes to EC2 and EKS, and nothing else.
func TestStrictNeedsForwardAccess(t *testing.T) {
	t.Parallel()
	w := strictWorld()
	w.forwardedKeys = false
	for _, workflow := range onClusters() {
		p := compiled(t, w.scope, workflow)
		for _, r := range w.calls(workflow) {
			service, _, _ := strings.Cut(r.Action, ":")
			assert.Equal(t, service != "ec2" && service != "eks", p.Evaluate(r).Allowed, "%v %s", workflow, r.Action)
		}
	}
}

// The attacks are real ones under the default policy.
func TestTheDefaultAllowsWhatStrictDenies(t *testing.T) {
	t.Parallel()
	w := strictWorld()
	w.scope.Strict = false
	p := compiled(t, w.scope, onClusters()...)
	for _, a := range append(w.strictAttacks(), w.directly()...) {
		assert.True(t, p.Evaluate(a.request).Allowed, a.name)
	}
}

// directly are calls that only HyperPod makes, unless a workflow on AMIs is granted.
func (w world) directly() []attack {
	return []attack{
		{name: "share an image directly", request: w.direct("ec2:ModifyImageAttribute", w.image(), w.guarded())},
		{name: "take a snapshot's permissions away directly", request: w.direct("ec2:ModifySnapshotAttribute", w.snapshot(), w.guarded())},
		{name: "read the account's images", request: w.direct("ec2:DescribeImages", "*")},
	}
}

func TestStrictLeavesSharingToHyperPod(t *testing.T) {
	t.Parallel()
	w := strictWorld()
	p := compiled(t, w.scope, onClusters()...)
	for _, a := range w.directly() {
		assert.False(t, p.Evaluate(a.request).Allowed, a.name)
	}
	// Whoever shares directly too may do so with the listed accounts.
	p = compiled(t, w.scope, policy.RollImage, policy.ShareImage)
	for _, r := range append(w.calls(policy.RollImage), w.calls(policy.ShareImage)...) {
		assert.True(t, p.Evaluate(r).Allowed, p.Evaluate(r).Reason)
	}
	w.scope.Accounts = nil
	both := generate(t, w.scope, policy.RollImage, policy.ShareImage)
	assert.NotContains(t, both.String(), "SharingThroughSageMaker", "nothing is granted twice")
}

// A strict trust policy insists on one key more, and tells how to see it first.
func TestStrictTrustTellsWhatToVerify(t *testing.T) {
	t.Parallel()
	for name, trust := range map[string]func(policy.Scope) (*policy.Document, error){
		"execution": policy.ExecutionRoleTrust, "cluster": policy.ClusterRoleTrust,
	} {
		loose, err := trust(scope())
		require.NoError(t, err)
		assert.Empty(t, policy.Assumptions(loose), name)
		tight, err := trust(scope(strict))
		require.NoError(t, err)
		v := policy.Assumptions(tight)
		require.Len(t, v, 1, name)
		assert.Equal(t, []string{"aws:SourceArn", "eventContext.requestContext", "sts:AssumeRole"}, []string{v[0].Key, v[0].Field, v[0].Actions[0]})
		assert.Contains(t, v[0].Wanted, "ArnLikeIfExists")

		// Nothing else is different.
		c := tight.Statements[0].Condition
		require.Len(t, c, 2)
		assert.Equal(t, policy.Condition{}.With("ArnLike", "aws:SourceArn", "arn:aws:sagemaker:us-west-2:111122223333:*")[0], c[1])
		tight.Statements[0].Condition = c[:1]
		assert.Equal(t, loose.String(), tight.String())
	}
}

func TestStrictTellsWhatToVerify(t *testing.T) {
	t.Parallel()
	e, err := policy.Explain(strictWorld().scope, onClusters()...)
	require.NoError(t, err)
	want := map[string]string{
		"aws:CalledViaLast": "userIdentity.invokedBy",
		"eks:principalArn":  "requestParameters.principalArn",
		"eks:policyArn":     "requestParameters.policyArn",
	}
	got := map[string]string{}
	for _, v := range e.Verify {
		got[v.Key] = v.Field
		assert.NotEmpty(t, v.Wanted)
		assert.NotEmpty(t, v.Assumes)
		assert.NotEmpty(t, v.Actions)
		assert.Contains(t, e.String(), "- "+v.Key+" on "+strings.Join(v.Actions, ", "))
	}
	assert.Equal(t, want, got)
	assert.NotContains(t, e.String(), "can be called directly")

	s := strictWorld().scope
	s.ExecutionRoles = nil
	_, err = policy.Generate(s, policy.DeleteCluster)
	require.ErrorContains(t, err, "Scope.ExecutionRoles: empty; a strict policy limits access entries")
}
