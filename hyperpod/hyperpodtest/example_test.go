package hyperpodtest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// The client is the SDK's own, and so are the errors.
func ExampleServer_Client() {
	srv := hyperpodtest.NewServer()
	client := srv.Client()
	_, err := client.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	_, notFound := errors.AsType[*types.ResourceNotFound](err)
	fmt.Println(notFound)
	for _, call := range srv.Calls() {
		fmt.Println(call.Operation, call.Account, call.Region)
	}
	// Output:
	// true
	// DescribeCluster 111122223333 us-west-2
}
