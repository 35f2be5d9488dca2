// Command shareimage shares an AMI and its snapshots with other accounts as one unit. One
// whose snapshot nobody tagged is refused, tagged by the role that may, planned, shared,
// and later brought to what a list of accounts says.
//
//	go run ./examples/shareimage
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/examples/internal/laptop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	cfg := laptop.New().Config(laptop.Account, laptop.Region) // on AWS: config.LoadDefaultConfig(ctx)
	client := ec2.NewFromConfig(cfg)
	sharer := amishare.NewSharer(client)
	trainers := amishare.Accounts("444455556666", "777788889999")

	// The tag is on the AMI and not on its snapshot: an AMI and its snapshots are tagged
	// each for itself. Nothing is written.
	_, err := sharer.Share(ctx, laptop.HalfTaggedAMI, trainers)
	if !errors.Is(err, amishare.ErrUnfit) {
		return fmt.Errorf("the AMI was to be refused: %w", err)
	}
	say(out, "Refused:\n%v\n", err)

	// Tagging is an act of its own, for a role of its own.
	tagged, err := amishare.NewTagger(client).TagForSharing(ctx, laptop.HalfTaggedAMI)
	if err != nil {
		return err
	}
	say(out, "%s", tagged)

	// A plan prints as a diff. DryRun asks EC2 whether it would be allowed.
	plan, err := sharer.PlanShare(ctx, laptop.HalfTaggedAMI, trainers)
	if err != nil {
		return err
	}
	say(out, "%s", plan)
	if err := sharer.DryRun(ctx, plan); err != nil {
		return err
	}
	report, err := sharer.Apply(ctx, plan) // checked before, read back after, undone when it fails
	if err != nil {
		return err
	}
	say(out, "%s", report)

	// Later: one account more, and one less. Nobody who is not named loses anything.
	report, err = sharer.Reconcile(ctx, laptop.HalfTaggedAMI, amishare.Grants{
		Wanted: amishare.Accounts("444455556666", "123456789012"),
		Prune:  amishare.Accounts("777788889999"),
	})
	if err != nil {
		return err
	}
	say(out, "%s", report)
	return nil
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
