package amishare_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// sharedServer is server, with the AMI shared with an account, and the snapshot not.
func sharedServer() *amisharetest.Server {
	srv := server()
	if _, err := srv.ModifyImageAttribute(context.Background(), &ec2.ModifyImageAttributeInput{
		ImageId: aws.String("ami-0123456789abcdef0"), Attribute: aws.String("launchPermission"),
		OperationType: "add", UserIds: []string{"444455556666"},
	}); err != nil {
		panic(err)
	}
	return srv
}

func ExampleTagger_Untag() {
	tagger := amishare.NewTagger(sharedServer().Client())
	_, err := tagger.Untag(context.Background(), "ami-0123456789abcdef0")
	fmt.Println(err)

	report, err := tagger.Untag(context.Background(), "ami-0123456789abcdef0", func(o *amishare.UntagOptions) {
		o.Remaining = []string{"444455556666"}
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	// Output:
	// amishare: ami-0123456789abcdef0: still shared with 444455556666: revoke that first, since without the tag a guarded policy refuses to; or name in Remaining what is to stay
	// RESOURCE                TAG                RESULT
	// snap-0123456789abcdef0  AllowSharing=true  did not have it
	// ami-0123456789abcdef0   AllowSharing=true  removed and verified
}

func ExampleEach() {
	tagger := amishare.NewTagger(server().Client())
	results, err := amishare.Each(context.Background(), []string{"ami-0123456789abcdef0", "ami-0fedcba9876543210"}, tagger.TagForSharing)
	fmt.Print(results)
	fmt.Println("all well:", err == nil)
	// Output:
	// ami-0123456789abcdef0: ok
	//   RESOURCE                TAG                RESULT
	//   ami-0123456789abcdef0   AllowSharing=true  had it before
	//   snap-0123456789abcdef0  AllowSharing=true  set and verified
	// ami-0fedcba9876543210: failed: amishare: ami-0fedcba9876543210: image not found
	//   RESOURCE  TAG  RESULT
	// all well: false
}

func ExampleAuditor_Audit() {
	auditor := amishare.NewAuditor(sharedServer().Client())
	for audit, err := range auditor.Audit(context.Background()) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(audit)
	}
	// Output:
	// ami-0123456789abcdef0 golden: shared with 444455556666
	//   warning: snap-0123456789abcdef0: is not shared with 444455556666, with whom ami-0123456789abcdef0 is; they can launch it and cannot copy it; share the AMI and its snapshots together [permissions-differ]
}

// clusters stands for package hyperpod, which knows what uses an AMI.
type clusters map[string][]string

func (c clusters) ImageInUse(_ context.Context, imageID string) ([]string, error) {
	return c[imageID], nil
}

func ExampleRetirer_Retire() {
	inUse := clusters{"ami-0123456789abcdef0": {"cluster train, instance group workers: current image"}}
	retirer := amishare.NewRetirer(server().Client(), inUse)
	report, err := retirer.Retire(context.Background(), "ami-0123456789abcdef0", func(o *amishare.RetireOptions) { o.Deprecate = true })
	fmt.Println(report)
	fmt.Println(err)
	// Output:
	// ami-0123456789abcdef0 golden: in use
	//   cluster train, instance group workers: current image
	// amishare: ami-0123456789abcdef0: image is in use: cluster train, instance group workers: current image; move what uses it to another image first
}

func ExampleBase() {
	base, err := amishare.Base(context.Background(), server().Client(), amishare.Line{
		Orchestrator: "eks", Kubernetes: "1.32", Architecture: "x86_64",
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(base.Name)
	fmt.Println(base.Created.Format(time.DateOnly))
	// Output:
	// HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026080407
	// 2026-08-04
}

func ExampleBehindBase() {
	srv := server()
	srv.AddImage(amisharetest.Image{
		ID: "ami-0fedcba9876543210", Name: "HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026090307",
		Account: amisharetest.AmazonAccount, OwnerAlias: "amazon", Public: true,
		Created: time.Date(2026, time.September, 3, 7, 0, 0, 0, time.UTC),
	})
	lag, err := amishare.BehindBase(context.Background(), srv.Client(), "ami-0123456789abcdef0")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(lag)
	// Output:
	// ami-0123456789abcdef0: base ami-8ca5028753efa7d65 (HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026080407) is 1 release and 30 days behind ami-0fedcba9876543210 (HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026090307)
}

func ExampleImageAvailable() {
	srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.CopyTime = 10 * time.Millisecond })
	source := srv.AddImage(amisharetest.Image{})
	out, err := srv.CopyImage(context.Background(), &ec2.CopyImageInput{
		Name: aws.String("golden"), SourceImageId: aws.String(source), SourceRegion: aws.String("us-west-2"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := amishare.ImageAvailable(context.Background(), srv.Client(), *out.ImageId, func(o *poll.Options) {
		o.Interval = time.Millisecond
	})
	fmt.Println(*img.Name, img.State, err)
	// Output:
	// golden available <nil>
}

func ExampleSnapshotCompleted() {
	snap, err := amishare.SnapshotCompleted(context.Background(), server().Client(), "snap-0123456789abcdef0")
	fmt.Println(*snap.SnapshotId, snap.State, err)
	// Output:
	// snap-0123456789abcdef0 completed <nil>
}

func ExamplePermissionVisible() {
	err := amishare.PermissionVisible(context.Background(), sharedServer().Client(), "snap-0123456789abcdef0", []string{"444455556666"},
		func(o *poll.Options) { o.Timeout, o.Interval = 20*time.Millisecond, time.Millisecond })
	if timeout, ok := errors.AsType[*poll.TimeoutError](err); ok {
		fmt.Println(timeout.Reason)
	}
	// Output:
	// no permission yet for 444455556666
}

func ExamplePermissionGone() {
	err := amishare.PermissionGone(context.Background(), sharedServer().Client(), "snap-0123456789abcdef0", []string{"444455556666"})
	fmt.Println(err)
	// Output:
	// <nil>
}
