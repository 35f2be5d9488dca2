package hyperpodtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// train is a cluster with a group of two instances on an AMI.
func train() *sagemaker.CreateClusterInput {
	return &sagemaker.CreateClusterInput{
		ClusterName: aws.String("train"),
		InstanceGroups: []types.ClusterInstanceGroupSpecification{{
			InstanceGroupName: aws.String("workers"), InstanceType: types.ClusterInstanceTypeMlC5Large, InstanceCount: aws.Int32(2),
			ExecutionRole:   aws.String("arn:aws:iam::111122223333:role/HyperPod"),
			LifeCycleConfig: &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://amzn-s3-demo-bucket/lifecycle"), OnCreate: aws.String("on_create.sh")},
			ImageId:         aws.String("ami-0123456789abcdef0"),
		}},
		Orchestrator:         &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String("arn:aws:eks:us-west-2:111122223333:cluster/example-eks")}},
		VpcConfig:            &types.VpcConfig{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroupIds: []string{"sg-0123456789abcdef0"}},
		NodeProvisioningMode: types.ClusterNodeProvisioningModeContinuous,
	}
}

// show prints what the service says of the cluster and its group.
func show(srv *hyperpodtest.Server) {
	out, err := srv.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := out.InstanceGroups[0]
	fmt.Printf("%s: %s, %d of %d on %s\n", out.ClusterStatus, g.Status, *g.CurrentCount, *g.TargetCount, *g.CurrentImageId)
}

// A server stands in for a client wherever an interface is taken. Without Realistic
// everything that was asked for is done by the next request.
func ExampleNewServer() {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Account, o.Region = "444455556666", "eu-central-1" })
	out, err := srv.CreateCluster(context.Background(), train())
	if err != nil {
		fmt.Println(err)
		return
	}
	arn, _, _ := strings.Cut(*out.ClusterArn, "/")
	fmt.Println(arn)
	show(srv)
	// Output:
	// arn:aws:sagemaker:eu-central-1:444455556666:cluster
	// InService: InService, 2 of 2 on ami-0123456789abcdef0
}

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

// Any language's SDK may call, where net/http serves the emulator. This is what goes over
// the wire.
func ExampleServer_ServeHTTP() {
	srv := hyperpodtest.NewServer() // for a socket: http.Serve(listener, srv)
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(`{"ClusterName": "train"}`))
	request.Header.Set("X-Amz-Target", "SageMaker.DescribeCluster")
	response := httptest.NewRecorder()
	srv.ServeHTTP(response, request)
	fmt.Println(response.Code, response.Header().Get("X-Amzn-Errortype"))
	// Output:
	// 400 ResourceNotFound
}

// Operations take the time that they take on AWS, here a hundred thousand times faster. Inside a
// testing/synctest bubble no Speed is needed.
func ExampleRealistic() {
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Speed = 100_000 })
	if _, err := srv.CreateCluster(context.Background(), train()); err != nil {
		fmt.Println(err)
		return
	}
	begun := srv.Now()
	for {
		out, err := srv.DescribeCluster(context.Background(), &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
		if err != nil {
			fmt.Println(err)
			return
		}
		if g := out.InstanceGroups[0]; *g.CurrentCount == *g.TargetCount {
			fmt.Println(g.Status, "after a quarter of an hour:", srv.Now().Sub(begun) > 15*time.Minute)
			return
		}
		time.Sleep(time.Millisecond)
	}
	// Output:
	// InService after a quarter of an hour: true
}
