package amisharetest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// Sharing across accounts is visible from both sides.
func ExampleServer_Client() {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{ID: "ami-0123456789abcdef0", Name: "golden"})
	ours, theirs := srv.Client(), srv.Client(amisharetest.As("444455556666"))
	ctx := context.Background()

	look := func() {
		_, err := theirs.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}})
		fmt.Println("they see it:", err == nil)
	}
	look()
	_, err := ours.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{
		ImageId: aws.String(id),
		LaunchPermission: &types.LaunchPermissionModifications{
			Add: []types.LaunchPermission{{UserId: aws.String("444455556666")}},
		},
	})
	if err != nil {
		fmt.Println(err)
	}
	look()
	for _, call := range srv.Calls() {
		fmt.Println(call.Account, call.Operation)
	}
	// Output:
	// they see it: false
	// they see it: true
	// 444455556666 DescribeImages
	// 111122223333 ModifyImageAttribute
	// 444455556666 DescribeImages
}
