// Command emulator serves HyperPod and EC2's image side on one address of this
// machine, to any program that speaks to AWS: the AWS CLI, boto3, an SDK of any
// language.
//
//	go run ./examples/emulator
//
// prints the address. It starts with a small account, or with what -state describes;
// -h lists the flags. No call ever leaves the machine, and nothing but this machine can
// reach it.
//
// It exits with 0 after an interrupt, with 1 when it could not serve, and with 2 when
// a flag or the state file is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are what the flags say.
type options struct {
	address string
	speed   float64
	instant bool
	state   string
}

// run is the program, and returns its exit status.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	opts, err := parse(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fail := func(status int, err error) int {
		_, _ = fmt.Fprintln(errs, "emulator:", err)
		return status
	}
	if err != nil {
		return fail(2, err)
	}
	a := newAccount(opts)
	state := exampleState()
	if opts.state != "" {
		if state, err = readState(opts.state); err != nil {
			return fail(2, err)
		}
	}
	if err := a.fill(ctx, state); err != nil {
		return fail(2, err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", opts.address)
	if err != nil {
		return fail(1, err)
	}
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	if err := serve(ctx, listener, a); err != nil {
		return fail(1, err)
	}
	return 0
}

func parse(args []string, errs io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&opts.address, "addr", "127.0.0.1:0", "`host:port` of this machine to listen on; port 0 takes a free one")
	flags.Float64Var(&opts.speed, "speed", 1, "how many times faster emulated time runs than real time")
	flags.BoolVar(&opts.instant, "instant", false, "complete every operation by the next request, instead of in its usual time")
	flags.StringVar(&opts.state, "state", "", "JSON `file` that describes what is there at the start, instead of the example account")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	switch {
	case flags.NArg() > 0:
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.speed <= 0, math.IsNaN(opts.speed), math.IsInf(opts.speed, 1):
		return opts, fmt.Errorf("-speed: %v is not a number above 0", opts.speed)
	}
	host, _, err := net.SplitHostPort(opts.address)
	if err != nil {
		return opts, fmt.Errorf("-addr: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return opts, fmt.Errorf("-addr: %q is not an address of this machine's loopback interface, such as 127.0.0.1: requests are not authenticated", host)
	}
	return opts, nil
}
