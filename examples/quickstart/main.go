// Command quickstart tells the whole story of this library once: the IAM policy, the
// check of an AMI, a cluster that is created, changed, rolled to another AMI, that
// refuses a broken one, and is deleted.
//
//	go run ./examples/quickstart
//
// runs it on the emulators, through the real SDK clients, in a few seconds. With
// -live it runs on a real account, with the names that flags give and the
// credentials and Region that the SDK finds, and asks before each change; -h lists
// the flags. What it creates there costs money until it is deleted.
//
// It exits with 0 only if every step ended as it should, with 1 if a step did not,
// and with 2 if it could not begin, because of the flags or of the configuration.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], console{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		interactive: term.IsTerminal(int(os.Stdin.Fd())),
	}))
}

// console is whom the program talks to.
type console struct {
	in          io.Reader
	out, err    io.Writer
	interactive bool // whether there is somebody who can answer
}

// run is the program, and returns its exit status.
func run(ctx context.Context, args []string, c console) int {
	opts, err := parse(args, c.err)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return c.fail(2, err)
	}
	var s *story
	if opts.live {
		s, err = onAccount(ctx, opts, c)
		if err != nil {
			return c.fail(2, err)
		}
	} else {
		s = onEmulators(c.out)
	}
	if err := s.tell(ctx); err != nil {
		return c.fail(1, err)
	}
	return 0
}

func (c console) fail(status int, err error) int {
	_, _ = fmt.Fprintln(c.err, "quickstart:", err)
	return status
}
