// Package policy generates, reads and evaluates IAM policies for people who run
// SageMaker HyperPod clusters on golden AMIs. It imports the standard library
// only and makes no calls.
//
//	doc, err := policy.Generate(scope, policy.CreateCluster, policy.RollImage)
//	fmt.Print(doc)
//
// # Jobs
//
//   - Generate: [Generate] takes a [Scope], on what a program works, and the workflows that
//     it runs, each a [Workflow], and returns the smallest [Document] under which they run.
//   - Explain: [Explain] returns for each action why it is there and where that is written
//     down, and what could not be narrowed. [LookupAction] has the facts about an action,
//     each with its source and date.
//   - Documents for others than the program itself: [ExecutionRole] and [ClusterRole] with
//     their trust, [ExecutionRoleTrust] and [ClusterRoleTrust]; [KeyPolicy]; [AMIBuilder]; and
//     [Guardrail], which keeps the guard tag in a few hands.
//   - Verify what a strict policy assumes: [Assumptions] tells how to see it in CloudTrail.
//   - Lint: [Check] judges a text, [Document.Check] a document, under the codes of IAM Access
//     Analyzer, where its checks bear on policies for HyperPod, and under codes of its own
//     for what somebody who means harm could do there. Told what the policy is for, it says
//     which actions are missing.
//   - Compare: [Covers] and [Diff] compare two policies and show the difference by a request.
//     [PagePolicy] is the one that AWS prints, to compare with.
//   - Evaluate: [Compile] makes documents ready once, [Set.Evaluate] judges a [Request] by
//     them; [Policies] puts the sets together that bound a principal, for
//     [Policies.Evaluate] and [Policies.EvaluateEach]. The [Decision] names the statement and
//     the reason, for a refused request the statement that came nearest and the part of its
//     condition that was not met.
//   - Read and write: [Decode] reads any IAM policy document strictly and faithfully, with the
//     place in the text of whatever it refuses, and [Document.Encode] writes one, always the
//     same way. [Document.Normalize] puts it in order.
//   - Fit a quota: [Document.Size] is what counts, [Document.Minimize] makes it smaller, and
//     [Document.Split] makes several documents of one.
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
// # How a request is judged
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
// Identity policies, a permissions boundary and service control policies intersect.
// Requests state all that a decision depends on. Nothing is looked up: neither the
// time, nor tags, nor that an action exists.
//
// # Options
//
// A [Scope] is what a policy is narrowed by; an empty member does not narrow, and [Clusters]
// and [Orchestrator] must be said. [Scope.Strict] narrows it further by what AWS implies but
// does not document. [RoleOptions], [BuilderOptions] and [GuardrailOptions] say what else
// the documents for others allow or forbid, [CheckOptions] what a linted policy is for.
//
// # Errors
//
//   - [*ScopeError]: a scope was refused as a whole, with every [Problem] by its path.
//     [ErrInvalidScope] finds it.
//   - [*DocumentError]: a document was, with the [Position] of each problem in the text.
//     [ErrInvalidDocument] finds it.
//
// A refused request is no error: it is a [Decision]. Neither is what [Check] finds.
//
// # Testing
//
// Is a policy enough for a program, and no more? Both emulators, hyperpodtest and
// amisharetest, take a principal with [Policies] and authorise each of its calls by them,
// those included that HyperPod makes with its rights.
package policy
