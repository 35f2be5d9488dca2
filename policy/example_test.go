package policy_test

import (
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func ExampleGenerate() {
	scope := policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333",
		Clusters:     policy.ClusterARNs("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"),
		Orchestrator: policy.Slurm(),
	}
	doc, err := policy.Generate(scope, policy.DeleteCluster, policy.CheckImage)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(doc)
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Sid": "DescribeTakesNoResource",
	//       "Effect": "Allow",
	//       "Action": [
	//         "ec2:DescribeImages",
	//         "ec2:DescribeSnapshots"
	//       ],
	//       "Resource": "*",
	//       "Condition": {
	//         "StringEquals": {
	//           "ec2:Region": "us-west-2"
	//         }
	//       }
	//     },
	//     {
	//       "Sid": "ClustersByARN",
	//       "Effect": "Allow",
	//       "Action": [
	//         "sagemaker:DeleteCluster",
	//         "sagemaker:DescribeCluster",
	//         "sagemaker:DescribeClusterEvent",
	//         "sagemaker:ListClusterEvents",
	//         "sagemaker:ListClusterNodes"
	//       ],
	//       "Resource": "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"
	//     }
	//   ]
	// }
}

func ExampleGenerate_badInput() {
	_, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333",
		Orchestrator: policy.Slurm(),
		Images:       []string{"arn:aws:ec2:us-west-2:111122223333:image/ami-0123456789abcdef0"},
	}, policy.RollImage)
	fmt.Println(err)
	// Output:
	// invalid policy scope: 2 problems
	// 	Scope.Clusters: not set; say ClusterARNs, ClusterTag or, for all of the account's, AnyCluster
	// 	Scope.Images[0]: "arn:aws:ec2:us-west-2:111122223333:image/ami-0123456789abcdef0" names account 111122223333; the ARN of an image has an empty account field, and never matches with one: leave it out
}

func ExampleExplain() {
	e, err := policy.Explain(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333",
	}, policy.CheckImage)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range e.Grants {
		fmt.Printf("%s (%s): %s, for %v\n", g.Action, g.Access, g.Why, g.Workflows)
	}
	for _, l := range e.Limits {
		fmt.Printf("%v: %s\n", l.Actions, l.Why)
	}
	// Output:
	// ec2:DescribeImages (List): reads what is checked, for [CheckImage]
	// ec2:DescribeSnapshots (List): reads what is checked, for [CheckImage]
	// [ec2:DescribeImages ec2:DescribeSnapshots]: take no resource: the Region is the only key
}

func ExamplePolicies_Evaluate() {
	identity, err := policy.Decode([]byte(`{
		"Version": "2012-10-17",
		"Statement": {
			"Sid": "Share", "Effect": "Allow", "Action": "ec2:ModifyImageAttribute",
			"Resource": "arn:aws:ec2:us-west-2::image/*",
			"Condition": {"StringEquals": {"ec2:ResourceTag/AllowSharing": "true"}}
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := policy.Compile(identity)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := policy.Request{
		PrincipalARN: "arn:aws:iam::111122223333:role/ops",
		Action:       "ec2:ModifyImageAttribute",
		Resource:     "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0",
		Context:      map[string][]string{"ec2:ResourceTag/AllowSharing": {"true"}},
	}
	principal := policy.Policies{Identity: set}
	fmt.Println(principal.Evaluate(request).Reason)
	request.Context = nil
	fmt.Println(principal.Evaluate(request).Reason)
	// Output:
	// allowed by Statement (Share)
	// no statement of the identity policies allows ec2:ModifyImageAttribute on arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0; Statement (Share) would, but its condition StringEquals ec2:ResourceTag/AllowSharing wants "true" and the request has none
}

func ExampleDecode() {
	_, err := policy.Decode([]byte("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"allow\", \"Action\": \"*\", \"Resource\": \"*\"}]\n}"))
	fmt.Println(err)
	// Output:
	// invalid policy document: 3:28: Statement[0].Effect: effect "allow" does not exist; write Allow or Deny
}

func ExampleCheck() {
	lints, err := policy.Check([]byte(`{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["sagemaker:DescribeCluterNode", "iam:PassRole"],
    "Resource": "arn:aws:iam::111122223333:role/HyperPod"
  }]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range lints {
		fmt.Println(l)
	}
	// Output:
	// 5:16: error: Statement[0].Action[0]: "sagemaker:DescribeCluterNode" is not known and allows nothing; sagemaker:DescribeClusterNode is its nearest relative; write sagemaker:DescribeClusterNode [INVALID_ACTION]
	// 5:48: security warning: Statement[0].Action[1]: iam:PassRole: the role can be passed to every service that it trusts; add "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"} [HYPERPOD_PASS_ROLE_TO_ANY_SERVICE]
}

// What the policy that AWS prints allows beyond what rolling an image on one cluster
// takes.
func ExamplePagePolicy() {
	const role = "arn:aws:iam::111122223333:role/HyperPod"
	ours, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333",
		Clusters:     policy.ClusterARNs("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"),
		Orchestrator: policy.Slurm(),
	}, policy.RollImage)
	if err != nil {
		fmt.Println(err)
		return
	}
	difference, err := policy.Diff(policy.PagePolicy(role), ours)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(difference)
	// Output:
	// -  iam:PassRole                       arn:aws:iam::111122223333:role/HyperPod
	// -  sagemaker:CreateCluster            *
	// -  sagemaker:DeleteCluster            *
	// -  sagemaker:DescribeCluster          *
	// -  sagemaker:DescribeClusterNode      *
	// -  sagemaker:ListClusterNodes         *
	// -  sagemaker:ListClusters             *
	// -  sagemaker:UpdateCluster            *
	// -  sagemaker:UpdateClusterSoftware    *
	// -  sagemaker:BatchDeleteClusterNodes  *
	// -  eks:DescribeCluster                *
	// -  eks:CreateAccessEntry              *
	// -  eks:DescribeAccessEntry            *
	// -  eks:DeleteAccessEntry              *
	// -  eks:AssociateAccessPolicy          *
	// -  iam:CreateServiceLinkedRole        *
	// -  ec2:DescribeImages                 *
	// -  ec2:DescribeSnapshots              *
	// -  ec2:ModifyImageAttribute           *                                                              StringEquals ec2:ResourceTag/AllowSharing true
	// -  ec2:ModifySnapshotAttribute        *                                                              StringEquals ec2:ResourceTag/AllowSharing true
	// +  sagemaker:DescribeClusterEvent     arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01
	// +  sagemaker:ListClusterEvents        arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01
}
