// Command waiter waits for a cluster.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

func main() {
	client := sagemaker.New(sagemaker.Options{Region: "us-west-2"})
	fmt.Println(waiter.ClusterInService(context.Background(), client, "train"))
}
