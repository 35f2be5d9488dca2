// Command sdk uses both services of the SDK that this library calls.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

func main() {
	ctx := context.Background()
	images, err := ec2.New(ec2.Options{Region: "us-west-2"}).DescribeImages(ctx, &ec2.DescribeImagesInput{})
	fmt.Println(images, err)
	cluster, err := sagemaker.New(sagemaker.Options{Region: "us-west-2"}).DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String("train")})
	fmt.Println(cluster, err)
}
