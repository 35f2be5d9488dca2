// Command rollout brings a golden AMI over six clusters in two accounts, on the emulator.
//
//	go run ./examples/rollout
//
// First an AMI whose driver is slow: the canary rolls, its gate sees the alarm, and it is
// taken back. Then the mended AMI goes through in three waves, with a bake after each;
// the process is stopped in between and another runner goes on from the journal. What is
// printed last is the report for a change ticket.
//
// Time runs 1800 times faster than on AWS. The exit status is 0 only if both rollouts end
// as they should, 1 if one does not or Ctrl-C came first, and 2 if the flags are wrong. The
// clusters are in this program's memory: on AWS, where they stay, a program that was ended
// by Ctrl-C is followed by one that resumes from the same journal.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program, and returns its exit status.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("rollout", flag.ContinueOnError)
	flags.SetOutput(errs)
	dir := flags.String("journal", "", "keep the journals of the rollouts below this `directory`, which must hold none yet; without it a temporary one is used and removed")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if *dir == "" {
		temporary, err := os.MkdirTemp("", "rollout")
		if err != nil {
			return fail(errs, err)
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		*dir = temporary
	}
	if err := tell(ctx, newFleet(), *dir, out); err != nil {
		return fail(errs, err)
	}
	return 0
}

func fail(errs io.Writer, err error) int {
	_, _ = fmt.Fprintln(errs, "rollout:", err)
	return 1
}
