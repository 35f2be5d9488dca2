package policy_test

import (
	"fmt"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// exampleScope is one account and Region, with clusters on EKS.
func exampleScope() policy.Scope {
	return policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333",
		Clusters:       policy.ClusterARNs("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"),
		Orchestrator:   policy.EKS("arn:aws:eks:us-west-2:111122223333:cluster/example-eks"),
		ExecutionRoles: []string{"arn:aws:iam::111122223333:role/HyperPod"},
	}
}

// outline prints a line for each statement of a document.
func outline(document *policy.Document, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range document.Statements {
		fmt.Println(s.Sid+":", s.Effect, strings.Join(append(s.Action.Items, s.NotAction.Items...), " "))
	}
}

// What the nodes of the instance groups may do.
func ExampleExecutionRole() {
	document, err := policy.ExecutionRole(exampleScope(), func(o *policy.RoleOptions) {
		o.Lifecycle = []string{"s3://amzn-s3-demo-bucket/lifecycle"}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range document.Statements {
		fmt.Println(s.Sid, len(s.Action.Items))
	}
	// Output:
	// LogsOfClusters 3
	// LogGroupsOfClusters 1
	// MetricsOfClusters 1
	// SessionsTakeNoResource 4
	// ListLifecycleScripts 1
	// ReadLifecycleScripts 1
	// NetworkTakesNoResource 17
	// TagNetworkInterfaces 1
	// PullImages 4
}

// Who may be the execution role: SageMaker, for this account.
func ExampleExecutionRoleTrust() {
	document, err := policy.ExecutionRoleTrust(exampleScope())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(document)
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Sid": "ForThisAccountOnly",
	//       "Effect": "Allow",
	//       "Principal": {
	//         "Service": "sagemaker.amazonaws.com"
	//       },
	//       "Action": "sts:AssumeRole",
	//       "Condition": {
	//         "StringEquals": {
	//           "aws:SourceAccount": "111122223333"
	//         }
	//       }
	//     }
	//   ]
	// }
}

// What the service may do to scale a cluster.
func ExampleClusterRole() {
	outline(policy.ClusterRole(exampleScope()))
	// Output:
	// ScaleClustersByARN: Allow sagemaker:BatchAddClusterNodes sagemaker:BatchDeleteClusterNodes
}

// Who may be the cluster's role: the service of HyperPod.
func ExampleClusterRoleTrust() {
	document, err := policy.ClusterRoleTrust(exampleScope())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(document)
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Sid": "ForThisAccountOnly",
	//       "Effect": "Allow",
	//       "Principal": {
	//         "Service": "hyperpod.sagemaker.amazonaws.com"
	//       },
	//       "Action": "sts:AssumeRole",
	//       "Condition": {
	//         "StringEquals": {
	//           "aws:SourceAccount": "111122223333"
	//         }
	//       }
	//     }
	//   ]
	// }
}

// Who may use the key of the nodes' volumes.
func ExampleKeyPolicy() {
	outline(policy.KeyPolicy(exampleScope(), "arn:aws:iam::111122223333:role/Platform"))
	// Output:
	// PoliciesOfTheAccountGovern: Allow kms:*
	// GrantsForVolumesOnly: Allow kms:CreateGrant
	// LookAtTheKey: Allow kms:DescribeKey
}

// The role that builds golden AMIs cannot allow them to be shared.
func ExampleAMIBuilder() {
	builder, err := policy.AMIBuilder(exampleScope())
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := policy.Compile(builder)
	if err != nil {
		fmt.Println(err)
		return
	}
	tags := func(key string) policy.Decision {
		return set.Evaluate(policy.Request{
			PrincipalARN: "arn:aws:iam::111122223333:role/Builder", Action: "ec2:CreateTags",
			Resource: "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0",
			Context:  map[string][]string{"ec2:CreateAction": {"CreateImage"}, "aws:TagKeys": {key}, "aws:RequestTag/" + key: {"true"}, "ec2:Region": {"us-west-2"}},
		})
	}
	fmt.Println("Team:", tags("Team").Allowed)
	fmt.Println("AllowSharing:", tags("AllowSharing").Allowed)
	// Output:
	// Team: true
	// AllowSharing: false
}

// A service control policy under which nobody but one role sets or removes the guard tag.
func ExampleGuardrail() {
	outline(policy.Guardrail(exampleScope(), func(o *policy.GuardrailOptions) {
		o.Approvers = []string{"arn:aws:iam::111122223333:role/ImageApprover"}
	}))
	// Output:
	// GuardTagByApproversOnly: Deny ec2:CreateTags ec2:DeleteTags
	// AllTagsByApproversOnly: Deny ec2:DeleteTags
	// SnapshotsNeverPublic: Deny ec2:ModifySnapshotAttribute
	// PublicAccessStaysBlocked: Deny ec2:DisableImageBlockPublicAccess ec2:DisableSnapshotBlockPublicAccess
}

// Where a fact about an action was read.
func ExampleLookupAction() {
	action, ok := policy.LookupAction("sagemaker:updateclustersoftware")
	fmt.Println(action.Name, action.Access, ok)
	for _, r := range action.Resources {
		fmt.Println(r.Name)
	}
	// Output:
	// sagemaker:UpdateClusterSoftware Write true
	// cluster
}

// What a strict policy takes for granted, to be looked up in CloudTrail before it is used.
func ExampleAssumptions() {
	scope := exampleScope()
	scope.Strict = true
	document, err := policy.ExecutionRoleTrust(scope)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range policy.Assumptions(document) {
		fmt.Println(v.Key, v.Actions, "shows in", v.Field)
	}
	// Output:
	// aws:SourceArn [sts:AssumeRole] shows in eventContext.requestContext
}
