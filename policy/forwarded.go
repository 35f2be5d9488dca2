package policy

import "strings"

// forwarded is a statement for what HyperPod does with the caller's rights. It
// demands in strict mode that SageMaker calls: AWS does so itself for calls to EC2, in
// its managed policy SageMakerStudioProjectRoleMachineLearningPolicy.
func (s Scope) forwarded(sid string, c Condition, resources ...string) Statement {
	if s.Strict {
		sid += "ThroughSageMaker"
		c = c.With("StringEquals", "aws:CalledViaLast", sageMakerService)
	}
	return allow(sid, c, nil, resources...)
}

// eksStatement returns the statement of a rule for EKS. Those for the entries and their
// policies alone are of strict mode.
func (r rule) eksStatement(s Scope) Statement {
	clusters, which := s.Orchestrator.arns, "OneEKSCluster"
	if len(clusters) > 1 {
		which = "NamedEKSClusters"
	}
	var entries []string
	for _, arn := range clusters {
		_, name, _ := strings.Cut(arn, ":cluster/")
		entries = append(entries, s.arn("eks", "access-entry/"+name+"/*"))
	}
	var ours Condition
	if s.Strict {
		ours = ours.With("ArnEquals", "eks:principalArn", append([]string{s.linkedRole()}, s.ExecutionRoles...)...)
	}
	switch r { //nolint:exhaustive // the others are not for EKS
	case createEntryRule:
		return s.forwarded("AccessEntriesOfHyperPodOnly", ours, clusters...)
	case accessEntryRule:
		return s.forwarded("AccessEntriesOf"+which, ours, entries...)
	case accessPolicyRule:
		return s.forwarded("AccessPoliciesOfHyperPodOnly",
			ours.With("ArnLike", "eks:policyArn", "arn:"+s.Partition+":eks::aws:cluster-access-policy/AmazonSagemakerHyperpod*"), entries...)
	default:
		return s.forwarded(which, nil, clusters...)
	}
}

func (s Scope) linkedRole() string {
	return "arn:" + s.Partition + ":iam::" + s.Account + ":" + linkedRole
}
