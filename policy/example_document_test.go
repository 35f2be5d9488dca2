package policy_test

import (
	"fmt"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// redundant says the same thing in two statements.
const redundant = `{
	"Version": "2012-10-17",
	"Statement": [
		{"Sid": "Look", "Effect": "Allow", "Action": ["sagemaker:DescribeCluster", "sagemaker:Describe*"], "Resource": "*"},
		{"Sid": "List", "Effect": "Allow", "Action": "sagemaker:ListClusters", "Resource": "*"},
		{"Sid": "One", "Effect": "Allow", "Action": "sagemaker:DescribeCluster", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"}
	]
}`

func ExampleDocument_Minimize() {
	document, err := policy.Decode([]byte(redundant))
	if err != nil {
		fmt.Println(err)
		return
	}
	small, err := document.Minimize()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(document.Size(), "to", small.Size(), "characters")
	outline(small, nil)
	// Output:
	// 370 to 143 characters
	// Look: Allow sagemaker:Describe* sagemaker:ListClusters
}

// Two documents that say the same in another order have one normal form.
func ExampleDocument_Normalize() {
	document := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{
		Effect: policy.Allow, Action: policy.List("sagemaker:ListClusters", "sagemaker:DescribeCluster", "sagemaker:ListClusters"), Resource: policy.List("*"),
	}}}
	fmt.Println(document.Normalize().Statements[0].Action.Items)
	// Output:
	// [sagemaker:DescribeCluster sagemaker:ListClusters]
}

// A document that is written by a program.
func ExampleDocument_Encode() {
	document := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{
		Effect: policy.Allow, Action: policy.String("sagemaker:ListClusters"), Resource: policy.String("*"),
	}}}
	fmt.Printf("%s", document.Encode())
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Effect": "Allow",
	//       "Action": "sagemaker:ListClusters",
	//       "Resource": "*"
	//     }
	//   ]
	// }
}

// A document that is too large for one managed policy becomes several.
func ExampleDocument_Split() {
	statement := policy.Statement{Effect: policy.Allow, Action: policy.String("sagemaker:DescribeCluster")}
	for i := range 150 {
		statement.Resource.Items = append(statement.Resource.Items, fmt.Sprintf("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghi%03d", i))
	}
	document := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{statement}}
	fmt.Println("one policy:", document.Size(), document.Fits(policy.ManagedPolicy))
	parts, err := document.Split()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range parts {
		fmt.Println("part:", part.Size(), part.Fits(policy.ManagedPolicy))
	}
	// Output:
	// one policy: 9707 false
	// part: 4907 true
	// part: 4907 true
}

// Is the policy of a program enough for what it does?
func ExampleDocument_Check() {
	document, err := policy.Generate(exampleScope(), policy.Read)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range document.Check(func(o *policy.CheckOptions) {
		o.Workflows, o.Scope = []policy.Workflow{policy.DeleteCluster}, exampleScope()
	}) {
		missing, _, _ := strings.Cut(l.Found, ",")
		fmt.Println(l.Code, missing)
	}
	// Output:
	// HYPERPOD_MISSING_ACTION DeleteCluster needs sagemaker:DeleteCluster
	// HYPERPOD_MISSING_ACTION DeleteCluster needs eks:DeleteAccessEntry
	// HYPERPOD_MISSING_ACTION DeleteCluster needs eks:DescribeAccessEntry
}

// A call may need several resources, each with keys of its own. All must be allowed.
func ExamplePolicies_EvaluateEach() {
	document, err := policy.Generate(exampleScope(), policy.ShareImage)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := policy.Compile(document)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := policy.Request{
		PrincipalARN: "arn:aws:iam::111122223333:role/Sharer", Action: "ec2:ModifyImageAttribute",
		Context: map[string][]string{"ec2:Region": {"us-west-2"}, "ec2:Owner": {"111122223333"}, "aws:ResourceAccount": {"111122223333"}, "ec2:Attribute": {"LaunchPermission"}},
	}
	tagged := policy.Resource{
		ARN:     "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0",
		Context: map[string][]string{"ec2:ResourceTag/AllowSharing": {"true"}, "aws:ResourceTag/AllowSharing": {"true"}},
	}
	untagged := policy.Resource{ARN: "arn:aws:ec2:us-west-2::image/ami-0fedcba9876543210"}
	principal := policy.Policies{Identity: set}
	fmt.Println(principal.EvaluateEach(request, tagged).Allowed)
	decision := principal.EvaluateEach(request, tagged, untagged)
	fmt.Println(decision.Allowed, decision.Resource)
	// Output:
	// true
	// false arn:aws:ec2:us-west-2::image/ami-0fedcba9876543210
}

// An explicit Deny outweighs every Allow.
func ExampleCompile() {
	document, err := policy.Decode([]byte(`{
		"Version": "2012-10-17",
		"Statement": [
			{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
			{"Sid": "Keep", "Effect": "Deny", "Action": "sagemaker:DeleteCluster", "Resource": "*"}
		]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := policy.Compile(document)
	if err != nil {
		fmt.Println(err)
		return
	}
	decision := set.Evaluate(policy.Request{
		PrincipalARN: "arn:aws:iam::111122223333:role/Platform", Action: "sagemaker:DeleteCluster",
		Resource: "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01",
	})
	fmt.Println(decision.Allowed, decision.Reason)
	// Output:
	// false denied by Statement[1] (Keep) of the identity policies
}
