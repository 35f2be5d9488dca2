package amisharetest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// A server stands in for a client wherever an interface is taken. HyperPod's public AMIs
// are there from the start.
func ExampleNewServer() {
	srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.Account, o.Region = "444455556666", "eu-central-1" })
	public := amisharetest.PublicImage("eu-central-1", "eks", types.ArchitectureValuesX8664)
	out, err := srv.DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{public}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.Images[0].Name, *out.Images[0].ImageOwnerAlias)
	// Output:
	// HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026080407 amazon
}

// The zero Image is fit for HyperPod but for its tags; each member makes it otherwise.
func ExampleServer_AddImage() {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{
		Architecture: types.ArchitectureValuesArm64, Tags: map[string]string{"AllowSharing": "true"}, SharedWith: []string{"444455556666"},
	})
	out, err := srv.DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil {
		fmt.Println(err)
		return
	}
	image := out.Images[0]
	fmt.Println(image.State, image.Architecture, *image.Tags[0].Key, len(image.BlockDeviceMappings))
	// Output:
	// available arm64 AllowSharing 1
}

// An AMI whose snapshot is encrypted with a customer managed key.
func ExampleServer_AddSnapshot() {
	srv := amisharetest.NewServer()
	key := "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	snapshot := srv.AddSnapshot(amisharetest.Snapshot{KMSKey: key})
	srv.AddImage(amisharetest.Image{Mappings: []types.BlockDeviceMapping{{
		DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(snapshot)},
	}}})
	out, err := srv.DescribeSnapshots(context.Background(), &ec2.DescribeSnapshotsInput{SnapshotIds: []string{snapshot}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.Snapshots[0].Encrypted, *out.Snapshots[0].KmsKeyId == key)
	// Output:
	// true true
}

// Any language's SDK may call, where net/http serves the emulator. This is what goes over
// the wire.
func ExampleServer_ServeHTTP() {
	srv := amisharetest.NewServer() // for a socket: http.Serve(listener, srv)
	form := "Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-0123456789abcdef0"
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(form))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response := httptest.NewRecorder()
	srv.ServeHTTP(response, request)
	fmt.Println(response.Code, strings.Contains(response.Body.String(), "<Code>InvalidAMIID.NotFound</Code>"))
	// Output:
	// 400 true
}

func ExampleFaults_Fail() {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{})
	srv.Faults().Fail("DescribeImages", 1, &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "not you"})
	for range 2 {
		_, err := srv.DescribeImages(context.Background(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
		refused, ok := errors.AsType[smithy.APIError](err)
		fmt.Println(ok && refused.ErrorCode() == "UnauthorizedOperation")
	}
	// Output:
	// true
	// false
}

// What HyperPod does with an AMI, with the rights of whoever calls it: it looks, and shares
// the AMI and its snapshots with its own account. The emulator of HyperPod asks this of its
// Images; a fake of one's own may too.
func ExampleServer_ShareImage() {
	ctx := context.Background()
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{})
	const caller, region, service = "111122223333", "us-west-2", "999988887777"

	owner, _, architecture, state, snapshots, err := srv.DescribeImage(ctx, caller, region, id)
	fmt.Println(owner == caller, architecture, state, len(snapshots), err)
	for _, snapshot := range snapshots {
		key, _, err := srv.DescribeSnapshot(ctx, caller, region, snapshot)
		fmt.Println("encrypted:", key != "", err)
		fmt.Println(srv.ShareSnapshot(ctx, caller, region, snapshot, service))
	}
	fmt.Println(srv.ShareImage(ctx, caller, region, id, service))
	for _, call := range srv.Calls() {
		fmt.Println(call.Operation)
	}
	// Output:
	// true x86_64 available 1 <nil>
	// encrypted: false <nil>
	// <nil>
	// <nil>
	// DescribeImages
	// DescribeSnapshots
	// ModifySnapshotAttribute
	// ModifyImageAttribute
}
