package amisharetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// Sharing across accounts is visible from both sides.
func ExampleServer_Client() {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{ID: "ami-0123456789abcdef0", Name: "golden"})
	ours, theirs := srv.Client(), srv.As(amisharetest.Root("444455556666")).Client()
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

// A principal's calls are authorised by its policies.
func ExampleServer_As() {
	document, err := policy.Decode([]byte(`{
		"Version": "2012-10-17",
		"Statement": [{
			"Effect": "Allow",
			"Action": "ec2:ModifyImageAttribute",
			"Resource": "arn:aws:ec2:us-west-2::image/*",
			"Condition": {"StringEquals": {"ec2:ResourceTag/AllowSharing": "true"}}
		}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := policy.Compile(document)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := amisharetest.NewServer()
	role := srv.As(amisharetest.Principal{
		ARN: "arn:aws:iam::111122223333:role/Sharer", Policies: policy.Policies{Identity: set},
	})
	for _, image := range []amisharetest.Image{
		{ID: "ami-0123456789abcdef0"},
		{ID: "ami-0fedcba9876543210", Tags: map[string]string{"AllowSharing": "true"}},
	} {
		srv.AddImage(image)
		_, err := role.Client().ModifyImageAttribute(context.Background(), &ec2.ModifyImageAttributeInput{
			ImageId: aws.String(image.ID), OperationType: types.OperationTypeAdd, UserIds: []string{"444455556666"},
		})
		if refused, ok := errors.AsType[smithy.APIError](err); ok {
			fmt.Println(image.ID, refused.ErrorCode())
		} else {
			fmt.Println(image.ID, "shared")
		}
	}
	// Output:
	// ami-0123456789abcdef0 UnauthorizedOperation
	// ami-0fedcba9876543210 shared
}

// What a program does when an answer is lost after the change was made.
func ExampleFaults_LoseResponse() {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{})
	srv.Faults().LoseResponse("CreateTags", 1)
	_, err := srv.Client().CreateTags(context.Background(), &ec2.CreateTagsInput{
		Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("ml")}},
	})
	fmt.Println(errors.Is(err, io.ErrUnexpectedEOF))
	out, err := srv.DescribeTags(context.Background(), nil)
	fmt.Println(len(out.Tags), err)
	// Output:
	// true
	// 1 <nil>
}

// The same faults for a client of one's own, with or without the emulator.
func ExampleFaults_Inject() {
	var faults amisharetest.Faults
	faults.Fail("DescribeImages", 1, &smithy.GenericAPIError{Code: "Unavailable", Message: "try again"})
	client := amisharetest.NewServer().Client(func(o *ec2.Options) {
		o.APIOptions = append(o.APIOptions, faults.Inject)
	})
	for range 2 {
		_, err := client.DescribeImages(context.Background(), nil)
		fmt.Println(err == nil)
	}
	// Output:
	// false
	// true
}
