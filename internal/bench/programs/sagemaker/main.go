// Command sagemaker creates a cluster with the SDK alone.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

func main() {
	ctx, client := context.Background(), sagemaker.New(sagemaker.Options{Region: "us-west-2"})
	_, err := client.CreateCluster(ctx, &sagemaker.CreateClusterInput{ClusterName: aws.String("train")})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := client.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	fmt.Println(out, err)
}
