package proof

import (
	"strings"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// reason says why a part of a policy is there although nothing shows that it is needed.
type reason struct {
	workflow policy.Workflow // zero means any
	sid      string          // as the statement's begins
	element  string
	why      string
}

func (r reason) covers(u unshown) bool {
	return (r.workflow == 0 || r.workflow == u.workflow) && strings.HasPrefix(u.sid, r.sid) && r.element == u.element
}

// linkedRole is HyperPod's service-linked role.
const linkedRole = "arn:aws:iam::111122223333:role/aws-service-role/hyperpod.sagemaker.amazonaws.com/AWSServiceRoleForSageMakerHyperPod"

func reasons() []reason {
	return []reason{
		{
			policy.CreateCluster, "Clusters", "Action sagemaker:UpdateClusterSoftware",
			"The Service Authorization Reference lists it among the actions of CreateCluster, and so do CloudFormation's handlers, " +
				"but it is none of the dependent actions, by which the emulator goes. It is granted on the scope's clusters alone, and Explain says what its holder can do by it.",
		},
		{
			0, "Access", "Condition ArnEquals eks:principalArn = " + linkedRole,
			"An EKS cluster that HyperPod uses has an access entry of the service-linked role; with whose rights it is made and removed is not published. " +
				"The emulator enters execution roles alone. Only HyperPod can act as this role, so that the value lets nobody else in.",
		},
		{
			0, "ClusterRoleToSageMakerOrHyperPod", "Condition StringEquals iam:PassedToService = hyperpod.sagemaker.amazonaws.com",
			"The Service Authorization Reference passes the roles of clusters to sagemaker.amazonaws.com, and so does the emulator, but a cluster's role for autoscaling " +
				"is one that hyperpod.sagemaker.amazonaws.com assumes; to which of them it counts as passed is not published. The value is for this one role alone.",
		},
	}
}
