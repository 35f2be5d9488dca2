package amishare_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// tagged holds an AMI that may be shared, and is with some accounts already.
func tagged(sharedWith ...string) *amisharetest.Server {
	srv := amisharetest.NewServer()
	may := map[string]string{"AllowSharing": "true"}
	snapshot := srv.AddSnapshot(amisharetest.Snapshot{ID: "snap-0123456789abcdef0", Tags: may, SharedWith: sharedWith})
	srv.AddImage(amisharetest.Image{
		ID: "ami-0123456789abcdef0", Name: "golden", Tags: may, SharedWith: sharedWith,
		Mappings: []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot}}},
	})
	return srv
}

func ExampleSharer_Share() {
	ec2c := tagged().Client() // or ec2.NewFromConfig(cfg)
	report, err := amishare.NewSharer(ec2c).Share(context.Background(), "ami-0123456789abcdef0", amishare.Accounts("444455556666"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	// Output:
	// share ami-0123456789abcdef0: as wanted
	// RESOURCE                CHANGE              RESULT
	// snap-0123456789abcdef0  grant 444455556666  made
	// ami-0123456789abcdef0   grant 444455556666  made
}

// A share that fails is undone.
func ExampleSharer_Share_failure() {
	srv := tagged()
	srv.Faults().Fail("ModifyImageAttribute", 1, &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "You are not authorized."})
	report, err := amishare.NewSharer(srv.Client()).Share(context.Background(), "ami-0123456789abcdef0", amishare.Accounts("444455556666"))
	failed, ok := errors.AsType[*amishare.ImageError](err)
	fmt.Println(ok && failed.Resource == "ami-0123456789abcdef0", errors.Is(err, amishare.ErrNotUndone))
	fmt.Print(report)
	// Output:
	// true false
	// share ami-0123456789abcdef0: undone
	// RESOURCE                CHANGE              RESULT
	// snap-0123456789abcdef0  grant 444455556666  undone
	// ami-0123456789abcdef0   grant 444455556666  not made
}

func ExampleSharer_Revoke() {
	ec2c := tagged("444455556666", "555566667777").Client()
	sharer := amishare.NewSharer(ec2c, func(o *amishare.SharerOptions) { o.InUse = used{} })
	report, err := sharer.Revoke(context.Background(), "ami-0123456789abcdef0", amishare.Accounts("444455556666"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	// Output:
	// revoke ami-0123456789abcdef0: as wanted
	// RESOURCE                CHANGE               RESULT
	// ami-0123456789abcdef0   remove 444455556666  made
	// snap-0123456789abcdef0  remove 444455556666  made
}

func ExampleSharer_Reconcile() {
	ec2c := tagged("555566667777", "999988887777").Client()
	sharer := amishare.NewSharer(ec2c, func(o *amishare.SharerOptions) { o.InUse = used{} })
	report, err := sharer.Reconcile(context.Background(), "ami-0123456789abcdef0", amishare.Grants{
		Wanted: amishare.Accounts("444455556666"),
		Prune:  amishare.Accounts("555566667777"),
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	// Output:
	// reconcile ami-0123456789abcdef0: as wanted
	// RESOURCE                CHANGE               RESULT
	// snap-0123456789abcdef0  grant 444455556666   made
	// ami-0123456789abcdef0   grant 444455556666   made
	// ami-0123456789abcdef0   remove 555566667777  made
	// snap-0123456789abcdef0  remove 555566667777  made
	//   not asked for, and kept: the service's own grant may be among them
	//     = ami-0123456789abcdef0 999988887777
	//     = snap-0123456789abcdef0 999988887777
}

func ExampleSharer_PlanReconcile() {
	ec2c := tagged("555566667777").Client()
	sharer := amishare.NewSharer(ec2c)
	ctx := context.Background()
	plan, err := sharer.PlanReconcile(ctx, "ami-0123456789abcdef0", amishare.Grants{
		Wanted: amishare.Accounts("444455556666"), Prune: amishare.Accounts("555566667777"),
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(plan)
	fmt.Println("EC2 would let it:", sharer.DryRun(ctx, plan) == nil)
	report, err := sharer.Apply(ctx, plan)
	fmt.Println(report.Outcome, err)
	// Output:
	// reconcile ami-0123456789abcdef0 (golden)
	//   snap-0123456789abcdef0
	//     + 444455556666
	//   ami-0123456789abcdef0
	//     + 444455556666
	//     - 555566667777
	//   snap-0123456789abcdef0
	//     - 555566667777
	//   unknown: ami-0123456789abcdef0: may be in use by a cluster: nobody was there to ask; set InUse [image-in-use]
	// EC2 would let it: true
	// as wanted <nil>
}

func ExampleAdopter_Adopt() {
	srv := tagged("444455556666")
	ec2c := srv.As(amisharetest.Root("444455556666")).Client() // the account of the clusters
	report, err := amishare.NewAdopter(ec2c).Adopt(context.Background(), amishare.Adoption{Image: "ami-0123456789abcdef0"})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	// Output:
	// adopt ami-0123456789abcdef0: done
	// RESOURCE                REGION     WHAT
	// ami-0123456789abcdef0   us-west-2  image of 111122223333
	// ami-26d728c7e251539c5   us-west-2  copied now
	// snap-5f785d100511f6b8a  us-west-2  its snapshot
	// next: have ami-26d728c7e251539c5 and snap-5f785d100511f6b8a tagged AllowSharing=true by the role that may; whoever copies does not
}
