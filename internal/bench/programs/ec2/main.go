// Command ec2 shares an AMI with the SDK alone.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func main() {
	ctx, client := context.Background(), ec2.New(ec2.Options{Region: "us-west-2"})
	out, err := client.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-0123456789abcdef0"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{
		ImageId: out.Images[0].ImageId,
		LaunchPermission: &types.LaunchPermissionModifications{
			Add: []types.LaunchPermission{{UserId: aws.String("444455556666")}},
		},
	})
	fmt.Println(err)
}
