package hyperpod

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The file holds the descriptions of the AWS guide's "HyperPod cluster events
// reference"; its member "source" names the page.
func TestEveryEventOfTheReferenceHasItsClass(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("testdata", "cluster-events.json"))
	require.NoError(t, err)
	var reference struct {
		CapacityFailureMessage string
		Events                 []struct{ Event, Description string }
	}
	require.NoError(t, json.Unmarshal(body, &reference))
	require.NotEmpty(t, reference.Events)
	assert.Equal(t, ClassCapacity, classify(reference.CapacityFailureMessage))

	// Events that are not named here say only that an operation went well or badly.
	classes := map[string]Class{
		"Network configuration failed":                 ClassNetwork,
		"Customer ENI creation failed":                 ClassNetwork,
		"Unused ENI cleanup failed":                    ClassNetwork,
		"Customer ENI deletion failed":                 ClassNetwork,
		"Custom AMI override failed":                   ClassImage,
		"Instance payload setup failed":                ClassCapacity,
		"Lifecycle script status updated":              ClassLifecycle,
		"Lifecycle script status update failed":        ClassLifecycle,
		"Instance creation failed with lifecycle logs": ClassLifecycle,
		"Provisioning parameters not found":            ClassLifecycle,
		"SLR access entry operation failed":            ClassPermission,
		"EKS access entries operation failed":          ClassPermission,
	}
	for _, e := range reference.Events {
		assert.Equal(t, classes[e.Event], classify(e.Description), e.Event)
		delete(classes, e.Event)
	}
	assert.Empty(t, classes, "events that the reference does not have")
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]Class{
		"EFA health checks did not run successfully. Ensure that your VPC and security groups are properly configured": ClassEFA,
		"Lifecycle scripts did not run successfully.":                                                                  ClassLifecycle,
		"The execution role does not have permission to perform ec2:DeleteNetworkInterface.":                           ClassPermission,
		"User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ec2:RunInstances":                         ClassPermission,
		"You are not authorized (UnauthorizedOperation)":                                                               ClassPermission,
		"InsufficientInstanceCapacity":                                                                                 ClassCapacity,
		"The account-level service limit 'ml.p5.48xlarge for cluster usage' is 0 Instances":                            ClassQuota,
		"InvalidAMIID.NotFound: The image id '[ami-1]' does not exist":                                                 ClassImage,
		"InsufficientFreeAddressesInSubnet":                                                                            ClassNetwork,
		"Rate exceeded when calling DeleteNetworkInterface":                                                            ClassNetwork,
		"on_create.sh: exit status 3":                                                                                  ClassUnknown,
		"efate":                                                                                                        ClassUnknown,
		"":                                                                                                             ClassUnknown,
	} {
		assert.Equal(t, want, classify(text), text)
	}
}

func TestPermissionIn(t *testing.T) {
	for text, want := range map[string]string{
		"does not have permission to perform ec2:DeleteNetworkInterface.":          "ec2:DeleteNetworkInterface",
		"arn:aws:iam::1:role/r is not authorized to perform: 'kms:CreateGrant' on": "kms:CreateGrant",
		"at 12:30 arn:aws:s3:::bucket was denied":                                  "",
		"does not have permission to perform the operation: denied":                "",
	} {
		assert.Equal(t, want, permissionIn(text), text)
	}
}
