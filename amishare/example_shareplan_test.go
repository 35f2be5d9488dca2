package amishare_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/amishare"
)

func ExampleSharer_PlanShare() {
	ec2c := tagged("444455556666").Client()
	plan, err := amishare.NewSharer(ec2c).PlanShare(context.Background(), "ami-0123456789abcdef0",
		amishare.Accounts("444455556666", "555566667777"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan)
	// Output:
	// share ami-0123456789abcdef0 (golden)
	//   snap-0123456789abcdef0
	//     + 555566667777
	//   ami-0123456789abcdef0
	//     + 555566667777
}

func ExampleSharer_PlanRevoke() {
	ec2c := tagged("444455556666", "555566667777").Client()
	sharer := amishare.NewSharer(ec2c, func(o *amishare.SharerOptions) { o.InUse = used{} })
	plan, err := sharer.PlanRevoke(context.Background(), "ami-0123456789abcdef0", amishare.Accounts("444455556666"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan)
	// Output:
	// revoke ami-0123456789abcdef0 (golden)
	//   ami-0123456789abcdef0
	//     - 444455556666
	//   snap-0123456789abcdef0
	//     - 444455556666
}

// A plan is reviewed elsewhere and applied later, unless the grants have changed meanwhile.
func ExampleSharer_Apply() {
	ctx := context.Background()
	sharer := amishare.NewSharer(tagged().Client())
	plan, err := sharer.PlanShare(ctx, "ami-0123456789abcdef0", amishare.Accounts("444455556666"))
	if err != nil {
		fmt.Println(err)
		return
	}
	saved, err := json.Marshal(plan)
	if err != nil {
		fmt.Println(err)
		return
	}

	var loaded amishare.SharePlan
	if err := json.Unmarshal(saved, &loaded); err != nil {
		fmt.Println(err)
		return
	}
	report, err := sharer.Apply(ctx, &loaded)
	fmt.Println(report.Outcome, err)
	_, err = sharer.Apply(ctx, &loaded)
	fmt.Println("stale by now:", errors.Is(err, amishare.ErrStale))
	// Output:
	// as wanted <nil>
	// stale by now: true
}

// Would EC2 let this role do what the plan says? Here it may tag, and not share.
func ExampleSharer_DryRun() {
	ctx := context.Background()
	srv := tagged()
	sharer := amishare.NewSharer(srv.Client())
	plan, err := sharer.PlanShare(ctx, "ami-0123456789abcdef0", amishare.Accounts("444455556666"))
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.Faults().Fail("ModifyImageAttribute", 1, &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "You are not authorized."})
	refused, ok := errors.AsType[*amishare.ImageError](sharer.DryRun(ctx, plan))
	fmt.Println(ok && refused.Resource == "ami-0123456789abcdef0")
	// Output:
	// true
}
