// Command hpk is a small internal tool for SageMaker HyperPod clusters, of the kind that
// users of this library build.
//
//	go run ./examples/hpk describe train
//
// works on emulators with two clusters and a few AMIs, made anew for each run. With
// --live it works on the account and Region that the SDK finds. What would change
// something shows what it would send, and sends it with --yes only.
//
// Results go to standard output, as a table or as JSON; progress, notes and errors go to
// standard error. It exits with 0 when it did what it was asked, with 1 when that failed
// or was refused, and with 2 when it could not begin, because of the arguments, the flags
// or the configuration.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], &app{in: os.Stdin, out: os.Stdout, errs: os.Stderr, stage: seed}))
}

// app is one run of the program.
type app struct {
	in        io.Reader
	out, errs io.Writer
	stage     func(context.Context) (*stage, error) // makes what is there without --live

	live            bool
	region, profile string
	output          format

	began bool // whether a command had all that it needs: what fails before is a usage error
}

// run is the program, and returns its exit status.
func run(ctx context.Context, args []string, a *app) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errs)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case a.began:
		a.notef("hpk: %v", err)
		return 1
	default:
		a.notef("hpk: %v\nSee '%s --help'.", err, cmd.CommandPath())
		return 2
	}
}

// notef says something beside the result.
func (a *app) notef(format string, args ...any) {
	_, _ = fmt.Fprintf(a.errs, format+"\n", args...) // a reader who has gone stops nothing
}
