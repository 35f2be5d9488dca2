package hyperpodtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// grow asks for three instances.
func grow(ctx context.Context, api hyperpodtest.API) error {
	groups := train().InstanceGroups
	groups[0].InstanceCount = aws.Int32(3)
	_, err := api.UpdateCluster(ctx, &sagemaker.UpdateClusterInput{ClusterName: aws.String("train"), InstanceGroups: groups})
	return err
}

// created is a server with the cluster.
func created() *hyperpodtest.Server {
	srv := hyperpodtest.NewServer()
	if _, err := srv.CreateCluster(context.Background(), train()); err != nil {
		fmt.Println(err)
	}
	return srv
}

func ExampleFaults_Fail() {
	srv := created()
	srv.Faults().Fail("UpdateCluster", 1, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not you"})
	for range 2 {
		err := grow(context.Background(), srv)
		refused, ok := errors.AsType[smithy.APIError](err)
		fmt.Println(ok && refused.ErrorCode() == "AccessDeniedException")
	}
	// Output:
	// true
	// false
}

// Does the program notice that its change was made although its call failed?
func ExampleFaults_LoseResponse() {
	srv := created()
	srv.Faults().LoseResponse("UpdateCluster", 1)
	fmt.Println(errors.Is(grow(context.Background(), srv), io.ErrUnexpectedEOF))
	show(srv)
	// Output:
	// true
	// InService: InService, 3 of 3 on ami-0123456789abcdef0
}

// Does the program take an answer for success?
func ExampleFaults_Ignore() {
	srv := created()
	srv.Faults().Ignore("UpdateCluster", 1)
	fmt.Println(grow(context.Background(), srv))
	show(srv)
	// Output:
	// <nil>
	// InService: InService, 2 of 2 on ami-0123456789abcdef0
}

// Does the program bear the rate limit of its account?
func ExampleFaults_Throttle() {
	srv := created()
	srv.Faults().Throttle("DescribeCluster", 0.001)
	for range 2 {
		_, err := srv.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		refused, ok := errors.AsType[smithy.APIError](err)
		fmt.Println(ok && refused.ErrorCode() == "ThrottlingException")
	}
	// Output:
	// false
	// true
}

// A call that takes longer than the program waits for it changes nothing.
func ExampleFaults_Delay() {
	srv := created()
	srv.Faults().Delay("UpdateCluster", time.Hour)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(errors.Is(grow(ctx, srv), context.DeadlineExceeded))
	show(srv)
	// Output:
	// true
	// InService: InService, 2 of 2 on ami-0123456789abcdef0
}

// A hook looks at the request, and may refuse it. It may also change the world at the
// moment that matters.
func ExampleFaults_Before() {
	srv := created()
	srv.Faults().Before(func(_ context.Context, _ string, input any) error {
		if in, ok := input.(*sagemaker.UpdateClusterInput); ok {
			fmt.Println("asks for", *in.InstanceGroups[0].InstanceCount)
			return errors.New("no")
		}
		return nil
	})
	fmt.Println(grow(context.Background(), srv) != nil)
	show(srv)
	// Output:
	// asks for 3
	// true
	// InService: InService, 2 of 2 on ami-0123456789abcdef0
}

// A program that is killed right after its request is one whose context ends.
func ExampleFaults_After() {
	srv := created()
	ctx, cancel := context.WithCancel(context.Background())
	srv.Faults().After(func(_ context.Context, operation string, _ any, err error) {
		if operation == "UpdateCluster" && err == nil {
			cancel()
		}
	})
	fmt.Println(grow(ctx, srv), ctx.Err())
	// Output:
	// <nil> context canceled
}

// The same faults in a client that has no emulator behind it, or another one.
func ExampleFaults_Inject() {
	var faults hyperpodtest.Faults
	faults.Fail("ListClusters", 1, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not you"})
	client := hyperpodtest.NewServer().Client(func(o *sagemaker.Options) { o.APIOptions = append(o.APIOptions, faults.Inject) })
	for range 2 {
		_, err := client.ListClusters(context.Background(), &sagemaker.ListClustersInput{})
		fmt.Println(err == nil)
	}
	// Output:
	// false
	// true
}
