package policy

import "slices"

// Verification is a condition of a strict policy that rests on what AWS does not
// document, and how to see in CloudTrail whether it holds. The calls are recorded in
// the caller's account, in the Region of the cluster; those that assume a role, in the
// role's account. The fields are those of "CloudTrail record contents" and "Enrich
// CloudTrail events by adding resource tag keys and IAM global condition keys" in the
// CloudTrail User Guide.
type Verification struct {
	// Key is the condition key.
	Key string
	// Actions are the actions that it bounds, sorted.
	Actions []string
	// Field is the field of a CloudTrail record that shows it.
	Field string
	// Wanted is what the field must be, as a clause.
	Wanted string
	// Assumes is what the condition takes for granted, and what happens if it is wrong.
	Assumes string
}

// Assumptions returns what a document takes for granted of what [Scope.Strict] adds, in a
// fixed order, and nothing for a default one. [Explain] has it for generated policies; for
// trust policies ask here.
func Assumptions(d *Document) []Verification {
	var out []Verification
	for _, v := range []Verification{
		{
			Key: "aws:CalledViaLast", Field: "userIdentity.invokedBy", Wanted: `"sagemaker.amazonaws.com", with the caller's own role in userIdentity`,
			Assumes: "HyperPod makes them by forward access sessions, which is implied but not stated, and which carry aws:ViaAWSService too; where it does not, they are refused",
		},
		{
			Key: "eks:principalArn", Field: "requestParameters.principalArn", Wanted: "an execution role or HyperPod's service-linked role",
			Assumes: "HyperPod sets up access for no other principal; an entry for another is refused",
		},
		{
			Key: "eks:policyArn", Field: "requestParameters.policyArn", Wanted: "an access policy whose name begins with AmazonSagemakerHyperpod",
			Assumes: "HyperPod associates its own access policies only; another is refused",
		},
		{
			Key: "aws:SourceArn", Field: "eventContext.requestContext",
			Wanted: "a SageMaker ARN of the account and Region under aws:SourceArn: only an event data store that adds this key has the field, and only where a policy asks for the key, " +
				"so write ArnLikeIfExists while looking; other records tell by userIdentity.invokedBy which service assumed the role, and no more",
			Assumes: "the service says for which of its resources it assumes the role; where it does not, no node gets the role's credentials",
		},
	} {
		for _, st := range d.Statements {
			if slices.ContainsFunc(st.Condition, func(o ConditionOperator) bool {
				return slices.ContainsFunc(o.Keys, func(k ConditionKey) bool { return k.Name == v.Key })
			}) {
				v.Actions = append(v.Actions, st.Action.Items...)
			}
		}
		if len(v.Actions) > 0 {
			slices.Sort(v.Actions)
			out = append(out, v)
		}
	}
	return out
}
