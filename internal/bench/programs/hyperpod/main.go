// Command hyperpod creates a cluster and rolls it to another AMI.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func main() {
	ctx, client := context.Background(), sagemaker.New(sagemaker.Options{Region: "us-west-2"})
	train := hyperpod.New(client).Cluster("train")
	fmt.Println(train.Create(ctx, hyperpod.Spec{Groups: []hyperpod.Group{hyperpod.NewGroup("workers")}}))
	fmt.Println(train.RollImage(ctx, hyperpod.Roll{
		Image: hyperpod.AMI("ami-0123456789abcdef0"), Groups: hyperpod.AllGroups, Batch: hyperpod.Percent(25), ReplaceRootVolumes: true,
	}))
}
