// Package policy generates, reads and evaluates IAM policies for people who run
// SageMaker HyperPod clusters on golden AMIs. It imports the standard library
// only and makes no calls.
//
// # Generating
//
// [Generate] takes a [Scope], on what a program works, and the workflows that it
// runs, and returns the smallest [Document] under which they run:
//
//	doc, err := policy.Generate(scope, policy.CreateCluster, policy.RollImage)
//
// Bad input is refused as a whole, with every problem by its path in the scope.
// [Explain] returns for each action why it is there and where that is written
// down, and what could not be narrowed. The facts about actions, resources and
// condition keys are in a table of this package ([LookupAction]), each with its
// source and date.
//
// [Scope.Strict] narrows a policy by what AWS implies but does not document. Explain
// then tells how to verify it in CloudTrail first, as [Assumptions] does for any document.
//
// There are documents for others than the program itself: [ExecutionRole] and
// [ClusterRole] with their trust, [KeyPolicy], [AMIBuilder], and [Guardrail], which keeps
// the guard tag in a few hands.
//
// # What a policy cannot do
//
// The guard tag (AllowSharing = true) controls which AMIs are shared with the
// service. It does not control which image runs: no condition key names ImageId,
// and AWS's own images are never shared. UpdateClusterSoftware needs no
// iam:PassRole: whoever may call it on a cluster runs their image as the roles
// that its groups have. Keep the role that rolls images apart from the one that
// tags them.
//
// # Documents
//
// [Decode] reads any IAM policy document strictly and faithfully, with the place
// in the text of whatever it refuses, and [Document.Encode] writes one, always the
// same way. [Document.Size] is what counts against IAM's quotas.
//
// # Judging
//
// [Check] lints a policy under the codes of IAM Access Analyzer, where its checks bear on
// policies for HyperPod, and under codes of its own for what somebody who means harm could
// do there. [CheckOptions] tell it what the policy is for; it then says which actions are
// missing. [Covers] and [Diff] compare two policies and show the difference by a request.
// [PagePolicy] is the one that AWS prints, to compare with.
//
// # Evaluating
//
// [Compile] makes documents ready once. [Policies] puts the sets together that
// bound a principal: identity policies, a permissions boundary and service control
// policies, which intersect. Its Evaluate answers with a [Decision] that names the
// statement and the reason, for a refused request the statement that came nearest
// and the part of its condition that was not met.
//
// The rules are those of the IAM User Guide: an explicit Deny outweighs every
// Allow; names of actions and condition keys ignore case, ARNs and values do not;
// a condition on an absent key is false, and true if the operator is negated or
// ends in IfExists; ForAllValues is true and ForAnyValue is false of no values;
// policy variables are replaced in Resource and in values of String and Arn
// operators, in version 2012-10-17 only. What the guide leaves open is decided as
// follows: an operator without a set prefix, on a key with several values, wants
// one that matches, and a negated one wants none that does.
//
// Requests state all that a decision depends on. Nothing is looked up: neither the
// time, nor tags, nor that an action exists.
package policy
