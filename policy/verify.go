package policy

import "slices"

// Verification is a condition of a strict policy that rests on what AWS does not
// document, and how to see in CloudTrail whether it holds. The calls are recorded in
// the caller's account, in the Region of the cluster.
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

// verifications returns what the document assumes.
func verifications(d *Document) []Verification {
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
