package hyperpodtest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// rollOnto brings the group onto another AMI, a node at a time, and tells how that ended.
func rollOnto(srv *hyperpodtest.Server, alarms ...string) {
	in := &sagemaker.UpdateClusterSoftwareInput{
		ClusterName: aws.String("train"), ImageId: aws.String("ami-0fedcba9876543210"),
		InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("workers")}},
		DeploymentConfig: &types.DeploymentConfiguration{RollingUpdatePolicy: &types.RollingDeploymentPolicy{
			MaximumBatchSize: &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(1)},
		}},
	}
	for _, a := range alarms {
		in.DeploymentConfig.AutoRollbackConfiguration = append(in.DeploymentConfig.AutoRollbackConfiguration, types.AlarmDetails{AlarmName: aws.String(a)})
	}
	if _, err := srv.UpdateClusterSoftware(context.Background(), in); err != nil {
		fmt.Println(err)
		return
	}
	out, err := srv.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := out.InstanceGroups[0]
	fmt.Println(g.SoftwareUpdateStatus, *g.CurrentImageId, aws.ToInt32(g.TargetStateCount), "of", *g.CurrentCount)
}

// The lifecycle script does not like the new AMI: the service rolls back.
func ExampleServer_FailLifecycle() {
	srv := created()
	srv.FailLifecycle("ami-0fedcba9876543210", "on_create.sh: exit status 7")
	rollOnto(srv)
	srv.MendLifecycle("ami-0fedcba9876543210")
	rollOnto(srv)
	// Output:
	// RollbackComplete ami-0123456789abcdef0 2 of 2
	// Succeeded ami-0fedcba9876543210 2 of 2
}

// Two instances are all there are. A Continuous cluster gets the third once there is one.
func ExampleServer_SetCapacity() {
	srv := created()
	srv.SetCapacity(types.ClusterInstanceTypeMlC5Large, 2)
	if err := grow(context.Background(), srv); err != nil {
		fmt.Println(err)
		return
	}
	show(srv)
	srv.SetCapacity(types.ClusterInstanceTypeMlC5Large, 3)
	show(srv)
	// Output:
	// InService: Updating, 2 of 3 on ami-0123456789abcdef0
	// InService: InService, 3 of 3 on ami-0123456789abcdef0
}

// An alarm that a roll watches fires.
func ExampleServer_SetAlarm() {
	srv := created()
	srv.SetAlarm("train-loss-nan", true)
	rollOnto(srv, "train-loss-nan")
	// Output:
	// RollbackComplete ami-0123456789abcdef0 2 of 2
}

// A node that cannot be drained is skipped, and the roll ends without it.
func ExampleServer_SetDisruptionBudget() {
	srv := created()
	srv.SetDisruptionBudget("train", "workers", 1)
	rollOnto(srv)
	// Output:
	// Succeeded ami-0123456789abcdef0 1 of 2
}

// A deletion that leaves a node behind and ends as Failed. Asked again, it goes on.
func ExampleServer_FailDeletion() {
	srv := created()
	srv.FailDeletion("train", 1, types.ClusterStatusFailed)
	for range 2 {
		if _, err := srv.DeleteCluster(context.Background(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")}); err != nil {
			fmt.Println(err)
			return
		}
		out, err := srv.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		if _, gone := errors.AsType[*types.ResourceNotFound](err); gone {
			fmt.Println("gone")
			return
		}
		fmt.Println(out.ClusterStatus, *out.InstanceGroups[0].CurrentCount)
	}
	// Output:
	// Failed 1
	// gone
}

// A newer release of HyperPod's own images makes groups outdated that run an older one.
func ExampleServer_PublishRelease() {
	srv := hyperpodtest.NewServer()
	in := train()
	in.InstanceGroups[0].ImageId = nil
	if _, err := srv.CreateCluster(context.Background(), in); err != nil {
		fmt.Println(err)
		return
	}
	look := func() {
		out, err := srv.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		if err != nil {
			fmt.Println(err)
			return
		}
		g := out.InstanceGroups[0]
		fmt.Println(*g.CurrentImageReleaseVersion, g.ImageVersionStatus)
	}
	look()
	srv.PublishRelease("1.5.0")
	look()
	// Output:
	// 1.4.0 UpToDate
	// 1.4.0 UpdateAvailable
}

// reader may describe the clusters of one account, and nothing else.
func reader() (hyperpodtest.Principal, error) {
	document, err := policy.Decode([]byte(`{
		"Version": "2012-10-17",
		"Statement": {"Effect": "Allow", "Action": "sagemaker:DescribeCluster", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:cluster/*"}
	}`))
	if err != nil {
		return hyperpodtest.Principal{}, err
	}
	set, err := policy.Compile(document)
	return hyperpodtest.Principal{ARN: "arn:aws:iam::111122223333:role/Reader", Policies: policy.Policies{Identity: set}}, err
}

// Is the policy of the program enough, and no more? Each call of the principal is
// authorised by it.
func ExampleServer_As() {
	srv := created()
	principal, err := reader()
	if err != nil {
		fmt.Println(err)
		return
	}
	role := srv.As(principal)
	show(role)
	refused, ok := errors.AsType[smithy.APIError](grow(context.Background(), role.Client()))
	fmt.Println(ok && refused.ErrorCode() == "AccessDeniedException")
	// Output:
	// InService: InService, 2 of 2 on ami-0123456789abcdef0
	// true
}

// The same judgement for a fake of a service that has no emulator here.
func ExampleAuthorize() {
	principal, err := reader()
	if err != nil {
		fmt.Println(err)
		return
	}
	err = hyperpodtest.Authorize(principal, policy.Request{Action: "eks:DescribeCluster"},
		policy.Resource{ARN: "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"})
	fmt.Println(err)
	// Output:
	// User: arn:aws:iam::111122223333:role/Reader is not authorized to perform: eks:DescribeCluster on resource: arn:aws:eks:us-west-2:111122223333:cluster/example-eks because no identity-based policy allows the eks:DescribeCluster action (no statement of the identity policies allows eks:DescribeCluster)
}

// Which calls a program makes: those that failed too, and those that the service makes
// with its rights.
func ExampleServer_Calls() {
	srv := created()
	srv.Faults().Fail("UpdateCluster", 1, errors.New("no"))
	_ = grow(context.Background(), srv)
	for _, call := range srv.Calls() {
		fmt.Println(call.Operation, call.Err == nil)
	}
	// Output:
	// CreateCluster true
	// UpdateCluster false
}
